"""What staff write about a conversation: notes and drafts. Never sent to a child."""
