"""Compares what is meant with what the engine says."""

from __future__ import annotations

from collections.abc import Iterable

from .policy_engine import PolicyEngine
from .questions import Written, questions

__all__ = ["mismatches"]


def mismatches(engine: PolicyEngine, storages: Iterable[Written]) -> tuple[int, list[str]]:
    """Return how many verdicts were taken, and each that is not the one that is meant."""
    asked = [question for written in storages for question in questions(written)]
    verdicts = engine.verdicts(question.request for question in asked)
    return len(asked), [
        f"{question.says}: meant {'yes' if question.expected else 'no'}, got {verdict.result}"
        for question, verdict in zip(asked, verdicts, strict=True)
        if question.expected != verdict.allowed
    ]
