"""The demo's stand-in for iconik: which storages are registered in it, and what counts as a mistake."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dev.demo.registration import DemoIconik
from dev.local_aws import LocalAws
from iconik_construct.config.document import parse_config
from iconik_construct.storage.settings import FLAGS

pytestmark = pytest.mark.local_aws

DOMAIN = "2b8a3a38-5f6e-4d0c-9d6a-7a5c1f3b9e01"


@pytest.fixture
def iconik(local_aws: LocalAws) -> Iterator[DemoIconik]:
    with DemoIconik(local_aws) as running:
        yield running


def prepared(iconik: DemoIconik, directory: Path, storages: dict[str, Any], **top: Any) -> Any:
    file = directory / "storages.json"
    file.write_text(json.dumps({"system_domain_id": DOMAIN, **top, "storages": storages}), encoding="utf-8")
    found = iconik.with_registration(file)
    assert found is not None
    return found if found == file.resolve() else parse_config(json.loads(found.read_text(encoding="utf-8")))


def test_no_real_iconik_is_asked_whatever_the_configuration_says(
    iconik: DemoIconik, local_aws: LocalAws, tmp_path: Path
) -> None:
    real = {"credentials": "iconik/token", "base_url": "https://app.iconik.io"}
    config = prepared(iconik, tmp_path, {"real-a": {}, "real-b": {"registration": real}}, registration=real)
    for storage in config.storages:
        assert storage.registration.base_url.startswith("http://127.0.0.1:")
        held = local_aws.client("secretsmanager").get_secret_value(SecretId=storage.registration.credentials)
        assert json.loads(held["SecretString"]).keys() == {"app_id", "auth_token"}


def test_a_storage_that_iconik_could_not_use_yet_is_not_registered(iconik: DemoIconik, tmp_path: Path) -> None:
    below = {"permissions": {"roles": ["READ"], "prefixes": ["a/"]}}
    waiting = {"bucket": {"adopt": "acme-media"}, "adoption": "HAND_OVER"}
    config = prepared(iconik, tmp_path, {"whole": below, "below": {**below, "path": "a/"}, "waiting": waiting})
    assert [storage.registration is not None for storage in config.storages] == [False, True, False]


def test_which_stack_holds_which_storage_is_handed_on(iconik: DemoIconik, tmp_path: Path) -> None:
    (tmp_path / "storages.stacks.json").write_text("{}", encoding="utf-8")
    (tmp_path / "storages.json").write_text(
        json.dumps({"system_domain_id": DOMAIN, "storages": {"recorded": {}}}), encoding="utf-8"
    )
    found = iconik.with_registration(tmp_path / "storages.json")
    assert found is not None
    assert found.with_suffix(".stacks.json").read_text(encoding="utf-8") == "{}"


@pytest.mark.parametrize("text", ["{", "[]", '{"storages": 1}', '{"storages": {"a": {}}}'])
def test_a_configuration_with_mistakes_is_left_to_the_app(iconik: DemoIconik, tmp_path: Path, text: str) -> None:
    file = tmp_path / "wrong.json"
    file.write_text(text, encoding="utf-8")
    assert iconik.with_registration(file) == file.resolve()
    assert iconik.mistakes_after_destroy() == []


def test_a_storage_that_was_not_registered_is_a_mistake(iconik: DemoIconik, tmp_path: Path) -> None:
    prepared(iconik, tmp_path, {"forgotten": {}})
    assert iconik.mistakes_after_destroy() == ["forgotten: registered in iconik 0 times instead of once."]


def test_a_storage_that_is_still_active_without_its_stack_is_a_mistake(iconik: DemoIconik, tmp_path: Path) -> None:
    prepared(iconik, tmp_path, {"active": {}})
    settings = {"bucket": "media", "endpoint": "", "path": "", "region": "eu-west-1", **dict.fromkeys(FLAGS, True)}
    body = {"method": "S3", "name": "active", "purpose": "FILES", "settings": settings}
    created = iconik._iconik.storages.create(DOMAIN, body)
    assert iconik.text() == f"  active {created['id']} ACTIVE read write delete scan"
    assert iconik.mistakes_after_destroy() == ["active: still ACTIVE in iconik, although its stack is gone."]
