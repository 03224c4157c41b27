"""Evaluates a resource policy for a request of which some facts are known and others are not.

The policy can have any author. This package runs without jsii: it imports the standard library, and of this package
only iconik's names.
"""

from __future__ import annotations

from .evaluation import judge
from .request import AtLeast, ForeignValue, OneOf, OwnerValue, Request
from .text import own, unknown
from .verdict import Decision, Reason, Verdict

__all__ = [
    "AtLeast",
    "Decision",
    "ForeignValue",
    "OneOf",
    "OwnerValue",
    "Reason",
    "Request",
    "Verdict",
    "judge",
    "own",
    "unknown",
]
