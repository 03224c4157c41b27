"""Reads what an organisation puts over the account: its resource control policies, or what Access Analyzer saw of them.

Service control policies are left out: they bind principals of the organisation, and iconik's role is none of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from .asking import Aws
from .calls import ANALYZER_FINDINGS, ANALYZERS, CONTROL_POLICIES, CONTROL_POLICY, ORGANIZATION, PARENTS
from .outcome import Absent, NotRead, Outcome, Read, value_of

__all__ = ["ControlPolicy", "Organisation", "read_organisation"]

_RCP: Final = "RESOURCE_CONTROL_POLICY"
_FULL_ACCESS: Final = "p-RCPFullAWSAccess"
"""AWS's own policy, attached everywhere, that allows everything."""
_DEEPEST: Final = 6
"""The root and five levels of organisational units. Source: AWS Organizations, quotas."""


@dataclass(frozen=True, slots=True)
class ControlPolicy:
    """A resource control policy that applies to the account, and its text."""

    id: str
    name: str
    document: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """What applies to the account from above.

    Attributes:
        itself: the organisation; `Absent` where the account is in none.
        control_policies: its resource control policies: `ControlPolicy`s; `Absent` where none can apply, because the
            account is in no organisation or is the management account.
        seen: what Access Analyzer found about the bucket: its findings; `Absent` where there is no analyzer.
    """

    itself: Outcome
    control_policies: Outcome
    seen: Outcome

    def outcomes(self) -> Iterator[tuple[str, Outcome]]:
        """Yield what each call came to, with what it is about."""
        yield ORGANIZATION.what, self.itself
        yield CONTROL_POLICIES.what, self.control_policies
        for policy in value_of(self.control_policies) or ():
            yield f"the resource control policy {policy.name}", policy.document
        yield ANALYZER_FINDINGS.what, self.seen


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
    seen: Outcome = Absent() if resource is None else _seen(aws, resource, region)
    return Organisation(itself=itself, control_policies=_policies(organisations, itself, account), seen=seen)


def _policies(aws: Aws, itself: Outcome, account: str | None) -> Outcome:
    if not isinstance(itself, Read) or account is None:
        return itself if not isinstance(itself, Read) else Absent()
    if itself.value.get("Organization", {}).get("MasterAccountId") == account:
        # "RCPs do not affect resources in the management account." Source: AWS Organizations User Guide.
        return Absent()
    found: dict[str, ControlPolicy] = {}
    target = account
    for _ in range(_DEEPEST + 1):
        listed = aws.ask_all(CONTROL_POLICIES, "Policies", "NextToken", TargetId=target, Filter=_RCP)
        if not isinstance(listed, Read):
            return listed
        for one in listed.value:
            name = str(one.get("Id", ""))
            if name not in {*found, _FULL_ACCESS}:
                document = _content(aws.ask(CONTROL_POLICY, PolicyId=name))
                found[name] = ControlPolicy(name, str(one.get("Name") or name), document)
        if target.startswith("r-"):
            break
        parents = aws.ask(PARENTS, ChildId=target)
        if not isinstance(parents, Read):
            return parents
        above: list[dict[str, Any]] = parents.value.get("Parents") or []
        if not above:
            break
        target = str(above[0].get("Id"))
    return Read(list(found.values()))


def _content(outcome: Outcome) -> Outcome:
    if not isinstance(outcome, Read):
        return outcome
    return Read(str((outcome.value.get("Policy") or {}).get("Content", "")))


def _seen(aws: Aws, resource: str, region: str | None) -> Outcome:
    listed = aws.ask_all(ANALYZERS, "analyzers", "nextToken", region)
    if not isinstance(listed, Read):
        return listed
    # The others look for unused access, and know nothing of resources.
    external = [one for one in listed.value if one.get("type") in {"ACCOUNT", "ORGANIZATION"}]
    if not external:
        return Absent()
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
        if isinstance(answer, NotRead):
            return answer
        found.extend(value_of(answer) or ())
    return Read(found)
