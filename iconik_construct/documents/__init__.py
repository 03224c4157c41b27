"""Reads JSON and YAML with line numbers, for the file of storages and for templates of other tools."""
