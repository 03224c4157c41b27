"""A file of storages, read into values. Knows no construct, so it is checked in milliseconds and without Node."""
