"""Where access is compared: one example for each set of objects, or of listings, that two policies tell apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...judge.scalars import scalars
from ...judge.text import own, shown, unknown
from ..held import is_on_object
from ..reach import condition_entries
from ..requests import Ask

__all__ = ["Place", "Places"]

_LISTINGS: Final = frozenset({"s3:listbucket", "s3:listbucketversions"})
"""The actions that a policy can limit by the prefix that the caller asks for."""
_PREFIX: Final = "s3:prefix"
_THROUGH: Final = "kms:viaservice"
_REST: Final = own("text that no policy names")
_ANY: Final = "some objects"


@dataclass(frozen=True, slots=True)
class Place:
    """A set of objects or listings, and an example.

    Attributes:
        name: the set for a reader, as a pattern.
        text: the example.
        is_below: whether the set is all that begins with a prefix and with no longer prefix of another place.
        where: what the set is a part of.
    """

    name: str
    text: str
    is_below: bool = False
    where: str = ""

    @property
    def prefix(self) -> str:
        return self.name.removesuffix("*")


class Places:
    """The places that two policies tell apart.

    Args:
        arn: the bucket or the key.
        service: `s3` or `kms`.
        statements: the statements of both policies.
    """

    def __init__(self, arn: str, service: str, statements: Sequence[Mapping[str, Any]]) -> None:
        self._arn = arn
        self._service = service
        texts = [
            text
            for each in statements
            for name in ("Resource", "NotResource")
            if name in each
            for text in scalars(each[name])
            if text is not None
        ]
        self._objects = list(_told_apart(_keys(texts, arn)))
        self._listed = list(_told_apart(_values(statements, _PREFIX)))
        self._services = [each for each in dict.fromkeys(_values(statements, _THROUGH)) if "*" not in each]
        self._has_unknown_service = any("*" in each for each in _values(statements, _THROUGH))

    def is_listing(self, action: str) -> bool:
        """Tell whether an action has a prefix that a policy can limit."""
        return action.lower() in _LISTINGS

    def of(self, action: str) -> Iterator[tuple[Place, Ask]]:
        """Yield the places of an action, each with an example of a request."""
        if self._service == "kms":
            if not self._services or self._has_unknown_service:
                yield Place("the key", ""), Ask(action, self._arn)
            if self._services:
                yield Place("the key, directly", ""), Ask(action, self._arn, {}, frozenset({_THROUGH}))
            for each in self._services:
                yield Place(f"the key, through {shown(each)}", ""), Ask(action, self._arn, {_THROUGH: each})
        elif is_on_object(action):
            for place in self._objects:
                yield place, Ask(action, f"{self._arn}/{place.text}", {}, frozenset({_PREFIX}))
        elif self.is_listing(action):
            yield Place("the bucket, with no prefix", ""), Ask(action, self._arn, {}, frozenset({_PREFIX}))
            for place in self._listed:
                yield (
                    Place(place.name, place.text, place.is_below, "the bucket, with the prefix "),
                    Ask(action, self._arn, {_PREFIX: place.text}),
                )
        else:
            yield Place("the bucket", ""), Ask(action, self._arn, {}, frozenset({_PREFIX}))

    def described(self, action: str, found: Collection[Place]) -> Iterator[str]:
        """Yield some places of an action for a reader, each as large as it can be."""
        every = [place for place, _ in self.of(action)]
        below = {place.prefix: place for place in every if place.is_below}
        around = {place: _around(place, below) for place in every if place.where or place.text}
        for place in every:
            if place not in found or around.get(place) in found:
                continue
            holes = [each for each in every if each not in found and _root(around.get(each), around, found) is place]
            without = f" without {', '.join(shown(each.name) for each in holes)}" if holes else ""
            yield f"{place.where}{shown(place.name)}{without}"


def _around(place: Place, below: Mapping[str, Place]) -> Place | None:
    """Return the smallest place below a prefix that would hold this one, were it not apart."""
    if place.name == _ANY:
        return None
    prefix = place.prefix if place.is_below else place.name.partition("*")[0].partition("?")[0]
    shorter = [each for each in below if prefix.startswith(each) and below[each] is not place]
    return below[max(shorter, key=len)] if shorter else None


def _root(place: Place | None, around: Mapping[Place, Place | None], found: Collection[Place]) -> Place | None:
    """Return the outermost place around one, as far as all places between are found."""
    if place is None or place not in found:
        return None
    outer = around.get(place)
    return _root(outer, around, found) if outer in found else place


def _keys(texts: Iterable[str], arn: str) -> Iterator[str]:
    """Yield what resource elements say of objects: a pattern for their keys."""
    for text in texts:
        if text.startswith(f"{arn}/"):
            yield text[len(arn) + 1 :]
        elif text != "*" and text not in (arn, f"{arn}*"):
            # Such as arn:aws:s3:::media-*: what of it is a key is not known.
            yield "*?" if "*" in text or "?" in text else "*"


def _values(statements: Iterable[Mapping[str, Any]], wanted: str) -> Iterator[str]:
    for each in statements:
        for _, key, values in condition_entries(each.get("Condition")):
            if key == wanted:
                yield from (value for value in values if value is not None)


def _told_apart(patterns: Iterable[str]) -> Iterator[Place]:
    yield Place("*", _REST, is_below=True)
    is_exact = True
    for pattern in dict.fromkeys(patterns):
        prefix = pattern.removesuffix("*")
        if any(mark in prefix for mark in ("*", "?", "${")):
            is_exact = False
            yield Place(pattern, pattern.replace("*", _REST).replace("?", "x"))
        elif prefix != pattern:
            if prefix:
                yield Place(pattern, prefix + _REST, is_below=True)
        else:
            yield Place(pattern, pattern)
    if not is_exact:
        yield Place(_ANY, unknown("an object"))
