"""Makes bucket policies and key policies around a request, so that allows and denials are both frequent."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from .case import Asked, Caller, Document
from .chance import chance
from .conditions import condition
from .vocabulary import BUCKET, CALLERS, PLACES
from .wildcards import other_case, patterned, with_variable

__all__ = ["policy"]

_STRANGERS: Final[tuple[dict[str, Any], ...]] = (
    {"Service": "cloudtrail.amazonaws.com"},
    {"Service": ["logging.s3.amazonaws.com", "delivery.logs.amazonaws.com"]},
    {"Federated": "accounts.google.com"},
    {"AWS": "arn:aws:iam::444455556666:role/*"},
    {"AWS": "arn:aws:iam::999988887777:root"},
    {"AWS": ["999988887777", "arn:aws:iam::283217727627:role/Transcoder2"]},
)
_ODD_STRANGERS: Final[tuple[dict[str, Any], ...]] = (
    {"CanonicalUser": "79a59df900b949e55d96a1e698fbaced" * 2},
    {"AWS": "arn:aws-cn:iam::444455556666:root"},
)
_ODD: Final = 0.02


def policy(rng: Random, asked: Asked) -> Document:
    """Return a policy of one to eight statements."""
    version = rng.choice(("2012-10-17",) * 17 + ("2008-10-17", "2008-10-17", None))
    found: dict[str, Any] = {} if version is None else {"Version": version}
    found["Statement"] = [_statement(rng, asked) for _ in range(rng.choice((1, 1, 2, 2, 3, 3, 4, 5, 6, 8)))]
    return found


def _statement(rng: Random, asked: Asked) -> dict[str, Any]:
    denies = chance(rng, 0.3)
    # A Deny whose every part matched would leave nothing allowed.
    likely = 0.82 if denies else 0.93
    found: dict[str, Any] = {}
    if chance(rng, 0.3):
        found["Sid"] = rng.choice(("AllowIconik", "DenyInsecure", "1"))
    found["Effect"] = "Deny" if denies else "Allow"
    found.update(_principal(rng, asked.caller, matching=chance(rng, likely)))
    found.update(_action(rng, asked.action, matching=chance(rng, likely)))
    found.update(_resource(rng, asked, matching=chance(rng, likely)))
    tests = condition(rng, asked.whole_context())
    if tests:
        found["Condition"] = tests
    return found


def _principal(rng: Random, caller: Caller, *, matching: bool) -> dict[str, Any]:
    if chance(rng, 0.08):
        return {"NotPrincipal": _not_principal(rng, caller, matching=matching)}
    if not matching:
        return {"Principal": _others(rng, caller)}
    if caller.principal is None or chance(rng, 0.35):
        return {"Principal": rng.choice(("*", {"AWS": "*"}, {"AWS": ["*"]}))}
    named = rng.choice(_spellings(caller))
    if chance(rng, 0.3):
        other = rng.choice([one for one in CALLERS if one.principal not in (None, caller.principal)])
        named = [named, rng.choice(_spellings(other))]
        rng.shuffle(named)
    found = {"AWS": named}
    if chance(rng, 0.1):
        found["Service"] = "cloudfront.amazonaws.com"
    return {"Principal": found}


def _spellings(caller: Caller) -> list[Any]:
    """Return the ways to name a caller, his account among them."""
    root = f"arn:aws:iam::{caller.account}:root"
    return [one for one in (caller.principal, caller.role, caller.account, root) if one is not None]


def _others(rng: Random, caller: Caller) -> Any:
    if chance(rng, 0.5):
        return rng.choice(_ODD_STRANGERS if chance(rng, 2 * _ODD) else _STRANGERS)
    other = rng.choice([one for one in CALLERS if one.principal not in (None, caller.principal)])
    return {"AWS": rng.choice([one for one in (other.principal, other.role) if one is not None])}


def _not_principal(rng: Random, caller: Caller, *, matching: bool) -> Any:
    """Return who is excepted: others, or (so that the statement does not match) the caller by all his names."""
    if matching or caller.principal is None:
        return _others(rng, caller)
    if chance(rng, _ODD):
        # only one of the names, which AWS says is not enough in a Deny
        return {"AWS": rng.choice(_spellings(caller))}
    return {"AWS": _spellings(caller)}


def _action(rng: Random, action: str, *, matching: bool) -> dict[str, Any]:
    other = [one for one, _ in PLACES if one != action]
    service, _, name = action.partition(":")
    if chance(rng, 0.1):
        excepted = [rng.choice(other)] if matching else [rng.choice((action, f"{service}:{name[:3]}*"))]
        return {"NotAction": excepted if chance(rng, 0.5) else excepted[0]}
    if not matching:
        return {"Action": rng.choice((rng.choice(other), [rng.choice(other), f"{service}:{name}x"], "s3:Re*"))}
    wide = (action, action, f"{service}:*", "*", f"{service}:{name[:3]}*", f"{service}:*{name[-4:]}")
    found = rng.choice((*wide, f"{service}:?{name[1:]}", f"{service}:{patterned(rng, name)}"))
    if chance(rng, 0.1):
        found = other_case(rng, found)
    return {"Action": found if chance(rng, 0.5) else [rng.choice(other), found]}


def _resource(rng: Random, asked: Asked, *, matching: bool) -> dict[str, Any]:
    if chance(rng, 0.1):
        excepted = _other_place(rng, asked) if matching else _this_place(rng, asked)
        return {"NotResource": excepted if chance(rng, 0.5) else [excepted]}
    if not matching:
        return {"Resource": _other_place(rng, asked)}
    found = _this_place(rng, asked)
    return {"Resource": found if chance(rng, 0.5) else [_other_place(rng, asked), found]}


def _this_place(rng: Random, asked: Asked) -> str:
    """Return a resource element that, most of the time, covers what is asked about."""
    arn = asked.resource
    of_bucket = arn.startswith(BUCKET)
    # The policy engine knows the type of a key's or role's ARN by its text alone.
    head = arn.rindex(":") + 1 if of_bucket else arn.index("/") + 1
    if chance(rng, 0.3):
        return arn
    if chance(rng, 0.3):
        return rng.choice((f"{BUCKET}/*", f"{BUCKET}*", BUCKET, "*", "arn:aws:s3:::*")) if of_bucket else "*"
    if chance(rng, 0.15):
        return arn[:head] + with_variable(rng, arn[head:], asked.whole_context())
    found = arn[:head] + patterned(rng, arn[head:])
    return found.replace("*", "${*}").replace("?", "${?}") if chance(rng, _ODD) else found


def _other_place(rng: Random, asked: Asked) -> str:
    if chance(rng, 0.15):
        return other_case(rng, asked.resource)
    others = [arn for _, arn in PLACES if arn != asked.resource and arn.startswith(BUCKET)]
    return rng.choice((*others, f"{BUCKET}-2/*", f"{BUCKET}/proxies/*", "arn:aws:s3:::other*"))
