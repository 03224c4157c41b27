"""Defines where access is compared: one example for each set of objects or listings that the policies distinguish."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...judge.scalars import scalars
from ...judge.text import AnyText, MarkedText, if_plain, joined, own, shown, split, unknown
from ...judge.variables import VARIABLE
from ...judge.wildcards import ONE_CHARACTER, STAR, has_wildcard
from ..public import condition_entries
from ..requests import Ask
from ..resolved_actions import is_on_object

__all__ = ["Place", "Places"]

_LISTINGS: Final = frozenset({"s3:listbucket", "s3:listbucketversions"})
"""Actions that a policy can limit by the requested prefix."""
_PREFIX: Final = "s3:prefix"
_THROUGH: Final = "kms:viaservice"
_REST: Final = own("text that no policy names")
_OTHER_SERVICE: Final = own("a service that no policy names")
_ANY: Final = "some objects"


@dataclass(frozen=True, slots=True)
class Place:
    """A set of objects or listings, and an example.

    Attributes:
        name: the set for a reader, as a pattern.
        text: the example.
        is_below: whether the set is everything that begins with a prefix, but with no longer prefix of another place.
        where: the resource that the set is a part of.
    """

    name: AnyText
    text: AnyText
    is_below: bool = False
    where: str = ""

    @property
    def prefix(self) -> MarkedText:
        return joined(self.name).removesuffix("*")


class Places:
    """The places that two policies distinguish.

    Args:
        arn: the bucket or the key.
        service: `s3` or `kms`.
        statements: the statements of both policies.
    """

    def __init__(self, arn: MarkedText, service: str, statements: Sequence[Mapping[str, Any]]) -> None:
        self._arn = arn
        self._service = service
        resources = [
            text
            for each in statements
            for name in ("Resource", "NotResource")
            if name in each
            for text in scalars(each[name])
            if text is not None
        ]
        self._objects = list(_told_apart(_keys(resources, arn)))
        self._listed = list(_told_apart(_values(statements, _PREFIX)))
        services = list(_values(statements, _THROUGH))
        self._services = [each for each in dict.fromkeys(services) if STAR not in each]
        self._has_unknown_service = any(STAR in each for each in services)
        self._has_service = any(
            key == _THROUGH for each in statements for _, key, _ in condition_entries(each.get("Condition"))
        )

    def is_listing(self, action: MarkedText) -> bool:
        """Return whether an action has a prefix that a policy can limit."""
        return if_plain(action.lower()) in _LISTINGS

    def of(self, action: MarkedText) -> Iterator[tuple[Place, Ask]]:
        """Yield the places of an action, each with an example request."""
        if self._service == "kms":
            if not self._has_service or self._has_unknown_service:
                yield Place("the key", ""), Ask(action, self._arn)
            if self._has_service:
                yield Place("the key, directly", ""), Ask(action, self._arn, {}, frozenset({_THROUGH}))
                yield Place("the key, through another service", ""), Ask(action, self._arn, {_THROUGH: _OTHER_SERVICE})
            for each in self._services:
                yield Place(f"the key, through {shown(each)}", ""), Ask(action, self._arn, {_THROUGH: each})
        elif is_on_object(action):
            for place in self._objects:
                yield place, Ask(action, joined(self._arn, "/", place.text), {}, frozenset({_PREFIX}))
        elif self.is_listing(action):
            yield Place("the bucket, with no prefix", ""), Ask(action, self._arn, {}, frozenset({_PREFIX}))
            for place in self._listed:
                yield (
                    Place(place.name, place.text, place.is_below, "the bucket, with the prefix "),
                    Ask(action, self._arn, {_PREFIX: place.text}),
                )
        else:
            yield Place("the bucket", ""), Ask(action, self._arn, {}, frozenset({_PREFIX}))

    def described(self, action: MarkedText, gained: Collection[Place]) -> Iterator[str]:
        """Yield the gained places of an action for a reader. A place inside another gained place is left out."""
        every = [place for place, _ in self.of(action)]
        below = {place.prefix: place for place in every if place.is_below}
        around = {place: _around(place, below) for place in every if place.where or place.text}
        for place in every:
            if place not in gained or around.get(place) in gained:
                continue
            holes = [each for each in every if each not in gained and _root(around.get(each), around, gained) is place]
            without = f" without {', '.join(shown(each.name) for each in holes)}" if holes else ""
            yield f"{place.where}{shown(place.name)}{without}"


def _around(place: Place, below: Mapping[MarkedText, Place]) -> Place | None:
    """Return the smallest place whose prefix contains this place."""
    if place.name == _ANY:
        return None
    prefix = place.prefix if place.is_below else split(split(joined(place.name), "*", 1)[0], "?", 1)[0]
    shorter = [each for each in below if prefix.startswith(each) and below[each] is not place]
    return below[max(shorter, key=len)] if shorter else None


def _root(place: Place | None, around: Mapping[Place, Place | None], gained: Collection[Place]) -> Place | None:
    """Return the outermost place around a place, as long as all places between are gained."""
    if place is None or place not in gained:
        return None
    outer = around.get(place)
    return _root(outer, around, gained) if outer in gained else place


def _keys(resources: Iterable[MarkedText], arn: MarkedText) -> Iterator[MarkedText]:
    """Yield patterns for object keys from resource elements."""
    for resource in resources:
        if resource.startswith(joined(arn, "/")):
            yield resource.removeprefix(joined(arn, "/"))
        elif resource not in (STAR, arn, joined(arn, STAR)):
            if resource.startswith(joined(arn, "*/")):
                yield resource.removeprefix(joined(arn, "*/"))
            # For example arn:aws:s3:::media-*: which part of it is the key is unknown.
            yield joined(STAR, ONE_CHARACTER) if has_wildcard(resource) else STAR


def _values(statements: Iterable[Mapping[str, Any]], wanted: str) -> Iterator[MarkedText]:
    for each in statements:
        for operator, key, values in condition_entries(each.get("Condition")):
            # The values of Null are not values of the key.
            if key == wanted and operator != "Null":
                yield from (value for value in values if value is not None)


def _told_apart(patterns: Iterable[MarkedText]) -> Iterator[Place]:
    yield Place("*", _REST, is_below=True)
    is_exact = True
    for pattern in dict.fromkeys(patterns):
        prefix = pattern.removesuffix("*")
        if any(mark in prefix for mark in (STAR, ONE_CHARACTER, VARIABLE)):
            is_exact = False
            yield Place(pattern, pattern.replace(STAR, _REST).replace(ONE_CHARACTER, "x"))
        elif prefix != pattern:
            if prefix:
                yield Place(pattern, prefix + _REST, is_below=True)
        else:
            yield Place(pattern, pattern)
    if not is_exact:
        yield Place(_ANY, unknown("an object"))
