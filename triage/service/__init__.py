"""What can be done with entries and escalations, one file a verb."""
