"""Reads the parts of an organisation that apply to the account: resource control policies, or Access Analyzer's view.

Service control policies are not read: they apply to principals of the organisation, and iconik's role is not one.
"""

from __future__ import annotations

from typing import Any, Final

from ..assessment.fact import Fact, Found, NotConfigured, Unknown, Why, value_of
from ..assessment.facts import ControlPolicy, Organisation
from .asking import Aws
from .calls import ANALYZER_FINDINGS, ANALYZERS, CONTROL_POLICIES, CONTROL_POLICY, ORGANIZATION, PARENTS

__all__ = ["read_organisation"]

_RCP: Final = "RESOURCE_CONTROL_POLICY"
_FULL_ACCESS: Final = "p-RCPFullAWSAccess"
"""AWS's own policy, attached everywhere, that allows everything."""
_DEEPEST: Final = 6
"""The root and five levels of organisational units. Source: AWS Organizations, quotas."""


def read_organisation(
    organisations: Aws, aws: Aws, account: str | None, resource: str | None, region: str | None
) -> Organisation:
    """Return the parts of the organisation that apply to the account and, from Access Analyzer, to the resource.

    Args:
        organisations: reads the policies. Only the management account and its delegates can read them.
        aws: reads everything else.
        account: the account.
        resource: the ARN of the resource for Access Analyzer; None skips Access Analyzer.
        region: the region of Access Analyzer.
    """
    itself = aws.ask(ORGANIZATION)
    policies = _policies(organisations, itself, account)
    # If the policies were read, or none can apply, Access Analyzer has no further information.
    ask = resource is not None and isinstance(policies, Unknown)
    return Organisation(
        itself=itself, control_policies=policies, seen=_seen(aws, str(resource), region) if ask else NotConfigured()
    )


def _policies(aws: Aws, itself: Fact, account: str | None) -> Fact:
    if not isinstance(itself, Found):
        return itself
    if account is None:
        return Unknown(CONTROL_POLICIES.action, Why.NO_ANSWER, "the account is not known")
    # "RCPs do not affect resources in the management account." Source: AWS Organizations User Guide.
    if itself.value.get("Organization", {}).get("MasterAccountId") == account:
        return NotConfigured()
    policies: dict[str, ControlPolicy] = {}
    target = account
    for _ in range(_DEEPEST + 1):
        listed = aws.ask_all(CONTROL_POLICIES, TargetId=target, Filter=_RCP)
        if not isinstance(listed, Found):
            return listed
        for item in listed.value:
            name = str(item.get("Id", ""))
            if name not in {*policies, _FULL_ACCESS}:
                document = _content(aws.ask(CONTROL_POLICY, PolicyId=name))
                policies[name] = ControlPolicy(name, str(item.get("Name") or name), document)
        if target.startswith("r-"):
            break
        parents = aws.ask(PARENTS, ChildId=target)
        if not isinstance(parents, Found):
            return parents
        above: list[dict[str, Any]] = parents.value.get("Parents") or []
        if not above:
            break
        target = str(above[0].get("Id"))
    return Found(list(policies.values()))


def _content(outcome: Fact) -> Fact:
    if not isinstance(outcome, Found):
        return outcome
    return Found(str((outcome.value.get("Policy") or {}).get("Content", "")))


def _seen(aws: Aws, resource: str, region: str | None) -> Fact:
    listed = aws.ask_all(ANALYZERS, region)
    if not isinstance(listed, Found):
        return listed
    # The other analyzers search for unused access, and do not examine resources.
    external = [analyzer for analyzer in listed.value if analyzer.get("type") in {"ACCOUNT", "ORGANIZATION"}]
    if not external:
        return NotConfigured()
    findings: list[Any] = []
    for analyzer in external:
        of_resource = {"resource": {"eq": [resource]}}
        answer = aws.ask_all(ANALYZER_FINDINGS, region, analyzerArn=str(analyzer.get("arn")), filter=of_resource)
        if isinstance(answer, Unknown):
            return answer
        findings.extend(value_of(answer) or ())
    return Found(findings)
