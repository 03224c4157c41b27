"""The guardrail and a policy engine that nobody here wrote say the same of the tables' buckets and keys.

The guardrail reads the template. The engine judges the policies that CloudFormation makes of it, request by request,
and knows neither intrinsic functions nor rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from dev.local_aws import LocalAws
from dev.proof.policy_engine import PolicyEngine, Request
from tests.guardrail.building import (
    ACCOUNT,
    DOMAIN,
    DOMAINS,
    FOREIGN_DOMAIN,
    KEY_FORGETS,
    NO_TLS,
    OWN_ACCOUNT,
    TAG,
    TOO_WIDE,
    Json,
)
from tests.guardrail.deployed import Deployed, deploy, is_about_buckets_and_keys
from tests.guardrail.harmless import HARMLESS
from tests.guardrail.hostile import HOSTILE, UNRESOLVABLE

pytestmark = pytest.mark.local_aws

TABLES: dict[str, tuple[Json, set[str]]] = {
    **{name: given for name, given in HOSTILE.items() if name not in UNRESOLVABLE},
    **{name: (body, set()) for name, body in HARMLESS.items()},
}
NAMES = [name for name, (body, _) in TABLES.items() if is_about_buckets_and_keys(body)]

SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/IconikS3AccessRole/iconik"
NEIGHBOUR = f"arn:aws:sts::{ACCOUNT}:assumed-role/Other/iconik"
STRANGER = "arn:aws:sts::999988887777:assumed-role/IconikS3AccessRole/stranger"
ROLE_NAMER = "arn:aws:sts::999988887777:assumed-role/Backup/stranger"
"""A stranger who gives a role of the own account a name that a policy allows."""
WRONG_TAGS = [None, "", "*", FOREIGN_DOMAIN, DOMAIN.upper(), "1297c8b6-3563-11e7-adf1-6c4008b85488"]
ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "kms:Decrypt", "kms:GenerateDataKey"]
GIVES_AWAY = ["s3:PutBucketPolicy", "s3:DeleteBucket", "s3:PutLifecycleConfiguration", "kms:PutKeyPolicy"]
KEY_ARN = f"arn:aws:kms:us-east-1:{OWN_ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
LETS_WRONG_ONES_IN = {"ICONIK001", "ICONIK002", "ICONIK003", "ICONIK004", "ICONIK005"}

_numbers = count(1)


@pytest.fixture(scope="module")
def engine() -> Iterator[PolicyEngine]:
    with PolicyEngine() as running:
        yield running


class Question:
    """What the engine is asked about the policies of one template."""

    def __init__(self, engine: PolicyEngine, deployed: Deployed) -> None:
        self.engine = engine
        self.deployed = deployed

    def lets_wrong_ones_in(self) -> bool:
        """Whether others have access: other customers, or anybody by a role of their own account with the right tag."""
        return (
            any(
                self.allows(action, principal, tag)
                for action in ACTIONS
                for principal in (SESSION, NEIGHBOUR, STRANGER, ROLE_NAMER)
                for tag in WRONG_TAGS
            )
            or any(
                self.allows(action, SESSION, domain) and self.allows(action, STRANGER, domain)
                for action in ACTIONS
                for domain in DOMAINS
            )
            or self.leaves_the_tag_open()
        )

    def leaves_the_tag_open(self) -> bool:
        """Whether what a right domain is allowed asks for anything but `StringEquals` with right domains only."""
        allowed = [
            request
            for action in ACTIONS
            for domain in DOMAINS
            for request in self.requests(action, SESSION, domain)
            if self.engine.verdicts([request])[0].allowed
        ]
        unknown = [
            replace(one, context={key: one.context[key] for key in one.context if key != TAG}) for one in allowed
        ]
        return not all(_pins_the_tag(one) for residuals in self.engine.residuals(unknown) for one in residuals)

    def gives_away(self) -> bool:
        return any(self.allows(action, SESSION, tag) for action in GIVES_AWAY for tag in (*WRONG_TAGS, *DOMAINS))

    def takes_plain_http(self) -> bool:
        return any(
            self.allows(action, SESSION, tag, **{"aws:SecureTransport": "false"})
            for action in ("s3:GetObject", "s3:DeleteBucket", "s3:PutBucketAcl")
            for tag in (*WRONG_TAGS, *DOMAINS)
        )

    def refuses_the_key(self) -> bool:
        return self.deployed.is_encrypted and any(
            self.allows(on_object, SESSION, domain) and not self.allows(on_key, SESSION, domain)
            for on_object, on_key in (("s3:GetObject", "kms:Decrypt"), ("s3:PutObject", "kms:GenerateDataKey"))
            for domain in DOMAINS
        )

    def allows(self, action: str, principal: str, tag: str | None, **context: str) -> bool:
        return any(one.allowed for one in self.engine.verdicts(self.requests(action, principal, tag, **context)))

    def requests(self, action: str, principal: str, tag: str | None, **context: str) -> list[Request]:
        """The request as AWS would describe it, in each way that is not known of iconik."""
        on_key = action.startswith("kms:")
        policy = self.deployed.key_policy if on_key else self.deployed.bucket_policy
        if policy is None:
            return []
        said = {**_said(action, principal), **({} if tag is None else {TAG: tag}), **context}
        on_object = action.endswith("Object")
        return [
            Request(
                policy=policy,
                kind="kms" if on_key else "s3",
                principal=principal,
                action=action,
                resource=KEY_ARN if on_key else self.deployed.bucket_arn + ("/masters/a.mxf" if on_object else ""),
                context={**said, **organization},
                account=OWN_ACCOUNT,
            )
            for organization in ({}, {"aws:PrincipalOrgID": "o-iconik0001"})
        ]


def _said(action: str, principal: str) -> dict[str, str]:
    """What AWS says of a request that the principal makes itself, from a network that is not the customer's."""
    account, role = principal.split(":")[4], principal.split("/")[1]
    found = {
        "aws:PrincipalAccount": account,
        "aws:PrincipalArn": f"arn:aws:iam::{account}:role/{role}",
        "aws:PrincipalType": "AssumedRole",
        "aws:PrincipalTag/IconikDomainId": DOMAIN,
        "aws:PrincipalIsAWSService": "false",
        "aws:SourceIp": "198.51.100.7",
        "aws:SecureTransport": "true",
    }
    if action.startswith("kms:"):
        found |= {"kms:CallerAccount": account, "kms:ViaService": "s3.eu-west-1.amazonaws.com"}
    if action == "s3:ListBucket":
        found["s3:prefix"] = "masters/a"
    if action == "s3:GetObject":
        found["s3:ExistingObjectTag/IconikSystemDomainId"] = DOMAIN
    return found


def _pins_the_tag(residual: Any) -> bool:
    parts = residual.get("conditions", [residual])
    return any(
        part.get("op") == "StringEquals" and part["key"].lower() == TAG.lower() and DOMAINS.issuperset(part["values"])
        for part in parts
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_guardrail_says_of_a_bucket_or_key_what_the_engine_says(
    name: str, engine: PolicyEngine, local_aws: LocalAws
):
    body, expected = TABLES[name]
    question = Question(engine, deploy(local_aws, next(_numbers), body))
    assert question.lets_wrong_ones_in() == bool(expected & LETS_WRONG_ONES_IN)
    if question.deployed.is_whole:
        assert question.takes_plain_http() == (NO_TLS in expected)
    assert question.refuses_the_key() == (KEY_FORGETS in expected)
    if "IconikAdmin" not in str(body):
        assert question.gives_away() == (TOO_WIDE in expected)


def test_nearly_all_templates_of_the_tables_are_about_buckets_and_keys():
    assert len(NAMES) >= 100
