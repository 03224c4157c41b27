"""Templates that CloudFormation would refuse, or that hold what no one has thought of, are read all the same."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from iconik_construct.assessment import Question
from iconik_construct.templates.check import check
from iconik_construct.templates.template import App, Template
from tests.guardrail.building import DOMAINS
from tests.guardrail.harmless import HARMLESS
from tests.guardrail.hostile import HOSTILE

TEMPLATES = [*HARMLESS.values(), *(body for body, _ in HOSTILE.values())]
FUNCTIONS = [
    "Ref",
    "Fn::FindInMap",
    "Fn::ForEach::x",
    "Fn::GetAtt",
    "Fn::GetStackOutput",
    "Fn::If",
    "Fn::ImportValue",
    "Fn::Join",
    "Fn::Select",
    "Fn::Split",
    "Fn::Sub",
    "Fn::Transform",
]
WORDS = [
    "Media",
    "Media.Arn",
    "Key",
    "AWS::Region",
    "AWS::NoValue",
    "C",
    "${Media}",
    "${",
    "*",
    "{{resolve:ssm:a}}",
    "{",
]

SCALARS = st.none() | st.booleans() | st.integers(-1, 9) | st.sampled_from(WORDS)
NODES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS), inner, max_size=2)
        | st.dictionaries(st.sampled_from(FUNCTIONS), inner, min_size=1, max_size=1)
    ),
    max_leaves=6,
)


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in entries:
        yield (*path, key)
        yield from places(value, (*path, key))


@settings(max_examples=300)
@given(data=st.data())
def test_nothing_in_a_template_stops_the_guardrail(data: st.DataObject):
    body = copy.deepcopy(data.draw(st.sampled_from(TEMPLATES)))
    path = data.draw(st.sampled_from(list(places(body))))
    target = body
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = data.draw(NODES)
    for finding in check(App([Template("it.template.json", body)]), Question(tuple(DOMAINS))):
        assert isinstance(finding.text, str)
