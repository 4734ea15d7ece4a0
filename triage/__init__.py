"""Who should answer, how soon, and what happens if nobody does."""
