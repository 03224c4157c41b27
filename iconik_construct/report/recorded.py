"""Reads the record in a template, in the form of `report --json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..assessment import Question, assess
from ..judge.text import AnyText, shown
from ..templates.buckets import PlacedBucket, buckets_of
from ..templates.record import faults_of_record, recorded_storages
from ..templates.template import App, Template
from .model import Storage

__all__ = ["record_of_template"]


def record_of_template(body: Mapping[str, Any], question: Question) -> dict[str, Any]:
    """Return the record of the buckets whose policies are in the record of a template.

    Raises:
        ValueError: the template has no record, or the record does not match its policies.
    """
    template = Template("", body)
    storages = recorded_storages(template)
    if storages is None:
        raise ValueError("the template has no record, which IconikGuardrail(record=app) writes")
    for _, text in faults_of_record(template):
        raise ValueError(text)
    recorded = {policy["logical_id"] for storage in storages for policy in storage["policies"]}
    cases: dict[AnyText, list[PlacedBucket]] = {}
    for placed in buckets_of(App([template])):
        if placed.policy is not None and placed.policy.logical_id in recorded:
            cases.setdefault(placed.facts.name, []).append(placed)
    matching = [
        Storage(f": {shown(name)}", "", "", tuple(assess(placed.facts, question) for placed in listed))
        for name, listed in cases.items()
    ]
    return {"version": 1, "storages": [storage.as_json() for storage in matching]}
