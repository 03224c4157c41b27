"""Each example is run as its README says, and its templates are those that we looked at."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from iconik_construct import IconikPermissions
from iconik_construct.testing import TemplateSnapshotExtension, assert_iconik_access

ROOT = Path(__file__).parents[2]
CDK = ROOT / "node_modules/.bin/cdk"
# Where a template was made, and by which version of the CDK, is no part of a snapshot.
UNMARKED = ["--quiet", "--no-version-reporting", "--no-path-metadata", "--no-asset-metadata"]
EXAMPLES = sorted(path.name for path in (ROOT / "examples").iterdir() if path.is_dir())
# With the CDK's own rules on templates, which take three seconds each: a new bucket, and one that was there.
AS_A_USER = {"new_bucket", "adopt_existing"}
# The others are synthesized by the proof.
IN_EVERY_RUN = {"new_bucket", "without_code"}
DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
TEST_DOMAIN = "a7d9e1c4-1111-4222-8333-444455556666"

# Example -> template -> bucket, by logical id or name -> what iconik may do there.
ACCESS: dict[str, dict[str, dict[str, Any]]] = {
    "new_bucket": {"Media": {"MastersEA6F689C": IconikPermissions.read_write(delete=False)}},
    "adopt_existing": {
        "Adoption": {
            "acme-media-masters": [IconikPermissions.read("masters/"), IconikPermissions.read_write("proxies/")],
            "acme-media-archive": IconikPermissions.read(),
        }
    },
    "without_code": {
        "Iconik-eu-west-1": {
            "masters0D04F23D": [IconikPermissions.read(), IconikPermissions.write("ingest/", delete=False)],
            "acme-media-library": IconikPermissions.read(),
        }
    },
}


def synth_commands(example: str) -> list[list[str]]:
    """The arguments of each `synth` that the README has."""
    lines = (ROOT / "examples" / example / "README.md").read_text(encoding="utf-8").splitlines()
    words = [shlex.split(line) for line in lines if line.startswith("npx aws-cdk@")]
    return [arguments[2:] for arguments in words if arguments[2] == "synth"]


def run(example: str, arguments: Sequence[str], directory: Path) -> subprocess.CompletedProcess[str]:
    """Run the CLI on a copy of the example."""
    copy = directory / example
    shutil.copytree(ROOT / "examples" / example, copy, ignore=shutil.ignore_patterns("cdk.out", "__pycache__"))
    known = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
    environment = {**known, "PYTHONPATH": str(ROOT), "CDK_DISABLE_CLI_TELEMETRY": "true"}
    if example not in AS_A_USER:
        environment["CDK_VALIDATION"] = "false"
    return subprocess.run(  # noqa: S603 - our own example
        [CDK, *arguments, *UNMARKED],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="session")
def synthesized(made_once: Callable[[str, Callable[[Path], None]], Path]) -> Callable[[str], dict[str, Any]]:
    """Return a function for the templates of an example, by the names of their files without the ending."""

    def templates_of(example: str) -> dict[str, Any]:
        def synthesize(directory: Path) -> None:
            done = run(example, synth_commands(example)[0], directory)
            assert done.returncode == 0, done.stderr

        paths = sorted((made_once(f"example-{example}", synthesize) / example / "cdk.out").rglob("*.template.json"))
        return {path.name.removesuffix(".template.json"): json.loads(path.read_text()) for path in paths}

    return templates_of


def test_there_is_an_example_for_each_way_to_use_the_library():
    assert EXAMPLES == [
        "adopt_existing",
        "guardrail_only",
        "kms_from_security_account",
        "multi_account",
        "new_bucket",
        "perimeter",
        "subclass",
        "without_code",
    ]


@pytest.mark.parametrize(
    "example", [each if each in IN_EVERY_RUN else pytest.param(each, marks=pytest.mark.proof) for each in EXAMPLES]
)
def test_its_templates_are_those_that_we_looked_at(
    synthesized: Callable[[str], dict[str, Any]], example: str, snapshot: SnapshotAssertion
):
    for name, template in synthesized(example).items():
        assert template == snapshot(name=name, extension_class=TemplateSnapshotExtension)


@pytest.mark.parametrize("example", ACCESS)
def test_iconik_may_do_in_it_what_it_says(synthesized: Callable[[str], dict[str, Any]], example: str):
    for name, buckets in ACCESS[example].items():
        for bucket, permissions in buckets.items():
            template = synthesized(example)[name]
            assert_iconik_access(template, system_domain_id=DOMAIN, permissions=permissions, bucket=bucket)


@pytest.mark.proof
def test_the_statement_for_the_security_account_is_handed_over(synthesized: Callable[[str], dict[str, Any]]):
    outputs = synthesized("kms_from_security_account")["Media"]["Outputs"]
    (statement,) = (json.loads(output["Value"])["Statement"][0] for name, output in outputs.items() if "Key" in name)
    assert statement["Condition"]["StringEquals"] == {
        "aws:PrincipalTag/IconikSystemDomainId": DOMAIN,
        "kms:ViaService": "s3.eu-west-1.amazonaws.com",
    }


@pytest.mark.proof
@pytest.mark.parametrize(
    ("stage", "domain", "other"), [("Test", TEST_DOMAIN, DOMAIN), ("Production", DOMAIN, TEST_DOMAIN)]
)
def test_each_stage_allows_only_its_own_domain(
    synthesized: Callable[[str], dict[str, Any]], stage: str, domain: str, other: str
):
    found = [json.dumps(template) for name, template in synthesized("multi_account").items() if name.startswith(stage)]
    assert len(found) == 2
    assert all(domain in text and other not in text for text in found)


def test_the_guardrail_refuses_the_policy_without_the_tag(tmp_path: Path):
    (_, forgetful) = synth_commands("guardrail_only")
    done = run("guardrail_only", forgetful, tmp_path)
    assert done.returncode != 0
    assert "ICONIK001" in done.stderr


@pytest.mark.parametrize("example", EXAMPLES)
def test_it_can_be_found(example: str):
    assert f"/tree/main/examples/{example})" in (ROOT / "docs/index.md").read_text(encoding="utf-8")
