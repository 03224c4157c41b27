"""The report asked about every template that the guardrail must refuse: it calls none of them safe."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from iconik_construct.assessment import Question
from iconik_construct.assessment.rules import Effect
from iconik_construct.report.assembly import Assembly
from iconik_construct.templates.manifest import Assembly as Manifest
from iconik_construct.templates.template import App, Template
from tests.guardrail.building import ACCOUNT, DOMAIN, DOMAINS, FOREIGN_DOMAIN, ROLE, TAG, allow, bucket
from tests.guardrail.harmless import HARMLESS
from tests.guardrail.hostile import HOSTILE
from tests.guardrail.kinds import HARMLESS_KINDS, HOSTILE_KINDS
from tests.guardrail.put_together import PutTogether

WAYS_IN = {"ICONIK001", "ICONIK002", "ICONIK003", "ICONIK004", "ICONIK005", "ICONIK009"}
HOSTILE_TO_ALL = {name: body for name, (body, rules) in HOSTILE.items() if rules & WAYS_IN} | HOSTILE_KINDS
TEMPLATES = 300


def is_called_safe(body: Any) -> bool:
    app = App([Template("it.template.json", body, "Stack")])
    assembly = Assembly(
        app=app,
        question=Question(tuple(sorted(DOMAINS))),
        manifest=Manifest(),
        acknowledged=(),
        unread=(),
        folder=Path("nowhere"),
    )
    findings = [*(each for storage in assembly.storages for each in storage.findings), *assembly.findings]
    return not {each.effect for each in findings} & {Effect.OTHERS, Effect.OTHERS_MAY, Effect.UNKNOWN}


@pytest.mark.parametrize("name", HOSTILE_TO_ALL)
def test_a_hostile_template_is_not_called_safe(name: str) -> None:
    assert not is_called_safe(HOSTILE_TO_ALL[name])


def test_there_are_many_of_them_and_most_harmless_ones_are_called_safe() -> None:
    assert len(HOSTILE_TO_ALL) > 400
    harmless = [is_called_safe(body) for body in (HARMLESS | HARMLESS_KINDS).values()]
    assert sum(harmless) > 0.85 * len(harmless)


def test_whatever_a_principal_or_a_domain_is_put_together_of_it_is_not_called_safe() -> None:
    chance = Random(21)  # noqa: S311 - the same templates in each run
    for _ in range(TEMPLATES):
        made = PutTogether(chance)
        node = made.node(chance.choice([ROLE, ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", "*"]))
        who = {"AWS": chance.choice([node, ["arn:aws:iam::111122223333:role/Editors", node]])}
        body = bucket(allow(Principal=who, Condition=None), **made.sections)
        assert not is_called_safe(body), body
        made = PutTogether(chance)
        node = made.node(FOREIGN_DOMAIN)
        values = chance.choice([node, [DOMAIN, node]])
        body = bucket(allow(Condition={"StringEquals": {TAG: values}}), **made.sections)
        assert not is_called_safe(body), body
