"""Checks an app: every policy in its templates, every bucket that iconik may use, and every grant without a policy."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ..access.trust import ICONIK_ROLE_ARN
from ..assessment import Finding, Question, assess, rules
from ..assessment.finding import Place
from ..assessment.rules import Effect, Rule
from ..judge.text import AnyText, is_own, split
from .assembly import templates_elsewhere
from .buckets import ListedBucket, PlacedBucket, listed_buckets
from .equal_texts import without_names
from .grants import check_grants
from .placed_bucket import without_used_keys
from .policies import Policy, policies
from .policy_checks import arns_of, check_cases
from .record import faults_of_record
from .template import App, Template, loop_of

__all__ = ["REPORTED", "check", "is_refused", "macros", "policy_findings", "wanted_of"]

REPORTED: Final[tuple[Rule, ...]] = (
    rules.NO_TAG,
    rules.INEFFECTIVE_TAG,
    rules.OTHER_DOMAIN,
    rules.EVERYONE,
    rules.NOT_PRINCIPAL,
    rules.TOO_WIDE,
    rules.NO_TLS,
    rules.KEY_DENIES,
    rules.UNRESOLVED,
    rules.KEY_ELSEWHERE,
    rules.STAND_IN,
    rules.DENIED,
    rules.NOTHING_ALLOWS,
    rules.DEPENDS,
    rules.PARTLY,
    rules.ACCESS_POINT,
    rules.GRANT,
    rules.MENTIONED,
    rules.TEMPLATE_ELSEWHERE,
    rules.PLUGIN_FAILED,
    rules.UNREADABLE,
    rules.PERHAPS_CUT_OFF,
    rules.PUBLIC_ACL,
    rules.ACLS_ON,
    rules.REQUESTER_PAYS,
    rules.KEY_STATE,
    rules.KEY_GONE,
    rules.OTHER_PARTITION,
    rules.RECORD,
    rules.UNREAD,
)
"""The rules about access. Rules about settings for playback, or about facts outside templates, are not included."""

_REFUSED: Final = frozenset({Effect.LOCKED_OUT, Effect.OTHERS, Effect.OTHERS_MAY, Effect.UNKNOWN})
_OF_STATEMENTS: Final = frozenset(
    {
        rules.NO_TAG,
        rules.INEFFECTIVE_TAG,
        rules.OTHER_DOMAIN,
        rules.EVERYONE,
        rules.NOT_PRINCIPAL,
        rules.UNRESOLVED,
        rules.UNREADABLE,
    }
)
"""The rules for every policy, whatever resource it belongs to."""
_OF_ANY_BUCKET: Final = frozenset({rules.PUBLIC_ACL, rules.ACCESS_POINT})
"""The rules for a bucket whose policy does not name iconik."""
_OF_ICONIKS_BUCKET: Final = frozenset(REPORTED) - _OF_STATEMENTS
_OF_KEY_ALONE: Final = frozenset({rules.DENIED, rules.DEPENDS, rules.TOO_WIDE, rules.KEY_STATE})
"""The rules for a key whose bucket is not in the templates."""
_BY_EVERYONE: Final = frozenset({rules.EVERYONE, rules.NOT_PRINCIPAL, rules.UNRESOLVED})
_OF_AWS: Final = "AWS::"
"""Transforms of AWS that add no statement to a policy in a template."""


def is_refused(finding: Finding) -> bool:
    """Return whether a finding stops the synthesis. The other findings are warnings."""
    # What is not read of the bucket's encryption or of its key can only block iconik.
    return finding.effect in _REFUSED and finding.rule is not rules.UNREAD


def check(app: App, question: Question) -> list[Finding]:
    """Return the findings about access in an app, without duplicates, in the order of the templates.

    Args:
        app: the app.
        question: the System Domain IDs and iconik's role. Without permissions, the statements for iconik define the
            expected access.
    """
    try:
        return _check(app, question)
    except RecursionError:
        # AWS accepts no template with such deep nesting.
        text = "it is nested too deep to be read"
        return [_of_template(rules.UNREADABLE, template, "Resources", text) for template in app.templates]


def _check(app: App, question: Question) -> list[Finding]:
    app_policies = list(policies(app))
    clean: set[str] = set()
    findings: list[Finding] = []
    through_buckets: set[tuple[Template, str]] = set()

    def is_iconiks(listed: ListedBucket) -> bool:
        return any(bucket.names(question.of_account(bucket.template.account).iconik) for bucket in listed.cases)

    for listed in without_used_keys(listed_buckets(app, app_policies), is_iconiks):
        if listed.shape in clean:
            continue
        of_listed: list[Finding] = []
        for bucket in listed.cases:
            if not bucket.is_merged:
                here = [point.policy for point in bucket.points.values() if point.is_here]
                through_buckets |= {(policy.template, policy.logical_id) for policy in here}
            of_bucket = [] if bucket.content in clean else list(_of_bucket(bucket, question))
            if not of_bucket:
                clean.add(bucket.content)
            of_listed += of_bucket
        if listed.shape and not of_listed:
            clean.add(listed.shape)
        findings += of_listed
    findings = [*_of_policies(app_policies, question, through_buckets), *_once(findings)]
    findings += check_grants(app, question)
    for template in app.templates:
        for logical_id, kind in templates_elsewhere(template):
            findings.append(_of_template(rules.TEMPLATE_ELSEWHERE, template, "Properties", kind, logical_id))
        findings += (_of_template(rules.UNRESOLVED, template, *each) for each in macros(template))
        for logical_id, text in faults_of_record(template):
            findings.append(_of_template(rules.RECORD, template, "Properties", text, logical_id))
    if question.role_arn != ICONIK_ROLE_ARN and app.templates:
        findings.append(_of_template(rules.STAND_IN, app.templates[0], "Resources", question.role_arn))
    reported = frozenset(REPORTED)
    once = {(each.id, each.place, each.text): each for each in reversed(findings) if each.rule in reported}
    return list(reversed(once.values()))


def _of_template(rule: Rule, template: Template, location: str, text: str, logical_id: str = "") -> Finding:
    return Finding(rule=rule, where="the template", text=text, place=Place(template.path, logical_id, location))


def _of_policies(
    app_policies: Sequence[Policy], question: Question, through_buckets: Container[tuple[Template, str]]
) -> Iterator[Finding]:
    clean: set[tuple[str, ...]] = set()
    for policy in app_policies:
        # An app repeats its policies. The result is the same for equal policies.
        arns = arns_of(policy)
        is_named = not all(is_own(split(arn, ":")[-1]) for arn in arns)
        statements = [case.wide for case in policy.cases().cases] if is_named else []
        named = without_names(repr(statements), arns, statements)
        shape = (policy.template.path, policy.kind, policy.text, named)
        if shape in clean:
            continue
        of_policy = list(policy_findings(policy, question))
        if not of_policy:
            clean.add(shape)
        for finding in of_policy:
            # Access through an access point of a known bucket is checked together with the bucket policy.
            if (policy.template, policy.logical_id) not in through_buckets or finding.rule not in _BY_EVERYONE:
                yield finding


def policy_findings(policy: Policy, question: Question) -> Iterator[Finding]:
    """Yield what is wrong about access in one policy of a template."""
    statement_cases = policy.cases()
    for location, why in statement_cases.unreadable:
        yield Finding(
            rule=rules.UNRESOLVED,
            where=policy.name,
            text=f"{policy.name}: {why}",
            place=policy.place(location),
        )
    yield from check_cases(policy, statement_cases.cases, question.of_account(policy.template.account).iconik)


def _of_bucket(bucket: PlacedBucket, question: Question) -> Iterator[Finding]:
    question_here = question.of_account(bucket.template.account)
    wanted = wanted_of(bucket, question_here)
    for finding in assess(bucket.facts, question_here).findings:
        if finding.rule in wanted and not bucket.is_not_here(finding):
            yield replace(finding, place=bucket.place_of(finding))


def wanted_of(bucket: PlacedBucket, question: Question) -> frozenset[Rule]:
    """Return the rules for a bucket, by whether a policy names iconik, or for a key alone."""
    if not bucket.names(question.iconik):
        return _OF_ANY_BUCKET
    return _OF_KEY_ALONE if bucket.is_key else _OF_ICONIKS_BUCKET


def _once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield each finding once. The cases of one bucket differ only in details."""
    seen: set[tuple[str, AnyText, Place | None]] = set()
    for finding in findings:
        key = (finding.id, finding.where, finding.place)
        if key not in seen:
            seen.add(key)
            yield finding


def macros(template: Template) -> Iterator[tuple[str, str]]:
    """Yield the places where a macro writes an unreadable part of the template."""
    section = template.body.get("Resources")
    if section is not None and not isinstance(section, dict):
        yield "Resources", "Resources is not an object, so no resource can be read"
    if "Fn::Transform" in template.section("Resources"):
        yield "Resources.Fn::Transform", "a macro adds resources when the stack is deployed"
    if "Fn::Transform" in template.body:
        yield "Fn::Transform", "a macro writes a part of the template when the stack is deployed"
    listed = template.body.get("Transform")
    for transform in listed if isinstance(listed, list) else [listed]:
        name = transform.get("Name") if isinstance(transform, dict) else transform
        name = f"${{{name['Ref']}}}" if isinstance(name, dict) and "Ref" in name else name
        if name is not None and not (isinstance(name, str) and name.startswith(_OF_AWS) and name != "AWS::Include"):
            yield "Transform", f"the macro {name} can change every resource when the stack is deployed"
    yield from _unreadable(template.section("Resources"), "Resources")


def _unreadable(section: Mapping[str, Any], location: str) -> Iterator[tuple[str, str]]:
    """Yield each place where no resource can be read, also in loops."""
    for name, resource in section.items():
        place = f"{location}.{name}"
        if (loop := loop_of(name, resource)) is not None:
            yield from _unreadable(loop[1], place)
        elif isinstance(resource, dict) and "Fn::Transform" in resource:
            # The macro gets the type and the properties beside it, and can replace them.
            yield place, f"a macro writes the resource {name} when the stack is deployed"
        elif name != "Fn::Transform" and not (isinstance(resource, dict) and isinstance(resource.get("Type"), str)):
            yield place, f"the resource {name} has no Type that can be read"
