"""Reads a file of storages with pydantic (extra `app`). Imports no constructs, so a check needs no Node."""
