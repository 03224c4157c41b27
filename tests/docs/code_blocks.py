"""The code blocks of README and docs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ROOT", "Block", "blocks", "pages"]

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^( *)```([^\n]*)\n(.*?)^\1```\s*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: where it is, its language as written, its text."""

    place: str
    language: str
    text: str


def pages() -> list[Path]:
    """Return every page that a reader may copy from."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("examples/*/*.md"))]


def blocks(*languages: str) -> list[Block]:
    """Return the blocks in one of the languages; all of them where none is named."""
    found = []
    for page in pages():
        text = page.read_text(encoding="utf-8")
        for match in _FENCE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            indent = len(match[1])
            body = "".join(row[indent:] if row.strip() else row for row in match[3].splitlines(keepends=True))
            found.append(Block(f"{page.relative_to(ROOT)}:{line}", match[2].strip(), body))
    return [block for block in found if not languages or block.language in languages]
