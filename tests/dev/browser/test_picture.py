"""The picture of the report in the documentation can be made again."""

from __future__ import annotations

from pathlib import Path

import pytest

from dev.browser.picture import take_picture

ROOT = Path(__file__).parents[3]
SIZE = slice(16, 24)
"""The bytes of a PNG with its width and its height."""


@pytest.mark.proof
def test_the_script_makes_a_picture_of_the_size_of_the_one_in_the_documentation(tmp_path: Path) -> None:
    take_picture(tmp_path / "report.png")

    made = (tmp_path / "report.png").read_bytes()
    assert made[1:4] == b"PNG"
    assert made[SIZE] == (ROOT / "docs" / "images" / "report.png").read_bytes()[SIZE]
