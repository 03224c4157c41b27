"""Find the statements of others that allow other customers of iconik, such as statements that were written by hand.

They never stop a merge: what others wrote stays, and is reported.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from .deny_check import Statements, grants
from .settings import listed_statements

if TYPE_CHECKING:
    from ....judge.iconik import Caller
    from ....judge.questions import Asked

__all__ = ["foreign_grants"]

_ON_BUCKET: Final = ("s3:ListBucket",)
_ON_OBJECTS: Final = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")
_WITH_KEYS: Final = ("kms:Decrypt", "kms:GenerateDataKey")


def foreign_grants(text: str | None, granted: Statements, *, arn: str, account: str) -> list[str]:
    """Return the statements by which others than iconik for its domains get in, one text for each.

    A domain that is written out is somebody's choice, and may be another of the owner's; that of iconik's own example
    is nobody's.

    Args:
        text: the policy with our statements in it.
        granted: ours, by Sid.
        arn: of the bucket or key.
        account: the account that owns it.
    """
    if text is None or not granted:
        return []
    document = json.loads(text)
    theirs = [one for one in listed_statements(document) if one.get("Sid") not in granted]
    by_role: dict[str, set[str]] = {}
    for role, domain, _ in grants(granted.values(), arn):
        by_role.setdefault(role, set()).add(domain)
    # Few policies have a statement that could: the judge reads each for each request.
    accounts = {role.split(":")[4] for role in by_role}
    if not any(_could(one, accounts) for one in theirs):
        return []
    found: dict[str, dict[str, dict[str, None]]] = {}
    for who, statement, action in _let_in(document, by_role, arn, account):
        said = found.setdefault(statement, {"who": {}, "what": {}})
        said["who"][who] = said["what"][action] = None
    return [
        f"'{name}' lets in {', '.join(said['who'])}, for {', '.join(said['what'])}. Add StringEquals on "
        "aws:PrincipalTag/IconikSystemDomainId with your System Domain ID to it, or delete it."
        for name, said in found.items()
    ]


def _could(statement: Mapping[str, Any], accounts: set[str]) -> bool:
    if statement.get("Effect") != "Allow":
        return False
    principal = json.dumps(statement.get("Principal"))
    return "NotPrincipal" in statement or '"*"' in principal or any(one in principal for one in accounts)


def _let_in(
    document: Mapping[str, Any], by_role: Mapping[str, set[str]], arn: str, account: str
) -> Iterator[tuple[str, str, str]]:
    """Yield who gets in, by which statement, for which action."""
    from ....judge import Verdict  # noqa: PLC0415 - a Delete does not wait for the judge
    from ....judge.questions import answerer, may_anybody_else  # noqa: PLC0415

    # What lets somebody in is an Allow, also where a Deny decides whether it does.
    numbered = enumerate(listed_statements(document), start=1)
    allows = [{"Sid": f"statement {number}", **one} for number, one in numbered if one.get("Effect") == "Allow"]
    by_which = answerer({**document, "Statement": allows})
    for role, domains in by_role.items():
        for each in may_anybody_else(
            document,
            system_domain_ids=sorted(domains),
            asked=_asked(arn),
            account=account,
            role_arn=role,
            callers=_callers(sorted(domains), role),
        ):
            decision = by_which(each.caller.asks(each.action, each.resource, account, {}, ()))
            allowed = decision.verdict is Verdict.ALLOWED
            if allowed or "another domain" not in each.caller.name:
                for reason in decision.because if allowed else decision.unless:
                    yield each.caller.name, reason.statement, each.action


def _callers(domains: Sequence[str], role: str) -> tuple[Caller, ...]:
    from ....access.trust import EXAMPLE_SYSTEM_DOMAIN_ID  # noqa: PLC0415 - see above
    from ....judge.iconik import iconik_session, others  # noqa: PLC0415

    if EXAMPLE_SYSTEM_DOMAIN_ID in domains:
        return others(domains, role)
    example = replace(iconik_session(EXAMPLE_SYSTEM_DOMAIN_ID, role), name="iconik for the domain of its example")
    return (*others(domains, role), example)


def _asked(arn: str) -> list[Asked]:
    from ....judge import unknown  # noqa: PLC0415 - see above

    if ":kms:" in arn:
        return [(action, arn) for action in _WITH_KEYS]
    objects = f"{arn}/{unknown('an object')}"
    return [*((action, arn) for action in _ON_BUCKET), *((action, objects) for action in _ON_OBJECTS)]
