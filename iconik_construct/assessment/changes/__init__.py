"""What iconik and others gain and lose between two versions of a policy. Knows policies, not where they were read."""

from __future__ import annotations

from .compare import Change, Side, compare
from .parties import OTHERS

__all__ = ["OTHERS", "Change", "Side", "compare"]
