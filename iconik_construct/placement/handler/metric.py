"""What the metric of a watch is called: for the function that writes it, and for the alarm that reads it."""

from __future__ import annotations

from typing import Final

__all__ = ["DIMENSION", "MISSING", "NAMESPACE", "REPAIRED"]

NAMESPACE: Final = "IconikConstruct"
DIMENSION: Final = "Watch"
MISSING: Final = "Missing"
REPAIRED: Final = "Repaired"
