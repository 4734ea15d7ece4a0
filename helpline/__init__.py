"""The service: people, pages, wiring and jobs."""
