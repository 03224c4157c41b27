"""CONTRIBUTING's recipe for a permission, followed in a copy: what it names turns red, nothing else, and then green."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
RECIPE = (TOP / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Add or change a permission")[2]
RECIPE = RECIPE.partition("\n## ")[0]
ACTION = "s3:GetObjectTagging"

# What the recipe names, in so far as it takes seconds: each example is synthesized by the CDK CLI, `test_flags.py` runs
# tests that stand here already, and one test stands for the proof. Beside them tests that stay green.
TRIED = [
    "tests/access/test_permissions.py",
    "tests/access/test_statements.py",
    "tests/dev/bench/test_bounds.py",
    "tests/dev/proof/test_mixins_proof.py::test_every_verdict_is_the_one_that_is_meant[read write-True-l1]",
    "tests/dev/templates/test_iconik_storage_template.py::test_the_file_is_what_the_construct_synthesizes",
    "tests/distribution/test_distribution.py::test_the_changelog_names_every_action_that_iconik_is_granted",
    "tests/docs/test_code_blocks.py::test_the_code_by_hand_makes_what_the_one_line_makes",
    "tests/docs/test_deployed_page.py",
    "tests/docs/test_permissions_page.py",
    "tests/storage/test_snapshots.py",
    "tests/testing/test_assert_iconik_access.py",
]
NOT_TRIED = {"tests/examples/test_examples.py", "tests/composition/test_flags.py"}

EDITS = {
    "tests/access/test_permissions.py": (
        'READ_OBJECT = {"s3:GetObject"',
        f'READ_OBJECT = {{"s3:GetObject", "{ACTION}"',
    ),
    "dev/proof/intent.py": ('"object": {"s3:GetObject"', f'"object": {{"s3:GetObject", "{ACTION}"'),
    "dev/bench/hand_written.py": ('"s3:GetObject",\n', f'"s3:GetObject",\n                    "{ACTION}",\n'),
    "docs/permissions_page.py": (
        '    "s3:GetObject": Reason(',
        f'    "{ACTION}": Reason("Show the tags.", _API, _INFERRED),\n    "s3:GetObject": Reason(',
    ),
    "CHANGELOG.md": ("### Permissions\n", f"### Permissions\n`{ACTION}`.\n"),
    "README.md": (" GetObject ", f" GetObject {ACTION[3:]} "),
    "docs/index.md": (" GetObject ", f" GetObject {ACTION[3:]} "),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, capture_output=True, text=True, check=True)  # noqa: S607
    for name in filter(None, listed.stdout.split("\0")):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(TOP / name, target)
    (tmp_path / "node_modules").symlink_to(TOP / "node_modules")
    return tmp_path


def run(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)  # noqa: S603


def red(copy: Path) -> set[str]:
    """Return the files with a test that fails."""
    done = run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TRIED)
    assert re.search(r"\d{2} passed", done.stdout), done.stdout + done.stderr
    assert "error" not in done.stdout.splitlines()[-1], done.stdout
    return set(re.findall(r"^FAILED (tests/[\w/]+\.py)", done.stdout, re.MULTILINE))


def edit(copy: Path, name: str, old: str, new: str) -> None:
    text = (copy / name).read_text(encoding="utf-8")
    assert old in text
    (copy / name).write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.proof
def test_a_permission_is_added_by_what_the_recipe_says_and_nothing_else(copy: Path) -> None:
    rows = [line.split("|")[1:3] for line in RECIPE.splitlines() if line.strip().startswith("| `tests/")]
    named = [name for first, _ in rows for name in re.findall(r"`(tests/[\w/.]+)`", first)]
    places = [name for _, second in rows for name in re.findall(r"`([\w/]+\.\w+)`", second)]
    assert {*places, "tests/access/test_permissions.py"} == EDITS.keys()

    edit(copy, "iconik_construct/access/permissions.py", '("s3:GetObject", ', f'("s3:GetObject", "{ACTION}", ')
    found = red(copy)
    assert {name for name in found if not name.startswith(tuple(named))} == set()
    assert {name for name in named if not any(one.startswith(name) for one in found)} == NOT_TRIED

    for name, (old, new) in EDITS.items():
        edit(copy, name, old, new)
    generate, check = re.findall(r"```shell\n(.*?)```", RECIPE, re.DOTALL)
    assert [name for name in named if not any(name.startswith(each) for each in (generate + check).split())] == []
    for line in generate.strip().splitlines():
        program, *arguments = shlex.split(line)
        assert program == ".venv/bin/python"
        done = run(copy, *[each for each in arguments if each not in NOT_TRIED])
        assert done.returncode == 0, done.stdout + done.stderr
    assert red(copy) == set()
