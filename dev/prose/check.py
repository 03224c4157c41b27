"""Runs textlint over Markdown and over the prose of Python files."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final

from .extract import Prose, prose_of_python
from .words import LONGEST_SENTENCE, WORDS

__all__ = ["Finding", "check", "figures"]

ROOT: Final = Path(__file__).parents[2]
_TEXTLINT: Final = ROOT / "node_modules/.bin/textlint"


@dataclass(frozen=True, slots=True)
class Finding:
    """A place that is to be written again."""

    path: Path
    line: int
    message: str


def check(paths: Sequence[Path]) -> list[Finding]:
    """Return what textlint finds in Markdown files, and in the docstrings and messages of Python files."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "textlintrc.json")
        config.write_text(json.dumps(_config()), encoding="utf-8")
        prose: dict[Path, tuple[Path, Prose]] = {}
        for number, path in enumerate(paths):
            text = _prose(path)
            copy = Path(folder, f"{number}.md").resolve()
            copy.write_text("\n".join(text.lines), encoding="utf-8")
            prose[copy] = (path, text)
        return [
            Finding(path, text.source_lines[message["line"] - 1], message["message"].splitlines()[0])
            for file in _textlint(config, list(prose))
            for path, text in [prose[Path(file["filePath"]).resolve()]]
            for message in file["messages"]
        ]


def figures(paths: Sequence[Path]) -> tuple[int, float, int]:
    """Return the number of words, and the words of a mean and of the longest sentence, code left out."""
    lengths: list[int] = []
    for path in paths:
        text = re.sub(r"```.*?```", "", "\n".join(_prose(path).lines), flags=re.DOTALL)
        for sentence in re.split(r"[.!?:](?=\s)|\n\s*\n|\n\s*[-*|#]|\|", text):
            words = len(re.findall(r"[\w'`/.-]*\w[\w'`/.-]*", sentence))
            if words > 1:
                lengths.append(words)
    return sum(lengths), sum(lengths) / max(len(lengths), 1), max(lengths, default=0)


def _prose(path: Path) -> Prose:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return prose_of_python(text)
    lines = text.splitlines()
    return Prose(lines, list(range(1, len(lines) + 1)))


def _config() -> Mapping[str, Any]:
    # The rule compares letter by letter, and a line can end inside the words.
    words = [[word.replace(" ", gap), instead] for (word, instead), gap in product(WORDS.items(), (" ", "\n", "\n  "))]
    unique = list({word: [word, instead] for word, instead in words}.values())
    return {
        "rules": {
            "stop-words": {"defaultWords": False, "words": unique, "skip": ["BlockQuote", "Link"]},
            "en-max-word-count": {"max": LONGEST_SENTENCE},
        }
    }


def _textlint(config: Path, files: Sequence[Path]) -> list[dict[str, Any]]:
    command = [str(_TEXTLINT), "--format=json", f"--config={config}", *map(str, files)]
    done = subprocess.run(  # noqa: PLW1510, S603 - it exits 1 where it finds something
        command, cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode not in {0, 1}:
        raise RuntimeError(f"textlint failed: {done.stdout}{done.stderr}")
    reported: list[dict[str, Any]] = json.loads(done.stdout)
    return reported
