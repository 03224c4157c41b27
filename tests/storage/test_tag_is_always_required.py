"""No public name produces a statement that lets iconik in without the right tag: tried in every way thought of."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from aws_cdk.assertions import Template

import iconik_construct
from iconik_construct import (
    Adoption,
    IconikBucketAccess,
    IconikKeyAccess,
    IconikPermissions,
    IconikStorage,
    StorageEncryption,
    StorageRole,
)

DOMAIN = "0b7fa3c2-9d41-4d5e-8f7a-6c2e1d3b5a90"
OTHER = "f3e1c0aa-52b6-4c1d-9e07-abcdef012345"
TAG = "aws:PrincipalTag/IconikSystemDomainId"
THE_TAG_ITSELF = "${aws:PrincipalTag/IconikSystemDomainId}"
REFUSED = (ValueError, TypeError)


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "Media", env=cdk.Environment(account="111122223333", region="eu-west-1"))


def storage(stack: cdk.Stack, **props: Any) -> IconikStorage:
    return IconikStorage(stack, "Storage", **{"system_domain_id": DOMAIN, **props})


def by_storage(stack: cdk.Stack, **props: Any) -> None:
    storage(stack, **props)


def by_bucket_mixin(stack: cdk.Stack, **props: Any) -> None:
    s3.Bucket(stack, "Bucket").with_(IconikBucketAccess(**{"system_domain_id": DOMAIN, **props}))


def by_key_mixin(stack: cdk.Stack, **props: Any) -> None:
    kms.Key(stack, "Key").with_(IconikKeyAccess(**{"system_domain_id": DOMAIN, **props}))


# Every public name that writes statements, by the shortest way to use it.
WAYS = [by_storage, by_bucket_mixin, by_key_mixin]
Way = Callable[..., None]


def statements_for_others(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every allow, wherever in a template, for whoever is not in the stack's own account."""
    if isinstance(value, dict):
        if value.get("Effect") == "Allow" and not _is_for_us(value.get("Principal", {})):
            yield value
        for item in value.values():
            yield from statements_for_others(item)
    elif isinstance(value, list):
        for item in value:
            yield from statements_for_others(item)


def _is_for_us(principal: Any) -> bool:
    # No principal at all is an identity policy, which only a role of the stack can have.
    text = json.dumps(principal)
    return principal == {} or "Service" in principal or "111122223333:root" in text


def assert_pinned(stack: cdk.Stack, expected: Any = DOMAIN) -> None:
    template = Template.from_stack(stack).to_json()
    found = list(statements_for_others(template))
    assert found
    for statement in found:
        assert statement["Principal"] == {"AWS": "arn:aws:iam::283217727627:role/IconikS3AccessRole"}
        assert statement["Condition"]["StringEquals"][TAG] == expected
        assert set(statement["Condition"]) <= {"StringEquals", "StringLike"}


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "*",
        "?" * 36,
        f"{DOMAIN[:-1]}*",
        f"{DOMAIN},{OTHER}",
        THE_TAG_ITSELF,
        "${*}",
        "${Token[AWS.NoValue]}*",
        THE_TAG_ITSELF + "${Token[TOKEN.1]}",
        None,
        0,
        True,
        DOMAIN.encode(),
        {DOMAIN: ""},
        [],
        [""],
        [DOMAIN, "*"],
        [DOMAIN, None],
        [[DOMAIN]],
    ],
)
@pytest.mark.parametrize("let_in", WAYS)
def test_an_id_that_others_could_carry_is_refused(stack: cdk.Stack, let_in: Way, value: Any) -> None:
    with pytest.raises(REFUSED, match="system_domain_id"):
        let_in(stack, system_domain_id=value)


@jsii.implements(cdk.IStableAnyProducer, cdk.IStableStringProducer)
class Lately:
    def __init__(self, value: Any) -> None:
        self._value = value

    def produce(self) -> Any:
        return self._value


@pytest.mark.parametrize(
    ("token", "became"),
    [
        (lambda: cdk.Lazy.string(Lately(THE_TAG_ITSELF)), "PrincipalTag"),
        (lambda: cdk.Fn.join("", ["${aws:PrincipalTag/", "IconikSystemDomainId}"]), "PrincipalTag"),
        (lambda: cdk.Fn.sub("${!aws:PrincipalTag/IconikSystemDomainId}"), "Fn::Sub"),
        (lambda: cdk.Fn.join("", ["${aws:PrincipalTag/", cdk.Fn.ref("Rest")]), "Fn::Join"),
        (lambda: cdk.Aws.NO_VALUE, "AWS::NoValue"),
        (lambda: cdk.Token.as_string({"Fn::If": ["Known", DOMAIN, {"Ref": "AWS::NoValue"}]}), "AWS::NoValue"),
        (lambda: cdk.Token.as_string({"Fn::If": ["Known", DOMAIN, "*"]}), r"'\*'"),
        (lambda: cdk.Fn.select(0, cdk.Fn.split(",", cdk.Fn.sub("${!*}"))), "Fn::Sub"),
        (lambda: cdk.Token.as_string({"Fn::Transform": {"Name": "Anything"}}), "Fn::Transform"),
        (lambda: cdk.Token.as_string({}), r"\{\}"),
        (lambda: cdk.Lazy.any(Lately([DOMAIN, "*"])), r"\*"),
    ],
)
@pytest.mark.parametrize("let_in", WAYS)
def test_a_token_that_becomes_anything_but_one_id_fails_synthesis(
    stack: cdk.Stack, let_in: Way, token: Callable[[], Any], became: str
) -> None:
    value = token()
    let_in(stack, system_domain_id=value if isinstance(value, str) else cdk.Token.as_string(value))
    with pytest.raises(RuntimeError, match=rf"'system_domain_id' must become a UUID, but it is .*{became}"):
        Template.from_stack(stack)


@pytest.mark.parametrize(
    "token",
    [
        lambda stack: cdk.CfnParameter(stack, "Id").value_as_string,
        lambda stack: cdk.Fn.import_value("IconikSystemDomainId"),
        lambda stack: ssm.StringParameter.value_for_string_parameter(stack, "/iconik/system-domain-id"),
        lambda stack: cdk.CfnDynamicReference(cdk.CfnDynamicReferenceService.SSM, "/iconik/id").to_string(),
        lambda stack: cdk.CfnMapping(stack, "Ids", mapping={"eu": {"id": DOMAIN}}).find_in_map(cdk.Aws.REGION, "id"),
        lambda stack: cdk.Fn.select(0, cdk.CfnParameter(stack, "Ids", type="CommaDelimitedList").value_as_list),
    ],
)
@pytest.mark.parametrize("let_in", WAYS)
def test_what_only_the_deployment_knows_is_written_into_the_condition(
    stack: cdk.Stack, let_in: Way, token: Callable[[cdk.Stack], str]
) -> None:
    value = token(stack)
    let_in(stack, system_domain_id=value)
    assert_pinned(stack, stack.resolve(value))


@pytest.mark.parametrize("let_in", WAYS)
def test_a_token_that_becomes_the_id_late_is_written_into_the_condition(stack: cdk.Stack, let_in: Way) -> None:
    let_in(stack, system_domain_id=cdk.Token.as_string(cdk.Lazy.any(Lately(DOMAIN))))
    assert_pinned(stack)


@pytest.mark.parametrize(
    "value",
    [
        "*",
        "",
        None,
        "283217727627",
        "arn:aws:iam::283217727627:root",
        "arn:aws:iam::283217727627:role/*",
        "arn:aws:iam::*:role/IconikS3AccessRole",
        "arn:aws:iam::283217727627:user/iconik",
        "arn:aws:sts::283217727627:assumed-role/IconikS3AccessRole/iconik",
        "arn:aws:iam::283217727627:role/IconikS3AccessRole\n",
        ["arn:aws:iam::283217727627:role/IconikS3AccessRole", "*"],
        {"AWS": "*"},
        "${Token[TOKEN.1]}",
    ],
)
@pytest.mark.parametrize("let_in", WAYS)
def test_a_principal_other_than_one_role_is_refused(stack: cdk.Stack, let_in: Way, value: Any) -> None:
    with pytest.raises(REFUSED, match="iconik_role_arn"):
        let_in(stack, iconik_role_arn=value)


@pytest.mark.parametrize("prop", ["extra_bucket_actions", "extra_object_actions"])
@pytest.mark.parametrize(
    "action", ["*", "s3:*", "s3:Get*", "s3:?utObject", "kms:*", "S3:PutBucketPolicy", "s3:putbucketpolicy", ""]
)
def test_an_extra_action_that_is_more_than_one_action_is_refused(prop: str, action: str) -> None:
    with pytest.raises(ValueError, match=prop):
        IconikPermissions(roles={StorageRole.READ}, **{prop: [action]})


@pytest.mark.parametrize("block", [None, s3.BlockPublicAccess.BLOCK_ACLS])
def test_a_bucket_open_to_everybody_would_be_open_to_iconiks_other_customers_and_is_refused(
    stack: cdk.Stack, block: Any
) -> None:
    blocks = {} if block is None else {"block_public_access": block}
    with pytest.raises(ValueError, match="every other iconik customer would have access"):
        storage(stack, bucket_props={"public_read_access": True, **blocks})


def test_props_changed_afterwards_change_no_policy(stack: cdk.Stack) -> None:
    ids, permissions, props = [DOMAIN], [IconikPermissions.read()], {"versioned": True}
    storage(stack, system_domain_id=ids, permissions=permissions, bucket_props=props)
    ids.append(OTHER)
    permissions.append(IconikPermissions.admin())
    props["public_read_access"] = True
    assert_pinned(stack)


def test_what_is_handed_out_changes_no_policy_and_nothing_that_is_handed_out_later(stack: cdk.Stack) -> None:
    made = storage(stack, encryption=StorageEncryption.KMS)
    for placement in made.placements:
        for handed_out in placement.statements:
            handed_out.pop("Condition")
            handed_out["Principal"] = "*"
    for statement in (*made.bucket_policy_statements, *made.key_policy_statements):
        statement.add_any_principal()
        statement.add_condition("StringLike", {TAG: "*"})
    again = [statement.to_json() for statement in (*made.bucket_policy_statements, *made.key_policy_statements)]
    assert all(list(one["Condition"]["StringEquals"]) == [TAG] for one in again)
    assert all(one["Condition"]["StringEquals"] for placement in made.placements for one in placement.statements)
    assert_pinned(stack)


def test_a_subclass_that_overrides_every_public_name_keeps_the_tag(stack: cdk.Stack) -> None:
    class Bent(IconikStorage):
        system_domain_ids = property(lambda self: ())
        permissions = property(lambda self: (IconikPermissions.admin(),))
        placements = property(lambda self: ())
        bucket_policy_statements = property(lambda self: [])
        key_policy_statements = property(lambda self: [])

        def create_bucket(self, props: dict[str, Any]) -> s3.IBucket:
            return s3.Bucket(self, "Default")

        def create_key(self) -> kms.IKey:
            return kms.Key(self, "Key")

    Bent(stack, "Storage", system_domain_id=DOMAIN, encryption=StorageEncryption.KMS)
    assert_pinned(stack)


@pytest.mark.parametrize("let_in", WAYS)
def test_permissions_of_ones_own_making_keep_the_tag(stack: cdk.Stack, let_in: Way) -> None:
    class Bent(IconikPermissions):
        bucket_actions = property(lambda self: ("s3:*",))
        object_actions = property(lambda self: ("*",))
        key_actions = property(lambda self: ("kms:*",))

    let_in(stack, permissions=Bent(roles={StorageRole.READ}))
    assert_pinned(stack)


@pytest.mark.parametrize("adoption", list(Adoption))
def test_every_way_into_a_policy_of_others_keeps_the_tag(stack: cdk.Stack, adoption: Adoption) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "media")
    storage(stack, bucket=bucket, adoption=adoption, encryption=StorageEncryption.S3_MANAGED)
    template = json.dumps(Template.from_stack(stack).to_json())
    # Handed-over statements are a string in an output, with quotes of their own.
    plain = template.replace("\\", "")
    allows = plain.count('"AWS": "arn:aws:iam::283217727627:role/IconikS3AccessRole"') + plain.count(
        '"AWS":"arn:aws:iam::283217727627:role/IconikS3AccessRole"'
    )
    conditions = plain.count(f'"StringEquals": {{"{TAG}": "{DOMAIN}"}}') + plain.count(
        f'"StringEquals":{{"{TAG}":"{DOMAIN}"}}'
    )
    assert allows == conditions > 0


def test_folding_statements_of_two_customers_gives_neither_the_access_of_the_other() -> None:
    app = cdk.App(context={"@aws-cdk/aws-iam:minimizePolicies": True})
    stack = cdk.Stack(app, "Media", env=cdk.Environment(account="111122223333", region="eu-west-1"))
    bucket = s3.Bucket(stack, "Bucket")
    for domain, permissions in ((DOMAIN, IconikPermissions.read()), (OTHER, IconikPermissions.write())):
        IconikStorage(stack, domain, system_domain_id=domain, permissions=permissions, bucket=bucket)
    found = [
        (action, one["Condition"]["StringEquals"][TAG])
        for one in statements_for_others(Template.from_stack(stack).to_json())
        for action in one["Action"]
    ]
    assert ("s3:GetObject", DOMAIN) in found
    assert ("s3:PutObject", OTHER) in found
    assert ("s3:GetObject", OTHER) not in found
    assert ("s3:PutObject", DOMAIN) not in found


def test_no_public_name_takes_a_condition_or_a_principal() -> None:
    taken = {
        f"{name}({parameter})"
        for name in iconik_construct.__all__
        if inspect.isclass(public := getattr(iconik_construct, name))
        for _, member in [("", public), *inspect.getmembers(public, inspect.isfunction)]
        for parameter in _parameters(member)
        if "condition" in parameter or "principal" in parameter or "statement" in parameter
    }
    # Placement is the record of what was written; nothing is written from it.
    assert taken == {"Placement(statements)"}


def _parameters(member: Any) -> list[str]:
    try:
        return list(inspect.signature(member).parameters)
    except ValueError:
        return []
