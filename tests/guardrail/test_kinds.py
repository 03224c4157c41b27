"""No member of a family of hostile templates is passed over, and no harmless one is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from dev.proof.policy_engine import PolicyEngine, Request
from iconik_construct.assessment import Question
from iconik_construct.templates.check import check, is_refused
from iconik_construct.templates.template import App, Template
from tests.guardrail.building import ACCOUNT, DOMAINS, FOREIGN_DOMAIN, OWN_ACCOUNT, ROLE, document
from tests.guardrail.harmless import HARMLESS
from tests.guardrail.hostile import HOSTILE
from tests.guardrail.kinds import (
    HARMLESS_CONDITIONS,
    HARMLESS_KINDS,
    HOSTILE_KINDS,
    NEGATIONS,
    SESSION,
    WILDCARDS,
)


def fired(body: Any) -> list[str]:
    found = check(App([Template("it.template.json", body)]), Question(tuple(DOMAINS)))
    return [f"{one.id} {one.place} {one.text}" for one in found if is_refused(one)]


@pytest.mark.parametrize("name", HOSTILE_KINDS)
def test_a_hostile_template_is_not_passed_over(name: str) -> None:
    assert fired(HOSTILE_KINDS[name])


@pytest.mark.parametrize("name", HARMLESS_KINDS)
def test_a_harmless_template_is_not_refused(name: str) -> None:
    assert fired(HARMLESS_KINDS[name]) == []


def test_there_are_many_of_each(capsys: pytest.CaptureFixture[str]) -> None:
    hostile, harmless = len(HOSTILE) + len(HOSTILE_KINDS), len(HARMLESS) + len(HARMLESS_KINDS)
    with capsys.disabled():
        print(f"\nguardrail: {hostile} hostile templates refused, {harmless} harmless ones passed")  # noqa: T201
    assert hostile >= 400
    assert harmless >= 200


CHOSEN = {
    "aws:UserAgent": "iconik/1",
    "aws:Referer": "secret",
    "aws:PrincipalTag/team": "media",
    "s3:authType": "REST-QUERY-STRING",
    "aws:SecureTransport": "true",
    "aws:CurrentTime": "2026-01-01T00:00:00Z",
    "aws:SourceIp": "198.51.100.77",
    "aws:PrincipalArn": ROLE,
    "aws:PrincipalAccount": ACCOUNT,
    "aws:PrincipalType": "AssumedRole",
    "aws:PrincipalIsAWSService": "false",
    "aws:PrincipalTag/IconikSystemDomainId": FOREIGN_DOMAIN,
}
"""A request of iconik's for another customer, who chooses what a caller can choose."""

STRANGER = "999988887777"
OF_AN_ORGANIZATION = {"aws:PrincipalOrgID": "o-a1b2c3d4e5", "aws:PrincipalOrgPaths": ["o-a1b2c3d4e5/r-ab12/ou-ab12-1/"]}
OF_ONE_CALLED_ALIKE = {"aws:PrincipalOrgID": "o-acme99zzzz", "aws:PrincipalOrgPaths": ["o-acme99zzzz/r-ab12/ou-1/"]}
THROUGH_AN_ENDPOINT = {
    "aws:SourceVpce": "vpce-0aaaaaaaaaaaaaaaa",
    "aws:SourceVpc": "vpc-0aaaaaaaaaaaaaaaa",
    "aws:VpcSourceIp": "10.1.2.3",
}
ENGINE_IS_WRONG = {"IpAddress aws:SourceIp 0.0.0.0/0": "every IPv4 address is in 0.0.0.0/0"}
"""AWS: "IAM: IP address condition operators" takes CIDR notation; a prefix of 0 bits fixes none."""


def _of_a_stranger(request: Request, kind: str) -> Request:
    """The request of a role or a user of another account, whose owner chooses the name `Backup`."""
    arn = f"arn:aws:iam::{STRANGER}:{kind}/Backup"
    context = {
        **request.context,
        "aws:PrincipalArn": arn,
        "aws:PrincipalAccount": STRANGER,
        "aws:PrincipalType": "User" if kind == "user" else "AssumedRole",
    }
    principal = arn if kind == "user" else f"arn:aws:sts::{STRANGER}:assumed-role/Backup/x"
    return replace(request, principal=principal, context=context)


@pytest.fixture(scope="module")
def engine() -> Iterator[PolicyEngine]:
    with PolicyEngine() as running:
        yield running


@pytest.mark.parametrize("name", [*NEGATIONS, *WILDCARDS, *HARMLESS_CONDITIONS])
def test_a_policy_engine_agrees_on_conditions_for_everyone(name: str, engine: PolicyEngine) -> None:
    body = {**NEGATIONS, **WILDCARDS, **HARMLESS_CONDITIONS}[name]
    [statement] = [
        one
        for one in body["Resources"]["MediaPolicy"]["Properties"]["PolicyDocument"]["Statement"]
        if one["Effect"] == "Allow"
    ]
    policy = document({**statement, "Resource": "arn:aws:s3:::media/*"})
    worlds = [
        {**CHOSEN, **one, **other}
        for one in ({}, OF_AN_ORGANIZATION, OF_ONE_CALLED_ALIKE)
        for other in ({}, THROUGH_AN_ENDPOINT)
    ]
    worlds += [{**one, "aws:SourceIp": "2001:db9::77"} for one in worlds]
    requests = [
        Request(
            policy=policy,
            kind="s3",
            principal=SESSION,
            action="s3:GetObject",
            resource="arn:aws:s3:::media/a",
            context=world,
            account=OWN_ACCOUNT,
        )
        for world in worlds
    ]
    requests += [_of_a_stranger(request, kind) for request in requests for kind in ("role", "user")]
    allowed = any(verdict.allowed for verdict in engine.verdicts(requests))
    if name.partition(": ")[2] in ENGINE_IS_WRONG:
        assert not allowed, "the engine has learnt it"
    else:
        assert allowed == bool(fired(body))
