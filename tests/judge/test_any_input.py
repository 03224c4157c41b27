"""Whatever is judged: never a crash, never slow, and never certain of what is not known."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iconik_construct.judge import ForeignValue, OneOf, Request, Verdict, judge, own, unknown
from iconik_construct.judge import wildcards as walking
from tests.judge.asking import DEPENDS, OBJECT, OWNER, ROLE, SESSION

TEXTS = st.sampled_from(
    ["", "*", "a", "a*", "?", "s3:*", OBJECT, ROLE, "${aws:username}", "${aws:PrincipalTag/x, 'a'}", "${", "\x00", "5"]
) | st.text(max_size=5)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
ANY_JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3))
OPERATORS = ["StringEquals", "StringNotLike", "ArnLike", "NumericLessThan", "DateEquals", "IpAddress", "Bool", "Null"]
CONDITIONS = st.dictionaries(
    st.sampled_from([*OPERATORS, "ForAllValues:StringLike", "ForAnyValue:ArnNotLikeIfExists"]) | TEXTS,
    st.dictionaries(st.sampled_from(["aws:PrincipalArn", "aws:PrincipalTag/x"]) | TEXTS, ANY_JSON, max_size=2)
    | ANY_JSON,
    max_size=2,
)
STATEMENTS = st.fixed_dictionaries(
    {},
    optional={
        "Sid": ANY_JSON,
        "Effect": st.sampled_from(["Allow", "Deny"]) | ANY_JSON,
        "Principal": st.fixed_dictionaries({"AWS": ANY_JSON}) | ANY_JSON,
        "NotPrincipal": st.fixed_dictionaries({"AWS": ANY_JSON}) | ANY_JSON,
        "Action": ANY_JSON,
        "NotAction": ANY_JSON,
        "Resource": ANY_JSON,
        "NotResource": ANY_JSON,
        "Condition": CONDITIONS | ANY_JSON,
        "Fn::If": ANY_JSON,
    },
)
DOCUMENTS = (
    st.fixed_dictionaries(
        {"Statement": STATEMENTS | st.lists(STATEMENTS | ANY_JSON, max_size=3)},
        optional={"Version": st.sampled_from(["2012-10-17", "2008-10-17"]) | ANY_JSON, "Id": ANY_JSON},
    )
    | ANY_JSON
)
CONTEXTS = st.dictionaries(
    st.sampled_from(["aws:PrincipalTag/x", "aws:username", "aws:PrincipalArn", "aws:userid"]) | TEXTS,
    TEXTS
    | st.lists(TEXTS, max_size=3)
    | st.builds(ForeignValue, TEXTS, st.booleans())
    | st.builds(OneOf, st.lists(TEXTS, max_size=2).map(tuple), st.booleans()),
    max_size=3,
)
PRINCIPALS = st.sampled_from([SESSION, ROLE, None, OWNER, "s3.amazonaws.com"]) | TEXTS


@given(document=DOCUMENTS, principal=PRINCIPALS, context=CONTEXTS, resource=TEXTS)
@settings(max_examples=100)
def test_any_json_gets_a_decision_that_is_the_same_for_its_text(document, principal, context, resource):
    request = Request(action="s3:GetObject", resource=resource, account=OWNER, principal=principal, context=context)
    found = judge(document, request)
    assert found.verdict in Verdict
    assert found.verdict is not DEPENDS or found.unless
    if isinstance(document, dict):
        assert judge(json.dumps(document), request) == found


@pytest.mark.parametrize("depth", [500, 100_000])
def test_nothing_is_too_deep(depth):
    nested: Any = "x"
    for _ in range(depth):
        nested = {"Fn::If": [nested]}
    for element in ("Effect", "Principal", "Action", "Resource", "Condition", "Sid", "Else"):
        base = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
        document = {"Version": "2012-10-17", "Statement": [{**base, element: nested}]}
        request = Request(action="s3:GetObject", resource=OBJECT, account=OWNER, principal=SESSION)
        assert judge(document, request).verdict is (Verdict.ALLOWED if element == "Sid" else DEPENDS)
    # Taking it apart level by level keeps Python from doing so by recursion.
    while isinstance(nested, dict):
        nested = nested["Fn::If"].pop()


def _completions(keys: list[str]) -> Iterator[tuple[dict[str, str], frozenset[str]]]:
    for values in itertools.product([None, "a", "b", "5"], repeat=len(keys)):
        context = {key: value for key, value in zip(keys, values, strict=True) if value is not None}
        yield context, frozenset(keys) - context.keys()


TAGS = [f"aws:PrincipalTag/{letter}" for letter in "xyz"]
READABLE = st.lists(
    st.fixed_dictionaries(
        {
            "Effect": st.sampled_from(["Allow", "Deny"]),
            "Principal": st.just("*"),
            "Action": st.just("*"),
            "Resource": st.sampled_from(["*", *(f"arn:aws:s3:::media/${{{tag}}}" for tag in TAGS)]),
        },
        optional={
            "Condition": st.dictionaries(
                st.builds(
                    "{}{}{}".format,
                    st.sampled_from(["", "ForAllValues:", "ForAnyValue:"]),
                    st.sampled_from(
                        ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "NumericEquals"]
                    ),
                    st.sampled_from(["", "IfExists"]),
                )
                | st.just("Null"),
                st.dictionaries(
                    st.sampled_from(TAGS),
                    st.lists(
                        st.sampled_from(
                            ["a", "*", "b", "?", "true", "5", "${aws:PrincipalTag/x}", "x${aws:PrincipalTag/y}*"]
                        ),
                        min_size=1,
                        max_size=2,
                    ),
                    min_size=1,
                    max_size=2,
                ),
                min_size=1,
                max_size=2,
            )
        },
    ),
    max_size=3,
)


@given(statements=READABLE, hidden=st.sets(st.sampled_from(TAGS)), values=st.lists(st.sampled_from("ab"), min_size=3))
@settings(max_examples=100)
def test_what_is_certain_with_a_part_of_the_context_is_so_however_the_rest_is(statements, hidden, values):
    document = {"Version": "2012-10-17", "Statement": statements}
    known = {tag: value for tag, value in zip(TAGS, values, strict=False) if tag not in hidden}

    def asked(context: dict[str, str], absent: frozenset[str]) -> Verdict:
        principal = f"arn:aws:iam::{OWNER}:user/x" if len(values) > 3 else SESSION
        request = Request(
            action="s3:GetObject",
            resource=OBJECT,
            account=OWNER,
            principal=principal,
            context={**known, **context},
            absent=absent,
        )
        return judge(document, request).verdict

    before = asked({}, frozenset())
    if before is not DEPENDS:
        for context, absent in _completions(sorted(hidden)):
            assert asked(context, absent) in {before, DEPENDS}


@given(
    pattern=st.lists(st.sampled_from(["a", "b", "*", "?", unknown("x"), unknown("y"), own("z")]), max_size=6),
    text=st.lists(st.sampled_from(["a", "b", unknown("x"), own("z")]), max_size=5),
    wildcards=st.booleans(),
)
@settings(max_examples=150)
def test_a_match_that_is_certain_is_so_whatever_the_unknown_parts_are(pattern, text, wildcards):
    found = walking.matches("".join(pattern), "".join(text), wildcards=wildcards)
    if found is None:
        return
    for one, other in itertools.product(["", "a", "b", "ab", "ba"], repeat=2):
        filled = {unknown("x"): one, unknown("y"): other}
        pattern_then = "".join(filled.get(piece, piece) for piece in pattern)
        text_then = "".join(filled.get(piece, piece) for piece in text)
        assert walking.matches(pattern_then, text_then, wildcards=wildcards) is found


@given(pattern=st.text("ab*?", max_size=8), text=st.text("ab", max_size=8))
@settings(max_examples=150)
def test_wildcards_match_as_the_plainest_definition_says(pattern, text):
    # What each start of the pattern matches, start by start of the text.
    row = [True] + [False] * len(text)
    for sign in pattern:
        row = (
            list(itertools.accumulate(row, lambda before, now: before or now))
            if sign == "*"
            else [False, *(row[at] and sign in ("?", text[at]) for at in range(len(text)))]
        )
    assert walking.matches(pattern, text, wildcards=True) is row[-1]


class Counting(str):
    """A text that counts how often it is searched or gone through."""

    looks = 0

    def find(self, *where: Any) -> int:
        type(self).looks += 1
        return super().find(*where)

    def __iter__(self) -> Iterator[str]:
        for letter in super().__iter__():
            type(self).looks += 1
            yield letter


@pytest.mark.parametrize(
    "pattern",
    [
        "*" * 100_000 + "b",
        "*a" * 500 + "b",
        "?*" * 500 + "b",
        "*" + "a?" * 500 + "b",
        "a*" * 999 + "b*",
        "*" + "a" * 900 + "b*",
    ],
)
def test_a_wildcard_match_looks_at_each_character_once(pattern):
    text = Counting("a" * 1_000)
    Counting.looks = 0
    assert walking.matches(pattern, text, wildcards=True) is False
    assert Counting.looks <= 1_000


@pytest.mark.parametrize("count", [1_000, 2_000])
def test_an_account_that_is_masked_by_stars_is_no_work(count):
    masked = f"arn:aws:iam::{'*' * count}:user/x"
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": masked}, "Action": "*", "Resource": "*"},
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "*",
                "Resource": "*",
                "Condition": {"ArnLike": {"aws:PrincipalArn": masked}},
            },
        ],
    }
    request = Request(action="s3:GetObject", resource=OBJECT, account=OWNER, principal=SESSION)
    assert judge(document, request).verdict is Verdict.DENIED
