"""Who is let in."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iconik_construct.access.trust import (
    ICONIK_ROLE_ARN,
    parse_iconik_role_arn,
    parse_system_domain_ids,
    suspect_ids,
    tag_condition,
)
from iconik_construct.errors import IconikTypeError, IconikValueError

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
OTHER = "a7d9e1c4-1111-4222-8333-444455556666"


def test_a_system_domain_id_is_stored_in_lower_case_without_blanks():
    assert parse_system_domain_ids(f"  {DOMAIN.upper()}\n") == (DOMAIN,)


def test_several_domains_are_sorted_and_each_written_once():
    assert parse_system_domain_ids([OTHER, DOMAIN, OTHER.upper()]) == (DOMAIN, OTHER)


@given(st.uuids())
def test_every_uuid_is_accepted_as_python_writes_it(value: uuid.UUID):
    assert parse_system_domain_ids(str(value)) == (str(value),)


@pytest.mark.parametrize("token", ["${Token[TOKEN.12]}", "${Token[Param.Domain.3]}"])
def test_a_token_passes_unchecked(token: str):
    assert parse_system_domain_ids([token]) == (token,)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "acme",
        "*",
        f"{DOMAIN}*",
        f"{DOMAIN},{OTHER}",
        "${aws:PrincipalTag/x}",
    ],
)
def test_anything_but_a_uuid_is_refused_with_where_to_find_it(value: str):
    with pytest.raises(IconikValueError) as refusal:
        parse_system_domain_ids(value)
    assert str(refusal.value) == (
        f"'system_domain_id' must be a UUID, got {value!r}. Find it in iconik under Admin > Settings > System Settings."
    )


@pytest.mark.parametrize(
    "value",
    [
        f"{{{DOMAIN}}}",
        DOMAIN.replace("-", ""),
        DOMAIN.replace("-", "").upper(),
        f"urn:uuid:{DOMAIN}",
        DOMAIN.replace("-", "\u2013"),
        f'"{DOMAIN}"',
    ],
)
def test_an_id_in_another_spelling_is_refused_with_the_right_one(value: str):
    with pytest.raises(IconikValueError) as refusal:
        parse_system_domain_ids(value)
    assert refusal.value.fix == f"Write {DOMAIN!r}."


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("1297c8b6-3563-11e7-adf1-6c4008b85488", "ExampleSystemDomainId"),
        ("00000000-0000-0000-0000-000000000000", "NilSystemDomainId"),
        ("ffffffff-ffff-ffff-ffff-ffffffffffff", "MaxSystemDomainId"),
    ],
)
def test_an_id_that_is_probably_a_mistake_is_named(value: str, name: str):
    assert [found for found, _ in suspect_ids([DOMAIN, value])] == [name]


def test_a_token_for_a_list_is_refused_with_the_way_to_its_ids():
    """The CDK can put such a token only in place of a whole list, and not beside another id."""
    with pytest.raises(IconikValueError, match=r"must not be a list whose ids only the deployment knows.*Fn.select"):
        parse_system_domain_ids(["#{Token[TOKEN.7]}"])


def test_no_domain_at_all_is_refused():
    with pytest.raises(IconikValueError, match="at least one System Domain ID"):
        parse_system_domain_ids([])


@pytest.mark.parametrize("value", [None, 7, {DOMAIN: 1}, DOMAIN.encode(), [None], [7]])
def test_a_domain_of_another_type_is_a_type_error(value: object):
    with pytest.raises(IconikTypeError, match="'system_domain_id' must be"):
        parse_system_domain_ids(value)  # type: ignore[arg-type]


def test_the_condition_is_string_equals_on_the_session_tag():
    assert tag_condition([DOMAIN]) == {"StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": DOMAIN}}


def test_several_domains_share_one_condition():
    assert tag_condition([DOMAIN, OTHER])["StringEquals"] == {"aws:PrincipalTag/IconikSystemDomainId": [DOMAIN, OTHER]}


def test_iconiks_own_role_is_accepted():
    assert parse_iconik_role_arn(ICONIK_ROLE_ARN) == "arn:aws:iam::283217727627:role/IconikS3AccessRole"


@pytest.mark.parametrize(
    "value",
    [
        "*",
        "283217727627",
        "arn:aws:iam::283217727627:root",
        "arn:aws:iam::*:role/IconikS3AccessRole",
        "arn:aws:iam::283217727627:role/*",
        "arn:aws:iam::283217727627:user/IconikS3AccessRole",
        "arn:aws-cn:iam::283217727627:role/IconikS3AccessRole",
        "arn:aws:sts::283217727627:assumed-role/IconikS3AccessRole/session",
        "",
    ],
)
def test_a_principal_that_is_not_one_role_is_refused(value: str):
    with pytest.raises(IconikValueError, match="'iconik_role_arn' must be the ARN of one IAM role"):
        parse_iconik_role_arn(value)
