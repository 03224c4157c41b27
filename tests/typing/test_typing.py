"""What a type checker says: right code passes, each wrong line is reported, by mypy and by pyright."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
OF_CALLERS = (HERE / "right.py", HERE / "wrong.py")
OF_TEXT = (HERE / "marked_text.py",)

Files = tuple[Path, ...]
Lines = set[tuple[str, int]]


def mypy(files: Files) -> Lines:
    command = ["mypy", "--strict", "--no-error-summary", "--hide-error-context", "--no-pretty"]
    said = run([sys.executable, "-m", *command, *map(str, files)])
    found = re.findall(r"(?:^|/)(\w+\.py):(\d+): error:", said, re.MULTILINE)
    assert found, said
    return {(name, int(line)) for name, line in found}


def pyright(files: Files) -> Lines:
    said = json.loads(run([sys.executable, "-m", "pyright", "--outputjson", *map(str, files)]))
    assert said["summary"]["filesAnalyzed"] == len(files), said
    return {
        (Path(item["file"]).name, item["range"]["start"]["line"] + 1)
        for item in said["generalDiagnostics"]
        if item["severity"] == "error"
    }


def run(command: list[str]) -> str:
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True).stdout  # noqa: S603


@pytest.mark.parametrize("files", [OF_CALLERS, OF_TEXT], ids=["callers", "marked text"])
@pytest.mark.parametrize("checker", [mypy, pyright])
def test_a_type_checker_takes_right_code_and_reports_each_wrong_line(checker: Callable[[Files], Lines], files: Files):
    ends = ("# expect-error", f"# expect-error by {checker.__name__}")
    expected = {
        (file.name, number)
        for file in files
        for number, line in enumerate(file.read_text().splitlines(), start=1)
        if line.endswith(ends)
    }
    found = checker(files)
    assert sorted(found - expected) == [], "reported, but not wrong"
    assert sorted(expected - found) == [], "wrong, but not reported"
