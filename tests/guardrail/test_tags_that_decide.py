"""Policies can decide by the tags of a key, or of a bucket with ABAC, which its template has."""

from __future__ import annotations

from typing import Any

import pytest

from iconik_construct.assessment import Question
from iconik_construct.templates.check import check
from iconik_construct.templates.template import App, Template
from tests.guardrail.building import (
    DENIED,
    DEPENDS,
    DOMAINS,
    KEY_ARN,
    KEY_FORGETS,
    allow,
    allow_key,
    bucket,
    key_resource,
    parameter,
    pinned,
    with_resources,
)

Json = Any
TEAM = "aws:ResourceTag/Team"
TAGGED = [{"Key": "Owner", "Value": "acme"}, {"Key": "Team", "Value": "media"}]


def ids(tags: Json, *statements: Json) -> list[str]:
    key = key_resource(*statements)
    if tags is not None:
        key["Properties"]["Tags"] = tags
    body = with_resources(bucket(allow(), key=KEY_ARN, Parameters={"Team": parameter()}), Key=key)
    return [each.id for each in check(App([Template("it", body)]), Question(tuple(DOMAINS)))]


def deny(operator: str) -> Json:
    return allow_key(Effect="Deny", Principal="*", Condition={operator: {TEAM: "media"}})


@pytest.mark.parametrize(
    ("tags", "unless", "only_if"),
    [
        (TAGGED, [], [DENIED]),
        (None, [DENIED], []),
        ([{"Key": "Team", "Value": "other"}], [DENIED], []),
        ([{"Key": "Team", "Value": {"Ref": "Team"}}], [DEPENDS], [DEPENDS]),
        ([{"Key": {"Ref": "Team"}, "Value": "media"}], [DEPENDS], [DEPENDS]),
        ({"Fn::Transform": {"Name": "M"}}, [DEPENDS], [DEPENDS]),
    ],
)
def test_a_deny_by_a_tag_of_the_key(tags: Json, unless: list[str], only_if: list[str]) -> None:
    assert ids(tags, allow_key(), deny("StringNotEquals")) == unless
    assert ids(tags, allow_key(), deny("StringEquals")) == only_if


@pytest.mark.parametrize(("tags", "expected"), [(TAGGED, []), (None, [KEY_FORGETS])])
def test_an_allow_by_a_tag_of_the_key(tags: Json, expected: list[str]) -> None:
    assert ids(tags, allow_key(Condition={**pinned(), "StringLike": {TEAM: "media"}})) == expected


@pytest.mark.parametrize(
    ("abac", "expected"), [("Enabled", []), ("Disabled", [DENIED]), (None, [DENIED]), ({"Ref": "Team"}, [DEPENDS])]
)
def test_a_deny_by_a_tag_of_the_bucket(abac: Json, expected: list[str]) -> None:
    denied = allow(Effect="Deny", Principal="*", Condition={"StringNotEquals": {TEAM: "media"}})
    body = bucket(allow(), denied, Parameters={"Team": parameter()})
    body["Resources"]["Media"]["Properties"] |= {"Tags": TAGGED, **({} if abac is None else {"AbacStatus": abac})}
    assert [each.id for each in check(App([Template("it", body)]), Question(tuple(DOMAINS)))] == expected
