"""Who a child is, and which contacts are theirs. The only place where identity meets a number."""
