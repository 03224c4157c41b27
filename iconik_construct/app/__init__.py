"""The values of a file of storages, built as stacks. May ask everything below; nothing but `cli` asks it."""
