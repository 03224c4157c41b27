"""Reads a point in time. AWS: "one of the W3C implementations of the ISO 8601 date formats or epoch time"."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["seconds"]

_LONGEST: Final = 40
_FOUR_DIGITS: Final = 4
_FORM: Final = re.compile(
    r"(\d{4})-(\d\d)(?:-(\d\d))?(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(?:Z|([+-])(\d\d):?(\d\d))?)?", re.ASCII
)


def seconds(text: str) -> float | None:
    """Return the seconds since 1970, or None if the text is not a point in time.

    Four digits return None: they can be a year or seconds. A time without a zone is UTC.
    """
    if len(text) > _LONGEST or not text.isascii():
        return None
    if text.removeprefix("-").isdigit():
        return None if len(text) == _FOUR_DIGITS else int(text)
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, ahead_hours, ahead_minutes = match.groups("")
    # Imported here, because only policies with times need it.
    from datetime import datetime, timedelta  # noqa: PLC0415

    is_leap_second = second == "60"
    try:
        # These values have no time zone. The offset in the text is subtracted below.
        clock = (int(hour or 0), int(minute or 0), 59 if is_leap_second else int(second or 0))
        passed = datetime(int(year), int(month), int(day or 1), *clock) - datetime(1970, 1, 1)
    except ValueError:
        return None
    ahead = timedelta(hours=int(ahead_hours or 0), minutes=int(ahead_minutes or 0)) * (-1 if sign == "-" else 1)
    whole = (passed - ahead) // timedelta(seconds=1) + is_leap_second
    return whole + float(f"0{fraction}") if fraction else whole
