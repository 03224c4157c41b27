"""A contributor's first commit: the hooks of `.pre-commit-config.yaml` run, pass here, and stop on a mistake."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRE_COMMIT = Path(sys.executable).with_name("pre-commit")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of what is committed and changed here, with the tools of this checkout."""
    clone = tmp_path / "clone"
    git(ROOT, "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone))
    changed = git(ROOT, "ls-files", "--modified", "--others", "--exclude-standard").splitlines()
    for name in [*changed, *git(ROOT, "diff", "--cached", "--name-only").splitlines()]:
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, clone / name)
    for name in (".venv", "node_modules"):
        (clone / name).symlink_to(ROOT / name)
    return clone


def git(directory: Path, *arguments: str) -> str:
    command = ["git", "-C", str(directory), *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout  # noqa: S603


def run(clone: Path, *files: str) -> subprocess.CompletedProcess[str]:
    command = [str(PRE_COMMIT), "run", "--files", *files]
    # mypy's cache of this checkout: what is unchanged is not checked again.
    caches = {"PRE_COMMIT_HOME": str(clone.parent / "cache"), "MYPY_CACHE_DIR": str(ROOT / ".mypy_cache")}
    environment = {**os.environ, **caches}
    return subprocess.run(  # noqa: PLW1510, S603
        command, cwd=clone, capture_output=True, text=True, env=environment
    )


def test_each_hook_runs_and_passes_on_a_file_of_the_package(clone: Path) -> None:
    done = run(clone, "iconik_construct/access/trust.py", ".github/workflows/ci.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    hooks = re.findall(r"- id: ", (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert done.stdout.count("Passed") == len(hooks)


def test_a_hook_stops_a_commit_with_an_unused_name(clone: Path) -> None:
    (clone / "dev/unused.py").write_text("def f(a: int) -> int:\n    return undefined\n")
    git(clone, "add", "dev/unused.py")
    done = run(clone, "dev/unused.py")
    assert done.returncode == 1
    assert "F821" in done.stdout


def test_each_path_that_a_hook_names_is_there() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    named = re.findall(r"(?<=\s)(?:tests|dev|iconik_construct)/\S+", text)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []
