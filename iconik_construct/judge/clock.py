"""Reads a point in time as IAM takes it: "one of the W3C implementations of the ISO 8601 date formats or epoch time".

Written out because importing `datetime` costs a start-up more than all the rest of the judge.
"""

from __future__ import annotations

__all__ = ["seconds"]

_DAYS_OF_400_YEARS = 146_097
_LONGEST = 40
_FOUR_DIGITS = 4
_DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def seconds(text: str) -> float | None:
    """Return the seconds since 1970, or None where the text is no point in time.

    Four digits are no point in time here: they can be the year and can be the seconds.
    """
    if len(text) > _LONGEST or not text.isascii():
        return None
    if text.removeprefix("-").isdigit():
        return None if len(text) == _FOUR_DIGITS else int(text)
    date, _, rest = text.partition("T")
    day = _day(date.split("-"))
    if day is None:
        return None
    if not rest:
        return None if text.endswith("T") else day * 86_400
    clock, offset = _without_zone(rest)
    passed = _passed(clock)
    if passed is None or offset is None:
        return None
    return day * 86_400 + passed - offset


def _day(parts: list[str]) -> int | None:
    """Return the number of the day since 1970."""
    lengths = [len(part) for part in parts]
    if lengths not in ([4, 2], [4, 2, 2]) or not all(part.isdigit() for part in parts):
        return None
    year, month, day = (*map(int, parts), 1)[:3]
    if not 1 <= month <= len(_DAYS_IN_MONTH) or not 1 <= day <= _DAYS_IN_MONTH[month - 1]:
        return None
    if (month, day) == (2, 29) and (year % 4 or (year % 100 == 0 and year % 400)):
        return None
    # Counted from 1 March, so that the leap day is the last of its year.
    year, month = (year, month - 3) if month > 2 else (year - 1, month + 9)  # noqa: PLR2004
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * month + 2) // 5 + day - 1
    return era * _DAYS_OF_400_YEARS + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468


def _without_zone(text: str) -> tuple[str, int | None]:
    """Return the time of day, and by how many seconds its zone is ahead; without a zone it is UTC."""
    if text.endswith("Z"):
        return text[:-1], 0
    for sign in "+-":
        clock, found, zone = text.partition(sign)
        if found:
            digits = zone.replace(":", "", 1)
            if len(digits) != _FOUR_DIGITS or not digits.isdigit():
                return clock, None
            ahead = int(digits[:2]) * 3600 + int(digits[2:]) * 60
            return clock, ahead if sign == "+" else -ahead
    return text, 0


def _passed(clock: str) -> float | None:
    """Return the seconds since midnight."""
    whole, point, fraction = clock.partition(".")
    parts = whole.split(":")
    if len(parts) not in (2, 3) or not all(len(part) == 2 and part.isdigit() for part in parts):  # noqa: PLR2004
        return None
    if point and (not fraction.isdigit() or len(parts) == 2):  # noqa: PLR2004
        return None
    hours, minutes, secs = (*map(int, parts), 0)[:3]
    if hours > 23 or minutes > 59 or secs > 60:  # noqa: PLR2004
        return None
    passed = hours * 3600 + minutes * 60 + secs
    return passed + float(f"0.{fraction}") if point else passed
