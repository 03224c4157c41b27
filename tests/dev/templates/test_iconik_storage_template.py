"""The plain CloudFormation template."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint_file

from dev.templates.iconik_storage import template, template_text

FILE = Path(__file__).parents[3] / "templates/iconik-storage.yaml"


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return template()


def test_the_file_is_what_the_construct_synthesizes():
    assert FILE.read_text() == template_text(), "The construct has changed: run `make template`."


def test_the_template_is_clean_for_cfn_lint():
    assert lint_file(FILE) == []


def test_the_linter_sees_a_misspelt_property(tmp_path: Path):
    broken = tmp_path / "template.yaml"
    broken.write_text(FILE.read_text().replace("LifecycleConfiguration:", "LifecycleConfig:"))
    assert [match.rule.id for match in lint_file(broken)] == ["E3002"]


def test_the_template_needs_no_asset_no_lambda_and_no_bootstrap(found: dict[str, Any]):
    assert {resource["Type"] for resource in found["Resources"].values()} == {
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::KMS::Key",
    }
    assert set(found["Parameters"]) == {"SystemDomainId", "BucketName", "Permissions", "Encryption"}
    assert "Rules" not in found


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        ("0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01", True),
        ("0B5C3A52-6F0E-4D57-9D0E-2F1F6F3C9A01", False),
        ("0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01 ", False),
        ("*", False),
        ("", False),
        # The id of iconik's own example.
        ("1297c8b6-3563-11e7-adf1-6c4008b85488", False),
    ],
)
def test_only_a_system_domain_id_in_lower_case_is_accepted(found: dict[str, Any], value: str, accepted: bool):
    pattern = found["Parameters"]["SystemDomainId"]["AllowedPattern"]
    assert (re.fullmatch(pattern, value) is not None) is accepted


def test_every_allow_for_iconik_names_the_parameter_in_its_condition(found: dict[str, Any]):
    resources = json.dumps(found["Resources"])
    allows = resources.count('"AWS": "arn:aws:iam::283217727627:role/IconikS3AccessRole"')
    tags = resources.count('"StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": {"Ref": "SystemDomainId"}}')
    assert allows == tags > 0
