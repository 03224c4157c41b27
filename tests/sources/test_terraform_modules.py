"""References through the variables and outputs of Terraform's modules, and settings whose bucket is not known."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from iconik_construct.access.trust import ICONIK_ROLE_ARN
from iconik_construct.sources.guarding import guard
from iconik_construct.sources.reading import read_source
from tests.sources.test_terraform import (
    DENY_BLOCK,
    DENY_HTTP,
    DOMAIN,
    KEY_ALLOW,
    KEY_ARN,
    OWNER,
    Written,
    allow,
    block,
    policy,
    with_bucket,
)

Expressions = Mapping[str, Sequence[str]]
UNKNOWN_KEY = {"apply_server_side_encryption_by_default": [{"kms_master_key_id": True}]}
BY_KMS = {"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms"}]}
GOOD = policy(DENY_HTTP, allow())


def key(statements: Sequence[Any] = (OWNER,), *, module: str = "module.kms", index: Any = None) -> Written:
    found = Written(module)
    unknown = {"arn": True, "id": True, "key_id": True}
    found.add("aws_kms_key.k", {"policy": policy(*statements)}, unknown=unknown, index=index)
    return found


def encrypted(refers: Sequence[str], *, module: str = "module.media") -> Written:
    found = with_bucket(GOOD, module=module)
    found.add(
        "aws_s3_bucket_server_side_encryption_configuration.e",
        {"bucket": "media", "rule": [BY_KMS]},
        unknown={"rule": [UNKNOWN_KEY]},
        refers={"rule": refers},
    )
    return found


def written(
    *plans: Written, calls: Mapping[str, Expressions] | None = None, outputs: Mapping[str, Expressions] | None = None
) -> str:
    """A plan of several modules. Calls and outputs are given by the address of the module without indexes."""
    modules: dict[str, dict[str, Any]] = {"": {"resources": []}}
    configured: dict[str, dict[str, Any]] = {"": {"resources": []}}
    for each in plans:
        modules.setdefault(each.module, {"address": each.module, "resources": []})["resources"] += each.resources
        configured.setdefault(re.sub(r"\[.*?\]", "", each.module), {"resources": []})["resources"] = each.configured
    for path in [*(calls or {}), *(outputs or {})]:
        configured.setdefault(path, {})
    for path, named in (outputs or {}).items():
        configured[path]["outputs"] = {
            name: {"expression": {"references": list(names)}} for name, names in named.items()
        }
    for path in sorted(configured, key=len, reverse=True):
        if path:
            around, _, name = path.rpartition("module.")
            expressions = {
                variable: {"references": list(names)} for variable, names in (calls or {}).get(path, {}).items()
            }
            call = {"expressions": expressions, "module": configured[path]}
            configured[around.rstrip(".")].setdefault("module_calls", {})[name] = call
    modules[""]["child_modules"] = [each for address, each in modules.items() if address]
    return json.dumps(
        {
            "format_version": "1.2",
            "terraform_version": "1.9.5",
            "planned_values": {"root_module": modules[""]},
            "resource_changes": [change for each in plans for change in each.changes],
            "configuration": {"root_module": configured[""]},
        }
    )


def ids(text: str, folder: Path) -> dict[str, str]:
    path = folder / "plan.json"
    path.write_text(text, encoding="utf-8")
    findings = guard([read_source(str(path))], [DOMAIN], ICONIK_ROLE_ARN).findings
    return {one.rule.id: one.resource.rpartition("#")[2] for one in findings}


KEY = {"module.kms": {"arn": ["aws_kms_key.k.arn", "aws_kms_key.k"]}}
FROM_OUTPUT = ["module.kms.arn", "module.kms"]


STATEMENTS = [((OWNER,), {"ICONIK008"}), ((OWNER, KEY_ALLOW), set())]


@pytest.mark.parametrize(("statements", "expected"), STATEMENTS)
@pytest.mark.parametrize("names", [FROM_OUTPUT, ["var.use_key", "each.value", *FROM_OUTPUT]])
def test_a_key_is_followed_from_the_output_of_a_module_to_the_variable_of_another(
    names: Sequence[str], statements: Sequence[Any], expected: set[str], tmp_path: Path
) -> None:
    calls = {"module.media": {"key": names}}
    assert set(ids(written(key(statements), encrypted(["var.key"]), calls=calls, outputs=KEY), tmp_path)) == expected


@pytest.mark.parametrize(("statements", "expected"), STATEMENTS)
def test_a_key_is_followed_through_a_module_between(
    statements: Sequence[Any], expected: set[str], tmp_path: Path
) -> None:
    media = encrypted(["var.key"], module="module.outer.module.media")
    calls = {"module.outer": {"key": FROM_OUTPUT}, "module.outer.module.media": {"key": ["var.key"]}}
    assert set(ids(written(key(statements), media, calls=calls, outputs=KEY), tmp_path)) == expected


@pytest.mark.parametrize(
    "names",
    [
        ["local.key"],
        ["module.kms"],
        ["module.kms.other", "module.kms"],
        ["module.kms.arn", "module.kms", "local.key"],
        ["module.kms.arn", "module.kms", "module.other.arn", "module.other"],
        ["module.media.same"],
    ],
)
def test_a_variable_whose_value_the_plan_does_not_tell_is_not_followed(names: list[str], tmp_path: Path) -> None:
    text = written(
        key((OWNER, KEY_ALLOW)),
        key((OWNER,), module="module.other"),
        encrypted(["var.key"]),
        calls={"module.media": {"key": names, "itself": ["module.media.same"]}},
        outputs=KEY | {"module.other": KEY["module.kms"], "module.media": {"same": ["var.itself"]}},
    )
    assert set(ids(text, tmp_path)) == {"ICONIK010"}


@pytest.mark.parametrize(
    ("index", "expected"), [('["a"]', set()), ('["b"]', {"ICONIK008"}), ('["c"]', {"ICONIK010"}), ("", {"ICONIK010"})]
)
def test_the_output_of_one_of_several_instances_is_followed_by_its_index(
    index: str, expected: set[str], tmp_path: Path
) -> None:
    keys = [key((OWNER, KEY_ALLOW), module='module.kms["a"]'), key((OWNER,), module='module.kms["b"]')]
    calls = {"module.media": {"key": [f"module.kms{index}.arn", f"module.kms{index}", "module.kms"]}}
    assert set(ids(written(*keys, encrypted(["var.key"]), calls=calls, outputs=KEY), tmp_path)) == expected


def test_the_instance_of_a_module_gets_the_key_of_its_own_index(tmp_path: Path) -> None:
    keys = [key((OWNER, KEY_ALLOW), module="", index="a"), key((OWNER,), module="", index="b")]
    media = [encrypted(["var.key"], module=f'module.media["{name}"]') for name in "ab"]
    text = written(*keys, *media, calls={"module.media": {"key": ["aws_kms_key.k", "each.key"]}})
    assert ids(text, tmp_path)["ICONIK008"] == 'module.media["b"].aws_s3_bucket_policy.media'


@pytest.mark.parametrize("condition", [None, {"StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": DOMAIN}}])
def test_a_policy_document_of_another_module_is_read(condition: Any, tmp_path: Path) -> None:
    document = Written("module.policy")
    statement = block(resources=["*"], condition=block()["condition"] if condition else [])
    document.add(
        "data.aws_iam_policy_document.p",
        {"statement": [{**DENY_BLOCK, "resources": ["*"]}, statement]},
        unknown={"json": True},
    )
    media = with_bucket(module="module.media")
    media.add(
        "aws_s3_bucket_policy.media",
        {},
        unknown={"policy": True, "bucket": True},
        refers={"policy": ["var.policy"], "bucket": ["var.bucket", "aws_s3_bucket.media.id", "aws_s3_bucket.media"]},
    )
    text = written(
        document,
        media,
        calls={"module.media": {"policy": ["module.policy.json", "module.policy"]}},
        outputs={"module.policy": {"json": ["data.aws_iam_policy_document.p.json", "data.aws_iam_policy_document.p"]}},
    )
    assert set(ids(text, tmp_path)) == (set() if condition else {"ICONIK001"})


NOT_KNOWN = {"bucket": ["local.bucket"]}


AES = {"apply_server_side_encryption_by_default": [{"sse_algorithm": "AES256"}]}


@pytest.mark.parametrize(("rule", "expected"), [(BY_KMS, True), (AES, False)])
def test_an_encryption_of_a_bucket_that_is_not_known_can_be_that_of_each_bucket(
    rule: Any, expected: bool, tmp_path: Path
) -> None:
    plan = with_bucket(GOOD)
    name = "aws_s3_bucket_server_side_encryption_configuration"
    plan.add(f"{name}.e", {"rule": [rule]}, unknown={"bucket": True}, refers=NOT_KNOWN)
    assert ("ICONIK010" in plan.ids(tmp_path)) == expected
    # A bucket has one encryption.
    plan.add(f"{name}.own", {"bucket": "media", "rule": [AES]})
    assert plan.ids(tmp_path) == set()


@pytest.mark.parametrize(("algorithm", "expected"), [("aws:kms", {"ICONIK010"}), ("AES256", set())])
def test_a_policy_of_a_bucket_that_is_not_known_can_be_that_of_a_bucket_with_a_key(
    algorithm: str, expected: set[str], tmp_path: Path
) -> None:
    plan = with_bucket()
    plan.add("aws_s3_bucket_policy.p", {"policy": GOOD}, unknown={"bucket": True}, refers=NOT_KNOWN)
    rule = {"apply_server_side_encryption_by_default": [{"sse_algorithm": algorithm}]}
    plan.add("aws_s3_bucket_server_side_encryption_configuration.e", {"bucket": "media", "rule": [rule]})
    assert plan.ids(tmp_path) == expected


def test_an_acl_and_an_ownership_of_buckets_that_are_not_known_can_be_of_one_bucket(tmp_path: Path) -> None:
    plan = with_bucket(GOOD)
    plan.add("aws_s3_bucket_acl.a", {"acl": "public-read"}, unknown={"bucket": True}, refers=NOT_KNOWN)
    rule = [{"object_ownership": "ObjectWriter"}]
    plan.add("aws_s3_bucket_ownership_controls.o", {"rule": rule}, unknown={"bucket": True}, refers=NOT_KNOWN)
    assert "ICONIK103" in plan.ids(tmp_path)


@pytest.mark.parametrize(("statements", "expected"), STATEMENTS)
def test_a_key_is_followed_through_its_alias(statements: Sequence[Any], expected: set[str], tmp_path: Path) -> None:
    plan = encrypted(["aws_kms_alias.a.target_key_arn", "aws_kms_alias.a"], module="")
    plan.add("aws_kms_key.k", {"policy": policy(*statements)}, unknown={"arn": True, "id": True, "key_id": True})
    refers = {"target_key_id": ["aws_kms_key.k.key_id", "aws_kms_key.k"]}
    plan.add("aws_kms_alias.a", {"name": "alias/media"}, unknown={"arn": True, "target_key_id": True}, refers=refers)
    assert plan.ids(tmp_path) == expected


def test_a_known_name_of_another_bucket_is_not_that_of_the_reference(tmp_path: Path) -> None:
    plan = with_bucket(GOOD)
    refers = {"bucket": ["aws_s3_bucket.media.id", "aws_s3_bucket.media"]}
    rule = {"bucket": "media-logs", "rule": [BY_KMS]}
    plan.add("aws_s3_bucket_server_side_encryption_configuration.e", rule, refers=refers)
    assert plan.ids(tmp_path) == set()


@pytest.mark.parametrize(
    ("names", "is_separate", "in_doubt"),
    [
        (["local.key"], False, {"k", "other"}),
        (["local.key", "aws_kms_key.k.id", "aws_kms_key.k"], False, {"k"}),
        (["local.key", "aws_kms_key.other.id", "aws_kms_key.other"], False, {"other"}),
        # A key has one policy.
        (["local.key"], True, {"other"}),
    ],
)
def test_a_policy_of_a_key_that_is_not_known_can_replace_that_of_each_key_it_names(
    names: list[str], is_separate: bool, in_doubt: set[str], tmp_path: Path
) -> None:
    plan = encrypted(["aws_kms_key.k.arn", "aws_kms_key.k"], module="")
    unknown = {"arn": True, "id": True, "key_id": True}
    for name in ("k", "other"):
        plan.add(f"aws_kms_key.{name}", {"policy": policy(OWNER, KEY_ALLOW)}, unknown=unknown)
    assert plan.ids(tmp_path) == set()
    if is_separate:
        refers = {"key_id": ["aws_kms_key.k.id", "aws_kms_key.k"]}
        values = {"policy": policy(OWNER, KEY_ALLOW)}
        plan.add("aws_kms_key_policy.own", values, unknown={"key_id": True}, refers=refers)
    values = {"policy": policy(OWNER)}
    plan.add("aws_kms_key_policy.p", values, unknown={"key_id": True}, refers={"key_id": names})
    found = {one.resource.rpartition(".")[2] for one in plan.guarded(tmp_path).findings if one.rule.id == "ICONIK009"}
    assert found & {"k", "other"} == in_doubt


BY_POLICY = ["aws_s3_bucket_policy.p.id", "aws_s3_bucket_policy.p"]
BY_BUCKET = ["aws_s3_bucket.media.id", "aws_s3_bucket.media"]


@pytest.mark.parametrize("names", [BY_POLICY, ["var.has_policy", *BY_POLICY, *BY_BUCKET]])
def test_the_id_of_another_resource_of_a_bucket_is_its_name(names: list[str], tmp_path: Path) -> None:
    plan = with_bucket()
    plan.add("aws_s3_bucket_policy.p", {"policy": GOOD}, unknown={"bucket": True}, refers={"bucket": BY_BUCKET})
    rule = [BY_KMS]
    name = "aws_s3_bucket_server_side_encryption_configuration.e"
    plan.add(name, {"rule": rule}, unknown={"bucket": True}, refers={"bucket": names})
    assert plan.ids(tmp_path) == {"ICONIK008"}


@pytest.mark.parametrize(("ownership", "expected"), [("BucketOwnerEnforced", set()), ("ObjectWriter", {"ICONIK104"})])
def test_a_setting_that_can_be_of_named_buckets_counts_for_these_if_it_opens_them(
    ownership: str, expected: set[str], tmp_path: Path
) -> None:
    plan = with_bucket()
    plan.add("aws_s3_bucket.logs", {"bucket": "logs"}, unknown={"id": True})
    plan.add("aws_s3_bucket_policy.p", {"policy": GOOD}, unknown={"bucket": True}, refers={"bucket": BY_BUCKET})
    block = {"block_public_acls": False, "ignore_public_acls": False}
    for bucket, rule in (("media", ownership), ("logs", "ObjectWriter")):
        # As in the usual module for buckets: local.has_policy ? policy.id : bucket.id
        names = ["local.has_policy", *BY_POLICY, *BY_BUCKET] if bucket == "media" else ["local.x", "aws_s3_bucket.logs"]
        refers, unknown = {"bucket": names}, {"bucket": True}
        rules = {"rule": [{"object_ownership": rule}]}
        plan.add(f"aws_s3_bucket_ownership_controls.{bucket}", rules, unknown=unknown, refers=refers)
        plan.add(f"aws_s3_bucket_public_access_block.{bucket}", block, unknown=unknown, refers=refers)
    assert plan.ids(tmp_path) == expected


def test_buckets_that_refer_to_each_other_are_not_known(tmp_path: Path) -> None:
    plan = with_bucket(GOOD)
    for name, other in (("a", "b"), ("b", "a")):
        refers = {"bucket": [f"aws_s3_bucket_ownership_controls.{other}.id"]}
        rule = {"rule": [{"object_ownership": "BucketOwnerEnforced"}]}
        plan.add(f"aws_s3_bucket_ownership_controls.{name}", rule, unknown={"bucket": True}, refers=refers)
    assert plan.ids(tmp_path) == set()


@pytest.mark.parametrize(
    ("names", "is_own"),
    [
        (["each.value.encrypted", "each.value", "aws_kms_key.k", "each.key"], True),
        (["aws_kms_key.k", "each.key", "each.value.encrypted", "each.value"], True),
        (["each.key", "aws_kms_key.k"], True),
        (["each.key", "aws_kms_key.k", "each.value.key", "each.value"], False),
        (["each.key", "aws_kms_key.k", "var.key"], False),
    ],
)
def test_the_index_of_a_name_comes_after_it(names: list[str], is_own: bool, tmp_path: Path) -> None:
    plan = with_bucket(GOOD)
    unknown = {"arn": True, "id": True, "key_id": True}
    for name in ("media", "other"):
        plan.add("aws_kms_key.k", {"policy": policy(OWNER)}, unknown=unknown, index=name)
    plan.add(
        "aws_s3_bucket_server_side_encryption_configuration.e",
        {"bucket": "media", "rule": [BY_KMS]},
        unknown={"rule": [UNKNOWN_KEY]},
        refers={"rule": names},
        index="media",
    )
    assert plan.ids(tmp_path) == {"ICONIK008" if is_own else "ICONIK010"}


@pytest.mark.parametrize(("statements", "expected"), [((OWNER,), {"ICONIK008"}), ((OWNER, KEY_ALLOW), set())])
def test_a_key_in_another_file_is_found_by_its_arn(
    statements: Sequence[Any], expected: set[str], tmp_path: Path
) -> None:
    keys, media = Written(), with_bucket(GOOD)
    keys.add("aws_kms_key.k", {"policy": policy(*statements), "arn": KEY_ARN, "id": KEY_ARN.rpartition("/")[2]})
    by_default = [{"sse_algorithm": "aws:kms", "kms_master_key_id": KEY_ARN}]
    rule = [{"apply_server_side_encryption_by_default": by_default}]
    media.add("aws_s3_bucket_server_side_encryption_configuration.e", {"bucket": "media", "rule": rule})
    for name, plan in (("keys", keys), ("media", media)):
        (tmp_path / f"{name}.json").write_text(plan.text(), encoding="utf-8")
    for order in (("keys", "media"), ("media", "keys")):
        sources = [read_source(str(tmp_path / f"{name}.json")) for name in order]
        assert {one.rule.id for one in guard(sources, [DOMAIN], ICONIK_ROLE_ARN).findings} == expected
