"""Finds access by one policy for anybody except iconik for its domains: a finding for each such Allow.

Each Allow is checked for its actions. A statement that names iconik without the right tag is an error, whatever the
other statements are. For a statement for everyone, the Denies of the same policy count too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from ..access.trust import EXAMPLE_SYSTEM_DOMAIN_ID
from ..judge import Verdict
from ..judge.scalars import scalars
from ..judge.text import AnyText, MarkedText, shown
from . import rules
from .callers import everyone, others, strangers
from .finding import Finding
from .names import Iconik
from .policy import EvaluatedPolicy
from .public import principals_of
from .reach import SOMEWHERE, Reach, on_callers, reach_of
from .requests import Ask
from .resolved_actions import one_of_each_kind, resolved_actions, resources_of
from .rules import Rule
from .tag import TagState, tag_condition_of

__all__ = ["PolicyCheck", "check_policy", "in_words", "listed", "name_of", "written_actions"]

_RULE_OF_TAG: Final[Mapping[TagState, Rule]] = {
    TagState.MISSING: rules.NO_TAG,
    TagState.INEFFECTIVE: rules.INEFFECTIVE_TAG,
    TagState.WRONG_DOMAIN: rules.OTHER_DOMAIN,
    TagState.UNKNOWN: rules.UNRESOLVED,
}
_EXAMPLES: Final = {"kms": "kms:Decrypt", "sts": "sts:AssumeRole"}
"""An action of a service. The policies of other services are read like those of S3."""
_MOST_ACTIONS: Final = 6


@dataclass(frozen=True, slots=True)
class PolicyCheck:
    """A policy to check, and how its findings name it.

    Attributes:
        policy: the policy.
        arn: the bucket, key or access point that it belongs to.
        where: the policy, for a reader.
        service: `s3` or `kms`. Actions of another service are not evaluated.
    """

    policy: EvaluatedPolicy
    arn: MarkedText
    where: AnyText
    service: str = "s3"


def check_policy(check: PolicyCheck) -> Iterator[Finding]:
    """Yield a finding for each statement that gives others access, or may."""
    policy = check.policy
    if policy.error is not None:
        yield Finding(rule=rules.UNREADABLE, where=check.where, text=str(policy.error))
        return
    for index, statement in enumerate(policy.statements):
        if statement.get("Effect") == "Deny":
            continue
        yield from _of_statement(check, index, statement)


def _of_statement(check: PolicyCheck, index: int, statement: Mapping[str, Any]) -> Iterator[Finding]:
    iconik = check.policy.iconik

    def finding(rule: Rule, text: str) -> Finding:
        name = name_of(statement, index)
        return Finding(rule=rule, where=check.where, text=f"{in_words(name)} {text}", statement=name, index=index)

    reach, by = reach_of(statement, iconik, _EXAMPLES.get(check.service, "s3:GetObject"))
    if reach is Reach.NOBODY:
        return
    actions = listed(written_actions(statement))
    if reach is Reach.ICONIK:
        tag = tag_condition_of(statement, iconik)
        if tag.state is TagState.MISSING:
            yield finding(rules.NO_TAG, f"allows {by} {actions} without the tag")
        elif tag.state is not TagState.RIGHT:
            example = " (the id of iconik's example)" if EXAMPLE_SYSTEM_DOMAIN_ID in tag.domains else ""
            yield finding(_RULE_OF_TAG[tag.state], f"allows {by} {actions}: {tag.detail}{example}")
        elif not _names_only_the_role(statement, iconik):
            yield finding(rules.OTHER_ROLES, f"allows {by} {actions} with your System Domain ID")
        return
    # An unknown principal can be anybody.
    as_everyone = {**statement, "Principal": "*"} if reach is Reach.UNKNOWN else statement
    verdict = _verdict(check, index, as_everyone, is_for_everyone=reach is Reach.EVERYONE)
    if verdict is Verdict.DENIED:
        return
    if reach is Reach.ALL_BUT:
        yield finding(rules.NOT_PRINCIPAL, f"allows everyone that it does not name {actions}")
    elif reach is Reach.UNKNOWN or verdict is Verdict.DEPENDS:
        yield finding(rules.UNRESOLVED, f"may allow others {actions}: {by}")
    else:
        yield finding(rules.EVERYONE, f"allows everyone {actions}" + ("" if by == "*" else f" by {by}"))


def _verdict(check: PolicyCheck, index: int, statement: Mapping[str, Any], *, is_for_everyone: bool) -> Verdict:
    """Return the verdict on a statement together with the policy's Denies: the best answer for anybody else.

    The conditions of a statement for everyone do not count as protection.
    """
    if check.service not in ("s3", "kms"):
        return Verdict.ALLOWED
    denies = [each for each in check.policy.statements if each.get("Effect") != "Allow" and each is not statement]
    actions = one_of_each_kind(resolved_actions(statement, check.service), denies)
    if not denies:
        return Verdict.ALLOWED if actions else Verdict.DENIED
    kept = {key: value for key, value in statement.items() if key != "Condition"}
    alone = check.policy.alone(index, kept if is_for_everyone else on_callers(statement))
    iconik = check.policy.iconik
    callers = (*others(sorted(iconik.system_domain_ids), iconik.role_arn), *strangers(), everyone())
    best = Verdict.DENIED
    for action in actions:
        for resource in dict.fromkeys(resources_of(statement, check.arn, action)):
            for who, place in product(callers, SOMEWHERE):
                verdict = alone.decide(who, Ask(action, resource, place)).verdict
                if verdict is Verdict.ALLOWED:
                    return verdict
                if verdict is Verdict.DEPENDS:
                    best = verdict
    return best


def _names_only_the_role(statement: Mapping[str, Any], iconik: Iconik) -> bool:
    principals = (text for _, text in principals_of(statement.get("Principal")) if text is not None)
    named = [text for text in principals if iconik.is_named_by(text)]
    return all(text in iconik.roles for text in named) and bool(named)


def name_of(statement: Mapping[str, Any], index: int) -> str:
    """Return the name of a statement for a reader: its Sid, or its place counted from 1."""
    sid = statement.get("Sid")
    return f"'{shown(sid)}'" if isinstance(sid, str) and sid else f"statement {index + 1}"


def in_words(name: str) -> str:
    """Return the name of a statement as the subject of a sentence."""
    return name if name.startswith("statement ") else f"the statement {name}"


def written_actions(statement: Mapping[str, Any]) -> list[str]:
    """Return the actions of a statement, for a reader."""
    if "NotAction" in statement:
        return [f"every action but {listed([text or '?' for text in scalars(statement['NotAction'])])}"]
    return [
        "an action that cannot be read" if text is None else shown(text) for text in scalars(statement.get("Action"))
    ]


def listed(names: Sequence[AnyText]) -> str:
    """Return the first names, and the number of further names."""
    more = f" and {len(names) - _MOST_ACTIONS} more" if len(names) > _MOST_ACTIONS else ""
    return ", ".join(map(shown, names[:_MOST_ACTIONS])) + more
