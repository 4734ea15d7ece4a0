"""What somebody must have in their hand when a child is in danger: whom to ring, and whom not."""
