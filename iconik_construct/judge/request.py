"""Describes a request: the caller, the action, the resource, and the known condition keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from .text import AnyText, MarkedText

__all__ = ["AtLeast", "ForeignValue", "OneOf", "OwnerValue", "Request"]


@dataclass(frozen=True, slots=True)
class ForeignValue:
    """A real but unknown value, which no policy in this account contains in full.

    For example the organisation of a caller outside the own organisation: `o-abc1234567` in a policy is never equal
    to it, and `o-*` matches it.

    Args:
        form: the start of such values.
        maybe_absent: whether the key can also be missing in the request.
        id_length: the length of a complete id after `form`. Default: 10, as for an organisation.
    """

    form: str = ""
    maybe_absent: bool = False
    id_length: int = 10


@dataclass(frozen=True, slots=True)
class OwnerValue:
    """A value of the owner of the resource, who wrote the policy. The policy can contain the value.

    It is equal to a variable of the policy for the same value. It can be equal to each text in the policy.

    Args:
        name: what it is, such as `the account of the resource`.
        form: the start of such values.
        maybe_absent: whether the key can also be missing in the request.
    """

    name: str
    form: str = ""
    maybe_absent: bool = False


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A point in time or a number that is at least this, for `aws:CurrentTime`, `aws:EpochTime` and similar keys."""

    text: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several values. The key can also be missing."""

    values: tuple[AnyText, ...]
    maybe_absent: bool = False


Value: TypeAlias = "AnyText | Sequence[AnyText] | AtLeast | ForeignValue | OwnerValue | OneOf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request to a resource.

    Args:
        action: one action, such as `s3:GetObject`.
        resource: the ARN of the resource.
        account: the account that owns the resource.
        principal: the ARN of a user, a role, a role's session (`arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`), a
            federated user or an account's root; or the name of a service. None: an anonymous request.
        context: the known condition keys. The case of their names does not matter. A sequence is the value of a
            multivalued key. A value here replaces one derived from the principal.
        absent: the condition keys that are not in the request.
    """

    action: MarkedText
    resource: MarkedText
    account: MarkedText
    principal: MarkedText | None
    context: Mapping[str, Value] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()

    if TYPE_CHECKING:
        # A caller can write plain texts. Here all of them are read as marked texts.
        def __init__(
            self,
            *,
            action: AnyText,
            resource: AnyText,
            account: AnyText,
            principal: AnyText | None,
            context: Mapping[str, Value] = ...,
            absent: frozenset[str] = ...,
        ) -> None: ...
