"""How well triage reads: figures on sets of labelled texts. It keeps no text."""
