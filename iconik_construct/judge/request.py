"""What is asked: who does what to which resource, and what is known of the request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["AtLeast", "Elsewhere", "OfOwner", "OneOf", "Request"]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A value that is real but not known, of which is known that nobody here writes it out in full.

    For example the organisation of a caller who is no part of ours: no `o-…` that stands in a policy of ours is his,
    while `o-*` matches it.

    Args:
        form: how such values start.
        maybe_absent: whether the key may also be missing in the request.
        id_length: how many characters after `form` make an id that is written out in full. Default: 10, the length of
            an organisation's.
    """

    form: str = ""
    maybe_absent: bool = False
    id_length: int = 10


@dataclass(frozen=True, slots=True)
class OfOwner:
    """A value of the owner of the resource, who wrote the policy: the policy may have written it out.

    It equals itself where the policy names it by a variable, and may equal each text that is written out.

    Args:
        name: what it is, such as `the account of the resource`.
        form: how such values start.
        maybe_absent: whether the key may also be missing in the request.
    """

    name: str
    form: str = ""
    maybe_absent: bool = False


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A point in time or a number that is this or more, for `aws:CurrentTime`, `aws:EpochTime` and the like."""

    text: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """A value that is one of a few, or that may be missing."""

    values: tuple[str, ...]
    maybe_absent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question to a resource's policy.

    Args:
        action: one action, such as `s3:GetObject`.
        resource: the ARN acted upon.
        account: the account that owns the resource.
        principal: the caller's ARN: of a user, a role, a role's session
            (`arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`), a federated user, an account's root; or the name of a
            service. None: an unsigned request.
        context: the condition keys of which something is known, their names in any case. A sequence is the value of a
            multivalued key. Wins over what follows from the principal.
        absent: the condition keys known not to be in the request.
    """

    action: str
    resource: str
    account: str
    principal: str | None
    context: Mapping[str, str | Sequence[str] | AtLeast | Elsewhere | OfOwner | OneOf] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
