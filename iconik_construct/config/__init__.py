"""A file of storages, read into values by pydantic (extra `app`). Knows no construct, so it is checked without Node."""
