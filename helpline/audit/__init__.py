"""The record of who did what: a keyed MAC in the deed's own transaction, a chain a little later."""
