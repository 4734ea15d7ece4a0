"""Shipped, stateful stand-ins for outside services: the demo and the tests use them."""
