"""Counts what the proof did, for its last line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["Tally"]


@dataclass
class Tally:
    """The numbers of one run; as a string, the line that `make prove` ends with."""

    storages: int = 0
    verdicts: int = 0
    mismatches: int = 0
    made: int = 0
    killed: int = 0
    notes: list[str] = field(default_factory=list)

    def count(self, storages: int, verdicts: int, mismatches: Sequence[str]) -> None:
        """Add the verdicts on some storages."""
        self.storages += storages
        self.verdicts += verdicts
        self.mismatches += len(mismatches)

    def __str__(self) -> str:
        return (
            f"proof: {self.storages:,} storages, {self.verdicts:,} verdicts, {self.mismatches:,} mismatches, "
            f"mutants killed {self.killed} / {self.made}"
        )
