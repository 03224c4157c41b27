"""Evaluate a policy for iconik. The writer does not do this: it handles statements as text.

This is the whole interface. `advise` runs the assessment once. `Settings` reads the settings of the bucket or key. If
one of them raises before a write, the function refuses and writes nothing.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .settings import Effects, Settings, not_read

if TYPE_CHECKING:
    from ....assessment import Finding, Question

__all__ = ["Advice", "Denial", "Effects", "Settings", "advise", "domains_of", "not_read", "wrong_domains"]

Statement = Mapping[str, Any]


@dataclass(frozen=True)
class Denial:
    """A Deny that certainly blocks iconik.

    Attributes:
        summary: the Deny, and the actions that it blocks.
        fix: what its owner can do.
    """

    summary: str
    fix: str


@dataclass(frozen=True)
class Advice:
    """The evaluation for iconik of a policy with the statements of this library.

    Attributes:
        denials: each Deny that certainly blocks granted access.
        possible: a text for each statement that may block it.
        foreign: a text for each statement that gives others access, or may.
    """

    denials: tuple[Denial, ...] = ()
    possible: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()


def advise(
    text: str | None,
    granted: Mapping[str, Statement],
    *,
    arn: str,
    account: str,
    is_of_another_storage: Callable[[Statement], bool] = lambda _: False,
) -> Advice:
    """Evaluate a policy for iconik.

    Args:
        text: the policy with the statements of this library.
        granted: the statements of this library, by Sid.
        arn: the ARN of the bucket or key.
        account: the account that owns it.
        is_of_another_storage: whether a statement is wanted by another storage of the owner. It may have its own
            System Domain ID.
    """
    if text is None or not granted:
        return Advice()
    # Imported here, so that a Delete does not wait for it.
    from ....assessment import assess_policy  # noqa: PLC0415
    from ....assessment.facts import statements_of  # noqa: PLC0415
    from ....assessment.rules import DENIED, Effect  # noqa: PLC0415
    from ....judge.text import shown  # noqa: PLC0415

    statements = statements_of(text)
    denials: dict[str, Denial] = {}
    possible: dict[str, None] = {}
    foreign: dict[str, None] = {}
    # The bucket is in the region of the function. Otherwise AWS would have refused to read its policy.
    known = {"region": os.environ.get("AWS_REGION"), "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    for question in _questions(granted.values()):
        for finding in assess_policy(text, arn=arn, account=account, question=question, **known):
            found = shown(finding.text)
            if finding.rule is DENIED:
                denials.setdefault(found, Denial(_sentence(found), _fix(finding)))
            elif finding.effect in {Effect.MAY_BE_LOCKED_OUT, Effect.UNKNOWN}:
                possible[found] = None
            elif finding.effect in {Effect.OTHERS, Effect.OTHERS_MAY}:
                if _is_of_own_domain(finding, statements, is_of_another_storage):
                    continue
                foreign[f"{finding.id}: {found}. {finding.rule.fix}"] = None
    return Advice(tuple(denials.values()), tuple(possible), tuple(foreign))


def wrong_domains(granted: Iterable[Statement]) -> list[str]:
    """Return the System Domain IDs in statements of this library that no session of iconik has.

    The id can come from a parameter, whose value only the deployment knows.
    """
    from ....access.trust import is_system_domain_id  # noqa: PLC0415 - see above

    return [each for each in domains_of(granted) if not is_system_domain_id(each)]


def domains_of(granted: Iterable[Statement]) -> list[str]:
    """Return the System Domain IDs in statements of this library, each once."""
    return list(dict.fromkeys(str(each) for statement in granted for each in _domains_of(statement)))


def _domains_of(statement: Statement) -> list[Any]:
    from ....access.trust import PRINCIPAL_TAG  # noqa: PLC0415 - see above

    domains = statement["Condition"]["StringEquals"][PRINCIPAL_TAG]
    return domains if isinstance(domains, list) else [domains]


def _questions(granted: Iterable[Statement]) -> list[Question]:
    """Return a question for each role in the statements of this library: does it have the granted access?"""
    from ....assessment import Question  # noqa: PLC0415 - see above

    by_role: dict[str, list[Statement]] = {}
    for statement in granted:
        by_role.setdefault(str(statement["Principal"]["AWS"]), []).append(statement)
    questions = []
    for role, statements in by_role.items():
        domains = {domain for statement in statements for domain in _domains_of(statement)}
        questions.append(Question(tuple(sorted(domains)), role_arn=role, granted=tuple(statements)))
    return questions


def _is_of_own_domain(
    finding: Finding, statements: Sequence[Statement], is_of_another_storage: Callable[[Statement], bool]
) -> bool:
    """Return whether a finding is about another System Domain ID, and a storage of the owner has that one.

    The domain of iconik's own example does not count: nobody chooses it.
    """
    from ....access.trust import EXAMPLE_SYSTEM_DOMAIN_ID  # noqa: PLC0415 - see above
    from ....assessment.edited import has_our_sid  # noqa: PLC0415
    from ....assessment.rules import OTHER_DOMAIN  # noqa: PLC0415
    from ....judge.text import shown  # noqa: PLC0415

    if finding.rule is not OTHER_DOMAIN or EXAMPLE_SYSTEM_DOMAIN_ID in shown(finding.text):
        return False
    statement = statements[finding.index] if 0 <= finding.index < len(statements) else {}
    return has_our_sid(statement) and is_of_another_storage(statement)


_NO_EXEMPTION: Final = "No exemption can be written into it: ask its owner to narrow it."


def _fix(finding: Finding) -> str:
    if not finding.paste:
        return _NO_EXEMPTION
    written = json.dumps(finding.paste[0], ensure_ascii=False, separators=(",", ":"))
    return f"To exempt iconik's role, put this statement in its place: {written}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
