"""Reads what an organisation puts over the account: its resource control policies, or what Access Analyzer saw of them.

Service control policies are left out: they bind principals of the organisation, and iconik's role is none of them.
"""

from __future__ import annotations

from typing import Any, Final

from ..assessment.fact import Fact, Found, NotConfigured, Unknown, value_of
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
    """Return what applies to the account and, as far as Access Analyzer saw it, to the resource.

    Args:
        organisations: asks for the policies: only the management account and its delegates may read them.
        aws: asks all else.
        account: the account.
        resource: the ARN of the resource to ask Access Analyzer about; None asks nothing.
        region: where Access Analyzer is asked.
    """
    itself = aws.ask(ORGANIZATION)
    policies = _policies(organisations, itself, account)
    # Where the policies were read, or none can apply, Access Analyzer knows no more.
    ask = resource is not None and isinstance(policies, Unknown)
    return Organisation(
        itself=itself, control_policies=policies, seen=_seen(aws, str(resource), region) if ask else NotConfigured()
    )


def _policies(aws: Aws, itself: Fact, account: str | None) -> Fact:
    if not isinstance(itself, Found) or account is None:
        return itself if not isinstance(itself, Found) else NotConfigured()
    if itself.value.get("Organization", {}).get("MasterAccountId") == account:
        # "RCPs do not affect resources in the management account." Source: AWS Organizations User Guide.
        return NotConfigured()
    found: dict[str, ControlPolicy] = {}
    target = account
    for _ in range(_DEEPEST + 1):
        listed = aws.ask_all(CONTROL_POLICIES, "Policies", "NextToken", TargetId=target, Filter=_RCP)
        if not isinstance(listed, Found):
            return listed
        for one in listed.value:
            name = str(one.get("Id", ""))
            if name not in {*found, _FULL_ACCESS}:
                document = _content(aws.ask(CONTROL_POLICY, PolicyId=name))
                found[name] = ControlPolicy(name, str(one.get("Name") or name), document)
        if target.startswith("r-"):
            break
        parents = aws.ask(PARENTS, ChildId=target)
        if not isinstance(parents, Found):
            return parents
        above: list[dict[str, Any]] = parents.value.get("Parents") or []
        if not above:
            break
        target = str(above[0].get("Id"))
    return Found(list(found.values()))


def _content(outcome: Fact) -> Fact:
    if not isinstance(outcome, Found):
        return outcome
    return Found(str((outcome.value.get("Policy") or {}).get("Content", "")))


def _seen(aws: Aws, resource: str, region: str | None) -> Fact:
    listed = aws.ask_all(ANALYZERS, "analyzers", "nextToken", region)
    if not isinstance(listed, Found):
        return listed
    # The others look for unused access, and know nothing of resources.
    external = [one for one in listed.value if one.get("type") in {"ACCOUNT", "ORGANIZATION"}]
    if not external:
        return NotConfigured()
    found: list[Any] = []
    for one in external:
        answer = aws.ask_all(
            ANALYZER_FINDINGS,
            "findings",
            "nextToken",
            region,
            analyzerArn=str(one.get("arn")),
            filter={"resource": {"eq": [resource]}},
        )
        if isinstance(answer, Unknown):
            return answer
        found.extend(value_of(answer) or ())
    return Found(found)
