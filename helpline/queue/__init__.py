"""Jobs as rows: lanes, leases and fences. Celery only rings; see docs/decisions."""
