"""Prints what to write again: each place of the files that are named, or the counts of all files."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from .check import ROOT, check, figures

_MARKDOWN = ("*.md", "docs/*.md", "examples/*/*.md", ".github/*.md")


def main(names: list[str]) -> int:
    """Check the named files, or all; return 1 where there is something to write again."""
    every = [path for pattern in _MARKDOWN for path in sorted(ROOT.glob(pattern))]
    every += sorted((ROOT / "iconik_construct").rglob("*.py"))
    paths = [Path(name).resolve() for name in names] or every
    findings = check(paths)
    if names:
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
