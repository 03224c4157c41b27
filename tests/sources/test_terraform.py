"""What a plan or a state of Terraform says: planned values, what is known after the apply only, references."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iconik_construct.access.trust import ICONIK_ROLE_ARN
from iconik_construct.assessment import Verdict
from iconik_construct.sources.files import SourceError
from iconik_construct.sources.guarding import Guarded, guard
from iconik_construct.sources.reading import read_source

DOMAIN = "0b7fa3c2-9d41-4d5e-8f7a-6c2e1d3b5a90"
TAG = "aws:PrincipalTag/IconikSystemDomainId"
KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OWNER = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"}
DENY_HTTP = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": ["arn:aws:s3:::media", "arn:aws:s3:::media/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def allow(**changes: Any) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": ICONIK_ROLE_ARN},
        "Action": ["s3:GetObject", "s3:PutObject"],
        "Resource": "arn:aws:s3:::media/*",
        "Condition": {"StringEquals": {TAG: DOMAIN}},
        **changes,
    }
    return {name: value for name, value in statement.items() if value is not None}


def policy(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class Written:
    """A plan of one module, resource by resource."""

    def __init__(self, module: str = "") -> None:
        self.module = module
        self.resources: list[Any] = []
        self.changes: list[Any] = []
        self.configured: list[Any] = []

    def add(self, name: str, values: Any = None, *, unknown: Any = None, refers: Any = None, index: Any = None) -> None:
        mode = "data" if name.startswith("data.") else "managed"
        kind, label = name.removeprefix("data.").split(".")
        address = f"{self.module}.{name}" if self.module else name
        one = {"address": address, "mode": mode, "type": kind, "name": label}
        if index is not None:
            one |= {"address": f"{address}[{json.dumps(index)}]", "index": index}
        change = {"actions": ["create"], "after": values or {}, "after_unknown": unknown or {}}
        self.changes.append(one | {"change": change} | ({"module_address": self.module} if self.module else {}))
        if mode == "managed":
            self.resources.append(one | {"values": values or {}})
        if not any(each["address"] == name for each in self.configured):
            expressions = {key: {"constant_value": value} for key, value in (values or {}).items()}
            expressions |= {key: {"references": list(value)} for key, value in (refers or {}).items()}
            self.configured.append({"address": name, "expressions": expressions})

    def text(self) -> str:
        inside: dict[str, Any] = {"resources": self.resources}
        configured: dict[str, Any] = {"resources": self.configured}
        for part in reversed(self.module.split(".")[1::2]):
            inside = {"address": self.module, **inside} if "resources" in inside else inside
            inside = {"child_modules": [inside]}
            configured = {"module_calls": {part: {"module": configured}}}
        return json.dumps(
            {
                "format_version": "1.2",
                "terraform_version": "1.9.5",
                "planned_values": {"root_module": inside},
                "resource_changes": self.changes,
                "configuration": {"root_module": configured},
            }
        )

    def guarded(self, folder: Path) -> Guarded:
        path = folder / "plan.json"
        path.write_text(self.text(), encoding="utf-8")
        return guard([read_source(str(path))], [DOMAIN], ICONIK_ROLE_ARN)

    def ids(self, folder: Path) -> set[str]:
        return {one.rule.id for one in self.guarded(folder).findings}


def with_bucket(document: Any = None, **more: Any) -> Written:
    found = Written(**more)
    # Those that the provider's version 5.100 has in the plan of a new bucket.
    unknown = ("acl", "arn", "grant", "id", "policy", "region", "request_payer", "server_side_encryption_configuration")
    found.add("aws_s3_bucket.media", {"bucket": "media"}, unknown=dict.fromkeys(unknown, True))
    if document is not None:
        found.add("aws_s3_bucket_policy.media", {"bucket": "media", "policy": document})
    return found


def test_a_new_bucket_with_a_good_policy_is_good_though_much_is_not_known_yet(tmp_path: Path) -> None:
    plan = with_bucket(policy(DENY_HTTP, allow()))
    plan.add("aws_kms_key.other", {"description": "x"}, unknown={"arn": True, "policy": True})
    assert plan.guarded(tmp_path).findings == ()


def test_the_resource_of_a_finding_is_its_address_in_its_module(tmp_path: Path) -> None:
    (found,) = (
        with_bucket(policy(DENY_HTTP, allow(Condition=None)), module="module.a.module.b").guarded(tmp_path).findings
    )
    assert (found.rule.id, found.line) == ("ICONIK001", None)
    assert found.resource == f"{tmp_path}/plan.json#module.a.module.b.aws_s3_bucket_policy.media"


def test_a_policy_that_is_known_after_the_apply_is_unknown(tmp_path: Path) -> None:
    plan = with_bucket()
    plan.add(
        "aws_s3_bucket_policy.media", {"bucket": "media"}, unknown={"policy": True}, refers={"policy": ["local.p"]}
    )
    guarded = plan.guarded(tmp_path)
    assert (guarded.verdict, {one.rule.id for one in guarded.findings}) == (Verdict.UNKNOWN, {"ICONIK009"})
    assert "Write the name of the bucket into the policy instead of a reference" in guarded.findings[0].message


def block(**changes: Any) -> dict[str, Any]:
    return {
        "effect": "Allow",
        "principals": [{"type": "AWS", "identifiers": [ICONIK_ROLE_ARN]}],
        "actions": ["s3:GetObject"],
        "condition": [{"test": "StringEquals", "variable": TAG, "values": [DOMAIN]}],
        **changes,
    }


DENY_BLOCK = {
    "effect": "Deny",
    "principals": [{"type": "*", "identifiers": ["*"]}],
    "actions": ["s3:*"],
    "condition": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]}],
}


@pytest.mark.parametrize(
    ("changes", "unknown", "expected"),
    [
        ({}, {}, set()),
        ({"condition": []}, {}, {"ICONIK001"}),
        ({"condition": [{"test": "StringLike", "variable": TAG, "values": ["*"]}]}, {}, {"ICONIK002"}),
        ({"principals": [{"type": "*", "identifiers": ["*"]}], "condition": []}, {}, {"ICONIK004"}),
        ({"effect": None, "condition": []}, {}, {"ICONIK001"}),
        ({"actions": [], "not_actions": ["s3:PutBucketAcl"]}, {}, {"ICONIK006"}),
        ({"condition": []}, {"principals": [{"identifiers": True}]}, {"ICONIK009"}),
        ({}, {"condition": [{"values": [True]}]}, {"ICONIK009"}),
        ({}, {"condition": True}, {"ICONIK009"}),
    ],
)
def test_a_policy_document_that_waits_for_the_apply_is_read_statement_by_statement(
    changes: Any, unknown: Any, expected: set[str], tmp_path: Path
) -> None:
    plan = with_bucket()
    statements = {"statement": [{**DENY_BLOCK, "resources": ["*"]}, block(resources=["*"], **changes)]}
    plan.add("data.aws_iam_policy_document.p", statements, unknown={"json": True, "statement": [{}, unknown]})
    refers = {"policy": ["data.aws_iam_policy_document.p.json", "data.aws_iam_policy_document.p"]}
    plan.add("aws_s3_bucket_policy.media", {"bucket": "media"}, unknown={"policy": True}, refers=refers)
    assert plan.ids(tmp_path) == expected


def test_another_document_that_is_not_known_makes_the_policy_unknown(tmp_path: Path) -> None:
    plan = with_bucket()
    values = {"statement": [block(resources=["*"])], "source_policy_documents": [None]}
    plan.add("data.aws_iam_policy_document.p", values, unknown={"json": True, "source_policy_documents": [True]})
    refers = {"policy": ["data.aws_iam_policy_document.p.json"]}
    plan.add("aws_s3_bucket_policy.media", {"bucket": "media"}, unknown={"policy": True}, refers=refers)
    assert plan.ids(tmp_path) == {"ICONIK009"}


@pytest.mark.parametrize(("statement", "expected"), [(None, {"ICONIK008"}), ("right", set())])
@pytest.mark.parametrize("is_separate", [False, True])
def test_the_key_of_a_bucket_is_followed_by_reference_and_by_arn(
    statement: str | None, expected: set[str], is_separate: bool, tmp_path: Path
) -> None:
    actions = ["kms:Decrypt", "kms:GenerateDataKey*"]
    ours = [allow(Action=actions, Resource="*")] if statement else []
    for is_known in (False, True):
        plan = with_bucket(policy(DENY_HTTP, allow()))
        arn = {"arn": KEY_ARN} if is_known else {}
        own = {} if is_separate else {"policy": policy(OWNER, *ours)}
        plan.add("aws_kms_key.media", {**own, **arn}, unknown={} if is_known else {"arn": True, "policy": is_separate})
        if is_separate:
            refers = {"key_id": ["aws_kms_key.media.id", "aws_kms_key.media"]}
            plan.add(
                "aws_kms_key_policy.media",
                {"policy": policy(OWNER, *ours), **({"key_id": KEY_ARN} if is_known else {})},
                unknown={} if is_known else {"key_id": True},
                refers={} if is_known else refers,
            )
        by_default = {"sse_algorithm": "aws:kms", **({"kms_master_key_id": KEY_ARN} if is_known else {})}
        plan.add(
            "aws_s3_bucket_server_side_encryption_configuration.media",
            {"bucket": "media", "rule": [{"apply_server_side_encryption_by_default": [by_default]}]},
            unknown={}
            if is_known
            else {"rule": [{"apply_server_side_encryption_by_default": [{"kms_master_key_id": True}]}]},
            refers={} if is_known else {"rule": ["aws_kms_key.media.arn", "aws_kms_key.media"]},
        )
        assert plan.ids(tmp_path) == expected


def test_of_several_instances_the_one_with_the_same_index_is_meant(tmp_path: Path) -> None:
    plan = Written()
    for name, condition in (("a", {"StringEquals": {TAG: DOMAIN}}), ("b", None)):
        plan.add("aws_s3_bucket.media", {"bucket": f"media-{name}"}, unknown={"id": True}, index=name)
        plan.add(
            "data.aws_iam_policy_document.p",
            {
                "statement": [
                    {**DENY_BLOCK, "resources": ["*"]},
                    block(resources=["*"], condition=[] if condition is None else block()["condition"]),
                ]
            },
            unknown={"json": True},
            index=name,
        )
        refers = {
            "policy": ["data.aws_iam_policy_document.p", "each.key"],
            "bucket": ["aws_s3_bucket.media", "each.key"],
        }
        plan.add("aws_s3_bucket_policy.media", {}, unknown={"policy": True, "bucket": True}, refers=refers, index=name)
    (found,) = plan.guarded(tmp_path).findings
    assert (found.rule.id, found.resource.rpartition("#")[2]) == ("ICONIK001", 'aws_s3_bucket_policy.media["b"]')


KEY_ALLOW = allow(Action=["kms:Decrypt", "kms:GenerateDataKey*"], Resource="*")
KEY_REFERENCES = {
    'aws_kms_key.k["shared"].arn': "certain",
    "each.key": "the own one",
    "each.value.key": "unknown",
    "local.key": "unknown",
}


@pytest.mark.parametrize("reference", KEY_REFERENCES)
def test_a_key_of_another_index_is_not_taken_for_that_of_the_own_index(reference: str, tmp_path: Path) -> None:
    plan = with_bucket(policy(DENY_HTTP, allow()))
    for name, statements in (("media", [OWNER, KEY_ALLOW]), ("shared", [OWNER])):
        unknown = {"arn": True, "id": True, "key_id": True}
        plan.add("aws_kms_key.k", {"policy": policy(*statements)}, unknown=unknown, index=name)
    by_default = {"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms"}]}
    later = {"rule": [{"apply_server_side_encryption_by_default": [{"kms_master_key_id": True}]}]}
    names = [reference, *(["each.value"] if reference == "each.value.key" else []), "aws_kms_key.k"]
    plan.add(
        "aws_s3_bucket_server_side_encryption_configuration.e",
        {"bucket": "media", "rule": [by_default]},
        unknown=later,
        refers={"rule": names},
        index="media",
    )
    expected = {"certain": {"ICONIK008"}, "the own one": set(), "unknown": {"ICONIK010"}}
    assert plan.ids(tmp_path) == expected[KEY_REFERENCES[reference]]


@pytest.mark.parametrize("chosen_by", ["count.index", "each.value"])
@pytest.mark.parametrize(("policies", "is_certain"), [((0, 1, 2), True), ((0,), False)])
def test_an_index_by_count_or_in_a_set_is_certain_if_there_are_as_many_of_both(
    policies: tuple[int, ...], is_certain: bool, chosen_by: str, tmp_path: Path
) -> None:
    plan = with_bucket()
    for number in range(3):
        statement = block(resources=["*"], condition=block()["condition"] if number == 0 else [])
        data = {"statement": [{**DENY_BLOCK, "resources": ["*"]}, statement]}
        plan.add("data.aws_iam_policy_document.d", data, unknown={"json": True}, index=number)
    for number in policies:
        # It can be d[count.index], and d[count.index + 1].
        refers = {"policy": ["data.aws_iam_policy_document.d", chosen_by]}
        plan.add("aws_s3_bucket_policy.p", {"bucket": "media"}, unknown={"policy": True}, refers=refers, index=number)
    found = {
        one.resource.rpartition("#")[2]: one.rule.id
        for one in plan.guarded(tmp_path).findings
        if one.rule.id in {"ICONIK001", "ICONIK009"}
    }
    assert found.get("aws_s3_bucket_policy.p[0]") == (None if is_certain else "ICONIK009")


def test_the_known_name_of_a_bucket_counts_before_a_reference(tmp_path: Path) -> None:
    plan = Written()
    for name, ownership in (("a", "BucketOwnerEnforced"), ("b", "ObjectWriter")):
        plan.add("aws_s3_bucket.media", {"bucket": f"media-{name}"}, unknown={"id": True, "arn": True}, index=name)
        rule = [{"object_ownership": ownership}]
        plan.add("aws_s3_bucket_ownership_controls.o", {"bucket": f"media-{name}", "rule": rule}, index=name)
    refers = {"bucket": ["aws_s3_bucket.media", "each.key"]}
    plan.add("aws_s3_bucket_acl.acl", {"bucket": "media-b", "acl": "public-read"}, refers=refers, index="a")
    assert plan.ids(tmp_path) == {"ICONIK103"}


@pytest.mark.parametrize("is_referred_to", [True, False])
def test_the_policy_of_a_key_of_several_regions_is_that_of_the_key_it_refers_to(
    is_referred_to: bool, tmp_path: Path
) -> None:
    key_id = "mrk-12345678123412341234123456789012"
    plan = with_bucket(policy(DENY_HTTP, allow()))
    primary = f"arn:aws:kms:us-east-1:123456789012:key/{key_id}"
    for address, region in (("aws_kms_key.primary", "us-east-1"), ("aws_kms_replica_key.replica", "eu-west-1")):
        arn = f"arn:aws:kms:{region}:123456789012:key/{key_id}"
        plan.add(address, {"policy": policy(OWNER, KEY_ALLOW), "arn": arn, "id": key_id, "key_id": key_id})
    references = {"key_id": ["aws_kms_key.primary.key_id", "aws_kms_key.primary"]} if is_referred_to else None
    plan.add("aws_kms_key_policy.p", {"key_id": key_id, "policy": policy(OWNER)}, refers=references)
    by_default = [{"sse_algorithm": "aws:kms", "kms_master_key_id": primary}]
    rule = [{"apply_server_side_encryption_by_default": by_default}]
    plan.add("aws_s3_bucket_server_side_encryption_configuration.e", {"bucket": "media", "rule": rule})
    assert ("ICONIK008" if is_referred_to else "ICONIK009") in plan.ids(tmp_path)


@pytest.mark.parametrize(
    ("acl", "ownership", "blocked", "expected"),
    [
        ("public-read", "ObjectWriter", "", {"ICONIK103"}),
        ("public-read", "BucketOwnerEnforced", "", set()),
        ("public-read", "ObjectWriter", "block", set()),
        ("public-read", "ObjectWriter", "ignore", set()),
        ("private", "ObjectWriter", "", set()),
    ],
)
def test_an_acl_for_everyone_counts_where_acls_count(
    acl: str, ownership: str, blocked: str, expected: set[str], tmp_path: Path
) -> None:
    plan = with_bucket()
    refers = {"bucket": ["aws_s3_bucket.media.id", "aws_s3_bucket.media"]}
    unknown = {"bucket": True}
    plan.add("aws_s3_bucket_acl.media", {"acl": acl}, unknown=unknown, refers=refers)
    rule = [{"object_ownership": ownership}]
    plan.add("aws_s3_bucket_ownership_controls.media", {"rule": rule}, unknown=unknown, refers=refers)
    block = {"block_public_acls": blocked == "block", "ignore_public_acls": blocked == "ignore"}
    plan.add("aws_s3_bucket_public_access_block.media", block, unknown=unknown, refers=refers)
    assert plan.ids(tmp_path) == expected


def test_grants_of_an_acl_for_everyone_count_too(tmp_path: Path) -> None:
    plan = Written()
    grant = {"grantee": [{"type": "Group", "uri": "http://acs.amazonaws.com/groups/global/AllUsers"}]}
    given = {"bucket": "elsewhere", "access_control_policy": [{"grant": [grant]}]}
    plan.add("aws_s3_bucket_acl.media", given)
    plan.add(
        "aws_s3_bucket_ownership_controls.m", {"bucket": "elsewhere", "rule": [{"object_ownership": "ObjectWriter"}]}
    )
    assert plan.ids(tmp_path) == {"ICONIK103"}


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        (
            "aws_iam_role.r",
            {"assume_role_policy": policy(allow(Action="sts:AssumeRole", Condition=None))},
            {"ICONIK001"},
        ),
        ("aws_s3_access_point.a", {"bucket": "media", "policy": policy(allow(Condition=None))}, {"ICONIK001"}),
        ("aws_s3control_access_point_policy.a", {"policy": policy(allow(Condition=None))}, {"ICONIK001"}),
        ("aws_kms_grant.g", {"grantee_principal": ICONIK_ROLE_ARN}, {"ICONIK020"}),
        ("aws_lambda_permission.p", {"principal": "283217727627"}, {"ICONIK020"}),
        ("aws_ecr_repository_policy.e", {"policy": policy(allow(Condition=None, Action="ecr:Get"))}, {"ICONIK001"}),
        ("aws_s3_bucket.b", {"bucket": "media", "policy": policy(DENY_HTTP, allow(Condition=None))}, {"ICONIK001"}),
        ("aws_sqs_queue_policy.q", {"policy": policy(allow(Condition=None, Action="sqs:Get"))}, {"ICONIK001"}),
        ("aws_iam_role.r", {"assume_role_policy": policy(OWNER)}, set()),
    ],
)
def test_iconik_in_other_resources_is_found(name: str, values: Any, expected: set[str], tmp_path: Path) -> None:
    plan = Written()
    plan.add(name, values)
    assert plan.ids(tmp_path) == expected


OWNER_ID, STRANGER_ID = "0" * 64, "1" * 64


def acl_policy(grantee: Any, owner: Any = OWNER_ID) -> Any:
    grants = [{"grantee": [{"type": "CanonicalUser", "id": each}], "permission": "READ"} for each in (owner, grantee)]
    return [{"grant": grants, "owner": [{"id": owner, "display_name": None}]}]


@pytest.mark.parametrize(
    ("acl", "unknown", "expected"),
    [
        ({"access_control_policy": acl_policy(OWNER_ID)}, {}, set()),
        ({"access_control_policy": acl_policy(STRANGER_ID)}, {}, {"ICONIK103"}),
        ({"access_control_policy": [{}]}, {"access_control_policy": True}, {"ICONIK190"}),
        ({"access_control_policy": acl_policy(None, None)}, {}, {"ICONIK190"}),
        ({"acl": "private"}, {"access_control_policy": True}, set()),
    ],
)
@pytest.mark.parametrize("ownership", ["BucketOwnerEnforced", "BucketOwnerPreferred"])
def test_a_grant_to_the_account_of_somebody_else_counts_where_acls_count(
    acl: Any, unknown: Any, expected: set[str], ownership: str, tmp_path: Path
) -> None:
    plan = with_bucket(policy(DENY_HTTP, allow()))
    plan.add("aws_s3_bucket_acl.media", {"bucket": "media", **acl}, unknown=unknown)
    rule = [{"object_ownership": ownership}]
    plan.add("aws_s3_bucket_ownership_controls.media", {"bucket": "media", "rule": rule})
    block = dict.fromkeys(
        ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets"), True
    )
    plan.add("aws_s3_bucket_public_access_block.media", {"bucket": "media", **block})
    assert plan.ids(tmp_path) == (set() if ownership == "BucketOwnerEnforced" else expected)


@pytest.mark.parametrize(("payer", "expected"), [("Requester", {"ICONIK106"}), ("BucketOwner", set())])
def test_a_bucket_whose_requester_pays_is_refused(payer: str, expected: set[str], tmp_path: Path) -> None:
    plan = with_bucket(policy(DENY_HTTP, allow()))
    plan.add("aws_s3_bucket_request_payment_configuration.media", {"bucket": "media", "payer": payer})
    assert plan.ids(tmp_path) == expected
    plan = Written()
    plan.add("aws_s3_bucket.media", {"bucket": "media", "request_payer": payer})
    plan.add("aws_s3_bucket_policy.media", {"bucket": "media", "policy": policy(DENY_HTTP, allow())})
    assert plan.ids(tmp_path) == expected


@pytest.mark.parametrize(
    ("kind", "values", "unknown", "expected"),
    [
        ("aws_kms_key", {"is_enabled": True, "key_usage": "ENCRYPT_DECRYPT"}, {}, set()),
        ("aws_kms_key", {"is_enabled": False}, {}, {"ICONIK110"}),
        ("aws_kms_key", {"customer_master_key_spec": "SYMMETRIC_DEFAULT"}, {}, set()),
        ("aws_kms_key", {"customer_master_key_spec": "RSA_2048", "key_usage": "SIGN_VERIFY"}, {}, {"ICONIK110"}),
        ("aws_kms_key", {"customer_master_key_spec": "HMAC_256"}, {}, {"ICONIK110"}),
        ("aws_kms_replica_key", {"enabled": False}, {}, {"ICONIK110"}),
        ("aws_kms_replica_key", {"enabled": True}, {"key_spec": True, "key_usage": True}, set()),
        ("aws_kms_external_key", {"enabled": False}, {}, {"ICONIK110"}),
        ("aws_kms_external_key", {"enabled": True, "key_state": "PendingImport"}, {}, {"ICONIK110"}),
        ("aws_kms_external_key", {"enabled": True, "key_state": "Enabled"}, {}, set()),
        ("aws_kms_external_key", {"key_material_base64": "a"}, {"enabled": True, "key_state": True}, set()),
        ("aws_kms_external_key", {}, {"enabled": True, "key_state": True}, {"ICONIK190"}),
        ("aws_kms_replica_external_key", {"enabled": False}, {}, {"ICONIK110"}),
        ("aws_kms_replica_external_key", {}, {"key_state": True}, {"ICONIK190"}),
    ],
)
def test_a_key_that_s3_cannot_use_is_refused(
    kind: str, values: Any, unknown: Any, expected: set[str], tmp_path: Path
) -> None:
    of_key = policy(OWNER, allow(Action=["kms:Decrypt", "kms:GenerateDataKey*"], Resource="*"))
    rule = [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms"}]}]
    unknown_key = {"rule": [{"apply_server_side_encryption_by_default": [{"kms_master_key_id": True}]}]}
    name = "aws_s3_bucket_server_side_encryption_configuration.e"
    for is_separate in (False, True):
        plan = with_bucket(policy(DENY_HTTP, allow()))
        given = values if is_separate else {"policy": of_key, **values}
        plan.add(f"{kind}.k", given, unknown={"arn": True, "policy": is_separate, **unknown})
        if is_separate:
            refers = {"key_id": [f"{kind}.k.id", f"{kind}.k"]}
            plan.add("aws_kms_key_policy.k", {"policy": of_key}, unknown={"key_id": True}, refers=refers)
        refers = {"rule": [f"{kind}.k.arn", f"{kind}.k"]}
        plan.add(name, {"bucket": "media", "rule": rule}, unknown=unknown_key, refers=refers)
        assert plan.ids(tmp_path) == expected


_STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
_POLICY = {"Bucket": "b", "PolicyDocument": {"Statement": [_STATEMENT]}}
OPEN = json.dumps({"Resources": {"P": {"Type": "AWS::S3::BucketPolicy", "Properties": _POLICY}}})


@pytest.mark.parametrize("kind", ["aws_cloudformation_stack", "aws_cloudformation_stack_set"])
@pytest.mark.parametrize(
    ("values", "unknown", "expected"),
    [
        ({"template_body": OPEN}, {}, {"ICONIK004"}),
        ({"template_body": f"# YAML\n{OPEN}"}, {}, {"ICONIK004"}),
        ({"template_body": "Resources:\n  B:\n    Type: AWS::S3::Bucket\n"}, {}, set()),
        ({"template_body": "no template"}, {}, {"ICONIK024"}),
        ({}, {"template_body": True}, {"ICONIK024"}),
        ({"template_url": "https://example.com/it.json"}, {"template_body": True}, {"ICONIK028"}),
    ],
)
def test_the_template_of_a_stack_is_read(
    kind: str, values: Any, unknown: Any, expected: set[str], tmp_path: Path
) -> None:
    plan = Written()
    plan.add(f"{kind}.s", values, unknown=unknown)
    assert plan.ids(tmp_path) == expected


@pytest.mark.parametrize(
    ("kind", "values", "unknown", "expected"),
    [
        ("aws_cloudformation_stack", {"Who": "444455556666"}, {}, set()),
        ("aws_cloudformation_stack", {"Who": "*"}, {}, {"ICONIK004"}),
        ("aws_cloudformation_stack", {}, {"Who": True}, {"ICONIK009"}),
        ("aws_cloudformation_stack", {}, True, {"ICONIK009"}),
        ("aws_cloudformation_stack_set", {"Who": "444455556666"}, {}, {"ICONIK009"}),
    ],
)
def test_a_stack_has_the_parameters_of_the_plan(
    kind: str, values: Any, unknown: Any, expected: set[str], tmp_path: Path
) -> None:
    body = {"Parameters": {"Who": {"Type": "String"}}, "Resources": {}, **json.loads(OPEN)}
    body["Resources"]["P"]["Properties"]["PolicyDocument"]["Statement"][0]["Principal"] = {"AWS": {"Ref": "Who"}}
    plan = Written()
    plan.add(f"{kind}.s", {"template_body": json.dumps(body), "parameters": values}, unknown={"parameters": unknown})
    assert plan.ids(tmp_path) == expected


@pytest.mark.parametrize("kind", ["aws_cloudformation_stack_instances", "aws_cloudformation_stack_set_instance"])
@pytest.mark.parametrize(
    ("overrides", "unknown", "expected"),
    [
        ({}, {}, set()),
        ({"Who": "444455556666"}, {}, set()),
        ({"Who": ICONIK_ROLE_ARN}, {}, {"ICONIK001", "ICONIK007", "ICONIK021"}),
        ({}, {"Who": True}, {"ICONIK009"}),
    ],
)
def test_a_stack_set_has_the_parameters_of_the_plan(
    kind: str, overrides: Any, unknown: Any, expected: set[str], tmp_path: Path
) -> None:
    body = {"Parameters": {"Who": {"Type": "String"}}, "Resources": {}, **json.loads(OPEN)}
    body["Resources"]["P"]["Properties"]["PolicyDocument"]["Statement"][0]["Principal"] = {"AWS": {"Ref": "Who"}}
    plan = Written()
    values = {"template_body": json.dumps(body), "parameters": {"Who": "444455556666"}}
    plan.add("aws_cloudformation_stack_set.s", values)
    plan.add(f"{kind}.s", {"parameter_overrides": overrides}, unknown={"parameter_overrides": unknown})
    assert plan.ids(tmp_path) == expected


@pytest.mark.parametrize(
    ("tags", "unknown", "expected"),
    [
        ({"tags_all": {"Team": "media"}}, {}, set()),
        ({"tags": {"Team": "media"}}, {}, set()),
        ({"tags": {"Team": "other"}}, {}, {"ICONIK012"}),
        ({}, {}, {"ICONIK012"}),
        ({}, {"tags_all": True}, {"ICONIK014"}),
        ({"tags_all": {"Owner": "acme"}}, {"tags_all": {"Team": True}}, {"ICONIK014"}),
    ],
)
@pytest.mark.parametrize("is_of_key", [True, False])
def test_a_policy_decides_by_tags(tags: Any, unknown: Any, expected: set[str], is_of_key: bool, tmp_path: Path) -> None:
    condition = {"StringNotEquals": {"aws:ResourceTag/Team": "media"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition}
    of_key = {**allow(Action=["kms:Decrypt", "kms:GenerateDataKey"], Resource="*")}
    plan = Written()
    plan.add(
        "aws_s3_bucket.media", {"bucket": "media", **({} if is_of_key else tags)}, unknown={} if is_of_key else unknown
    )
    plan.add("aws_s3_bucket_abac.media", {"bucket": "media", "abac_status": [{"status": "Enabled"}]})
    statements = [DENY_HTTP, allow(), *([] if is_of_key else [{**deny, "Action": "s3:*"}])]
    plan.add("aws_s3_bucket_policy.media", {"bucket": "media", "policy": policy(*statements)})
    if is_of_key:
        arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
        plan.add("aws_kms_key.media", {"arn": arn, "policy": policy(of_key, deny), **tags}, unknown=unknown)
        by_default = [{"sse_algorithm": "aws:kms", "kms_master_key_id": arn}]
        rule = [{"apply_server_side_encryption_by_default": by_default}]
        plan.add("aws_s3_bucket_server_side_encryption_configuration.media", {"bucket": "media", "rule": rule})
    assert plan.ids(tmp_path) == expected


def test_the_policy_of_a_plan_replaces_that_of_the_bucket_in_a_state(tmp_path: Path) -> None:
    plan = Written()
    old, new = policy(DENY_HTTP, allow(Condition=None)), policy(DENY_HTTP, allow())
    plan.add("aws_s3_bucket.media", {"bucket": "media", "id": "media", "policy": old})
    plan.add("aws_s3_bucket_policy.media", {"bucket": "media", "policy": new})
    assert plan.ids(tmp_path) == set()


@pytest.mark.parametrize("is_separate", [False, True])
@pytest.mark.parametrize(("bucket_key", "expected"), [(True, {"ICONIK014"}), (False, set()), (None, set())])
def test_a_bucket_key_changes_the_encryption_context(
    bucket_key: bool | None, expected: set[str], is_separate: bool, tmp_path: Path
) -> None:
    objects = {
        "StringEquals": {TAG: DOMAIN},
        "StringLike": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::media/*"},
    }
    of_key = allow(Action=["kms:Decrypt", "kms:GenerateDataKey*"], Resource="*", Condition=objects)
    by_default = {"sse_algorithm": "aws:kms", "kms_master_key_id": KEY_ARN}
    rule = [{"apply_server_side_encryption_by_default": [by_default], "bucket_key_enabled": bucket_key}]
    plan = Written()
    inline = {} if is_separate else {"server_side_encryption_configuration": [{"rule": rule}]}
    plan.add("aws_s3_bucket.media", {"bucket": "media", **inline})
    if is_separate:
        plan.add("aws_s3_bucket_server_side_encryption_configuration.e", {"bucket": "media", "rule": rule})
    plan.add("aws_s3_bucket_policy.media", {"bucket": "media", "policy": policy(DENY_HTTP, allow())})
    plan.add("aws_kms_key.k", {"arn": KEY_ARN, "policy": policy(OWNER, of_key)})
    assert plan.ids(tmp_path) == expected


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("eu-west-1", set()),
        (None, {"ICONIK014"}),
        ("us-east-1", {"ICONIK008", "ICONIK111"}),
        ("cn-north-1", {"ICONIK008", "ICONIK111", "ICONIK159"}),
    ],
)
def test_the_region_of_a_bucket_is_known(region: str | None, expected: set[str], tmp_path: Path) -> None:
    through_s3 = {"StringEquals": {TAG: DOMAIN, "kms:ViaService": "s3.eu-west-1.amazonaws.com"}}
    of_key = allow(Action=["kms:Decrypt", "kms:GenerateDataKey*"], Resource="*", Condition=through_s3)
    by_default = {"sse_algorithm": "aws:kms", "kms_master_key_id": KEY_ARN}
    rule = [{"apply_server_side_encryption_by_default": [by_default]}]
    plan = Written()
    # Without the provider's version 6, the plan of a new bucket does not have its Region.
    unknown = {"region": True} if region is None else {}
    plan.add("aws_s3_bucket.media", {"bucket": "media", "region": region}, unknown=unknown)
    plan.add("aws_s3_bucket_server_side_encryption_configuration.e", {"bucket": "media", "rule": rule})
    plan.add("aws_s3_bucket_policy.media", {"bucket": "media", "policy": policy(DENY_HTTP, allow())})
    plan.add("aws_kms_key.k", {"arn": KEY_ARN, "policy": policy(OWNER, of_key)})
    assert plan.ids(tmp_path) == expected


def test_the_deletion_of_a_policy_takes_it_from_its_bucket_or_key(tmp_path: Path) -> None:
    of_bucket = policy(DENY_HTTP, allow())
    of_key = policy(OWNER, allow(Action=["kms:Decrypt", "kms:GenerateDataKey*"], Resource="*"))
    by_default = {
        "apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": KEY_ARN}]
    }
    encryption = [{"rule": [by_default]}]
    bucket = {"bucket": "media", "policy": of_bucket, "server_side_encryption_configuration": encryption}
    key = {"arn": KEY_ARN, "key_id": KEY_ARN.rpartition("/")[2], "policy": of_key}

    def plan(*deleted: tuple[str, dict[str, str]]) -> Written:
        written = Written()
        written.add("aws_s3_bucket.media", bucket)
        written.add("aws_kms_key.k", key)
        # The state has these values. The configuration has them in resources of their own.
        for each in written.configured:
            each["expressions"] = {}
        for kind, before in deleted:
            change = {"actions": ["delete"], "before": before, "after": None}
            written.changes.append({"address": f"{kind}.it", "mode": "managed", "type": kind, "change": change})
        return written

    deleted_key_policy = ("aws_kms_key_policy", {"key_id": key["key_id"], "policy": of_key})
    assert plan().ids(tmp_path) == set()
    assert plan(deleted_key_policy).ids(tmp_path) == {"ICONIK008"}
    # iconik has access neither to the bucket nor to the key.
    deleted_bucket_policy = ("aws_s3_bucket_policy", {"bucket": "media", "policy": of_bucket})
    assert plan(deleted_bucket_policy, deleted_key_policy).ids(tmp_path) == set()
    encryption_kind = "aws_s3_bucket_server_side_encryption_configuration"
    assert plan((encryption_kind, {"bucket": "media"}), deleted_key_policy).ids(tmp_path) == set()
    with_point = plan(deleted_bucket_policy)
    open_point = policy(allow(Condition=None, Resource="arn:aws:s3:eu-west-1:123456789012:accesspoint/ap/object/*"))
    with_point.add("aws_s3_access_point.ap", {"bucket": "media", "name": "ap", "policy": open_point})
    with_point.configured[-1]["expressions"] = {}
    assert "ICONIK001" in with_point.ids(tmp_path)
    # The policy of which Region is deleted is not known.
    with_replica = plan(deleted_key_policy)
    open_key = policy(OWNER, allow(Condition=None, Action="kms:Decrypt", Resource="*"))
    with_replica.add("aws_kms_replica_key.r", {**key, "arn": KEY_ARN.replace("eu-", "us-"), "policy": open_key})
    with_replica.configured[-1]["expressions"] = {}
    assert "ICONIK001" in with_replica.ids(tmp_path)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("aws_lambda_function", {"environment": [{"variables": {"ROLE": ICONIK_ROLE_ARN}}]}),
        ("aws_secretsmanager_secret_version", {"secret_string": ICONIK_ROLE_ARN}),
        ("aws_ssm_parameter", {"value": ICONIK_ROLE_ARN}),
        ("aws_of_tomorrow", {"description": ICONIK_ROLE_ARN, "tags_all": {"for": ICONIK_ROLE_ARN}}),
    ],
)
def test_data_that_mentions_iconik_gives_nobody_access(kind: str, values: Any, tmp_path: Path) -> None:
    plan = Written()
    plan.add(f"{kind}.it", values)
    assert plan.ids(tmp_path) == set()


@pytest.mark.parametrize("is_state", [False, True])
def test_the_policy_of_a_topic_is_that_of_its_own_resource(is_state: bool, tmp_path: Path) -> None:
    old, new = (
        policy(allow(Action="sns:Publish", Resource="*", Condition=each))
        for each in (None, {"StringEquals": {TAG: DOMAIN}})
    )
    plan = Written()
    arn = "arn:aws:sns:eu-west-1:123456789012:t"
    plan.add("aws_sns_topic.t", {"arn": arn, "policy": old})
    plan.add("aws_sns_topic_policy.t", {"arn": arn, "policy": new})
    plan.configured = [] if is_state else [{"address": "aws_sns_topic.t", "expressions": {}}]
    assert "ICONIK001" not in plan.ids(tmp_path)


def test_the_policy_of_a_queue_whose_address_is_not_known_is_of_no_other_resource(tmp_path: Path) -> None:
    plan = Written()
    plan.add("aws_kms_key.k", {"arn": KEY_ARN, "policy": policy(OWNER, allow(Action="kms:Decrypt", Condition=None))})
    plan.configured = [{"address": "aws_kms_key.k", "expressions": {}}]
    plan.add("aws_sqs_queue_policy.q", {"policy": policy()}, unknown={"queue_url": True})
    assert "ICONIK001" in plan.ids(tmp_path)


@pytest.mark.parametrize(("condition", "expected"), [({"StringEquals": {TAG: DOMAIN}}, set()), (None, {"ICONIK001"})])
def test_a_policy_that_terraform_forgets_stays_in_the_account(
    condition: Any, expected: set[str], tmp_path: Path
) -> None:
    plan = with_bucket()
    plan.add("aws_s3_bucket_policy.media")
    before = {"bucket": "media", "policy": policy(DENY_HTTP, allow(Condition=condition))}
    plan.changes[-1]["change"] = {"actions": ["forget"], "before": before, "after": None, "after_unknown": {}}
    plan.configured.pop()
    del plan.resources[-1]["values"]
    assert plan.ids(tmp_path) == expected


def test_a_plan_that_only_refreshes_is_refused(tmp_path: Path) -> None:
    root = {"resources": [{"address": "aws_sqs_queue.q", "mode": "managed", "type": "aws_sqs_queue", "values": {}}]}
    plan = {
        "format_version": "1.2",
        "planned_values": {"root_module": {}},
        "prior_state": {"values": {"root_module": root}},
    }
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan), encoding="utf-8")
    with pytest.raises(SourceError, match="refresh-only"):
        read_source(str(path))
    # A plan that deletes everything has changes.
    deleted = {"address": "aws_sqs_queue.q", "mode": "managed", "change": {"actions": ["delete"]}}
    path.write_text(json.dumps({**plan, "resource_changes": [deleted]}), encoding="utf-8")
    assert guard([read_source(str(path))], [DOMAIN], ICONIK_ROLE_ARN).findings == ()
