"""The recipes of the page on CI, run as they are printed."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from code_blocks import ROOT, blocks

from tests.guardrail.building import ROLE, TAG

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
PAGE = "docs/ci.md"
BLOCKS = [block for block in blocks("yaml", "shell") if block.place.startswith(PAGE)]
TEMPLATE = """\
Resources:
  Media:
    Type: AWS::S3::Bucket
  MediaPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Media
      PolicyDocument: {statement}
"""


def policy(*, has_tag: bool) -> dict[str, Any]:
    condition = {"StringEquals": {TAG: DOMAIN}} if has_tag else {}
    allow = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::m/*"}
    condition = {**condition, "Bool": {"aws:SecureTransport": "true"}}
    return {"Version": "2012-10-17", "Statement": [{**allow, "Condition": condition}]}


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{folder}:{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.run(  # noqa: S603
        ["/bin/sh", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def template(folder: Path, *, has_tag: bool) -> Path:
    path = folder / "templates" / "media.yaml"
    path.parent.mkdir()
    path.write_text(TEMPLATE.replace("{statement}", json.dumps(policy(has_tag=has_tag))), encoding="utf-8")
    return path


def workflow_of(job: str) -> dict[str, Any]:
    texts = [yaml.safe_load(block.text) for block in BLOCKS if block.language == "yaml"]
    (found,) = [each for each in texts if job in each.get("jobs", {})]
    return dict(found)


@pytest.mark.parametrize("had_tag", [True, False])
def test_the_workflow_of_a_pull_request_fails_where_somebody_gains_access(had_tag: bool, tmp_path: Path) -> None:
    step = workflow_of("diff")["jobs"]["diff"]["steps"][-1]
    (tmp_path / "old.yaml").write_text(template(tmp_path, has_tag=had_tag).read_text(encoding="utf-8"))
    (tmp_path / "templates" / "media.yaml").unlink()
    (tmp_path / "templates").rmdir()
    template(tmp_path, has_tag=False)
    known = f"export RUNNER_TEMP={tmp_path} GITHUB_STEP_SUMMARY={tmp_path}/summary.md"

    # What GitHub runs for `shell: bash`.
    done = run(f"{known}; bash --noprofile --norc -eo pipefail -c {shlex.quote(step['run'])}", tmp_path)

    assert (step["shell"], done.returncode, done.stderr) == ("bash", 1 if had_tag else 0, "")
    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert ("iconik for another domain" in summary) is had_tag


@pytest.mark.parametrize("has_tag", [True, False])
def test_the_workflow_fails_where_the_tag_is_missing_and_uploads_what_code_scanning_reads(
    has_tag: bool, tmp_path: Path
) -> None:
    workflow = workflow_of("guard")
    steps = workflow["jobs"]["guard"]["steps"]
    (command,) = [step["run"] for step in steps if step.get("run", "").startswith("iconik-construct")]
    (upload,) = [step for step in steps if "upload-sarif" in step.get("uses", "")]
    template(tmp_path, has_tag=has_tag)

    done = run(command, tmp_path)

    assert (done.returncode, done.stderr) == (0 if has_tag else 1, "")
    assert upload["if"] == "always()"
    assert workflow["permissions"]["security-events"] == "write"
    (found,) = json.loads((tmp_path / upload["with"]["sarif_file"]).read_text(encoding="utf-8"))["runs"]
    places = [one["locations"][0]["physicalLocation"] for one in found["results"]]
    line = {"artifactLocation": {"uri": "templates/media.yaml"}, "region": {"startLine": 4}}
    assert places == ([] if has_tag else [line])


@pytest.mark.parametrize("has_tag", [True, False])
def test_the_hook_is_called_as_pre_commit_calls_it(has_tag: bool, tmp_path: Path) -> None:
    (config,) = [
        found
        for block in BLOCKS
        if "repos" in (found := yaml.safe_load(block.text) if block.language == "yaml" else {})
    ]
    (used,) = config["repos"][0]["hooks"]
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert (used["id"], hook["language"]) == (hook["id"], "python")
    path = template(tmp_path, has_tag=has_tag).relative_to(tmp_path)
    assert re.search(used["files"], str(path))

    done = run(shlex.join([*shlex.split(hook["entry"]), *used["args"], str(path)]), tmp_path)

    assert done.returncode == (0 if has_tag else 1), done.stderr
    assert ("ICONIK001: templates/media.yaml#MediaPolicy, line 4" in done.stdout) is not has_tag


# Stands where Terraform does: what it would show is there already.
TERRAFORM = '#!/bin/sh\ncase "$1" in show) cat shown.json ;; esac\n'


@pytest.mark.parametrize("has_tag", [True, False])
def test_the_shell_script_fails_where_a_plan_lacks_the_tag(has_tag: bool, tmp_path: Path) -> None:
    (script,) = [block.text for block in BLOCKS if "terraform plan" in block.text]
    program = tmp_path / "terraform"
    program.write_text(TERRAFORM, encoding="utf-8")
    program.chmod(0o755)
    resource = {"address": "aws_s3_bucket_policy.m", "mode": "managed", "type": "aws_s3_bucket_policy", "name": "m"}
    values = {"bucket": "m", "policy": json.dumps(policy(has_tag=has_tag))}
    planned = {"root_module": {"resources": [{**resource, "values": values}]}}
    shown = {"format_version": "1.2", "terraform_version": "1.9.5", "planned_values": planned}
    (tmp_path / "shown.json").write_text(json.dumps(shown), encoding="utf-8")

    done = run(f"set -e\n{script}", tmp_path)

    assert (done.returncode, done.stderr) == (0 if has_tag else 1, "")
    suite = ElementTree.parse(tmp_path / "iconik.xml").getroot()[0]  # noqa: S314 - our own
    assert suite.attrib["failures"] == ("0" if has_tag else "1")
