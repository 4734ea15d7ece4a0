"""What was said, through which channel, and whether it arrived."""
