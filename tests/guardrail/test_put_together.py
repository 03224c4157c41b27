"""However a principal or a domain is put together: what can be iconik, or another customer, is never passed over."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from put_together import PutTogether

from iconik_construct.assessment import Question
from iconik_construct.templates.check import check
from iconik_construct.templates.template import App, Template
from tests.guardrail.building import (
    ACCOUNT,
    DOMAIN,
    DOMAINS,
    FOREIGN_DOMAIN,
    ROLE,
    TAG,
    allow,
    allow_key,
    bucket,
    document,
    key,
    resource,
)

TEMPLATES = 500
OTHER = "arn:aws:iam::111122223333:role/Editors"
ICONIK = [
    ROLE,
    ACCOUNT,
    f"arn:aws:iam::{ACCOUNT}:root",
    f"arn:aws:iam::{ACCOUNT}:user/x",
    f"arn:aws:sts::{ACCOUNT}:assumed-role/IconikS3AccessRole/s",
    "*",
]


def fired(body: Any) -> set[str]:
    found = check(App([Template("T.template.json", body, "Stack")]), Question(tuple(DOMAINS)))
    return {one.id for one in found}


def said(body: Any) -> str:
    return json.dumps({name: body[name] for name in body if name != "Resources"}) + json.dumps(body["Resources"])


def test_a_principal_that_can_be_iconik_is_never_passed_over():
    chance = Random(11)  # noqa: S311 - the same templates in each run
    for _ in range(TEMPLATES):
        made = PutTogether(chance)
        node = made.node(chance.choice(ICONIK))
        who = {"AWS": chance.choice([node, [OTHER, node]])}
        policy, statement = chance.choice([(bucket, allow), (key, allow_key)])
        body = policy(statement(Principal=who, Condition=None), **made.sections)
        assert fired(body) & {"ICONIK001", "ICONIK004", "ICONIK009"}, said(body)


def test_a_domain_that_can_be_another_customers_is_never_passed_over():
    chance = Random(12)  # noqa: S311
    for _ in range(TEMPLATES):
        made = PutTogether(chance)
        node = made.node(FOREIGN_DOMAIN)
        values = chance.choice([node, [DOMAIN, node]])
        body = bucket(allow(Condition={"StringEquals": {TAG: values}}), **made.sections)
        assert fired(body) & {"ICONIK002", "ICONIK003", "ICONIK009"}, said(body)


def test_who_is_surely_somebody_else_is_let_alone():
    chance = Random(13)  # noqa: S311
    for _ in range(TEMPLATES):
        made = PutTogether(chance, known=True)
        who = {"AWS": made.node(OTHER)}
        body = bucket(allow(Principal=who, Condition=None), **made.sections)
        assert fired(body) == set(), said(body)


def test_a_policy_that_is_put_together_as_text_is_never_passed_over():
    chance = Random(14)  # noqa: S311
    kinds = [
        ("AWS::S3::BucketPolicy", "PolicyDocument"),
        ("AWS::S3::AccessPoint", "Policy"),
        ("AWS::SecretsManager::ResourcePolicy", "ResourcePolicy"),
        ("AWS::Logs::Destination", "DestinationPolicy"),
        ("Custom::Anything", "Policy"),
    ]
    for _ in range(TEMPLATES):
        made = PutTogether(chance, known=True)
        text = json.dumps(document(allow(Condition=None, Resource="*")), separators=chance.choice([(",", ":"), None]))
        kind, name = chance.choice(kinds)
        body = {**resource(kind, **{name: made.node(text)}), **made.sections}
        assert "ICONIK001" in fired(body), said(body)


def test_an_element_whose_name_is_not_known_is_not_taken_for_none():
    text = json.dumps({"Statement": [{"Effect": "Allow", "${Open}": "*", "Action": "s3:GetObject", "Resource": "*"}]})
    body = {
        **resource("AWS::S3::AccessPoint", Policy={"Fn::Sub": text}),
        "Parameters": {"Open": {"Type": "String"}},
    }
    assert fired(body) == {"ICONIK009"}
