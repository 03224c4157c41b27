"""Asserts what iconik may do according to a template: all that the permissions say, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk.assertions import Template

from ..access.permissions import IconikPermissions, parse_permissions
from ..access.prefixes import outermost
from ..access.statements import bucket_statements, key_statement
from ..access.trust import ICONIK_ROLE_ARN, PRINCIPAL_TAG, parse_system_domain_ids
from ..storage.cors import Cors
from .policies import Policies, Policy
from .template import template_dict

__all__ = ["assert_iconik_access"]

# What iconik may do: by level and action, below which prefixes.
Access = dict[tuple[str, str], tuple[str, ...]]


def assert_iconik_access(
    template: cdk.Stack | Template | Mapping[str, Any],
    *,
    system_domain_id: str | Sequence[str],
    permissions: IconikPermissions | Sequence[IconikPermissions],
    bucket: str | None = None,
    cors: Cors = Cors.by_iconik(),  # noqa: B008 - frozen
    iconik_role_arn: str = ICONIK_ROLE_ARN,
) -> None:
    """Assert that iconik may use the bucket, and its key, exactly as the permissions say.

    Args:
        template: a stack, an `assertions.Template` or a template as a dict.
        system_domain_id: whose iconik.
        permissions: what iconik may do.
        bucket: the logical id of the bucket, or the name of an adopted one. Default: the only one iconik may use.
        cors: who writes the CORS configuration. Default: iconik.
        iconik_role_arn: the role that is let in. Default: iconik's.

    Raises:
        AssertionError: iconik may do more or less; the text has a line for each difference.
        IconikTypeError: an argument of the wrong type.
        IconikValueError: a System Domain ID that is not a UUID, or no permissions.
    """
    ids = parse_system_domain_ids(system_domain_id)
    wanted = parse_permissions(permissions)
    policies = Policies(template_dict(template), iconik_role_arn)
    name = bucket if bucket is not None else _only_bucket(policies)
    arn = f"arn:aws:s3:::{name}"
    expected = bucket_statements(wanted, ids, arn, cors_by_iconik=cors.is_by_iconik, iconik_role_arn=iconik_role_arn)
    differences = [*_compared("bucket policy", policies.of_bucket(name), ids, _access(expected, arn), arn)]
    key = policies.key_of(name)
    if key is not None:
        on_key = _access([key_statement(wanted, ids, iconik_role_arn=iconik_role_arn)], "*")
        differences += _compared("key policy", policies.of_key(key), ids, on_key, "*")
    if differences:
        lines = "\n".join(f"  {line}" for line in differences)
        raise AssertionError(f"iconik's access to the bucket '{name}' is not what was expected:\n{lines}")


def _only_bucket(policies: Policies) -> str:
    names = policies.buckets()
    if len(names) != 1:
        found = ", ".join(map(repr, names)) or "none"
        raise AssertionError(f"Say which bucket is meant, as bucket=...: those iconik may use are {found}.")
    return names[0]


def _compared(kind: str, policy: Policy, ids: Sequence[str], expected: Access, arn: str) -> Iterator[str]:
    """Return a line for each difference between a policy and what was expected of it."""
    for statement in policy.statements:
        yield from _untagged(kind, statement, ids)
    found = _access(policy.statements, arn)
    for level, action in sorted(expected.keys() | found.keys()):
        missing = _outside(expected.get((level, action), ()), found.get((level, action), ()))
        extra = _outside(found.get((level, action), ()), expected.get((level, action), ()))
        yield from (f"{kind}: missing action {action} on {_place(level, prefix)}" for prefix in missing)
        yield from (f"{kind}: extra action {action} on {_place(level, prefix)}" for prefix in extra)


def _untagged(kind: str, statement: Mapping[str, Any], ids: Sequence[str]) -> Iterator[str]:
    sid = statement.get("Sid", "without Sid")
    equals = {key.lower(): value for key, value in statement.get("Condition", {}).get("StringEquals", {}).items()}
    domains = _listed(equals.get(PRINCIPAL_TAG.lower()))
    if not domains:
        yield f"{kind}: missing tag: the statement '{sid}' has no StringEquals on {PRINCIPAL_TAG}"
    elif sorted(map(str, domains)) != list(ids):
        let_in = ", ".join(map(str, domains))
        yield f"{kind}: wrong domain: the statement '{sid}' lets in {let_in}, not {', '.join(ids)}"


def _access(statements: Iterable[Mapping[str, Any]], arn: str) -> Access:
    """Return what the statements allow; how they share it among themselves makes no difference."""
    found: dict[tuple[str, str], set[str]] = {}
    for statement in statements:
        listed = _listed(statement.get("Condition", {}).get("StringLike", {}).get("s3:prefix"))
        for resource in _listed(statement.get("Resource")):
            level, prefix = _where(str(resource), arn)
            below = {str(item).removesuffix("*") for item in listed} if listed else {prefix}
            for action in _listed(statement.get("Action")):
                found.setdefault((level, str(action)), set()).update(below)
    return {key: outermost(prefixes) for key, prefixes in found.items()}


def _where(resource: str, arn: str) -> tuple[str, str]:
    if resource == arn:
        return ("the key" if arn == "*" else "the bucket", "")
    if resource.startswith(f"{arn}/") and resource.endswith("*"):
        return ("objects", resource[len(arn) + 1 : -1])
    return (resource, "")


def _outside(prefixes: Iterable[str], others: Iterable[str]) -> list[str]:
    known = tuple(others)
    return [prefix for prefix in prefixes if not (known and prefix.startswith(known))]


def _place(level: str, prefix: str) -> str:
    if level == "objects":
        return f"{prefix}*"
    return f"{level}, below {prefix}" if prefix else level


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, (list, tuple)) else [value]
