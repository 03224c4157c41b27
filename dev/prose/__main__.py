"""Print each place to write again of the named files, or the number of places in each file.

`--clean` prints each place, and leaves out `NOT_YET_CLEAN`: `make lint` runs it.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Final

from .check import ROOT, check, figures

_MARKDOWN: Final = ("*.md", "docs/*.md", "examples/*/*.md", ".github/*.md")

NOT_YET_CLEAN: Final[tuple[str, ...]] = ()
"""The files and folders that still have places to write again. A new place elsewhere fails `make lint`."""


def main(arguments: list[str]) -> int:
    """Check the named files, or all; return 1 if there is a place to write again."""
    names = [name for name in arguments if name != "--clean"]
    paths = [Path(name).resolve() for name in names] or _every_file()
    if "--clean" in arguments:
        left_out = [ROOT / name for name in NOT_YET_CLEAN]
        paths = [path for path in paths if not any(path.is_relative_to(each) for each in left_out)]
    findings = check(paths)
    if arguments:
        for finding in findings:
            print(f"{finding.path.relative_to(ROOT)}:{finding.line}: {finding.message}")  # noqa: T201
    else:
        for path, count in Counter(finding.path for finding in findings).most_common():
            print(f"{count:5} {path.relative_to(ROOT)}")  # noqa: T201
    words, mean, longest = figures(paths)
    long = sum(finding.message.startswith("Exceeds") for finding in findings)
    print(  # noqa: T201
        f"{len(findings)} places in {len(paths)} files: {long} long sentences, "
        f"{len(findings) - long} words of the list. "
        f"{words} words, {mean:.1f} in a mean sentence, {longest} in the longest."
    )
    return 1 if findings else 0


def _every_file() -> list[Path]:
    markdown = [path for pattern in _MARKDOWN for path in sorted(ROOT.glob(pattern))]
    return [*markdown, *sorted((ROOT / "iconik_construct").rglob("*.py"))]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
