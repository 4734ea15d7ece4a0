"""Everything outside this process; knows no helpline words."""
