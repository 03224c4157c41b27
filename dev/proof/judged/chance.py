"""Decides by chance: the odds of the generators read as numbers where they are used."""

from __future__ import annotations

from random import Random

__all__ = ["chance"]


def chance(rng: Random, share: float) -> bool:
    """Return true that often."""
    return rng.random() < share
