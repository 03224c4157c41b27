"""The demo's questions get the policy engine's verdicts on the policies given, and on nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dev.demo.questions import CALLERS, Answer, StoragePolicies, ask
from dev.proof.policy_engine import PolicyEngine
from iconik_construct.access.permissions import IconikPermissions
from iconik_construct.access.statements import bucket_statements, key_statement
from iconik_construct.access.trust import PRINCIPAL_TAG

DOMAIN = "0b7fa3c2-9d41-4d5e-8f7a-6c2e1d3b5a90"
BUCKET = "arn:aws:s3:::media"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
DENY_OLD_TLS = {
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "s3:*",
    "Resource": [BUCKET, f"{BUCKET}/*"],
    "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
}
DENY_NO_TLS = {**DENY_OLD_TLS, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}


@pytest.fixture(scope="module")
def engine() -> Iterator[PolicyEngine]:
    with PolicyEngine() as running:
        yield running


def policies(permissions: IconikPermissions, *more: dict[str, Any], **changes: Any) -> StoragePolicies:
    statements = bucket_statements([permissions], [DOMAIN], BUCKET)
    found: dict[str, Any] = {
        "account": "123456789012",
        "bucket_arn": BUCKET,
        "bucket_policy": {"Version": "2012-10-17", "Statement": [DENY_NO_TLS, DENY_OLD_TLS, *statements, *more]},
        "system_domain_id": DOMAIN,
    }
    return StoragePolicies(**{**found, **changes})


def with_key(permissions: IconikPermissions) -> StoragePolicies:
    document = {"Version": "2012-10-17", "Statement": [key_statement([permissions], [DOMAIN])]}
    return policies(permissions, key_arn=KEY, key_policy=document)


def extents(engine: PolicyEngine, storage: StoragePolicies, caller: int = 0) -> dict[str, str]:
    """What each row says about a caller: all of it, some or none."""
    found = {row.label: row.answers[caller] for row in ask(engine, storage)}
    return {
        label: "all" if answer.allowed == answer.asked else "some" if answer.allowed else "none"
        for label, answer in found.items()
    }


def test_reading_allows_its_own_groups_and_no_other(engine: PolicyEngine) -> None:
    assert extents(engine, with_key(IconikPermissions.read())) == {
        "list the objects": "all",
        "read, restore objects": "all",
        "write objects": "none",
        "delete objects": "none",
        "look up settings": "all",
        "change CORS": "all",
        "administer: rest of S3": "none",
        "decrypt with the key": "all",
        "encrypt with the key": "none",
        "administer: rest of KMS": "none",
    }


def test_admin_may_do_everything_with_the_bucket_and_not_administer_the_key(engine: PolicyEngine) -> None:
    found = extents(engine, with_key(IconikPermissions.admin()))
    assert [label for label, extent in found.items() if extent != "all"] == ["administer: rest of KMS"]


def test_write_without_delete_may_not_delete(engine: PolicyEngine) -> None:
    found = extents(engine, policies(IconikPermissions.write(delete=False)))
    assert (found["write objects"], found["delete objects"], found["list the objects"]) == ("all", "none", "none")


def test_a_storage_below_a_prefix_is_asked_about_below_it(engine: PolicyEngine) -> None:
    found = extents(engine, policies(IconikPermissions.read_write("masters/"), prefix="masters/"))
    assert (found["list the objects"], found["write objects"]) == ("all", "all")


def test_one_further_action_shows_up_as_a_part_of_the_rest(engine: PolicyEngine) -> None:
    roles = IconikPermissions.read().roles
    permissions = IconikPermissions(roles=roles, extra_bucket_actions=["s3:GetBucketVersioning"])
    assert extents(engine, policies(permissions))["administer: rest of S3"] == "some"


@pytest.mark.parametrize("caller", range(1, len(CALLERS)))
def test_another_domain_and_no_tag_are_allowed_nothing(engine: PolicyEngine, caller: int) -> None:
    found = extents(engine, with_key(IconikPermissions.admin()), caller)
    assert set(found.values()) == {"none"}


@pytest.mark.parametrize("caller", range(1, len(CALLERS)))
def test_a_statement_without_the_condition_is_visible(engine: PolicyEngine, caller: int) -> None:
    [open_to_all] = bucket_statements([IconikPermissions.admin()], [DOMAIN], BUCKET)
    del open_to_all["Condition"]
    found = extents(engine, policies(IconikPermissions.read(), open_to_all), caller)
    assert set(found.values()) == {"all"}


def test_a_statement_for_any_tag_allows_other_domains_but_no_session_without_a_tag(
    engine: PolicyEngine,
) -> None:
    [any_tag] = bucket_statements([IconikPermissions.admin()], [DOMAIN], BUCKET)
    any_tag["Condition"] = {"StringLike": {PRINCIPAL_TAG: "*"}}
    storage = policies(IconikPermissions.read(), any_tag)
    assert [set(extents(engine, storage, caller).values()) for caller in (1, 2)] == [{"all"}, {"none"}]


def test_a_storage_without_a_key_of_its_own_is_not_asked_about_one(engine: PolicyEngine) -> None:
    assert not any("key" in row.label for row in ask(engine, policies(IconikPermissions.read())))


def test_a_policy_without_iconik_allows_nobody(engine: PolicyEngine) -> None:
    bare = {"Version": "2012-10-17", "Statement": [DENY_NO_TLS]}
    rows = ask(engine, policies(IconikPermissions.read(), bucket_policy=bare))
    assert {answer.allowed for row in rows for answer in row.answers} == {0}
    assert rows[0].answers[0] == Answer(0, 1)
