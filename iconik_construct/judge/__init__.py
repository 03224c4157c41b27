"""Evaluates a resource's policy, whoever wrote it, for a caller of whom some things are known and others not.

Apart because everything that must know what a policy allows asks here, also where there is no jsii: it imports the
standard library, and of this package only the names of iconik.
"""

from __future__ import annotations

from .evaluation import judge
from .request import AtLeast, Elsewhere, OfOwner, OneOf, Request
from .text import own, unknown
from .verdict import Decision, Reason, Verdict

__all__ = [
    "AtLeast",
    "Decision",
    "Elsewhere",
    "OfOwner",
    "OneOf",
    "Reason",
    "Request",
    "Verdict",
    "judge",
    "own",
    "unknown",
]
