"""Gives a stand-in to each System Domain ID that only the deployment knows, so that its policies can be assessed.

Such an id comes from a parameter, an import or Parameter Store. In the templates it is the same unknown value in each
statement of its storage. Messages contain that value, and never the stand-in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

import aws_cdk as cdk

from ..access.trust import PRINCIPAL_TAG, is_system_domain_id, is_token
from ..assessment import Finding
from ..assessment.fact import Fact, Found, value_of
from ..assessment.facts import PolicyText, statements_of
from ..judge.text import MarkedText, if_plain, joined, map_texts, shown
from ..templates.intrinsics import Scope, possible_values
from ..templates.placed_bucket import PlacedBucket
from ..templates.template import mapping

__all__ = ["DeployedDomains"]

_STAND_IN: Final = "00000000-0000-4000-8000-{:012d}"
_NOBODY: Final = _STAND_IN.format(0)
_PATTERN: Final = re.compile(r"[*?]|\$\{")


class DeployedDomains:
    """The System Domain IDs of one app that only the deployment knows."""

    def __init__(self) -> None:
        self._choices: set[frozenset[str]] = set()
        """The ids of each value that can be one of several, by a condition of the template."""
        self._stand_ins: dict[MarkedText, str] = {}

    def resolved(self, system_domain_ids: Iterable[str], stack: cdk.Stack) -> tuple[Any, ...]:
        """Return the ids as nodes of a template.

        Args:
            system_domain_ids: the ids, tokens or not.
            stack: the stack of the tokens.
        """
        ids = list(system_domain_ids)
        return tuple(stack.resolve(ids) if any(map(is_token, ids)) else ids)

    def known(self, nodes: Iterable[Any], scope: Scope) -> tuple[str, ...]:
        """Return the ids, with a stand-in for each unknown one. A pattern or a policy variable is none of them.

        Args:
            nodes: the ids as nodes of a template.
            scope: the scope of that template.
        """
        ids: dict[str, None] = {}
        for node in nodes:
            values = possible_values(node, scope)
            found = [self._id_of(value) for value in values if not _PATTERN.search(if_plain(value) or "")]
            if len(values) > 1:
                self._choices.add(frozenset(found))
            ids |= dict.fromkeys(found)
        return tuple(ids) or (_NOBODY,)

    def _id_of(self, value: MarkedText) -> str:
        text = if_plain(value)
        if text is not None and is_system_domain_id(text):
            return text
        # Also the default of a parameter that says only that a value must be given.
        return self._stand_ins.setdefault(value, _STAND_IN.format(len(self._stand_ins) + 1))

    def placed(self, bucket: PlacedBucket) -> PlacedBucket:
        """Return a bucket with the stand-ins in the facts about its policies."""
        if not self._stand_ins and not self._choices:
            return bucket
        facts = bucket.facts
        keys = (
            replace(each, policy=self._fact(each.policy), strict_policy=self._strict(each.policy, each.strict_policy))
            for each in facts.keys
        )
        strict = self._strict(facts.policy, facts.strict_policy)
        known = replace(facts, policy=self._fact(facts.policy), strict_policy=strict, keys=tuple(keys))
        return replace(bucket, facts=known)

    def _fact(self, fact: Fact) -> Fact:
        return Found(self.policy(fact.value)) if isinstance(fact, Found) else fact

    def _strict(self, wide: Fact, strict: PolicyText | None) -> PolicyText | None:
        """Return a strict form. An id that is one of several is certain in it, whichever the deployment chooses."""
        if strict is None:
            return None
        certain: PolicyText = self.policy(strict)
        for statement, of_wide in zip(statements_of(certain), statements_of(self.policy(value_of(wide))), strict=True):
            for operator, entries in mapping(statement.get("Condition")).items():
                ids = mapping(mapping(of_wide.get("Condition")).get(operator)).get(PRINCIPAL_TAG)
                if isinstance(ids, list) and frozenset(ids) in self._choices:
                    entries[PRINCIPAL_TAG] = ids
        return certain

    def policy(self, document: Any) -> Any:
        """Return a policy, or a part of one, with the stand-ins."""
        return map_texts(document, lambda text: joined(self._stand_ins.get(text, text)))

    def finding(self, finding: Finding) -> Finding:
        """Return a finding without stand-ins in its text and its statements."""
        names = {stand_in: shown(value) for value, stand_in in self._stand_ins.items()}

        def named(text: MarkedText) -> Any:
            for stand_in, name in names.items():
                text = text.replace(joined(stand_in), joined(name))
            return text

        if not names:
            return finding
        return replace(finding, text=named(joined(finding.text)), paste=tuple(map_texts(list(finding.paste), named)))
