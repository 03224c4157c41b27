"""A user's snapshot test, run as a user runs it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A user's repository with the test that README shows."""
    (block,) = re.findall(r"```python\n([^`]*TemplateSnapshotExtension[^`]*)```", (ROOT / "README.md").read_text())
    assert len(block.strip().splitlines()) <= 14
    (tmp_path / "test_media.py").write_text(block)
    return tmp_path


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(  # noqa: S603
        command, cwd=project, env=_environment(), capture_output=True, text=True, check=False, timeout=300
    )


def _environment() -> dict[str, str]:
    # Where the package is installed it is taken from there; a checkout that is not installed is found by its path.
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_the_snapshot_test_of_the_readme_passes_and_fails_when_the_stack_changes(project: Path):
    assert run(project).returncode != 0, "there is no snapshot yet"
    written = run(project, "--snapshot-update")
    assert written.returncode == 0, written.stdout
    assert run(project).returncode == 0

    test = project / "test_media.py"
    test.write_text(test.read_text().replace("StorageEncryption.KMS", "StorageEncryption.DSSE"))
    changed = run(project)
    assert changed.returncode != 0
    assert "assert [+ received] == [- snapshot]" in changed.stdout
