"""What is known to differ between the judge and another evaluator, with AWS's own sentence for the judge's side.

A deviation is recognised in a case that was made as small as it gets: nothing in it is about anything else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .case import Case

__all__ = ["Deviation"]


@dataclass(frozen=True, slots=True)
class Deviation:
    """One deviation.

    Args:
        name: what the other evaluator does.
        says: AWS's sentence for what the judge does instead, from the IAM User Guide where nothing else is named.
        recognises: whether this smallest case is one.
        left_open: whether the judge says that it depends, because AWS says two things or nothing.
    """

    name: str
    says: str
    recognises: Callable[[Case], bool]
    left_open: bool = False
