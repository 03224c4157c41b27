"""Compares what checkov finds in the library's templates with `docs/scanners.md`: `nox -s scanners`."""
