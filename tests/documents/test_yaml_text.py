"""YAML as the file of storages has it."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iconik_construct.config.document import IconikConfigError, parse_config
from iconik_construct.documents.yaml_text import read_yaml

DOMAIN = "6f1a3c52-9d8e-4b7a-a2c4-0e5d7f9b1c3e"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("on", "on"),
        ("no", "no"),
        ("Yes", "Yes"),
        ("1_000", "1_000"),
        ("0123", "0123"),
        ("0x1f", "0x1f"),
        ("0o17", "0o17"),
        ("1e5", "1e5"),
        (".inf", ".inf"),
        ("1:30", "1:30"),
        ("2026-01-31", "2026-01-31"),
        ("=", "="),
        ("'7'", "7"),
        ("!!str 7", "7"),
        ("7", 7),
        ("-7", -7),
        ("1.2", 1.2),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
    ],
)
def test_what_is_no_plain_number_or_truth_value_is_text_as_it_is_written(written, meant):
    found = read_yaml(f"key: {written}")["key"]
    assert (found, type(found)) == (meant, type(meant))


@pytest.mark.parametrize("key", ["on", "no", "1", "true", "null", "1e5"])
def test_keys_are_always_text(key):
    assert read_yaml(f"{key}: x") == {key: "x"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: [", "line 1: while parsing a flow node"),
        ("a: 1\n a: 2", "line 2: mapping values are not allowed here"),
        ("a: 1\n---\nb: 2", "line 2: expected a single document"),
        ("a: *nope", "line 1: found undefined alias"),
        ("a:\n  b: !!binary aGk=", "line 2: the tag !!binary is not read"),
        ("a: !!timestamp 2026-01-31", "line 1: the tag !!timestamp is not read"),
        ("a: !!set {b}", "line 1: the tag !!set is not read"),
        ("a: !!omap [b: 1]", "line 1: the tag !!omap is not read"),
        ("a: !!python/object/apply:os.system [ls]", "line 1: the tag !!python/object/apply:os.system is not read"),
        ("a: !Ref b", "line 1: the tag !Ref is not read"),
        ("a: !!int b", "line 1: 'b' is not a valid int"),
        ("\n? [a]\n: b", "line 2: a key must be text"),
        ("a: &x [*x]", "line 1: an alias refers to a value that contains it"),
        ("a: {<<: 7}", "line 1: << must merge objects"),
        ("[" * 100_000, "line 1: nested too deeply"),
        ("a: \x01", "unacceptable character"),
    ],
)
def test_what_cannot_be_read_is_a_value_error_that_names_the_line(text, complaint):
    with pytest.raises(ValueError, match=r".") as caught:
        read_yaml(text)
    assert str(caught.value).startswith(complaint)


def test_aliases_and_merges_stand_for_what_they_name():
    text = "base: &base {encryption: KMS, path: a/}\nlist: &list [x]\nuse: {<<: *base, path: b/}\nagain: *list"
    found = read_yaml(text)
    assert found["use"] == {"encryption": "KMS", "path": "b/"}
    assert found["again"] == ["x"]


@pytest.mark.parametrize("form", ["a{n}: &a{n} [{aliases}]\n", "a{n}: &a{n} {{<<: [{aliases}], k{n}: 1}}\n"])
def test_aliases_to_aliases_are_bounded(form):
    lines = ["a0: &a0 {k: 1}\n"] + [form.format(n=n, aliases=",".join([f"*a{n - 1}"] * 10)) for n in range(1, 30)]
    started = time.monotonic()
    with pytest.raises(ValueError, match=r"aliases refer to more than 100,000 values"):
        read_yaml("".join(lines))
    assert time.monotonic() - started < 10


def test_an_error_has_its_line_and_a_duplicate_key_its_second_line():
    text = f"""\
# a comment
system_domain_id: {DOMAIN}
storages:
  masters:
    permissions:
      - read
      - roles: [OWNER]
        prefixes:
          - masters
  masters:
    path: x
"""
    with pytest.raises(IconikConfigError) as caught:
        parse_config(read_yaml(text))
    assert [line.split(" must")[0] for line in caught.value.listing] == [
        "line 10: 'storages.masters'",
        "line 11: 'storages.masters.path'",
    ]
    with pytest.raises(IconikConfigError) as caught:
        parse_config(read_yaml(text.partition("  masters:\n    path")[0]))
    assert [line.split(" must")[0] for line in caught.value.listing] == [
        "line 7: 'storages.masters.permissions[1].roles[0]'",
        "line 9: 'storages.masters.permissions[1].prefixes[0]'",
    ]


def test_a_key_that_is_not_there_is_missed_at_the_line_of_its_object():
    with pytest.raises(IconikConfigError) as caught:
        parse_config(read_yaml("storages:\n  masters: {}\n"))
    assert caught.value.listing[0].startswith("line 2: 'storages.masters.system_domain_id' must be given")


@pytest.mark.parametrize(
    ("key", "value", "advice"),
    [
        ("account", "111122223333", 'Write it in quotes: "111122223333".'),
        ("name", "2026", 'Write it in quotes: "2026".'),
        ("tags", "{year: 2026}", 'Write it in quotes: "2026".'),
        ("via_s3_only", "yes", "Write true or false, or leave it out."),
    ],
)
def test_an_ambiguous_yaml_value_is_refused_with_the_fix(key, value, advice):
    with pytest.raises(IconikConfigError) as caught:
        parse_config(read_yaml(f"system_domain_id: {DOMAIN}\nstorages: {{masters: {{{key}: {value}}}}}"))
    (mistake,) = caught.value.errors
    assert mistake.fix == advice


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(st.characters(codec="ascii"), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner),
    max_leaves=15,
)


@settings(max_examples=200)
@given(JSON)
def test_json_is_read_as_json(value):
    assert read_yaml(json.dumps(value)) == value
