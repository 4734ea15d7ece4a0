"""What can be done with conversations, one file a verb."""
