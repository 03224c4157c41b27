"""Asserts what iconik may do according to a template: all that the permissions say, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from ..access.permissions import IconikPermissions, parse_permissions
from ..access.prefixes import outermost
from ..access.statements import bucket_statements, key_statement
from ..access.trust import ICONIK_ROLE_ARN, PRINCIPAL_TAG, parse_system_domain_ids
from ..errors import IconikTypeError
from ..guardrail.admitted import LetsIn, condition_entries
from ..guardrail.intrinsics import Scope, intrinsic, texts
from ..guardrail.policies import Policy, Statement
from ..guardrail.tag import Pinned
from ..judge.questions import what_keeps_out
from ..judge.text import own, shown
from ..storage.cors import Cors
from .policies import Policies
from .template import template_dict

if TYPE_CHECKING:
    from ..storage.construct import IconikStorage

__all__ = ["assert_iconik_access"]

# What iconik may do: by level and action, below which prefixes.
Access = dict[tuple[str, str], tuple[str, ...]]

_TAG: Final = PRINCIPAL_TAG.lower()
_EXAMPLE: Final = "an-object"


def assert_iconik_access(
    template: cdk.Stack | Template | Mapping[str, Any],
    *,
    system_domain_id: str | Sequence[str],
    permissions: IconikPermissions | Sequence[IconikPermissions],
    bucket: str | IconikStorage | s3.IBucket | None = None,
    cors: Cors = Cors.by_iconik(),  # noqa: B008 - frozen
    iconik_role_arn: str = ICONIK_ROLE_ARN,
) -> None:
    """Assert that iconik may use the bucket, and its key, exactly as the permissions say.

    Read are the bucket policy, the key policy and the policies of the bucket's access points. Whom a statement lets in
    is what the guardrail and its judge say: iconik's role and everybody else of its account, by any spelling, and
    everyone. What cannot be told from the template is a difference too.

    Args:
        template: a stack, an `assertions.Template` or a template as a dict.
        system_domain_id: whose iconik.
        permissions: what iconik may do.
        bucket: a storage, a bucket, the logical id of one, or the name of an adopted one. Default: the only one that
            iconik may use.
        cors: who writes the CORS configuration: `Cors.by_iconik()` expects iconik to be allowed to, with
            `Cors.by_template()` it must not be. Default: iconik.
        iconik_role_arn: the role that is let in. Default: iconik's.

    Raises:
        AssertionError: iconik, or somebody else, may do more or less; the text has a line for each difference.
        IconikTypeError: an argument of the wrong type.
        IconikValueError: a System Domain ID that is not a UUID, or no permissions.
    """
    ids = parse_system_domain_ids(system_domain_id)
    wanted = parse_permissions(permissions)
    policies = Policies(template_dict(template), ids, iconik_role_arn)
    name = _name(bucket, policies)
    arn = policies.arn(name)
    expected = bucket_statements(wanted, ids, arn, cors_by_iconik=cors.is_by_iconik, iconik_role_arn=iconik_role_arn)
    compared = _Comparison(ids, iconik_role_arn)
    differences = [*compared.lines("bucket policy", policies.of_bucket(name), _access(expected, arn), arn)]
    for key in policies.keys_of(name):
        statement = key_statement(wanted, ids, iconik_role_arn=iconik_role_arn)
        differences += compared.lines("key policy", policies.of_key(key), _access([statement], "*"), "*")
    for policy in policies.of_access_points(name):
        differences += compared.lines(f"access point {policy.logical_id}", [policy], {}, arn)
    if differences:
        lines = "\n".join(f"  {line}" for line in dict.fromkeys(differences))
        raise AssertionError(f"iconik's access to the bucket '{name}' is not what was expected:\n{lines}")


def _name(bucket: str | IconikStorage | s3.IBucket | None, policies: Policies) -> str:
    if bucket is None:
        names = policies.used()
        if len(names) != 1:
            found = ", ".join(map(repr, names)) or "none"
            raise AssertionError(f"Say which bucket is meant, as bucket=...: those iconik may use are {found}.")
        return names[0]
    name = bucket if isinstance(bucket, str) else _name_of(bucket)
    if name not in policies.buckets():
        known = ", ".join(map(repr, policies.buckets())) or "none"
        raise AssertionError(f"The template has no bucket {name!r}: those it knows are {known}.")
    return name


def _name_of(bucket: IconikStorage | s3.IBucket) -> str:
    """Return the logical id of a bucket, or the name of one that is not of this template."""
    found: Any = getattr(bucket, "bucket", bucket)
    text = getattr(found, "bucket_name", None)
    if not isinstance(text, str):
        raise IconikTypeError(
            "bucket",
            "must be a storage, a bucket, or the logical id or the name of one",
            got=bucket,
            fix="Write bucket=storage.",
        )
    resolved = cdk.Stack.of(found).resolve(text)
    return str(resolved["Ref"] if isinstance(resolved, Mapping) and "Ref" in resolved else resolved)


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Compares policies with what was expected of them."""

    ids: Sequence[str]
    role_arn: str

    def lines(self, kind: str, found: Sequence[Policy], expected: Access, arn: str) -> Iterator[str]:
        """Yield a line for each difference."""
        of_iconik: list[Mapping[str, Any]] = []
        for policy in found:
            for place, why in policy.unreadable:
                yield f"{kind}: {why}: {place}"
            for statement in policy.cases():
                yield from self._others(kind, statement)
                if statement.lets_in is LetsIn.NAMED:
                    of_iconik.append(_resolved(statement))
        allowed = _access(of_iconik, arn)
        for level, action in sorted(expected.keys() | allowed.keys()):
            missing = _outside(expected.get((level, action), ()), allowed.get((level, action), ()))
            extra = _outside(allowed.get((level, action), ()), expected.get((level, action), ()))
            yield from (f"{kind}: missing action {action} on {_place(level, prefix)}" for prefix in missing)
            yield from (f"{kind}: extra action {action} on {_place(level, prefix)}" for prefix in extra)
        yield from self._kept_out(kind, found, expected, arn)

    def _others(self, kind: str, statement: Statement) -> Iterator[str]:
        """Yield whom a statement lets in beside iconik for these domains."""
        sid = _sid(statement)
        if statement.lets_in in (LetsIn.EVERYONE, LetsIn.ALL_BUT):
            yield f"{kind}: lets in everyone: the statement '{sid}' by {statement.by}"
        elif statement.lets_in is LetsIn.UNRESOLVED:
            yield f"{kind}: cannot be told: the statement '{sid}' lets in {statement.by}"
        elif statement.lets_in is LetsIn.NAMED:
            yield from self._untagged(kind, statement)
            for text in _principals(statement):
                if text != self.role_arn:
                    yield f"{kind}: lets in others: the statement '{sid}' names {shown(text)}, not iconik's role alone"
            for element in ("NotAction", "NotResource"):
                if element in statement.body:
                    yield f"{kind}: the statement '{sid}' uses {element}, and allows what nobody listed"

    def _untagged(self, kind: str, statement: Statement) -> Iterator[str]:
        sid = _sid(statement)
        pin = statement.pin
        if pin.how is Pinned.WRONG_DOMAIN or (pin.how is Pinned.RIGHT and pin.domains != set(self.ids)):
            let_in = ", ".join(_domains(statement))
            yield f"{kind}: wrong domain: the statement '{sid}' lets in {let_in}, not {', '.join(self.ids)}"
        elif pin.how is Pinned.UNRESOLVED:
            yield f"{kind}: cannot be told: the tag in the statement '{sid}' is {pin.detail}"
        elif pin.how is not Pinned.RIGHT:
            yield f"{kind}: missing tag: the statement '{sid}' has no StringEquals on {PRINCIPAL_TAG}"

    def _kept_out(self, kind: str, found: Sequence[Policy], expected: Access, arn: str) -> Iterator[str]:
        """Yield each Deny that certainly keeps iconik from what was expected."""
        asked = [
            (action, resource)
            for (level, action), prefixes in expected.items()
            if "*" not in action
            for resource in _examples(level, prefixes, arn)
        ]
        document = {
            "Version": "2012-10-17",
            "Statement": [_resolved(one) for policy in found for one in policy.cases() if _is_deny(one)],
        }
        account = own("the bucket's account")
        for domain in self.ids if document["Statement"] else ():
            for obstacle in what_keeps_out(
                document, system_domain_id=domain, asked=asked, account=account, role_arn=self.role_arn
            ):
                if obstacle.is_certain:
                    actions = sorted({action for action, _ in obstacle.keeps_from})
                    yield f"{kind}: kept out: the {obstacle.statement.statement} denies {', '.join(actions)}"


def _sid(statement: Statement) -> str:
    found = texts(statement.body.get("Sid"), statement.scope)
    return shown(found[0]) if found else "without Sid"


def _is_deny(statement: Statement) -> bool:
    return texts(statement.body.get("Effect"), statement.scope) == ["Deny"]


def _principals(statement: Statement) -> list[str]:
    node = statement.body.get("Principal")
    if isinstance(node, Mapping) and intrinsic(node) is None:
        return [text for value in node.values() for text in texts(value, statement.scope)]
    return texts(node, statement.scope)


def _domains(statement: Statement) -> list[str]:
    return [
        shown(text)
        for _, key, value in condition_entries(statement.body.get("Condition"))
        if key == _TAG
        for text in texts(value, statement.scope)
    ]


def _resolved(statement: Statement) -> dict[str, Any]:
    """Return a statement with its functions evaluated."""
    return {key: _plain(value, statement.scope) for key, value in statement.body.items()}


def _plain(node: Any, scope: Scope) -> Any:
    if isinstance(node, Mapping) and intrinsic(node) is None:
        return {key: _plain(value, scope) for key, value in node.items()}
    found = texts(node, scope)
    # `Effect`, and `*` as a principal, are no lists.
    return found[0] if len(found) == 1 else found


def _access(statements: Iterable[Mapping[str, Any]], arn: str) -> Access:
    """Return what the statements allow; how they share it among themselves makes no difference."""
    found: dict[tuple[str, str], set[str]] = {}
    for statement in statements:
        conditions = statement.get("Condition")
        like = conditions.get("StringLike") if isinstance(conditions, Mapping) else None
        listed = _listed(like.get("s3:prefix") if isinstance(like, Mapping) else None)
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
    return (shown(resource), "")


def _examples(level: str, prefixes: Iterable[str], arn: str) -> Iterator[str]:
    if level == "objects":
        yield from (f"{arn}/{prefix}{_EXAMPLE}" for prefix in prefixes)
    elif level == "the bucket":
        yield arn
    else:
        yield f"arn:aws:kms:us-east-1:{own('the account')}:key/{own('the key')}"


def _outside(prefixes: Iterable[str], others: Iterable[str]) -> list[str]:
    known = tuple(others)
    return [prefix for prefix in prefixes if not (known and prefix.startswith(known))]


def _place(level: str, prefix: str) -> str:
    if level == "objects":
        return f"{prefix}*"
    return f"{level}, below {prefix}" if prefix else level


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, (list, tuple)) else [value]
