"""Lets `python -m helpline` be the `helpline` command."""

from helpline.cli import main

main()
