"""Manages the storage in iconik: the stack creates, verifies and keeps it. The command line uses the same checks."""
