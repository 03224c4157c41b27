"""Takes away a part of what is known of a request: the judge may then say that it depends, and nothing that is wrong.

Apart from the comparison with engines because none of them says what it does not know.
"""

from __future__ import annotations

import ipaddress
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final

from iconik_construct.judge import judge

from .agreement import Judge, verdict
from .case import Case, Value
from .vocabulary import CALLERS, KEYS

__all__ = ["Ignorance", "Taken", "completions", "taken_away", "taken_from"]

_BY_NAME: Final = {key.name.lower(): key for key in KEYS}
_OTHER: Final = {
    "number": ("7.5", "-100", "100000"),
    "date": ("1999-01-01T00:00:00Z", "2035-05-05T05:05:05Z"),
    "bool": ("true", "false"),
    "ip": ("192.0.2.1", "2001:db8:ffff::1"),
}
_FOLLOWS: Final = frozenset(
    {"aws:username", *(name.lower() for caller in CALLERS for name in caller.keys(service="kms", owner=""))}
)
_FEW: Final = 5
"""How many completions are asked about, unless all of them agree and the judge says that it depends."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A case, and the keys that the judge is not told about: neither their values nor that they are absent."""

    case: Case
    keys: tuple[str, ...]

    def verdict(self, judged_by: Judge = judge) -> str:
        """Return what the judge says without knowing these keys."""
        request = self.case.for_judge()
        unknown = {name.lower() for name in self.keys}
        known = {name: value for name, value in request.context.items() if name.lower() not in unknown}
        absent = frozenset(name for name in request.absent if name.lower() not in unknown)
        return str(judged_by(self.case.document, replace(request, context=known, absent=absent)).verdict.value)


@dataclass(slots=True)
class Ignorance:
    """What came of it."""

    cases: int = 0
    completions: int = 0
    depends: int = 0
    lazy: int = 0
    wrong: list[str] = field(default_factory=list)
    telling: list[tuple[Taken, str]] = field(default_factory=list)
    """The cases whose verdict a slip cannot change without being wrong."""

    def __str__(self) -> str:
        return (
            f"{self.cases:,} cases, {self.completions:,} completions, {len(self.wrong)} wrong; "
            f"{self.depends:,} depend, {self.lazy:,} of them ({self.lazy / max(self.cases, 1):.2%} of all) needlessly"
        )


def taken_from(rng: Random, case: Case) -> Taken | None:
    """Return the case without one to three of the keys that its policy mentions; None if it mentions none."""
    # What follows from the principal is known without being told.
    names = sorted({name.lower() for name in case.names} - _FOLLOWS)
    if case.asked.caller.principal is None:
        names = [name for name in names if not name.startswith("aws:principal")]
    if not names:
        return None
    return Taken(case, tuple(rng.sample(names, min(len(names), rng.choice((1, 1, 1, 1, 2, 2, 3))))))


def taken_away(rng: Random, cases: Sequence[Case]) -> Ignorance:
    """Ask the judge about each case without some keys, and about what these keys can be."""
    found = Ignorance()
    for case in cases:
        taken = taken_from(rng, case)
        if taken is not None:
            _ask(rng, taken, found)
    return found


def _ask(rng: Random, taken: Taken, found: Ignorance) -> None:
    said = taken.verdict()
    every = list(completions(taken))
    rng.shuffle(every)
    seen: set[str] = set()
    for number, case in enumerate([taken.case, *every]):
        if number >= _FEW and (said != "depends" or len(seen) > 1):
            break
        seen.add(verdict(case))
        found.completions += 1
    found.cases += 1
    found.depends += said == "depends"
    found.lazy += said == "depends" and len(seen) == 1 and seen != {said}
    if said == "depends" and len(seen) > 1:
        found.telling.append((taken, said))
    if said != "depends" and seen != {said}:
        found.wrong.append(f"without {', '.join(taken.keys)} the judge says {said}, with them {seen}: {taken.case}")


def completions(taken: Taken) -> Iterator[Case]:
    """Yield the case with each combination of what the taken keys could be."""
    asked = taken.case.asked
    alphabets = [_alphabet(taken.case, name) for name in taken.keys]
    kept = {name: value for name, value in asked.context.items() if name.lower() not in taken.keys}
    for values in itertools.product(*alphabets):
        given = {name: value for name, value in zip(taken.keys, values, strict=True) if value is not None}
        yield replace(taken.case, asked=replace(asked, context={**kept, **given}))


def _alphabet(case: Case, name: str) -> list[Value | None]:
    """Return that the key is absent, what the policy compares it with, and something else."""
    key = _BY_NAME.get(name)
    kind = key.kind if key is not None else "string"
    values: dict[str, None] = {}
    for statement in case.document["Statement"]:
        for operator, tests in statement.get("Condition", {}).items():
            for tested, compared in tests.items():
                if tested.lower() == name and "Null" not in operator:
                    for one in compared if isinstance(compared, list) else [compared]:
                        values.update(dict.fromkeys(_around(kind, one)))
    values.update(dict.fromkeys(_OTHER.get(kind, ("elsewhere",))))
    values.update(dict.fromkeys(_as_variable(case, name)))
    if key is not None and key.many:
        several = list(values)[:3]
        return [None, *([one] for one in values), several]
    return [None, *values]


def _around(kind: str, compared: Any) -> Iterator[str]:
    """Yield what equals a value of the policy, and what is next to it."""
    text = str(compared).lower() if isinstance(compared, bool) else str(compared)
    if kind == "number" and text.replace(".", "").lstrip("-").isdigit():
        yield from (text, str(float(text) - 1), str(float(text) + 1))
    elif kind == "ip":
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError:
            return
        yield str(network.network_address)
    else:
        yield text.replace("*", "").replace("?", "x")
        yield text.replace("*", "xyz").replace("?", "y")


def _as_variable(case: Case, name: str) -> Iterator[str]:
    """Yield what a variable could stand for so that the text around it is what the request has."""
    asked = case.asked
    there = [asked.resource, *(value for value in asked.whole_context().values() if isinstance(value, str))]
    for text in _texts(case.document):
        match = re.search(r"\$\{" + re.escape(name) + r"(, '[^']*')?\}", text, re.IGNORECASE)
        if match is None:
            continue
        start, end = text[: match.start()], text[match.end() :]
        # A wildcard beside it takes the rest.
        start, end = start.rpartition("*")[2], end.partition("*")[0]
        for one in there:
            at = one.find(start)
            upto = one.rfind(end) if end else len(one)
            if at >= 0 and at + len(start) <= upto:
                yield one[at + len(start) : upto]


def _texts(found: Any) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, (dict, list)):
        for one in found.values() if isinstance(found, dict) else found:
            yield from _texts(one)
