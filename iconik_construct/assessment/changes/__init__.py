"""Compares two versions of a policy: the access that iconik and others gain and lose. Knows policies, not sources."""

from __future__ import annotations

from .compare import Change, Side, compare
from .parties import OTHERS

__all__ = ["OTHERS", "Change", "Side", "compare"]
