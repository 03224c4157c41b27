"""Writes the types of `bucket_props` from the installed CDK: `python -m dev.typed_props`."""
