"""What stands out across children at one institution, for a supervisor and for nobody else."""
