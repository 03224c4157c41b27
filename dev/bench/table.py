"""Writes measurements as a Markdown table."""

from __future__ import annotations

from collections.abc import Sequence


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a section with a title and a table, numbers to the right."""
    lines = [list(header), ["---", *["---:"] * (len(header) - 1)], *[[str(cell) for cell in row] for row in rows]]
    return f"### {title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)
