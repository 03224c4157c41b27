"""Lists the assumptions about requests with unknown values, each with its reason.

An assumption applies only to statements that do not name iconik. The author of a statement that names iconik's role
may know the values of iconik's requests. Each tool prints the assumptions of its answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..judge import ForeignValue
from ..judge.scalars import scalars
from ..judge.text import MarkedText, joined, joined_by

__all__ = ["ASSUMPTIONS", "Assumption", "assumed_by", "assumed_values"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """One assumption.

    Attributes:
        key: the condition key.
        text: the assumption about the values in a policy.
        reason: the reason for it.
        value: the value of the key in requests of iconik and of strangers.
    """

    key: str
    text: str
    reason: str
    value: ForeignValue


_ORGANISATION: Final = "is not the organisation of iconik or of an account that no policy names"
_NETWORK: Final = "is not the network of iconik or of an account that no policy names"
_SOURCE: Final = "is not a resource or a user of iconik or of an account that no policy names"
_OWN: Final = "A policy that does not name iconik writes out the values of its owner."

_ARN: Final = ForeignValue("arn:", maybe_absent=True, id_length=40)


def _assume(key: str, text: str, value: ForeignValue) -> Assumption:
    return Assumption(key=key, text=text, reason=_OWN, value=value)


ASSUMPTIONS: Final = (
    _assume("aws:PrincipalOrgID", _ORGANISATION, ForeignValue("o-", maybe_absent=True)),
    _assume("aws:PrincipalOrgPaths", _ORGANISATION, ForeignValue("o-", maybe_absent=True)),
    _assume("aws:SourceVpc", _NETWORK, ForeignValue("vpc-", maybe_absent=True)),
    _assume("aws:SourceVpcArn", _NETWORK, ForeignValue("arn:aws:ec2:", maybe_absent=True, id_length=40)),
    _assume("aws:SourceVpce", _NETWORK, ForeignValue("vpce-", maybe_absent=True)),
    _assume("aws:VpceAccount", _NETWORK, ForeignValue("", maybe_absent=True, id_length=12)),
    _assume("aws:VpceOrgID", _NETWORK, ForeignValue("o-", maybe_absent=True)),
    _assume("aws:VpceOrgPaths", _NETWORK, ForeignValue("o-", maybe_absent=True)),
    # AWS adds these to the sessions that it makes for a resource or for a user of IAM Identity Center.
    _assume("aws:Ec2InstanceSourceVpc", _NETWORK, ForeignValue("vpc-", maybe_absent=True)),
    _assume("identitystore:UserId", _SOURCE, ForeignValue("", maybe_absent=True, id_length=36)),
    _assume("aws:ChatbotSourceArn", _SOURCE, _ARN),
    _assume("ec2:SourceInstanceArn", _SOURCE, _ARN),
    _assume("lambda:SourceFunctionArn", _SOURCE, _ARN),
    _assume("s3:AccessGrantsInstanceArn", _SOURCE, _ARN),
    _assume("ssm:SourceInstanceArn", _SOURCE, _ARN),
)
_BY_KEY: Final = {each.key.lower(): each.text for each in ASSUMPTIONS} | {"aws:sourceip": _NETWORK}


def assumed_values() -> dict[str, ForeignValue]:
    """Return the values of the keys in requests of iconik and of strangers, by the names of the keys."""
    return {each.key: each.value for each in ASSUMPTIONS}


def assumed_by(statement: Mapping[str, Any]) -> Iterator[MarkedText]:
    """Yield the assumptions that an answer about the statement can depend on."""
    condition = statement.get("Condition")
    for entries in condition.values() if isinstance(condition, Mapping) else ():
        for key, values in entries.items() if isinstance(entries, Mapping) else ():
            text = _BY_KEY.get(str(key).lower())
            if text is not None:
                listed = joined_by(", ", (value for value in scalars(values)[:3] if value is not None))
                yield joined("assuming that ", str(key), " ", listed, " ", text)
