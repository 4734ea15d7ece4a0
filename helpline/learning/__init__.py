"""Training the statistical helper of triage: from which texts, how, and the command."""
