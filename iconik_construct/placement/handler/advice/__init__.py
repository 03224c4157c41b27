"""Ask what a policy means for iconik. The writer never does: it knows statements as texts.

This is the whole interface. `advise` asks once; `Settings` are read from the bucket or key. If either raises before a
write, the function refuses and writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .deny_check import Denial, check_denies
from .foreign_grants import foreign_grants
from .settings import Effects, Settings

__all__ = ["Advice", "Denial", "Effects", "Settings", "advise"]


@dataclass(frozen=True)
class Advice:
    """What a policy with our statements in it means for iconik.

    Attributes:
        denials: each Deny that certainly keeps iconik from what our statements grant.
        possible: one text for each Deny that may.
        foreign: one text for each statement of others that allows other customers of iconik.
    """

    denials: tuple[Denial, ...] = ()
    possible: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()


def advise(text: str | None, granted: Mapping[str, Mapping[str, Any]], *, arn: str, account: str) -> Advice:
    """Return what a policy means for iconik.

    Args:
        text: the policy with our statements in it.
        granted: our statements, by Sid.
        arn: of the bucket or key.
        account: the account that owns it.
    """
    denials = check_denies(text, granted, arn=arn, account=account)
    foreign = foreign_grants(text, granted, arn=arn, account=account)
    return Advice(denials.certain, denials.possible, tuple(foreign))
