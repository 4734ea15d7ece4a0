"""Pages for advocates and supervisors."""
