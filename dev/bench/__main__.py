"""Prints what the library costs beside the same resources written by hand, as tables: `make bench`.

`python -m dev.bench docs/performance.md` keeps the tables in that page, between its marks.
"""

from __future__ import annotations

import sys
from pathlib import Path

from . import adoption, audit, commands, folding, hostile, imports, scale, storage, synthesis_checks, whole_process

MARKS = ("<!-- measured -->", "<!-- end -->")


def main(page: str | None = None) -> None:
    """Measure and print; with a page, keep the tables there.

    Raises:
        SystemExit: the page is not there, or has no marks; said before anything is measured.
    """
    if page is not None and not all(mark in _text(Path(page)) for mark in MARKS):
        raise SystemExit(f"{page} holds no {MARKS[0]} and {MARKS[1]}, between which the tables go.")
    # First, because the collection of garbage takes longer with the objects of the other measurements.
    checks = synthesis_checks.report()
    sections = [storage.report(), scale.report(), checks, whole_process.report(), imports.report()]
    sections += [commands.report(), folding.report(), adoption.report(), audit.report(), hostile.report()]
    text = "\n\n".join(sections)
    sys.stdout.write(f"{text}\n")
    if page is not None:
        path = Path(page)
        before, _, rest = path.read_text(encoding="utf-8").partition(MARKS[0])
        _, _, after = rest.partition(MARKS[1])
        path.write_text(f"{before}{MARKS[0]}\n\n{text}\n\n{MARKS[1]}{after}", encoding="utf-8")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise SystemExit(f"{path} cannot be read: {error.strerror}.") from error


if __name__ == "__main__":
    main(*sys.argv[1:2])
