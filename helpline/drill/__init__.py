"""`helpline drill`: a night of calls for help is played, and each figure stands beside its bound.

It prepares an installation of its own in a temporary folder, with the stand-ins of the telephone
company, of mail and of the watcher outside, and plays scenes against it through the same addresses
that children, staff and the company use. Nothing it does reaches anybody. Escalation clocks run ten
times as fast, as in the demo; a bound on one of their steps says so.
"""
