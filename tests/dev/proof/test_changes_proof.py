"""What `diff` says of changed policies, against the differences of the policy engine's verdicts."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from fnmatch import fnmatchcase
from pathlib import Path
from random import Random
from typing import Any

import pytest

from dev.proof.changed import CALLERS, DOMAIN, SERVICE, Asked, Pair, asked, pairs
from dev.proof.policy_engine import PolicyEngine
from dev.proof.tally import Tally
from dev.proof.universal import Coverage
from iconik_construct.access.kms_actions import KEY_ACTIONS
from iconik_construct.cli.main import main

pytestmark = pytest.mark.proof

_PREFIX = "the bucket, with the prefix "
_PERHAPS = {"gained": "may_gain", "lost": "may_lose"}
_ONE_BY_ONE = 12
"""Pairs of which every action is asked about by itself."""

Said = Mapping[str, list[tuple[str, str]]]
"""What the output says of a caller: by the kind of the change, actions and places."""


def test_the_changes_are_the_differences_of_the_engines_verdicts(
    engine: PolicyEngine, actions: Coverage, tally: Tally, tmp_path: Path
) -> None:
    through = {one.name for one in engine.actions("kms") if "kms:ViaService" in one.condition_keys}
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for number, pair in enumerate(pairs(Random(5), 300)):  # noqa: S311 - the same in each run
        code, found = _diff(pair, tmp_path)
        questions = asked(pair, actions, through, one_by_one=number < _ONE_BY_ONE)
        differences = list(_differences(engine, pair, questions, counts))
        counts["pairs"] += 1
        counts["pairs without a change"] += pair.is_same
        has_gained = any(kind == "gained" for *_, kind in differences)
        counts["pairs that widen"] += has_gained
        if has_gained and code != 1:
            wrong.append(f"exit code {code} where somebody gains: {pair}")
        if pair.is_same and (code, found["changes"]) != (0, []):
            wrong.append(f"a change where there is none: {found['changes']} {pair}")
        said = {each["caller"]: _parsed(each, pair) for each in found["changes"]}
        expected = set(differences)
        for caller in CALLERS:
            change = said.get(_name(caller, pair), {})
            for at, question in enumerate(questions):
                for kind, may in _PERHAPS.items():
                    is_so, certain = (caller, at, kind) in expected, _says(change, kind, question)
                    perhaps = not certain and _says(change, may, question)
                    counts["answers"] += len(question.actions)
                    counts[kind] += is_so * len(question.actions)
                    counts["perhaps"] += perhaps * len(question.actions)
                    if certain != is_so and not (is_so and perhaps):
                        wrong.append(f"{caller} {question} {kind}: engine {is_so}, diff {certain}: {pair}")
    said_of = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    tally.notes.append(f"changes of policies and policy engine: {said_of}; disagreements {len(wrong)}")
    assert wrong[:3] == []
    assert counts["pairs"] == 3 * counts["pairs without a change"] == 300
    assert min(counts["gained"], counts["lost"]) > 5_000
    assert counts["perhaps"] < counts["gained"]
    assert counts["pairs that widen"] > 50


def test_the_actions_of_a_key_are_those_that_the_engine_lists(actions: Coverage) -> None:
    assert set(actions.key) == KEY_ACTIONS


def _diff(pair: Pair, folder: Path) -> tuple[int, dict[str, Any]]:
    files = {"old.json": pair.old, "new.json": pair.new}
    for name, policy in files.items():
        (folder / name).write_text(json.dumps(policy), encoding="utf-8")
    said = io.StringIO()
    with redirect_stdout(said):
        code = main(["diff", *(str(folder / name) for name in files), "--system-domain-id", DOMAIN, "--format", "json"])
    return code, json.loads(said.getvalue())


def _differences(
    engine: PolicyEngine, pair: Pair, questions: list[Asked], counts: Counter[str]
) -> Iterator[tuple[str, int, str]]:
    """Yield what the verdicts say: the caller, the place of the question, and whether it gains or loses."""
    asked_of = [[one.requests(pair.service, policy) for one in questions] for policy in (pair.old, pair.new)]
    requests = [request for policy in asked_of for one in policy for request in one]
    counts["verdicts"] += len(requests)
    allowed = [verdict.allowed for verdict in engine.verdicts(requests)]
    half = len(allowed) // 2
    both = list(zip(allowed[:half], allowed[half:], strict=True))
    at = 0
    for number in range(len(questions)):
        for caller, variants in CALLERS.items():
            mine = both[at : at + len(variants)]
            at += len(variants)
            if (False, True) in mine:
                yield caller, number, "gained"
            if (True, False) in mine:
                yield caller, number, "lost"


def _name(caller: str, pair: Pair) -> str:
    """Return the name of a caller in the output: who is not named by a policy is one of many."""
    text = f"{pair.old}{pair.new}"
    if caller.startswith("iconik for the domain"):
        return caller if caller.rpartition(" ")[2] in text else "iconik for another domain"
    if caller.startswith("arn:") and caller in text:
        return caller
    if caller.startswith(("arn:", "the account")):
        number = re.findall("[0-9]{12}", caller)[0]
        is_named = f"'{number}'" in text or f":{number}:root'" in text
        return f"the account {number}" if is_named else "any other AWS account"
    return caller


def _parsed(change: Mapping[str, Any], pair: Pair) -> Said:
    # A service that no policy names is one of many.
    other = "" if SERVICE in f"{pair.old}{pair.new}" else "another service"
    return {
        kind: [
            (action, place.replace(other, SERVICE) if other else place)
            for action, on, place in (each.partition(" on ") for each in change[kind])
            if on
        ]
        for kind in (*_PERHAPS, *_PERHAPS.values())
    }


def _says(change: Said, kind: str, question: Asked) -> bool:
    """Tell whether the output says so of all actions of a question; of some and not of all is an error."""
    places: dict[str, list[str]] = {}
    for action, place in change.get(kind, ()):
        places.setdefault(action, []).append(place)
    found = {any(_covers(place, question) for place in places.get(action, ())) for action in question.actions}
    assert len(found) == 1, (question, kind)
    return found.pop()


def _covers(where: str, question: Asked) -> bool:
    """Tell whether a place of the output holds the place that is asked about."""
    if where.startswith("the key"):
        via = question.context.get("kms:ViaService")
        return where in ("the key", "the key, directly" if via is None else f"the key, through {via}")
    if where.startswith(_PREFIX) != ("s3:prefix" in question.context):
        return False
    if where in ("the bucket", "the bucket, with no prefix"):
        return question.place == "the bucket"
    inside, _, outside = where.removeprefix(_PREFIX).partition(" without ")
    holes = outside.split(", ") if outside else []
    return fnmatchcase(question.place, inside) and not any(fnmatchcase(question.place, each) for each in holes)
