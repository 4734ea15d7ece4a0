"""The child's pages and the API for a child's app."""
