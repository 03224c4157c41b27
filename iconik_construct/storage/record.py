"""Records the policies of storages in the metadata of their templates, if the app asks for it.

The policies are hashed while the template is written, after every aspect. The hash of a nested template for its upload
includes the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
import jsii
from constructs import Construct, IConstruct

from ..placement.policy_in_app import PolicyInApp
from ..templates.record import RECORD, RECORD_VERSION, sha256_of_policy
from ..validation.acknowledgements import acknowledged_on

__all__ = ["record_policies"]


def record_policies(policies: Mapping[tuple[str, Construct], PolicyInApp]) -> None:
    """Add the record to the templates of the policies when they are written.

    Args:
        policies: the policies, by "bucket" or "key" and the construct that the statements are for.
    """
    for (_, scope), policy in policies.items():
        stack = policy.stack
        if stack not in _RECORDS:
            _RECORDS[stack] = _Record(stack)
            stack.add_metadata(RECORD, cdk.Lazy.uncached_any(_RECORDS[stack]))
        _RECORDS[stack].policies.setdefault(scope.node.path, (scope, {}))[1].setdefault(id(policy), policy)


@jsii.implements(cdk.IAnyProducer)
class _Record:
    """The record of one template."""

    def __init__(self, stack: cdk.Stack) -> None:
        self._stack = stack
        self.policies: dict[str, tuple[Construct, dict[int, PolicyInApp]]] = {}

    def produce(self, context: cdk.IResolveContext) -> Any:  # noqa: ARG002 - the name is part of the interface
        """Return the record of the policies as they are now."""
        storages = [
            {
                "name": path,
                "acknowledged": _acknowledged(scope),
                "policies": sorted(map(self._policy, policies.values()), key=str),
            }
            for path, (scope, policies) in sorted(self.policies.items())
        ]
        return {"version": RECORD_VERSION, "storages": storages}

    def _policy(self, policy: PolicyInApp) -> dict[str, str]:
        return {
            "title": f"{policy.resource.capitalize()} policy",
            "logical_id": self._stack.get_logical_id(_l1_of(policy.construct)),
            "sha256": sha256_of_policy(policy.resolved()),
        }


# Kept for the life of the process, as jsii keeps its constructs.
_RECORDS: dict[cdk.Stack, _Record] = {}


def _l1_of(construct: IConstruct) -> cdk.CfnElement:
    candidates = [construct, construct.node.default_child, construct.node.scope]
    return next(each for each in candidates if isinstance(each, cdk.CfnElement))


def _acknowledged(scope: Construct) -> list[dict[str, str]]:
    """Return the acknowledgements on a construct, around it and in it, with the reasons."""
    acknowledgements = {
        each: None
        for construct in (*scope.node.scopes[:-1], *scope.node.find_all())
        for each in acknowledged_on(construct).items()
        if "iconik" in each[0]
    }
    return [{"id": rule_id, "reason": reason} for rule_id, reason in sorted(acknowledgements)]
