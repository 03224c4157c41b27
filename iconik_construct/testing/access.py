"""Asserts that iconik has the access to a bucket that its permissions grant, and no other iconik customer has any."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

from ..access.cors import Cors
from ..access.permissions import IconikPermissions, parse_permissions
from ..access.trust import ICONIK_ROLE_ARN, parse_iconik_role_arn, parse_system_domain_ids
from ..assessment import Finding, Question, assess, rules
from ..errors import IconikTypeError
from ..judge.text import has_unknown, joined, shown
from ..templates.buckets import PlacedBucket
from ..templates.check import is_refused, macros, policy_findings
from ..templates.grants import check_grants
from ..validation.templates_of_stacks import template_of
from .given import Given, Source, listed, read_given

if TYPE_CHECKING:
    from ..storage.construct import IconikStorage

__all__ = ["assert_iconik_access"]

_BEYOND_PERMISSIONS: Final = frozenset({rules.TOO_WIDE, rules.OTHER_ROLES, rules.NOT_ALL, rules.CORS_BY_OTHERS})


def assert_iconik_access(
    stack_or_app: Source,
    *,
    system_domain_id: str | Sequence[str],
    permissions: IconikPermissions | Sequence[IconikPermissions],
    bucket: str | IconikStorage | s3.IBucket | None = None,
    cors: Cors = Cors.by_iconik(),  # noqa: B008 - frozen
    iconik_role_arn: str = ICONIK_ROLE_ARN,
) -> None:
    """Assert that iconik has exactly the access to a bucket, and to its keys, that the permissions grant.

    The result is that of `check` and of the guardrail: iconik for these domains has all its access, no Deny blocks it,
    and no other iconik customer and nobody else has access. A value that the templates do not contain fails the test.
    One case is a warning only: a key with a known ARN or alias whose policy is in no template.

    Args:
        stack_or_app: a stack, an app, a stage, an assembly or its directory, an `assertions.Template`, or a template as
            a dict. Give the app if the key is in another stack.
        system_domain_id: the System Domain IDs.
        permissions: what iconik should be able to do.
        bucket: a storage, a bucket, the logical id of a bucket, or the name of an adopted bucket. Default: the only
            bucket that iconik can use.
        cors: the writer of the CORS rules. `Cors.by_iconik()` expects that iconik may write them, `Cors.by_template()`
            that iconik may not. Default: iconik.
        iconik_role_arn: the role that iconik assumes. Default: iconik's.

    Raises:
        AssertionError: the access differs; the text has a line for each difference.
        IconikTypeError: an argument has the wrong type.
        IconikValueError: a System Domain ID that is not a UUID, no permissions, or a directory without an assembly.

    Warns:
        UserWarning: the policy of the key is in no template, so it was not checked.
    """
    question = Question(
        tuple(parse_system_domain_ids(system_domain_id)),
        tuple(parse_permissions(permissions)),
        cors_by_iconik=cors.is_by_iconik,
        role_arn=parse_iconik_role_arn(iconik_role_arn),
    )
    try:
        name, lines = _differences_of_app(stack_or_app, bucket, question)
    except RecursionError as error:
        # AWS accepts no template with such deep nesting.
        raise AssertionError("A template is nested too deep to be read, so the access is not known.") from error
    if lines:
        text = "\n".join(f"  {line}" for line in lines)
        raise AssertionError(f"iconik's access to the bucket '{name}' is not as expected:\n{text}")


def _differences_of_app(
    stack_or_app: Source, bucket: str | IconikStorage | s3.IBucket | None, question: Question
) -> tuple[str, list[str]]:
    """Return the name of the bucket, and a line for each difference."""
    given = read_given(stack_or_app, question.iconik)
    path, name = _meant(bucket, given, question)
    cases = given.of(path, name)
    lines: dict[str, None] = dict.fromkeys(f"template: {shown(finding.text)}" for finding in given.unread)
    lines |= dict.fromkeys(
        f"template: {text} ({rules.UNRESOLVED.id}: {rules.UNRESOLVED.title})"
        for template in given.templates
        for _, text in macros(template)
    )
    if not cases:
        lines["bucket policy: the bucket has none, so the policy does not allow iconik anything"] = None
    for case in cases:
        lines |= dict.fromkeys(_differences(case, question, given))
    beside = list(check_grants(given.app, question))
    beside += (finding for policy in given.untied for finding in policy_findings(policy, question))
    lines |= dict.fromkeys(_line(finding) for finding in beside if is_refused(finding))
    return name, list(lines)


def _meant(bucket: str | IconikStorage | s3.IBucket | None, given: Given, question: Question) -> tuple[str, str]:
    """Return the template and the name of the bucket."""
    if bucket is None:
        used = given.used(question.iconik)
        if len(used) != 1:
            raise AssertionError(f"Name the bucket with bucket=...: iconik can use {listed(used)}.")
        return used[0]
    names = given.names()
    path, text = ("", bucket) if isinstance(bucket, str) else _place_of(bucket, given)
    matching = [each for each, known in names.items() if text in known and each[0].endswith(path)]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise AssertionError(f"Several stacks have a bucket {text!r}. Give the storage or the stack.")
    raise AssertionError(f"The template has no bucket {text!r}. Its buckets are {listed(list(names))}.")


def _place_of(bucket: IconikStorage | s3.IBucket, given: Given) -> tuple[str, str]:
    """Return the template and the logical id of a bucket; without a template, none and the name."""
    construct: Any = getattr(bucket, "bucket", bucket)
    text = construct.ref if isinstance(construct, s3.CfnBucket) else getattr(construct, "bucket_name", None)
    if not isinstance(text, str):
        raise IconikTypeError(
            "bucket",
            "must be a storage, a bucket, or the logical id or the name of a bucket",
            got=bucket,
            fix="Write bucket=storage.",
        )
    stack = cdk.Stack.of(construct)
    resolved = stack.resolve(text)
    if isinstance(resolved, Mapping) and "Ref" in resolved:
        with suppress(LookupError):
            return template_of(stack, given.app).path, str(resolved["Ref"])
        return "", str(resolved["Ref"])
    return "", str(resolved)


def _differences(bucket: PlacedBucket, question: Question, given: Given) -> Iterator[str]:
    """Yield a line for each finding that is a difference."""
    for finding in assess(bucket.facts, question).findings:
        if finding.rule is rules.KEY_ELSEWHERE:
            yield from _about_key_elsewhere(bucket, finding)
        elif not bucket.is_not_here(finding) and (finding.severity == "error" or finding.rule in _BEYOND_PERMISSIONS):
            yield _line(finding)
    for key in bucket.keys if given.only else ():
        template = key.policy.template if key.policy is not None else None
        if template is not None and template.path != given.only:
            stack = template.stack_path or template.path
            yield (
                f"key policy: the key {shown(key.facts.arn)} is in another template, of the stack '{stack}'. Give the "
                "app instead of the stack, as assert_iconik_access(app, bucket=..., ...)"
            )


def _about_key_elsewhere(bucket: PlacedBucket, finding: Finding) -> Iterator[str]:
    [key] = [each for each in bucket.keys if joined(finding.where).endswith(each.facts.arn)][:1]
    name = shown(key.facts.arn)
    if has_unknown(key.facts.named):
        yield f"key policy: it is not in the templates, and which key {name} is cannot be determined. Give the app"
    else:
        text = f"The policy of the key {name} is in no template, so it was not checked whether it allows iconik."
        warnings.warn(text, UserWarning, stacklevel=5)


def _line(finding: Finding) -> str:
    where = shown(finding.where).removeprefix("the ")
    return f"{where}: {shown(finding.text)} ({finding.id}: {finding.rule.title})"
