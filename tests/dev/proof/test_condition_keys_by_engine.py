"""The judge and the policy engine say the same of every condition key, wherever the engine knows the key."""

from __future__ import annotations

import pytest

from dev.proof.policy_engine import PolicyEngine, PolicyEngineError
from dev.proof.policy_engine import Request as Asked
from dev.proof.tally import Tally
from iconik_construct.judge import Request, Verdict, judge
from tests.judge.condition_keys import KEYS, OWN_ACCOUNT
from tests.judge.test_condition_keys import FOLLOWS_FROM_THE_CALLER, SESSION, documents, worlds

pytestmark = pytest.mark.proof

KNOWN_TO_THE_ENGINE = [key for key in KEYS if key.action and key.name.lower() not in FOLLOWS_FROM_THE_CALLER]


def test_the_policy_engine_agrees_about_every_condition_key(engine: PolicyEngine, tally: Tally) -> None:
    compared, differing, unfit = 0, [], []
    for key in KNOWN_TO_THE_ENGINE:
        asked = [(name, document, one) for name, document in documents(key) for one in worlds(key)]
        decided = [(name, document, one, judge(document, one).verdict) for name, document, one in asked]
        certain = [each for each in decided if each[3] is not Verdict.DEPENDS]
        try:
            found = engine.verdicts(_asked(document, one) for _, document, one, _ in certain)
        except PolicyEngineError:
            unfit.append(key.name)
            continue
        compared += len(certain)
        for (name, _, one, verdict), answer in zip(certain, found, strict=True):
            if answer.allowed is not (verdict is Verdict.ALLOWED):
                differing.append((key.name, name, dict(one.context), verdict.value))
    keys = len(KNOWN_TO_THE_ENGINE) - len(unfit)
    tally.notes.append(f"condition keys, judge and policy engine: {compared:,} verdicts on {keys} keys")
    assert differing == []
    assert len(unfit) <= 10, unfit


def _asked(document: dict[str, object], one: Request) -> Asked:
    return Asked(
        policy=document,
        kind="kms" if one.action.startswith("kms:") else "s3",
        principal=SESSION,
        action=one.action,
        resource=one.resource,
        context={
            name: value if isinstance(value, str) else [str(each) for each in value]
            for name, value in one.context.items()
        },
        account=OWN_ACCOUNT,
    )
