"""Every tool gives the same verdict where it has the same facts, and the verdict is true by the policy engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from dev.proof.policy_engine import PolicyEngine
from tests.agreement.cases import OUR_KEY, Case, cases
from tests.agreement.expected import ASKED, UNKNOWN_TO, expected
from tests.agreement.in_account import account
from tests.agreement.in_templates import by_guard, by_kit
from tests.agreement.truth import Truth, truths

SAMPLE = (
    "right",
    "nothing for iconik",
    "s3:PutBucketAcl for everyone",
    "another domain",
    "the role with the organisation",
    "everyone of the iconik's account",
    "everyone of the organisation",
    "a Deny but for the organisation",
    "a Deny outside an office",
    "right, with a key without iconik",
    "right, with a disabled key",
)
Verdicts = Mapping[str, str]


def test_a_sample_of_the_cases_has_the_same_verdict_in_each_tool_that_needs_no_synthesis(tmp_path: Path) -> None:
    found = [case for case in cases() if case.name in SAMPLE]
    assert len(found) == len(SAMPLE)
    with PolicyEngine() as engine:
        known = truths(engine, found)
    for tool, verdicts in _without_synthesis(found, tmp_path).items():
        assert _disagreements(tool, found, known, verdicts) == [], tool


@pytest.mark.proof
def test_every_tool_gives_the_verdict_that_is_true(tmp_path: Path, counts: list[str]) -> None:
    # Imported here: the sample does not wait for jsii.
    from tests.agreement.in_app import Synthesized  # noqa: PLC0415

    listed = cases()
    assert len(listed) == len({case.name for case in listed}) >= 320
    with PolicyEngine() as engine:
        known = truths(engine, listed)
    app = Synthesized(listed, tmp_path / "app")
    by_tool = {
        **_without_synthesis(listed, tmp_path),
        "synthesis": app.by_synthesis(),
        "guardrail": app.by_guardrail(),
        "report --assembly": app.by_report(tmp_path),
    }
    assert by_tool.keys() == UNKNOWN_TO.keys()
    counts.append(_counted("policy engine", [known[case.name].verdict for case in listed]))
    wrong: list[str] = []
    for tool, verdicts in by_tool.items():
        found = _disagreements(tool, listed, known, verdicts)
        counts.append(f"{_counted(tool, list(verdicts.values()))}, {len(found)} disagreements")
        wrong += found
    assert wrong == []
    for tool, verdicts in by_tool.items():
        assert len(verdicts) >= ASKED[tool], tool
        # Each tool gives each verdict, or it would agree by giving always the same.
        assert min(Counter(verdicts.values())[each] for each in ("good", "not_good", "unknown")) >= 10, tool


def _without_synthesis(listed: Sequence[Case], folder: Path) -> dict[str, Verdicts]:
    with account() as made:
        merged = made.fill(listed)
        of_account = {
            "function": {case.name: merged[case.name] for case in listed if _is_all_merged(case)},
            "check": made.by_check(),
            "report --bucket": made.by_report(folder),
            "audit": made.by_audit(),
        }
    return {"guard": by_guard(listed, folder), "kit": by_kit(listed), **of_account}


def _is_all_merged(case: Case) -> bool:
    """Tell whether the function sees all facts of a case: it merges into the bucket policy and into the key policy."""
    return not case.is_lacking and not case.settings and (case.key is None or OUR_KEY in case.key)


def _disagreements(tool: str, listed: Sequence[Case], known: Mapping[str, Truth], verdicts: Verdicts) -> list[str]:
    found = []
    for case in listed:
        wanted = expected(tool, case, known[case.name])
        given = verdicts.get(case.name)
        if given is not None and wanted is not None and given != wanted:
            found.append(f"{tool}: {case.name}: {given}, not {wanted} ({known[case.name].why})")
    return found


def _counted(who: str, verdicts: Sequence[str]) -> str:
    found = Counter(verdicts)
    listed = ", ".join(f"{found[each]} {each}" for each in ("good", "not_good", "unknown"))
    return f"agreement: {who}: {len(verdicts)} cases, {listed}"
