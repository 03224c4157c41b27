"""Who, what and where as policy statements."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iconik_construct.access.folding import fold
from iconik_construct.access.permissions import IconikPermissions, StorageRole
from iconik_construct.access.statements import bucket_statements, key_statement, size_in_bytes

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
ROLE = "arn:aws:iam::283217727627:role/IconikS3AccessRole"
BUCKET = "arn:aws:s3:::media"
TAG = {"aws:PrincipalTag/IconikSystemDomainId": DOMAIN}
ACTIONS = st.sampled_from(["Get", "Put", "Delete", "Tag", "List"])
PREFIXES = st.sampled_from(["", "a/", "a/b/", "a/b/c/", "b/", "ab/", "c/", "c/d/"])


def test_admin_is_iconiks_published_statement():
    assert bucket_statements([IconikPermissions.admin(), IconikPermissions.read("a/")], [DOMAIN], BUCKET) == [
        {
            "Sid": "IconikAdmin",
            "Effect": "Allow",
            "Principal": {"AWS": ROLE},
            "Action": "s3:*",
            "Resource": [BUCKET, f"{BUCKET}/*"],
            "Condition": {"StringEquals": TAG},
        }
    ]


def test_listing_is_limited_by_prefix_beside_the_tag():
    statements = {s["Sid"]: s for s in bucket_statements([IconikPermissions.read("b/", "a/")], [DOMAIN], BUCKET)}
    assert statements["IconikList"]["Action"] == "s3:ListBucket"
    assert statements["IconikList"]["Condition"] == {"StringEquals": TAG, "StringLike": {"s3:prefix": ["a/*", "b/*"]}}
    assert statements["IconikObjects"]["Resource"] == [f"{BUCKET}/a/*", f"{BUCKET}/b/*"]
    assert "s3:ListBucket" not in statements["IconikBucket"]["Action"]


def test_listing_versions_is_limited_by_prefix_too():
    permissions = IconikPermissions(
        roles={StorageRole.READ}, prefixes=["a/"], extra_bucket_actions=["s3:ListBucketVersions"]
    )
    statements = {s["Sid"]: s for s in bucket_statements([permissions], [DOMAIN], BUCKET)}
    assert statements["IconikList"]["Action"] == ["s3:ListBucket", "s3:ListBucketVersions"]


def test_a_listing_of_the_whole_bucket_needs_no_second_statement_for_a_part():
    statements = bucket_statements([IconikPermissions.read("a/"), IconikPermissions.read()], [DOMAIN], BUCKET)
    assert [s["Sid"] for s in statements] == ["IconikBucket", "IconikObjects"]
    assert statements[1]["Resource"] == f"{BUCKET}/*"


@pytest.mark.parametrize(("by_iconik", "granted"), [(True, True), (False, False)])
def test_iconik_may_write_cors_only_where_it_is_the_writer(by_iconik: bool, granted: bool):
    statements = bucket_statements([IconikPermissions.read()], [DOMAIN], BUCKET, cors_by_iconik=by_iconik)
    assert ("s3:PutBucketCORS" in statements[0]["Action"]) is granted


def test_the_key_statement_is_iconiks_published_one_with_the_condition_that_its_text_demands():
    assert key_statement([IconikPermissions.admin()], [DOMAIN]) == {
        "Sid": "IconikKey",
        "Effect": "Allow",
        "Principal": {"AWS": ROLE},
        "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
        "Resource": "*",
        "Condition": {"StringEquals": TAG},
    }


def test_reading_alone_may_only_decrypt():
    assert key_statement([IconikPermissions.read()], [DOMAIN])["Action"] == ["kms:Decrypt", "kms:DescribeKey"]


def test_the_key_can_be_limited_to_one_service():
    statement = key_statement([IconikPermissions.read()], [DOMAIN], via_service="s3.eu-west-1.amazonaws.com")
    assert statement["Condition"] == {"StringEquals": {**TAG, "kms:ViaService": "s3.eu-west-1.amazonaws.com"}}


def test_the_same_permissions_in_any_order_give_the_same_bytes():
    one, two = IconikPermissions.read("a/", "c/"), IconikPermissions.write("b/", "a/")
    forward, backward = (bucket_statements(p, [DOMAIN], BUCKET) for p in ([one, two], [two, one]))
    assert json.dumps(forward) == json.dumps(backward)


def test_permissions_with_equal_actions_share_a_statement():
    apart = [IconikPermissions.read("a/"), IconikPermissions.read("b/"), IconikPermissions.read("a/x/")]
    assert bucket_statements(apart, [DOMAIN], BUCKET) == bucket_statements(
        [IconikPermissions.read("a/", "b/")], [DOMAIN], BUCKET
    )


def test_two_blocks_are_found_where_both_simple_orders_need_three():
    blocks = fold({"Get": ["a/", "b/", "c/"], "Put": ["a/", "b/"], "Delete": ["b/", "c/"]})
    assert len(blocks) == 2


@given(st.dictionaries(ACTIONS, st.lists(PREFIXES, min_size=1)))
def test_folding_changes_nothing_about_what_is_granted(granted: dict[str, list[str]]):
    blocks = fold(granted)
    for action in ("Get", "Put", "Delete", "Tag", "List"):
        for key in ("x", "a/x", "a/b/x", "a/b/c/x", "b/x", "ab/x", "c/x", "c/d/x"):
            before = key.startswith(tuple(granted.get(action, ())))
            after = any(action in block.actions and key.startswith(block.prefixes) for block in blocks)
            assert before == after, (action, key, blocks)


@given(st.dictionaries(ACTIONS, st.lists(PREFIXES, min_size=1)))
def test_folding_needs_no_more_statements_than_one_an_action_or_one_a_prefix(granted: dict[str, list[str]]):
    assert len(fold(granted)) <= min(len(granted), len({p for below in granted.values() for p in below}))


def test_the_size_counts_bytes_not_characters():
    assert size_in_bytes({"Sid": "ü"}) == len('{"Sid":"ü"}') + 1


def test_every_statement_carries_the_condition_and_the_one_principal():
    everything = [
        IconikPermissions.read("a/"),
        IconikPermissions.write("b/", delete=False),
        IconikPermissions.write("c/"),
    ]
    for statement in [*bucket_statements(everything, [DOMAIN], BUCKET), key_statement(everything, [DOMAIN])]:
        assert statement["Condition"]["StringEquals"]["aws:PrincipalTag/IconikSystemDomainId"] == DOMAIN
        assert statement["Principal"] == {"AWS": ROLE}
        assert statement["Effect"] == "Allow"
        assert not {"NotAction", "NotResource", "NotPrincipal"} & statement.keys()
