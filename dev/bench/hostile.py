"""How long inputs take that are made to take long, beside an ordinary input of the same size."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from iconik_construct.assessment import Question
from iconik_construct.judge import judge
from iconik_construct.templates.check import check
from iconik_construct.templates.template import App, Template

from .hostile_inputs import ORDINARY, ORDINARY_TEMPLATE, POLICIES, TEMPLATES, request
from .table import table

_DOMAINS = frozenset({"0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"})


def report() -> str:
    """Return the table: processor time, and its ratio to that of an ordinary input."""
    rows: list[tuple[str, str, str, str]] = []
    policy = _best(_judged(*ORDINARY))
    rows.append(("an ordinary policy", _size(ORDINARY), f"{policy * 1000:.0f}", "1.0"))
    for name, one in POLICIES.items():
        rows.append((name, _size(one), *_shown(_best(_judged(*one)), policy)))
    template = _best(_checked(ORDINARY_TEMPLATE))
    rows.append(("an ordinary template", _size(ORDINARY_TEMPLATE), f"{template * 1000:.0f}", "1.0"))
    for name, body in TEMPLATES.items():
        rows.append((name, _size(body), *_shown(_best(_checked(body)), template)))
    return table("Inputs that are made to take long", ("", "kB", "ms", "ratio to an ordinary input"), rows)


def _judged(policy: dict[str, Any], context: dict[str, Any]) -> Callable[[], object]:
    text = json.dumps(policy)
    return lambda: judge(text, request(context))


def _checked(body: dict[str, Any]) -> Callable[[], object]:
    return lambda: check(App([Template("it.template.json", body)]), Question(tuple(_DOMAINS)))


def _best(run: Callable[[], object], turns: int = 3) -> float:
    found = []
    for _ in range(turns):
        start = time.process_time()
        run()
        found.append(time.process_time() - start)
    return min(found)


def _size(one: Any) -> str:
    return f"{len(json.dumps(one)) / 1000:.0f}"


def _shown(seconds: float, ordinary: float) -> tuple[str, str]:
    return f"{seconds * 1000:.0f}", f"{seconds / ordinary:.1f}"


if __name__ == "__main__":
    print(report())  # noqa: T201
