"""What is assumed of requests whose values are not known: one table, with the reason of each entry.

An assumption applies only to statements that do not name iconik: who names iconik's role may have written the values
of iconik. Each tool prints the assumptions on which its answer rests.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..judge import Elsewhere
from ..judge.scalars import scalars

__all__ = ["ASSUMPTIONS", "Assumption", "assumed_by", "assumed_values"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """One assumption.

    Attributes:
        key: the condition key.
        text: the assumption about the values that a policy writes out.
        reason: why it may be made.
        value: the value of the key in requests of iconik and of strangers.
    """

    key: str
    text: str
    reason: str
    value: Elsewhere


_ORGANISATION: Final = "is not the organisation of iconik or of a stranger"
_NETWORK: Final = "is not the network of iconik or of a stranger"
_OWN: Final = "A policy that does not name iconik writes out the values of its owner."


def _assume(key: str, text: str, value: Elsewhere) -> Assumption:
    return Assumption(key=key, text=text, reason=_OWN, value=value)


ASSUMPTIONS: Final = (
    _assume("aws:PrincipalOrgID", _ORGANISATION, Elsewhere("o-", maybe_absent=True)),
    _assume("aws:PrincipalOrgPaths", _ORGANISATION, Elsewhere("o-", maybe_absent=True)),
    _assume("aws:SourceVpc", _NETWORK, Elsewhere("vpc-", maybe_absent=True)),
    _assume("aws:SourceVpcArn", _NETWORK, Elsewhere("arn:aws:ec2:", maybe_absent=True, id_length=40)),
    _assume("aws:SourceVpce", _NETWORK, Elsewhere("vpce-", maybe_absent=True)),
    _assume("aws:VpceAccount", _NETWORK, Elsewhere("", maybe_absent=True, id_length=12)),
    _assume("aws:VpceOrgID", _NETWORK, Elsewhere("o-", maybe_absent=True)),
    _assume("aws:VpceOrgPaths", _NETWORK, Elsewhere("o-", maybe_absent=True)),
)
_ADDRESSES: Final = ("aws:sourceip", "aws:vpcsourceip")
_BY_KEY: Final = {each.key.lower(): each.text for each in ASSUMPTIONS} | dict.fromkeys(_ADDRESSES, _NETWORK)


def assumed_values() -> dict[str, Elsewhere]:
    """Return the values of the keys in requests of iconik and of strangers, by the names of the keys."""
    return {each.key: each.value for each in ASSUMPTIONS}


def assumed_by(statement: Mapping[str, Any]) -> Iterator[str]:
    """Yield the assumptions on which an answer about the statement can rest."""
    condition = statement.get("Condition")
    for entries in condition.values() if isinstance(condition, Mapping) else ():
        for key, values in entries.items() if isinstance(entries, Mapping) else ():
            text = _BY_KEY.get(str(key).lower())
            if text is not None:
                listed = ", ".join(value for value in scalars(values)[:3] if value is not None)
                yield f"assuming that {key} {listed} {text}"
