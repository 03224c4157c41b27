"""The linters have nothing to say about what is synthesized, and much about what is misspelt."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from dev.proof.lint import TemplateLint, policy_findings
from dev.proof.questions import Written
from dev.proof.storages import Synthesized
from dev.proof.templates import policies

pytestmark = pytest.mark.proof

MISSPELT = {
    "action": {"Action": "s3:GetObjct"},
    "operator": {"Condition": {"StringEqual": {"aws:PrincipalTag/IconikSystemDomainId": "x"}}},
}


def templates(synthesized: Synthesized) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in synthesized.templates]


def test_cfn_lint_finds_nothing_in_any_template(template_lint: TemplateLint) -> None:
    assert template_lint.findings() == []


def test_parliament_finds_nothing_in_any_policy(synthesized: Synthesized) -> None:
    found = [policy for template in templates(synthesized) for policy in policies(template)]
    assert len(found) > len(synthesized.storages)
    assert policy_findings(found) == []


@pytest.mark.parametrize("what", MISSPELT)
def test_parliament_finds_what_is_misspelt(bases: dict[str, Written], what: str) -> None:
    policy = deepcopy(dict(bases["narrow"].bucket_policy))
    policy["Statement"][-1].update(MISSPELT[what])
    [finding] = policy_findings([policy])
    assert finding.startswith(f"UNKNOWN_{what.upper()}")


@pytest.mark.parametrize("what", MISSPELT)
def test_cfn_lint_finds_what_is_misspelt(synthesized: Synthesized, tmp_path: Path, what: str) -> None:
    resources = templates(synthesized)[0]["Resources"]
    policy = next(name for name, one in resources.items() if one["Type"] == "AWS::S3::BucketPolicy")
    wanted = {name: resources[name] for name in (resources[policy]["Properties"]["Bucket"]["Ref"], policy)}
    wanted[policy]["Properties"]["PolicyDocument"]["Statement"][-1].update(MISSPELT[what])
    path = tmp_path / "misspelt.template.json"
    path.write_text(json.dumps({"Resources": wanted}))
    [finding] = TemplateLint([path]).findings()
    assert "getobjct" in finding or "StringEqual'" in finding
