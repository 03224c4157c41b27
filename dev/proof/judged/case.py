"""One question of the proof, and how each evaluator is asked it.

Apart from the generators and the evaluators because both know nothing else of each other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from iconik_construct.judge import Request as JudgeRequest

from ..policy_engine import OWNER_ACCOUNT_ID
from ..policy_engine import Request as EngineRequest

__all__ = ["Asked", "Caller", "Case", "Context", "Document", "Value", "mentioned"]

Value = str | Sequence[str]
Context = Mapping[str, Value]
Document = Mapping[str, Any]

_KINDS: Final[Mapping[str, Literal["s3", "kms", "sts"]]] = {"s3": "s3", "kms": "kms", "sts": "sts"}
_VARIABLE: Final = re.compile(r"\$\{([^},*?$]+)")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Args:
        principal: the ARN of a user, a role's session, a federated user or an account; None for an unsigned request.
        account: the caller's account; None for an unsigned request.
        type: what `aws:PrincipalType` is.
        role: of a session, the role's ARN, path included.
        username: of a user, the name.
    """

    principal: str | None
    account: str | None
    type: Literal["Account", "User", "AssumedRole", "FederatedUser", "Anonymous"]
    role: str | None = None
    username: str | None = None

    def keys(self, *, service: str, owner: str) -> dict[str, str]:
        """Return the condition keys that AWS sends for this caller whatever else the request has.

        aws:username is left to the request: AWS has it for users only, and some users are asked about without.
        """
        found = {"aws:PrincipalType": self.type, "aws:ResourceAccount": owner}
        if self.account is not None and self.principal is not None:
            found["aws:PrincipalArn"] = self.role or self.principal
            found["aws:PrincipalAccount"] = self.account
            if service == "kms":
                found["kms:CallerAccount"] = self.account
        return found

    @property
    def role_has_a_path(self) -> bool:
        """Whether the role has a path, which a session's ARN does not tell."""
        return self.role is not None and self.role.count("/") > 1


@dataclass(frozen=True, slots=True)
class Asked:
    """One request.

    Args:
        caller: who asks.
        action: the action.
        resource: the ARN acted upon.
        context: what the request carries beside the caller's own keys.
        told: whether the judge is told the caller's own keys, or has to know them from the principal.
        account: who owns the resource.
    """

    caller: Caller
    action: str
    resource: str
    context: Context
    told: bool = True
    account: str = OWNER_ACCOUNT_ID

    def whole_context(self) -> dict[str, Value]:
        """Return everything that the request carries; what the context says wins."""
        found: dict[str, Value] = dict(self.caller.keys(service=self.action.partition(":")[0], owner=self.account))
        lower = {name.lower() for name in self.context}
        found = {name: value for name, value in found.items() if name.lower() not in lower}
        return {**found, **self.context}


@dataclass(frozen=True, slots=True)
class Case:
    """A policy, the names of the condition keys that it mentions, and one request."""

    document: Document
    names: frozenset[str]
    asked: Asked

    def for_engine(self) -> EngineRequest:
        """Return the question for iam-simulate, which takes every key that is not named for absent."""
        asked = self.asked
        return EngineRequest(
            policy=self.document,
            kind=_KINDS[asked.action.partition(":")[0]],
            principal=asked.caller.principal,
            action=asked.action,
            resource=asked.resource,
            context={
                name: value if isinstance(value, str) else list(value) for name, value in asked.whole_context().items()
            },
            account=asked.account,
        )

    def for_judge(self) -> JudgeRequest:
        """Return the question for the judge, in which every key that the policy mentions is given or absent."""
        asked = self.asked
        whole = asked.whole_context()
        lower = {name.lower() for name in whole}
        if not asked.told:
            # An unsigned request's judge has to know by himself that it has none of these.
            lower |= {"aws:principalarn", "aws:principalaccount"}
        return JudgeRequest(
            action=asked.action,
            resource=asked.resource,
            account=asked.account,
            principal=asked.caller.principal,
            context=whole if asked.told else dict(asked.context),
            absent=frozenset(name for name in self.names if name.lower() not in lower),
        )

    def __str__(self) -> str:
        asked = self.asked
        return (
            f"{asked.caller.principal or 'unsigned'} {asked.action} on {asked.resource} "
            f"[{json.dumps(asked.whole_context())}] under {json.dumps(self.document)}"
        )


def mentioned(document: Document) -> frozenset[str]:
    """Return the condition keys that a policy mentions, as keys and as variables."""
    found: set[str] = set()
    for statement in document["Statement"]:
        for tests in statement.get("Condition", {}).values():
            found.update(tests)
    found.update(name.strip() for name in _VARIABLE.findall(json.dumps(document, ensure_ascii=False)))
    return frozenset(found)
