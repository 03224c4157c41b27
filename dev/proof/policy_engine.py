"""Asks a policy engine that nobody here wrote what a bucket policy or key policy allows.

Apart from the intent and the mutants because tests of deployed policies ask the same engine.

    with PolicyEngine() as engine:
        [verdict] = engine.verdicts([Request(policy=..., kind="s3", principal=..., action=..., resource=...)])

One Node process answers everything asked of one `PolicyEngine`. The engine is iam-simulate; its AGPL licence is no
matter for users, because it is only ever called as a program and never shipped.

The callers are cross-account: iconik's role lives in iconik's account, the bucket in the customer's. AWS then asks for
an allow on both sides, so every caller here carries an identity policy that allows everything, and the resource policy
alone decides. Block Public Access, which could only deny more, is left out for the same reason.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal

__all__ = [
    "ANONYMOUS",
    "OWNER_ACCOUNT_ID",
    "Action",
    "PolicyEngine",
    "PolicyEngineError",
    "Request",
    "Verdict",
]

ANONYMOUS: Final = None
"""The principal of an unsigned request."""

OWNER_ACCOUNT_ID: Final = "111122223333"
"""The account that owns the bucket and the key, where a request names no other."""

_PROGRAM = Path(__file__).with_suffix(".mjs")
# A line of 5,000 requests stays below 3 MB.
_BATCH = 5_000


class PolicyEngineError(Exception):
    """The engine could not answer, or would have answered with a part of the question left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question: may this principal do this to that resource?

    Args:
        policy: the resource's policy as a dict, without CloudFormation intrinsics.
        kind: `s3` for a bucket policy, `kms` for a key policy, `sts` for the trust policy of a role.
        principal: the caller's ARN; for a role's session `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
        action: one action, such as `s3:GetObject`.
        resource: the ARN acted upon.
        context: the request's condition keys, for example `{"aws:PrincipalTag/IconikSystemDomainId": "..."}`. An
            entry that the action does not have is an error.
        account: the account of the bucket or key.
        identity_allows: whether the caller's own policies allow everything; never for an anonymous caller.
        resource_control_policy: what the organisation of the account denies beside, as AWS attaches it to the root.
    """

    policy: Mapping[str, Any]
    kind: Literal["s3", "kms", "sts"]
    principal: str | None
    action: str
    resource: str
    context: Mapping[str, str | list[str]] = field(default_factory=dict)
    account: str = OWNER_ACCOUNT_ID
    identity_allows: bool = True
    resource_control_policy: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The engine's answer: `Allowed`, `ImplicitlyDenied` (nothing allows it) or `ExplicitlyDenied` (a Deny hits)."""

    result: str

    @property
    def allowed(self) -> bool:
        """Whether the request goes through."""
        return self.result == "Allowed"


@dataclass(frozen=True, slots=True)
class Action:
    """An action as the AWS Service Authorization Reference lists it, from the engine's copy."""

    name: str
    access_level: str
    resource_types: frozenset[str]
    condition_keys: frozenset[str]


class PolicyEngine:
    """The engine's process; ends with the `with` block.

    Raises:
        PolicyEngineError: Node or its packages are missing, a policy is not valid, an action does not exist or does
            not fit the resource, or the request's context holds an entry that AWS would never send with the action.
    """

    def __enter__(self) -> PolicyEngine:
        self._process = subprocess.Popen(  # noqa: S603 - our own program, run by our own Node
            [_node(), str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            # Ctrl-C is for this program: it closes standard input, and the engine ends without a word.
            start_new_session=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Closes standard input, which ends the program, and then standard output.
        self._process.__exit__(kind, error, trace)

    def verdicts(self, requests: Iterable[Request]) -> list[Verdict]:
        """Return the verdicts on the requests, in their order."""
        return [Verdict(result) for result in self._answers("verdicts", requests)]

    def residuals(self, requests: Iterable[Request]) -> list[list[dict[str, Any]]]:
        """Return, for every request, what is still asked of those who would be allowed.

        Discovery mode: whatever `context` does not name is unknown rather than absent. An empty list means that nobody
        is allowed, whatever the context. Otherwise it has one condition expression for each part of the resource that
        the policy tells apart (one for a resource without `*`); `{"conditionType": "always"}` means no condition.
        """
        return self._answers("discovery", requests)

    def actions(self, service: Literal["s3", "kms"]) -> list[Action]:
        """Return all actions of a service."""
        found = self._ask({"ask": "actions", "service": service})
        return [
            Action(one["name"], one["accessLevel"], frozenset(one["resourceTypes"]), frozenset(one["conditionKeys"]))
            for one in found
        ]

    def _answers(self, ask: str, requests: Iterable[Request]) -> list[Any]:
        asked = list(requests)
        found: list[Any] = []
        for start in range(0, len(asked), _BATCH):
            found.extend(self._ask(_batch(ask, asked[start : start + _BATCH])))
        return found

    def _ask(self, question: dict[str, Any]) -> Any:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise PolicyEngineError("the policy engine has no pipes")
        try:
            stdin.write(json.dumps(question) + "\n")
            stdin.flush()
            line = stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise PolicyEngineError("the policy engine ended; are its packages installed? Run: make setup")
        answer = json.loads(line)
        if "error" in answer:
            raise PolicyEngineError(answer["error"])
        return answer["result"]


def _batch(ask: str, requests: Sequence[Request]) -> dict[str, Any]:
    """Return the question with each policy once, however many requests ask about it."""
    policies, perimeters = _Numbered(), _Numbered()
    rows = []
    for request in requests:
        perimeter = request.resource_control_policy
        rows.append(
            {
                "policy": policies.number(request.policy),
                "perimeter": None if perimeter is None else perimeters.number(perimeter),
                "kind": request.kind,
                "principal": request.principal,
                "action": request.action,
                "resource": request.resource,
                "context": dict(request.context),
                "account": request.account,
                "identityAllows": request.identity_allows and request.principal is not ANONYMOUS,
            }
        )
    return {"ask": ask, "policies": policies.documents, "perimeters": perimeters.documents, "requests": rows}


class _Numbered:
    """Policies, each once, by number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        # Encoding one policy for each of its requests would take longer than the verdicts.
        self._known: dict[int, int] = {}

    def number(self, policy: Mapping[str, Any]) -> int:
        if id(policy) not in self._known:
            self._known[id(policy)] = self._numbers.setdefault(json.dumps(policy), len(self._numbers))
        return self._known[id(policy)]

    @property
    def documents(self) -> list[Any]:
        return [json.loads(text) for text in self._numbers]


def _node() -> str:
    beside = Path(sys.executable).with_name("node")
    found = str(beside) if beside.exists() else shutil.which("node")
    if found is None:
        raise PolicyEngineError("Node is missing: run make setup, or put node on PATH")
    return found
