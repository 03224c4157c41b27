"""The prose check finds a bad sentence wherever a reader meets it, and nothing in a good one."""

from __future__ import annotations

from pathlib import Path

import pytest

from dev.prose import check

LONG = " ".join(["word"] * 36)
MARKDOWN = f"""# Title

The caller gets
in, and whoever asks is told. A table:

| key | value |
| --- | --- |
| `stands` | this stands here |

{LONG.capitalize()}.
"""
PYTHON = f'''"""Say what gets in."""


def allow(name: str) -> None:
    """Allow a caller.

    Args:
        name: the caller and his tag.
    """
    raise ValueError(
        f"{{name}} draws a warning, and the next caller"
        " cannot be told."
    )


LIMIT = "{LONG.capitalize()}."
"""How many of ours."""
'''
GOOD = '''"""Return the callers that have access."""

PATTERN = "gets in"  # too short for a sentence: a key or a pattern


def allow(name: str) -> None:
    """Allow a caller.

    Args:
        name: the caller. It has a tag.
    """
    raise ValueError(f"{name} is not known. Write the name of a caller.")
'''


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [("page.md", MARKDOWN, [3, 4, 4, 8, 10]), ("module.py", PYTHON, [1, 8, 11, 11, 16, 17]), ("good.py", GOOD, [])],
)
def test_each_bad_sentence_is_found_with_its_line(tmp_path: Path, name: str, text: str, lines: list[int]) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert sorted(finding.line for finding in check([path])) == lines


def test_a_finding_names_the_word_to_use(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("The caller gets in.\n")
    [finding] = check([path])
    assert finding.message == "Avoid using “gets in”, use “has access” instead"
