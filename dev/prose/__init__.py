"""Checks the wording of documentation, docstrings and messages with textlint: `python -m dev.prose [FILE...]`."""

from .check import Finding, check, figures

__all__ = ["Finding", "check", "figures"]
