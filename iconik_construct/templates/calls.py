"""Finds calls of the AWS API in custom resources, state machines, schedules and documents.

Some calls give iconik access. Others change the policy or a setting of a bucket or key that a template sets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..assessment.fact import Unknown, Why
from ..assessment.names import Iconik
from ..judge.text import AnyText, MarkedText, in_document, joined, literal
from ..judge.wildcards import STAR
from .documents import parsed
from .intrinsics import Scope, intrinsic, possible_values
from .template import App, Template, properties_of

__all__ = ["LIKE_A_POLICY", "Change", "calls_in", "changes_by_calls"]

LIKE_A_POLICY: Final = re.compile(r'"(?:Effect|Statement)"\s*:')
_WRITES_POLICIES: Final = re.compile(
    r"put\w*policy|creategrant|createaccessgrant|add\w*permission|create\w*share|put\w*acl", re.IGNORECASE
)
_ACTIONS: Final = ("action", "Action", "Api", "Arn", "arn", "Resource")
"""Where a call is named: by the CDK, by Systems Manager, by a schedule (also of Terraform), by a state machine."""
_CALLERS: Final = (
    "Custom::",
    "AWS::CloudFormation::CustomResource",
    "AWS::SSM::Document",
    "AWS::Scheduler::",
    "AWS::Serverless::StateMachine",
    "AWS::StepFunctions::",
    "Terraform::aws_scheduler_",
    "Terraform::aws_sfn_",
    "Terraform::aws_ssm_document",
    "Terraform::awscc_scheduler_",
    "Terraform::awscc_ssm_document",
    "Terraform::awscc_stepfunctions_",
)
_OF_BUCKET: Final[Mapping[str, str]] = {
    "deletebucketencryption": "encryption",
    "deletebucketownershipcontrols": "ownership",
    "deletebucketpolicy": "rest_of_policy",
    "deletepublicaccessblock": "public_access_block",
    "putbucketabac": "abac",
    "putbucketacl": "acl",
    "putbucketencryption": "encryption",
    "putbucketownershipcontrols": "ownership",
    "putbucketpolicy": "rest_of_policy",
    "putbucketrequestpayment": "payer",
    "putpublicaccessblock": "public_access_block",
}
"""The calls that change a bucket, and the fact that is unknown then."""
_OF_KEY: Final[Mapping[str, str]] = {
    "deleteimportedkeymaterial": "description",
    "disablekey": "description",
    "putkeypolicy": "policy",
    "schedulekeydeletion": "description",
}
"""The same for a key."""
_CHANGES: Final = re.compile("|".join((*_OF_BUCKET, *_OF_KEY)), re.IGNORECASE)
_LONGEST_NAME: Final = 200
"""The maximum length of an action's name. No action of AWS has a longer name."""


def calls_in(node: Any, scope: Scope, iconik: Iconik) -> Iterator[MarkedText]:
    """Yield each call in a node, or in JSON text in a node, that names iconik as a grantee."""
    for name, call in _calls(node, scope, _WRITES_POLICIES):
        grantee = _grantee(call, scope, iconik)
        if grantee:
            yield joined("the call of ", name, " names ", grantee)


@dataclass(frozen=True, slots=True)
class Change:
    """A call that changes a bucket or key at deployment or later.

    Attributes:
        template: the template of the caller.
        logical_id: the resource that makes the call.
        name: the name of the unknown fact: `rest_of_policy`, or a field of `Settings` or `KeyFacts`.
        fact: this fact.
        buckets: the possible names of the bucket.
        keys: the possible names of the key.
    """

    template: Template
    logical_id: str
    name: str
    fact: Unknown
    buckets: tuple[MarkedText, ...] = ()
    keys: tuple[MarkedText, ...] = ()


def changes_by_calls(app: App) -> Iterator[Change]:
    """Yield each call that changes what the rules read about a bucket or key."""
    for template in app.templates:
        scope = Scope(app, template)
        for logical_id, resource in template.resources.items():
            if not str(resource.get("Type", "")).startswith(_CALLERS):
                continue
            for name, call in _calls(properties_of(resource), scope, _CHANGES):
                fact = Unknown("", Why.CALLED, f"{logical_id} calls {name}")
                known = _CHANGES.findall(name)[-1].lower()
                if known in _OF_KEY:
                    keys = tuple(_named_in(call, "KeyId", scope))
                    yield Change(template, logical_id, _OF_KEY[known], fact, keys=keys)
                else:
                    buckets = tuple(_named_in(call, "Bucket", scope))
                    yield Change(template, logical_id, _OF_BUCKET[known], fact, buckets=buckets)


def _named_in(call: Mapping[str, Any], parameter: str, scope: Scope) -> Iterator[MarkedText]:
    """Yield the values of a parameter of a call, such as `Bucket`."""

    def without_policy(part: Mapping[str, Any]) -> Iterable[Any]:
        return [value for key, value in part.items() if key != "Policy"]

    for part in _parts(call, scope, without_policy):
        if isinstance(part, dict):
            yield from possible_values(part.get(parameter), scope)


def _calls(node: Any, scope: Scope, wanted: re.Pattern[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the name of each call in a node, or in JSON text in a node, and its mapping."""
    for part in _parts(node, scope, dict.values):
        name = _name_of(part, wanted) if isinstance(part, dict) and "Effect" not in part else None
        if name is not None:
            yield name, part


def _name_of(call: Mapping[str, Any], wanted: re.Pattern[str]) -> str | None:
    names = (str(call[key])[-_LONGEST_NAME:] for key in _ACTIONS if isinstance(call.get(key), str))
    return next((name for name in names if wanted.search(name)), None)


def _grantee(call: Mapping[str, Any], scope: Scope, iconik: Iconik) -> MarkedText | None:
    """Return iconik's principal in a call, outside of a policy."""

    def outside_policies(part: Mapping[str, Any]) -> Iterable[Any]:
        return () if "Statement" in part or "Effect" in part else part.values()

    arguments = [value for key, value in call.items() if key not in _ACTIONS]
    for part in _parts(arguments, scope, outside_policies):
        if isinstance(part, dict) or LIKE_A_POLICY.search(part):
            continue
        text = literal(part)
        if text != STAR and iconik.is_named_by(text):
            return text
    return None


def _parts(node: Any, scope: Scope, inside: Callable[[dict[str, Any]], Iterable[Any]]) -> Iterator[Any]:
    """Yield each mapping and each text in a node, also in JSON text. `inside` chooses which values of a mapping."""
    waiting: list[Any] = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict) and intrinsic(part) is not None:
            waiting += possible_values(part, scope)
        elif isinstance(part, dict):
            yield part
            waiting += inside(part)
        elif isinstance(part, str):
            document = _opened(part)
            if document is None:
                yield part
            else:
                waiting.append(document)


def _opened(text: AnyText) -> Any:
    """Return the object or list in a JSON text, or None for any other text."""
    document = parsed(text) if in_document(text).lstrip()[:1] in {"{", "["} else None
    return document if isinstance(document, (dict, list)) else None
