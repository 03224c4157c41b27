"""Turns the intent into requests for the policy engine, each with the verdict that is meant.

Apart from the intent, which says what is meant, and from the storages, which say how it was written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from .intent import (
    CALLERS,
    LISTED_BY_PREFIX,
    SAMPLE,
    Caller,
    Storage,
    key_actions,
    may_act_on_bucket,
    may_act_on_object,
    may_use_key,
    named_actions,
)
from .policy_engine import Request
from .templates import REGION, key_arn

__all__ = ["Question", "Written", "questions"]


_THROUGH_S3 = f"s3.{REGION}.amazonaws.com"
_OTHER_WAYS = ("s3.us-east-1.amazonaws.com", f"ec2.{REGION}.amazonaws.com", None)
# S3 knows no TLS version for these two actions, so no request has one.
_WITHOUT_TLS_VERSION = {"s3:InitiateReplication", "s3:AllowVendedLogDeliveryForResource"}

# S3 sends the object's ARN along with these; the others take no encryption context.
_ENCRYPTING = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncrypt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A storage as it was synthesized: what is meant, and the policies that were written for it."""

    name: str
    storage: Storage
    bucket_arn: str
    bucket_policy: Mapping[str, Any]
    key_arn: str = key_arn("key")
    key_policy: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request and the verdict that is meant."""

    request: Request
    expected: bool
    says: str


def questions(written: Written) -> Iterator[Question]:
    """Yield everything that is asked about one storage."""
    ask = _Asking(written)
    yield from ask.what_the_right_caller_may_do()
    yield from ask.where_the_right_caller_may_do_it()
    yield from ask.what_any_caller_may_do()
    yield from ask.whether_the_connection_is_good_enough()
    if written.key_policy is not None:
        yield from ask.who_may_use_the_key()
        yield from ask.which_way_the_key_may_be_used()


class _Connection(NamedTuple):
    secure: str
    tls: str | None
    good_enough: bool

    def context(self, action: str) -> dict[str, str]:
        found = {"aws:SecureTransport": self.secure}
        if self.tls is not None and action not in _WITHOUT_TLS_VERSION:
            found["s3:TlsVersion"] = self.tls
        return found


_HTTP = _Connection("false", None, good_enough=False)
_TLS_1_1 = _Connection("true", "1.1", good_enough=False)
_TLS_1_2 = _Connection("true", "1.2", good_enough=True)
_TLS_1_3 = _Connection("true", "1.3", good_enough=True)


class _Asking:
    def __init__(self, written: Written) -> None:
        self._written = written
        self._storage = written.storage
        prefixes = sorted({prefix for scope in self._storage.scopes for prefix in scope.prefixes})
        self._inside = f"{prefixes[0]}2026/a b.mxf" if prefixes else "masters/2026/a b.mxf"
        self._places = list(_places(prefixes))
        self._right = CALLERS[0]

    def what_the_right_caller_may_do(self) -> Iterator[Question]:
        """Every action that is named, for each of the domains; for the first the sample of others too."""
        for number, domain in enumerate(self._storage.domains):
            for action in self._all("bucket") if number == 0 else self._meant("bucket"):
                yield self._on_bucket(action, self._right, domain, listed=self._listed(action))
            for action in self._all("object") if number == 0 else self._meant("object"):
                yield self._on_object(action, self._right, domain, self._inside)

    def where_the_right_caller_may_do_it(self) -> Iterator[Question]:
        """Named actions inside and outside each prefix, at the prefix itself, at siblings that begin alike."""
        domain = self._storage.domains[-1]
        for place in self._places:
            for action in self._meant("object"):
                yield self._on_object(action, self._right, domain, place)
            for action in sorted(LISTED_BY_PREFIX & named_actions(self._storage, "bucket")):
                yield self._on_bucket(action, self._right, domain, listed=place)
        for action in sorted(LISTED_BY_PREFIX):
            yield self._on_bucket(action, self._right, domain, listed=None)
            yield self._on_bucket(action, self._right, domain, listed="")

    def what_any_caller_may_do(self) -> Iterator[Question]:
        """What is named, for everybody else."""
        for caller in CALLERS[1:]:
            for action in self._meant("bucket"):
                yield self._on_bucket(action, caller, self._storage.domains[0], listed=self._listed(action))
            for action in self._meant("object"):
                yield self._on_object(action, caller, self._storage.domains[0], self._inside)

    def whether_the_connection_is_good_enough(self) -> Iterator[Question]:
        """What is named, through http, TLS 1.1 and TLS 1.2."""
        domain = self._storage.domains[0]
        for way in (_HTTP, _TLS_1_1, _TLS_1_2):
            for action in self._meant("bucket"):
                yield self._on_bucket(action, self._right, domain, listed=self._listed(action), way=way)
            for action in self._meant("object"):
                yield self._on_object(action, self._right, domain, self._inside, way=way)

    def who_may_use_the_key(self) -> Iterator[Question]:
        """Every key action that is named and the sample of others, for everybody, through S3."""
        for caller in CALLERS:
            for domain in self._storage.domains if caller.let_in else self._storage.domains[:1]:
                for action in sorted(key_actions(self._storage).union(SAMPLE["key"] if caller.let_in else ())):
                    yield self._on_key(action, caller, domain, _THROUGH_S3)

    def which_way_the_key_may_be_used(self) -> Iterator[Question]:
        """What is named, straight and through other services and regions."""
        for way in _OTHER_WAYS:
            for action in sorted(key_actions(self._storage)):
                yield self._on_key(action, self._right, self._storage.domains[0], way)

    def _all(self, where: str) -> list[str]:
        return sorted(named_actions(self._storage, where) | SAMPLE[where])

    def _meant(self, where: str) -> list[str]:
        """Return what is worth asking again and again; Admin names nothing, so the sample stands for all."""
        return self._all(where) if self._storage.is_admin else sorted(named_actions(self._storage, where))

    def _listed(self, action: str) -> str | None:
        return self._inside if action in LISTED_BY_PREFIX else None

    def _on_bucket(
        self, action: str, caller: Caller, domain: str, *, listed: str | None, way: _Connection = _TLS_1_3
    ) -> Question:
        context = way.context(action)
        if listed is not None:
            context["s3:prefix"] = listed
        expected = way.good_enough and caller.let_in and may_act_on_bucket(self._storage, action, listed)
        return self._question(action, caller, domain, self._written.bucket_arn, context=context, expected=expected)

    def _on_object(
        self, action: str, caller: Caller, domain: str, key: str, *, way: _Connection = _TLS_1_3
    ) -> Question:
        expected = way.good_enough and caller.let_in and may_act_on_object(self._storage, action, key)
        resource = f"{self._written.bucket_arn}/{key}"
        return self._question(action, caller, domain, resource, context=way.context(action), expected=expected)

    def _on_key(self, action: str, caller: Caller, domain: str, through: str | None) -> Question:
        context = {} if through is None else {"kms:ViaService": through}
        if action.startswith(_ENCRYPTING):
            context["kms:EncryptionContext:aws:s3:arn"] = self._written.bucket_arn
        expected = caller.let_in and may_use_key(self._storage, action, through_s3=through == _THROUGH_S3)
        return self._question(action, caller, domain, self._written.key_arn, context=context, expected=expected)

    def _question(
        self, action: str, caller: Caller, domain: str, resource: str, *, context: dict[str, str], expected: bool
    ) -> Question:
        if caller.tag is not None:
            context[caller.tag_key] = caller.tag.format(domain=domain, upper=domain.upper())
        on_key = action.startswith("kms:")
        request = Request(
            policy=(self._written.key_policy or {}) if on_key else self._written.bucket_policy,
            kind="kms" if on_key else "s3",
            principal=caller.principal,
            action=action,
            resource=resource,
            context=context,
        )
        rest = ", ".join(f"{name}={value}" for name, value in sorted(context.items()))
        says = f"{self._written.name}: {caller.name} may {action} on {resource} [{rest}]"
        return Question(request=request, expected=expected, says=says)


def _places(prefixes: list[str]) -> Iterator[str]:
    """Yield object keys, which are also what a listing can ask for."""
    yield "elsewhere/a.mxf"
    yield "a.mxf"
    for prefix in prefixes:
        stem = prefix.removesuffix("/")
        yield f"{prefix}2026/a.mxf"
        yield prefix
        yield stem
        yield f"{stem}2/a.mxf"
        yield f"{stem.upper()}/a.mxf"
        yield f"elsewhere/{prefix}a.mxf"
