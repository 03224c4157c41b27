"""What is in the wheel and the sdist: all that is needed at run time, and nothing else."""

from __future__ import annotations

import email
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from iconik_construct.access import permissions

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "iconik_construct"
DIST_INFO = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}
ADOPTING_APP = """
import aws_cdk as cdk
from aws_cdk import aws_kms as kms, aws_s3 as s3
from iconik_construct import IconikStorage

stack = cdk.Stack(cdk.App(outdir="cdk.out"), "Stack")
IconikStorage(
    stack,
    "Media",
    system_domain_id="0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01",
    bucket=s3.Bucket.from_bucket_name(stack, "Bucket", "media"),
    encryption_key=kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:us-east-1:123456789012:key/1"),
)
stack.node.root.synth()
"""


def build(source: Path, target: Path) -> tuple[Path, Path]:
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(target), "-t", "sdist", "-t", "wheel"]
    subprocess.run(command, cwd=source, check=True, capture_output=True)  # noqa: S603
    (wheel,), (sdist,) = target.glob("*.whl"), target.glob("*.tar.gz")
    return wheel, sdist


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return build(ROOT, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def wheel(built: tuple[Path, Path]) -> zipfile.ZipFile:
    return zipfile.ZipFile(built[0])


def package_files() -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_the_package_and_nothing_else(wheel: zipfile.ZipFile):
    in_package = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert in_package == package_files()
    assert {name.split(".dist-info/")[1] for name in set(wheel.namelist()) - in_package} <= DIST_INFO


def test_pypi_takes_both(built: tuple[Path, Path]):
    command = [sys.executable, "-m", "twine", "check", "--strict", *map(str, built)]
    done = subprocess.run(command, capture_output=True, text=True)  # noqa: PLW1510, S603
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("PASSED") == 2


def test_the_package_is_python_marked_as_typed():
    assert {Path(name).suffix for name in package_files()} == {".jinja", ".py", ".typed"}
    assert (PACKAGE / "py.typed").read_bytes() == b""


def test_the_sdist_builds_the_same_wheel(built: tuple[Path, Path], tmp_path: Path):
    with tarfile.open(built[1]) as archive:
        archive.extractall(tmp_path)  # noqa: S202 - the archive is our own
    (source,) = tmp_path.iterdir()
    assert {path.name for path in source.iterdir()} == {
        ".gitignore",
        "CHANGELOG.md",
        "LICENSE",
        "PKG-INFO",
        "README.md",
        "iconik_construct",
        "pyproject.toml",
    }
    rebuilt, _ = build(source, tmp_path / "dist")
    assert rebuilt.read_bytes() == built[0].read_bytes()


def test_the_unpacked_wheel_adopts_a_bucket_with_the_handler_it_brings(wheel: zipfile.ZipFile, tmp_path: Path):
    site = tmp_path / "site"
    wheel.extractall(site)  # noqa: S202 - our own archive
    environment = {**os.environ, "PYTHONPATH": str(site)}
    subprocess.run([sys.executable, "-c", ADOPTING_APP], cwd=tmp_path, env=environment, check=True)  # noqa: S603
    template = json.loads((tmp_path / "cdk.out" / "Stack.template.json").read_text())
    assert "Custom::" in " ".join(resource["Type"] for resource in template["Resources"].values())
    (writer,) = {path.parent for path in (tmp_path / "cdk.out").glob("asset.*/**/merge.py")}
    shipped = {
        path.relative_to(PACKAGE / "placement/handler") for path in (PACKAGE / "placement/handler").rglob("*.py")
    }
    assert {path.relative_to(writer.parent) for path in writer.parent.rglob("*.py")} == shipped


def test_the_unpacked_wheel_is_the_app_of_a_file_in_an_empty_directory(wheel: zipfile.ZipFile, tmp_path: Path):
    site, empty = tmp_path / "site", tmp_path / "empty"
    wheel.extractall(site)  # noqa: S202 - our own archive
    empty.mkdir()
    domain = "system_domain_id: 0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
    (empty / "storages.yaml").write_text(f"{domain}\nstorages:\n  masters: {{}}\n  proxies: {{encryption: KMS}}\n")
    environment = {**os.environ, "PYTHONPATH": str(site), "CDK_OUTDIR": str(empty / "cdk.out")}
    command = [sys.executable, "-m", "iconik_construct", "app"]
    subprocess.run(command, cwd=empty, env=environment, check=True)  # noqa: S603
    template = json.loads((empty / "cdk.out" / "Iconik.template.json").read_text())
    assert {"mastersSettings", "proxiesSettings"} <= template["Outputs"].keys()


def test_a_user_gets_three_dependencies_and_the_readme(wheel: zipfile.ZipFile):
    (name,) = (name for name in wheel.namelist() if name.endswith("/METADATA"))
    metadata = email.message_from_bytes(wheel.read(name))
    required = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert [re.split(r"[<>=]", line)[0].strip() for line in required] == ["aws-cdk-lib", "constructs", "jsii"]
    assert metadata["Requires-Python"] == ">=3.10"
    assert metadata["License-Expression"] == "Apache-2.0"


def test_on_pypi_each_link_of_the_readme_leads_to_the_repository(wheel: zipfile.ZipFile):
    (name,) = (name for name in wheel.namelist() if name.endswith("/METADATA"))
    description = str(email.message_from_bytes(wheel.read(name)).get_payload(decode=True), "utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r'(?:\]\(| src=")([^)"\s]+)[)"]', description)
    assert len(links) > 20
    assert [link for link in links if not link.startswith(("https://", "#"))] == []
    assert ' src="https://raw.githubusercontent.com/iconik-construct/iconik-construct/main/docs/images/' in description
    base = r"https://(?:github\.com|raw\.githubusercontent\.com)/iconik-construct/iconik-construct/(?:blob/)?main/"
    assert re.sub(base, "", description) == readme


def test_the_version_is_in_one_place(wheel: zipfile.ZipFile):
    found = re.search(r'^version = "([^"]+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert found
    version = found[1]
    assert wheel.filename
    assert Path(wheel.filename).name == f"iconik_construct-{version}-py3-none-any.whl"
    sections = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sections.count("Unreleased") <= 1
    assert {"Unreleased", version} & set(sections), "the changelog has no section for this version"
    assert not [name for name in package_files() if version in (ROOT / name).read_text(encoding="utf-8")]


def test_the_changelog_names_every_action_that_iconik_is_granted():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    granted = {action for name in permissions.__all__ if name.isupper() for action in _actions(name)}
    assert granted >= {"s3:GetObject", "kms:Decrypt"}
    assert not [action for action in sorted(granted) if f"`{action}`" not in changelog]


def _actions(name: str) -> tuple[str, ...]:
    value = getattr(permissions, name)
    return (value,) if isinstance(value, str) else value


def test_no_file_of_the_package_is_longer_than_300_lines():
    lengths = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in package_files()}
    assert {path: length for path, length in lengths.items() if length > 300} == {}
