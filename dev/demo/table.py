"""Writes the verdicts as a table, at most 79 columns wide. Text in, text out."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from iconik_construct.config.document import Config

from .questions import CALLERS, Answer, Row

__all__ = ["deployed_text", "form_text", "verdict_tables"]

_GREEN: Final = "\033[32m"
_RED: Final = "\033[31m"
_DIM: Final = "\033[2m"
_BOLD: Final = "\033[1m"
_RESET: Final = "\033[0m"

_WIDTH: Final = 79
_LABEL: Final = 25
_CELL: Final = 10
_OTHERS: Final = {caller: len(caller) + 2 for caller in CALLERS[1:]}
_STORAGES: Final = (_WIDTH - _LABEL - sum(_OTHERS.values())) // _CELL
"""The maximum number of storages in a table. Further storages are in further tables."""

_NOT_ASKED: Final = (Answer(0, 0),) * len(CALLERS)


def verdict_tables(answers: Mapping[str, Sequence[Row]], *, colour: bool) -> str:
    """Return the verdicts: one column per storage for the right tag, and one for all storages for each other tag.

    Args:
        answers: the rows by the name of the storage.
        colour: whether to use escape sequences.
    """
    names = list(answers)
    tables = [names[start : start + _STORAGES] for start in range(0, len(names), _STORAGES)]
    return "\n\n".join(
        "\n".join(line.rstrip() for line in _table({name: answers[name] for name in table}, colour=colour))
        for table in tables
    )


def deployed_text(config: Config) -> str:
    """Return in one line which buckets the demo deploys or adopts."""
    new = [storage.key for storage in config.storages if not storage.adopt]
    adopted = [storage.key for storage in config.storages if storage.adopt]
    parts = [
        f"{verb} {len(keys)} ({', '.join(keys)})" for verb, keys in (("deploys", new), ("adopts", adopted)) if keys
    ]
    return textwrap.fill(f"S3 buckets: {', '.join(parts)}", _WIDTH)


def form_text(forms: Mapping[str, Sequence[str]]) -> str:
    """Return the values for iconik's form for each storage: its name, and its lines."""
    widest = max(map(len, forms), default=0)
    return "\n".join(
        f"  {name if number == 0 else '':<{widest}}  {line}"
        for name, lines in forms.items()
        for number, line in enumerate(lines)
    )


def _table(answers: Mapping[str, Sequence[Row]], *, colour: bool) -> Iterator[str]:
    indent = " " * _LABEL
    # The column of a single storage must have space for the caller's name.
    cell = max(_CELL, (len(CALLERS[0]) + 2) // len(answers))
    callers = {CALLERS[0]: cell * len(answers), **_OTHERS}
    yield indent + "".join(_painted(caller.ljust(width), _BOLD, colour=colour) for caller, width in callers.items())
    yield indent + "".join(_shortened(name).ljust(cell) for name in answers)
    by_storage = [{row.label: row.answers for row in rows} for rows in answers.values()]
    # The longest list has the rows about a key as well.
    for label in [row.label for row in max(answers.values(), key=len)]:
        rows_of_label = [rows.get(label, _NOT_ASKED) for rows in by_storage]
        line = label.ljust(_LABEL)
        for of_storage in rows_of_label:
            line += _cell(_verdict(of_storage[0]), cell, _GREEN if of_storage[0].allowed else _DIM, colour=colour)
        for number, width in enumerate(_OTHERS.values(), start=1):
            is_allowed = any(of_storage[number].allowed for of_storage in rows_of_label)
            line += _cell("YES" if is_allowed else "no", width, _RED if is_allowed else _DIM, colour=colour)
        yield line


def _verdict(answer: Answer) -> str:
    if answer.asked == 0:
        return "-"
    if answer.allowed == 0:
        return "no"
    return "yes" if answer.allowed == answer.asked else f"{answer.allowed} of {answer.asked}"


def _shortened(name: str) -> str:
    return name if len(name) < _CELL else f"{name[: _CELL - 4]}..."


def _cell(text: str, width: int, paint: str, *, colour: bool) -> str:
    return _painted(text, paint, colour=colour) + " " * (width - len(text))


def _painted(text: str, paint: str, *, colour: bool) -> str:
    return f"{paint}{text}{_RESET}" if colour else text
