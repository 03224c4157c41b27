"""Counts the calls into jsii's kernel, which is where a construct library in Python spends its time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jsii._kernel.providers import process


@contextmanager
def counted_calls() -> Iterator[list[str]]:
    """Collect the kind of every request to the kernel while the context lasts."""
    calls: list[str] = []
    send = process._NodeProcess.send

    def counting(self: Any, request: Any, response_type: Any) -> Any:
        calls.append(type(request).__name__)
        return send(self, request, response_type)

    process._NodeProcess.send = counting  # type: ignore[method-assign]
    try:
        yield calls
    finally:
        process._NodeProcess.send = send  # type: ignore[method-assign]
