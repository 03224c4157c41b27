"""Checks key prefixes: the parts of a bucket that iconik may use. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..errors import IconikTypeError, IconikValueError

__all__ = ["outermost", "parse_prefixes"]

_LONGEST_KEY_BYTES = 1024
# In the Resource element of a policy these are wildcards and variables, not characters of a key.
_PATTERN = re.compile(r"[*?]|\$\{")
# Around a prefix that was copied from a page. Inside a prefix they can be meant.
_BLANK = " \t\r\n\u00a0\u200b\u2060\ufeff"
_EVERYTHING_BELOW = re.compile(r"/\*+$")
_URL = re.compile(r"arn:[a-z-]*:s3:::[^/]*|s3://[^/]*|https?://(?P<host>[^/]*)|[a-z][a-z0-9+.-]*://", re.IGNORECASE)
# The first part of such an address is the bucket.
_PATH_STYLE = re.compile(r"s3[.-][a-z0-9.-]*amazonaws\.com", re.IGNORECASE)
_ONE_BY_ONE = "Write each prefix out, such as 'masters/'; a prefix includes everything below it."


def parse_prefixes(value: Sequence[str], prop: str = "prefixes") -> tuple[str, ...]:
    """Return the prefixes sorted, without prefixes inside other prefixes.

    Raises:
        IconikTypeError: not a sequence of strings.
        IconikValueError: a prefix that does not end with `/`, begins with it, has `*`, `?`, `${` or more `..` than
            folders, is a URL or an ARN, or is longer than an S3 key can be (1,024 bytes). S3 accepts `./`, `//`, `,`
            and line breaks in a key, so they are not refused.
    """
    rule = "must be a sequence of key prefixes"
    if isinstance(value, str):
        raise IconikTypeError(prop, rule, got=value, fix=_fix(value, "Write [{}]."))
    if not isinstance(value, Sequence):
        raise IconikTypeError(prop, rule, got=value, fix="Write ['masters/'], or leave it out for the whole bucket.")
    for item in value:
        _check(item, prop)
    return outermost(value)


def outermost(prefixes: Iterable[str]) -> tuple[str, ...]:
    """Return the prefixes sorted, without prefixes inside other prefixes."""
    kept: list[str] = []
    for prefix in sorted(set(prefixes)):
        # The list is sorted, so a prefix follows directly after the one that contains it.
        if not (kept and prefix.startswith(kept[-1])):
            kept.append(prefix)
    return tuple(kept)


def _check(prefix: object, prop: str) -> None:
    if not isinstance(prefix, str):
        raise IconikTypeError(prop, "must hold strings only", got=prefix, fix="Write a key prefix such as 'masters/'.")
    if not prefix.strip("/"):
        raise IconikValueError(prop, "must hold no empty prefix", got=prefix, fix="Leave it out for the whole bucket.")
    meant = _fix(prefix, "Write {}.")
    if _URL.match(prefix):
        raise IconikValueError(prop, "must hold key prefixes, no URL and no ARN", got=prefix, fix=meant)
    if _PATTERN.search(prefix):
        raise IconikValueError(prop, "must hold no wildcard ('*', '?') and no '${'", got=prefix, fix=meant)
    if _leaves_bucket(prefix):
        raise IconikValueError(
            prop,
            "must not have more '..' than folders before them, because S3 refuses such a key",
            got=prefix,
            fix="A key is not relative to a folder. Write the beginning of the keys, such as 'masters/'.",
        )
    if prefix.startswith("/"):
        raise IconikValueError(prop, "must not begin with '/'", got=prefix, fix=meant)
    if not prefix.endswith("/"):
        # Without it, 'masters' would also allow 'masters2/'.
        raise IconikValueError(prop, "must end with '/'", got=prefix, fix=meant)
    if len(prefix.encode()) > _LONGEST_KEY_BYTES:
        raise IconikValueError(
            prop, f"must be at most {_LONGEST_KEY_BYTES} bytes long", got=prefix, fix="No S3 key is longer."
        )


def _leaves_bucket(prefix: str) -> bool:
    """Return whether `..` lead out of the bucket. Source: S3 User Guide, "Naming Amazon S3 objects"."""
    depth = 0
    for part in prefix.split("/"):
        depth += -1 if part == ".." else 1
        if depth < 0:
            return True
    return False


def _fix(value: str, form: str) -> str:
    """Return the correct spelling of the prefix, if there is only one."""
    address = _URL.match(value)
    key = value[address.end() :] if address else value
    if address and _PATH_STYLE.fullmatch(address["host"] or ""):
        key = key.lstrip("/").partition("/")[2]
    key = key.strip(_BLANK)
    if key.endswith("\\"):
        # A path of Windows.
        key = key.replace("\\", "/")
    stem = _EVERYTHING_BELOW.sub("", key).strip("/")
    if _PATTERN.search(stem):
        return _ONE_BY_ONE
    if stem.strip("."):
        return form.format(repr(f"{stem}/"))
    return "Leave it out for the whole bucket."
