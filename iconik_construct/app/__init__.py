"""Builds the stacks of a file of storages. Imports all packages below; only `cli` imports it."""
