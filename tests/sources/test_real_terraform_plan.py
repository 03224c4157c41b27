"""A plan that Terraform wrote, with the provider's own defaults and unknown values."""

from __future__ import annotations

from pathlib import Path

import pytest

from iconik_construct.access.trust import ICONIK_ROLE_ARN
from iconik_construct.assessment.finding import Verdict
from iconik_construct.sources.guarding import guard
from iconik_construct.sources.reading import read_source

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
PLAN = (Path(__file__).parent / "terraform/plan.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("written", "instead", "verdict", "ids"),
    [
        ("", "", Verdict.GOOD, set()),
        ("StringEquals", "StringEqualsIfExists", Verdict.NOT_GOOD, {"ICONIK002"}),
        (DOMAIN, "77777777-8888-4999-8aaa-bbbbbbbbbbbb", Verdict.NOT_GOOD, {"ICONIK003"}),
        ("kms:Decrypt", "kms:ListGrants", Verdict.NOT_GOOD, {"ICONIK008"}),
        ("s3:GetObject", "s3:PutBucketPolicy", Verdict.GOOD, {"ICONIK006"}),
        ("aws:SecureTransport", "aws:PrincipalIsAWSService", Verdict.NOT_GOOD, {"ICONIK007", "ICONIK012"}),
    ],
)
def test_a_real_plan_has_the_verdict_of_its_policies(
    written: str, instead: str, verdict: Verdict, ids: set[str], tmp_path: Path
) -> None:
    path = tmp_path / "plan.json"
    path.write_text(PLAN.replace(written, instead) if written else PLAN, encoding="utf-8")
    found = guard([read_source(str(path))], [DOMAIN], ICONIK_ROLE_ARN)
    assert (found.verdict, {each.rule.id for each in found.findings}) == (verdict, ids)
