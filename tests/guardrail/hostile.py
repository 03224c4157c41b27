"""All hostile templates, each with the rules that must fire, and no other."""

from __future__ import annotations

from tests.guardrail.hostile_resources import BUCKET_AND_KEY, UNRESOLVABLE
from tests.guardrail.hostile_statements import EVERYBODY, WITHOUT_TAG, WRONG_TAG

__all__ = ["HOSTILE", "UNRESOLVABLE"]

HOSTILE = {**WITHOUT_TAG, **WRONG_TAG, **EVERYBODY, **BUCKET_AND_KEY, **UNRESOLVABLE}
