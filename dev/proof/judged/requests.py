"""Makes requests: one that a policy is made around, and others that differ from it in one respect each."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Final

from .case import Asked, Case, Value, mentioned
from .chance import chance
from .policies import policy
from .vocabulary import CALLERS, KEYS, PLACES, Key

__all__ = ["cases", "request"]

_REQUESTS_A_POLICY: Final = 6


def cases(rng: Random, policies: int) -> list[Case]:
    """Return that many policies, each with six requests; the same for the same seed."""
    found: list[Case] = []
    for _ in range(policies):
        asked = request(rng)
        document = policy(rng, asked)
        names = mentioned(document)
        others = [_varied(rng, asked) for _ in range(_REQUESTS_A_POLICY - 1)]
        found.extend(Case(document, names, one) for one in (asked, *others))
    return found


def request(rng: Random) -> Asked:
    """Return a request with some of the keys that AWS could send along."""
    action, resource = rng.choice(PLACES)
    # iconik asks as often as all others
    caller = CALLERS[0] if chance(rng, 0.3) else rng.choice(CALLERS)
    asked = Asked(caller, action, resource, {})
    context = {key.name: _value(rng, key) for key in KEYS if _has(key, asked) and chance(rng, 0.7)}
    return replace(asked, context=context, told=_told(rng, asked))


def _told(rng: Random, asked: Asked) -> bool:
    # Of a role with a path nobody but AWS can know the ARN from the session's.
    return asked.caller.role_has_a_path or chance(rng, 0.5)


def _has(key: Key, asked: Asked) -> bool:
    if key.name == "aws:username":
        return asked.caller.username is not None
    if key.name.startswith(("aws:PrincipalTag/", "aws:PrincipalOrg", "aws:Mfa")) and asked.caller.principal is None:
        return False
    return bool(key.values) and asked.action.startswith(key.actions)


def _value(rng: Random, key: Key) -> Value:
    if not key.many:
        return rng.choice(key.values)
    return rng.sample(key.values, rng.choice((1, 1, 2, min(3, len(key.values)))))


def _varied(rng: Random, asked: Asked) -> Asked:
    """Return the request from another caller, to another place, or with a key less, more or other."""
    if chance(rng, 0.2):
        return _elsewhere(replace(asked, caller=rng.choice(CALLERS)), rng)
    if chance(rng, 0.2):
        action, resource = rng.choice(PLACES)
        return _elsewhere(replace(asked, action=action, resource=resource), rng)
    context = dict(asked.context)
    for _ in range(rng.choice((1, 2, 4))):
        key = rng.choice(KEYS)
        if not _has(key, asked):
            continue
        if key.name in context and chance(rng, 0.3):
            context.pop(key.name)
        else:
            context[key.name] = _value(rng, key)
    return replace(asked, context=context, told=_told(rng, asked))


def _elsewhere(asked: Asked, rng: Random) -> Asked:
    """Return the request without the keys that its new caller and place do not have."""
    kept = {key.name for key in KEYS if _has(key, asked)}
    context = {name: value for name, value in asked.context.items() if name in kept}
    if asked.caller.username is not None:
        context["aws:username"] = asked.caller.username
    return replace(asked, context=context, told=_told(rng, asked))
