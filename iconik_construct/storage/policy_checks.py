"""Checks finished policies at synthesis: their size, their writers, and foreign statements for iconik.

AWS refuses a policy that is too large only during a deployment, and does not check the rest. A foreign statement is a
statement for iconik that no construct wrote. If it has no condition on the tag, other iconik customers have access.
The guardrail checks the whole app, and access of everyone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

import aws_cdk as cdk
import jsii
from constructs import Construct, IValidation

from ..access.statements import BUCKET_POLICY_LIMIT, KEY_POLICY_LIMIT, size_in_bytes
from ..access.trust import ICONIK_ACCOUNT_ID, PRINCIPAL_TAG
from ..errors import IconikValueError, counted
from ..placement.one_writer import note_new_policy, second_writers
from ..placement.policy_in_app import PolicyInApp
from ..placement.record import Placement
from ..placement.size_estimate import largest_text
from ..validation.recording import when_asked
from .props import StorageRequest
from .record import record_policies

__all__ = [
    "check_bucket_statements",
    "foreign_statements_with_tag",
    "foreign_statements_without_tag",
    "warned_of",
    "watch_policies",
]

_LIMITS: Final = {"bucket": BUCKET_POLICY_LIMIT, "key": KEY_POLICY_LIMIT}
_FIX: Final = "Use fewer or shorter prefixes, a common parent prefix, or a bucket of its own for part of the media."


def check_bucket_statements(request: StorageRequest) -> None:
    """Refuse permissions whose statements are larger than a bucket policy can be.

    Raises:
        IconikValueError: they need more than 20,480 bytes.
    """
    name = request.bucket_props.get("bucket_name")
    arn = f"arn:aws:s3:::{name}" if name else "arn:aws:s3:::bkt"
    statements = request.bucket_statements(arn)
    size = size_in_bytes(statements)
    if size > BUCKET_POLICY_LIMIT:
        raise IconikValueError(
            "permissions",
            f"must fit into a bucket policy of {BUCKET_POLICY_LIMIT:,} bytes, but they take at least {size:,} "
            f"({_by_statement(statements)})",
            fix=_FIX,
        )


def watch_policies(
    scope: Construct,
    stack: cdk.Stack,
    placements: Sequence[Placement],
    *,
    is_new: bool,
    replaces: bool = False,
) -> None:
    """Check the finished policies with these statements at synthesis, also if others add statements.

    The size of a policy that is merged at deployment is checked at deployment.

    Args:
        scope: the construct that the statements are for.
        stack: its stack.
        placements: the placements of the statements.
        is_new: whether the storage makes the bucket.
        replaces: whether the statements replace foreign statements for iconik.
    """
    watch = _WATCHES.get(stack)
    if watch is None:
        # One check for each stack: a validation is a call from jsii, and a stack can have hundreds of storages.
        watch = _WATCHES[stack] = _Policies(stack)
        stack.node.add_validation(watch)
    for placement in placements:
        if placement.policy is not None:
            watch.policies[placement.resource, scope] = placement.policy
        if replaces:
            watch.replaced[placement.resource, scope] = [statement["Sid"] for statement in placement.statements]
    when_asked(stack, watch.record)
    if is_new and any(placement.resource == "bucket" for placement in placements):
        note_new_policy(stack)


@jsii.implements(IValidation)
class _Policies:
    """The bucket and key policies of one stack's storages."""

    def __init__(self, stack: cdk.Stack) -> None:
        self._stack = stack
        self.policies: dict[tuple[str, Construct], PolicyInApp] = {}
        self.replaced: dict[tuple[str, Construct], Collection[str]] = {}
        self.without_tag: list[tuple[PolicyInApp, Mapping[str, Any]]] = []
        """The statements that a warning names."""
        self._warned: set[tuple[str, str]] = set()

    def validate(self) -> list[str]:
        # Resolved together, because each resolution is a call to jsii.
        resolved = self._stack.resolve([policy.document for policy in self.policies.values()])
        errors: list[str] = []
        pairs = zip(self.policies.values(), resolved, strict=True)
        self.without_tag = [(policy, each) for policy, document in pairs for _, each in _without_tag(document)]
        for (resource, scope), document in zip(self.policies, resolved, strict=True):
            errors += filter(None, [_too_large(resource, scope, document)])
            for name, text in _warnings_of_foreign(resource, document, self.replaced.get((resource, scope))):
                self._warn(scope, name, text)
        return [*errors, *second_writers(self._stack)]

    def record(self) -> None:
        record_policies(self.policies)

    def _warn(self, scope: Construct, name: str, text: str) -> None:
        # A test can synthesize an app several times.
        if (scope.node.path, text) not in self._warned:
            self._warned.add((scope.node.path, text))
            cdk.Validations.of(scope).add_warning(f"iconik-construct:{name}", text)


# Kept for the life of the process: if Python deleted a check with its stack, everything would pass.
_WATCHES: dict[cdk.Stack, _Policies] = {}


def _too_large(resource: str, scope: Construct, document: Any) -> str | None:
    limit = _LIMITS[resource]
    longest = largest_text(document)
    size = size_in_bytes(longest)
    if size <= limit:
        return None
    return (
        f"The {resource} policy of '{scope.node.path}' takes up to {size:,} bytes, and AWS allows {limit:,} "
        f"({_by_statement(longest['Statement'])}). {_FIX}"
    )


def _by_statement(statements: Sequence[Mapping[str, Any]]) -> str:
    """Return the three largest statements, with their sizes."""
    sizes = sorted(((size_in_bytes(item), _name(item)) for item in statements), key=lambda pair: (-pair[0], pair[1]))
    return ", ".join(f"{name} {size:,}" for size, name in sizes[:3])


def _name(statement: Mapping[str, Any]) -> str:
    resources = statement.get("Resource", ())
    count = len(resources) if isinstance(resources, list) else 1
    return f"{statement.get('Sid', 'a statement without Sid')} with {counted(count, 'resource')}"


def _warnings_of_foreign(
    resource: str, document: Mapping[str, Any], sids: Collection[str] | None
) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of a warning for each foreign statement.

    Args:
        resource: "bucket" or "key".
        document: its policy, resolved.
        sids: the Sids of the constructs' statements; None if foreign statements with the tag are allowed.
    """
    end = "Delete it, if this construct's statements take its place."
    for name in foreign_statements_without_tag(document):
        allowed = f"Another statement in the {resource} policy, {name}, allows iconik's role"
        without = "without StringEquals on its tag IconikSystemDomainId: every other iconik customer has access by it"
        yield "UntaggedStatement", f"{allowed} {without}. {end}"
    for name in foreign_statements_with_tag(document, sids) if sids is not None else ():
        allowed = f"Another statement in the {resource} policy, {name}, allows iconik"
        yield "LeftoverStatement", f"{allowed}. Its access does not depend on the props of this construct. {end}"


def foreign_statements_without_tag(document: Mapping[str, Any]) -> list[str]:
    """Return the names of the statements that allow iconik's role without the plain condition on its tag.

    Args:
        document: a policy, resolved.
    """
    return [name for name, _ in _without_tag(document)]


def _without_tag(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return ((name, each) for name, each in _for_iconik(document) if not _asks_for_the_tag(each))


def warned_of(statement: Mapping[str, Any], stacks: Collection[cdk.Stack]) -> Iterator[PolicyInApp]:
    """Yield each policy of which a warning in one of the stacks names the statement as one without the tag."""
    for stack, watch in _WATCHES.items():
        if stack in stacks:
            yield from (policy for policy, each in watch.without_tag if each == statement)


def foreign_statements_with_tag(document: Mapping[str, Any], sids: Collection[str]) -> list[str]:
    """Return the names of the statements that allow iconik's role with the tag, and that no construct wrote.

    Args:
        document: a policy, resolved.
        sids: the Sids of the constructs' statements.
    """
    foreign: list[str] = []
    met: set[str] = set()
    for name, statement in _for_iconik(document):
        sid = str(statement.get("Sid", ""))
        # Constructs add their statements first, so a second statement with the same Sid is foreign.
        if _asks_for_the_tag(statement) and (sid not in sids or sid in met):
            foreign.append(name)
        met.add(sid)
    return foreign


def _for_iconik(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    statements = document.get("Statement", ())
    listed = [statements] if isinstance(statements, Mapping) else statements
    for number, statement in enumerate(listed, 1):
        if isinstance(statement, Mapping) and _allows_iconik(statement):
            yield f"'{statement['Sid']}'" if statement.get("Sid") else f"number {number} without a Sid", statement


def _allows_iconik(statement: Mapping[str, Any]) -> bool:
    return statement.get("Effect") == "Allow" and ICONIK_ACCOUNT_ID in str(statement.get("Principal"))


def _asks_for_the_tag(statement: Mapping[str, Any]) -> bool:
    condition = statement.get("Condition")
    equals = condition.get("StringEquals") if isinstance(condition, Mapping) else None
    return isinstance(equals, Mapping) and PRINCIPAL_TAG.lower() in map(str.lower, equals)
