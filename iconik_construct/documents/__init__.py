"""Reads JSON and YAML with the lines of everything, for the file of storages and for templates of other tools."""
