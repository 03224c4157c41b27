"""Writes the verdicts as a table for people, at most 110 columns wide; text in, text out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from .questions import CALLERS, Answer, Row

__all__ = ["storage_text"]

_GREEN: Final = "\033[32m"
_RED: Final = "\033[31m"
_DIM: Final = "\033[2m"
_BOLD: Final = "\033[1m"
_RESET: Final = "\033[0m"
_HEADER: Final = "iconik's role, tagged with ..., may"
_LABEL: Final = 42
_CELL: Final = max(map(len, CALLERS)) + 3


def storage_text(title: str, facts: Mapping[str, str], rows: Sequence[Row], *, colour: bool) -> str:
    """Return one storage: its title, what iconik's form asks for, the verdicts.

    Args:
        title: the headline.
        facts: labels and values shown below it.
        rows: the verdicts.
        colour: whether escape sequences are wanted.
    """
    widest = max(map(len, facts), default=0)
    lines = [_painted(title, _BOLD, colour=colour)]
    lines += [f"  {label:<{widest}}  {value}" for label, value in facts.items()]
    lines += ["", "  " + _HEADER.ljust(_LABEL) + "".join(caller.ljust(_CELL) for caller in CALLERS)]
    lines += ["  " + row.label.ljust(_LABEL) + _cells(row.answers, colour=colour) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def _cells(answers: Sequence[Answer], *, colour: bool) -> str:
    found = ""
    for number, answer in enumerate(answers):
        alarming = number > 0 and answer.allowed > 0
        paint = _RED if alarming else _GREEN if answer.allowed else _DIM
        text = _verdict(answer)
        found += _painted(text, paint, colour=colour) + " " * (_CELL - len(text))
    return found


def _verdict(answer: Answer) -> str:
    if answer.allowed == 0:
        return "no"
    return "yes" if answer.allowed == answer.asked else f"{answer.allowed} of {answer.asked}"


def _painted(text: str, paint: str, *, colour: bool) -> str:
    return f"{paint}{text}{_RESET}" if colour else text
