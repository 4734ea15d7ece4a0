"""The rules of triage as people read, check and try them."""
