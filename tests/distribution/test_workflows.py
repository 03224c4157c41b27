"""What the workflows of the repository may do: the least, with actions that nobody can exchange."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
MAY_WRITE = {
    ("docs.yml", "publish"): {"contents"},
    ("release.yml", "attest"): {"id-token", "attestations"},
    ("release.yml", "publish"): {"id-token"},
}


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_each_action_is_pinned_by_its_hash_and_names_its_version(path: Path) -> None:
    used = re.findall(r"uses: ([^\s.]\S*)(.*)", path.read_text(encoding="utf-8"))
    assert [
        action
        for action, comment in used
        if not re.fullmatch(r"\S+@[0-9a-f]{40}", action) or not re.match(r" # v\d+\.\d+\.\d+\b", comment)
    ] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_each_job_states_its_permissions_and_writes_only_what_it_is_for(path: Path) -> None:
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["permissions"] == {}
    for name, job in jobs(path).items():
        written = {scope for scope, level in job["permissions"].items() if level == "write"}
        assert written == MAY_WRITE.get((path.name, name), set())


def test_test_build_and_attest_are_separate_jobs_of_a_release() -> None:
    release = jobs(ROOT / ".github/workflows/release.yml")
    assert list(release) == ["test", "build", "attest", "publish"]
    assert sorted(release["attest"]["needs"]) == ["build", "test"]
    # What holds a token runs no command of this repository.
    assert [step for name in ("attest", "publish") for step in release[name]["steps"] if "run" in step] == []


def test_zizmor_finds_nothing() -> None:
    command = [str(Path(sys.executable).with_name("zizmor")), "--offline", "--quiet", str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True)  # noqa: PLW1510, S603
    assert done.returncode == 0, done.stdout + done.stderr
