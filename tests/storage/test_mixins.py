"""iconik's access for buckets and keys that other constructs make."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Annotations, Match, Template

from iconik_construct import (
    Cors,
    IconikBucketAccess,
    IconikKeyAccess,
    IconikPermissions,
    IconikStorage,
    IconikTypeError,
    IconikValueError,
)
from iconik_construct.access.trust import EXAMPLE_SYSTEM_DOMAIN_ID
from iconik_construct.placement.policy_in_app import with_statements

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
OTHER_DOMAIN = "4c1b7f60-1d2e-4a3b-8c4d-5e6f7a8b9c0d"
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
SUFFIX = re.compile(r"[0-9A-F]{8}$")


@pytest.fixture
def app() -> cdk.App:
    return cdk.App()


@pytest.fixture
def stack(app: cdk.App) -> cdk.Stack:
    return cdk.Stack(app, "Stack")


def bucket_access(**props: Any) -> IconikBucketAccess:
    return IconikBucketAccess(**{"system_domain_id": DOMAIN, **props})


def key_access(**props: Any) -> IconikKeyAccess:
    return IconikKeyAccess(**{"system_domain_id": DOMAIN, **props})


def iconiks(stack: cdk.Stack, kind: str, document: str) -> list[list[dict[str, Any]]]:
    """iconik's statements in each policy of a kind, without the suffix of the Sids and the resources."""
    found = []
    for resource in Template.from_stack(stack).find_resources(kind).values():
        statements = resource["Properties"].get(document, {"Statement": []})["Statement"]
        found.append(
            [
                {**{key: item[key] for key in item if key != "Resource"}, "Sid": SUFFIX.sub("", item["Sid"])}
                for item in statements
                if item.get("Sid", "").startswith("Iconik")
            ]
        )
    return found


def bucket_policies(stack: cdk.Stack) -> list[list[dict[str, Any]]]:
    return iconiks(stack, "AWS::S3::BucketPolicy", "PolicyDocument")


def key_policies(stack: cdk.Stack) -> list[list[dict[str, Any]]]:
    return iconiks(stack, "AWS::KMS::Key", "KeyPolicy")


def of_storage(read: Callable[[cdk.Stack], list[list[dict[str, Any]]]], **props: Any) -> list[dict[str, Any]]:
    """What `IconikStorage` writes with the same props."""
    stack = cdk.Stack(cdk.App(), "Stack")
    encryption_key = kms.Key(stack, "Key")
    IconikStorage(stack, "Media", system_domain_id=DOMAIN, encryption_key=encryption_key, **props)
    (found,) = read(stack)
    return found


def resources(stack: cdk.Stack) -> list[Any]:
    (policy,) = Template.from_stack(stack).find_resources("AWS::S3::BucketPolicy").values()
    return [item["Resource"] for item in policy["Properties"]["PolicyDocument"]["Statement"]]


PERMISSIONS = [
    IconikPermissions.read_write(),
    IconikPermissions.admin(),
    IconikPermissions.read("masters/"),
]


@pytest.mark.parametrize("permissions", PERMISSIONS, ids=["read_write", "admin", "read below a prefix"])
@pytest.mark.parametrize("make", [s3.Bucket, s3.CfnBucket])
def test_a_bucket_gets_the_statements_of_a_storage(stack: cdk.Stack, make: Any, permissions: IconikPermissions):
    make(stack, "Bucket").with_(bucket_access(permissions=permissions))
    assert bucket_policies(stack) == [of_storage(bucket_policies, permissions=permissions)]


@pytest.mark.parametrize("permissions", PERMISSIONS, ids=["read_write", "admin", "read below a prefix"])
@pytest.mark.parametrize("via_s3_only", [False, True])
@pytest.mark.parametrize("make", [kms.Key, kms.CfnKey])
def test_a_key_gets_the_statement_of_a_storage(stack: cdk.Stack, make: Any, permissions: Any, via_s3_only: bool):
    props = {"permissions": permissions, "via_s3_only": via_s3_only}
    make(stack, "Key").with_(key_access(**props))
    assert key_policies(stack) == [of_storage(key_policies, **props)]


def test_the_statements_are_about_the_bucket_that_was_asked_for(stack: cdk.Stack):
    s3.CfnBucket(stack, "Other")
    bucket = s3.CfnBucket(stack, "Bucket")
    bucket.with_(bucket_access(permissions=IconikPermissions.admin()))
    arn = {"Fn::GetAtt": ["Bucket", "Arn"]}
    assert resources(stack) == [[arn, {"Fn::Join": ["", [arn, "/*"]]}]]


def test_without_iconik_writing_the_cors_rules_it_may_not(stack: cdk.Stack):
    s3.Bucket(stack, "Bucket").with_(bucket_access(cors=Cors.by_template()))
    assert "s3:PutBucketCORS" not in str(bucket_policies(stack))


@pytest.mark.parametrize("flags", [{}, {"@aws-cdk/aws-iam:minimizePolicies": True}])
@pytest.mark.parametrize("make", [s3.Bucket, s3.CfnBucket])
def test_applied_again_to_a_bucket_nothing_changes(make: Any, flags: dict[str, Any]):
    templates = []
    for times in (1, 3):
        stack = cdk.Stack(cdk.App(context=flags), "Stack")
        bucket = make(stack, "Bucket")
        for _ in range(times):
            bucket.with_(bucket_access())
        templates.append(Template.from_stack(stack).to_json())
    assert templates[0] == templates[1]


@pytest.mark.parametrize("flags", [{}, {"@aws-cdk/aws-iam:minimizePolicies": True}])
@pytest.mark.parametrize("make", [kms.Key, kms.CfnKey])
def test_applied_again_to_a_key_nothing_changes(make: Any, flags: dict[str, Any]):
    templates = []
    for times in (1, 3):
        stack = cdk.Stack(cdk.App(context=flags), "Stack")
        key = make(stack, "Key")
        for _ in range(times):
            key.with_(key_access())
        templates.append(Template.from_stack(stack).to_json())
    assert templates[0] == templates[1]


def test_two_accesses_to_one_bucket_stand_side_by_side(stack: cdk.Stack):
    bucket = s3.CfnBucket(stack, "Bucket")
    bucket.with_(bucket_access(permissions=IconikPermissions.read()))
    bucket.with_(bucket_access(permissions=IconikPermissions.write(), system_domain_id=OTHER_DOMAIN))
    (policy,) = Template.from_stack(stack).find_resources("AWS::S3::BucketPolicy").values()
    sids = [item["Sid"] for item in policy["Properties"]["PolicyDocument"]["Statement"]]
    assert len(sids) == len(set(sids)) == 4
    assert DOMAIN in str(policy)
    assert OTHER_DOMAIN in str(policy)


def test_a_whole_tree_gets_each_statement_once(app: cdk.App, stack: cdk.Stack):
    inner = cdk.Stack(app, "Inner")
    s3.Bucket(stack, "L2", enforce_ssl=True)
    s3.CfnBucket(stack, "L1")
    wrapped = s3.CfnBucket(inner, "Wrapped")
    s3.Bucket.from_cfn_bucket(wrapped)
    kms.Key(inner, "Key").add_alias("alias/media")
    kms.CfnKey(inner, "CfnKey")
    sqs.Queue(stack, "Queue")
    cdk.Mixins.of(app).apply(bucket_access(), key_access())
    expected = of_storage(bucket_policies)
    assert bucket_policies(stack) == [expected, expected]
    assert bucket_policies(inner) == [expected]
    assert key_policies(inner) == [of_storage(key_policies)] * 2


@pytest.mark.parametrize("make", [s3.Bucket, s3.CfnBucket])
@pytest.mark.parametrize("single", [True, False])
def test_a_bucket_policy_written_as_an_l1_gets_the_statements(stack: cdk.Stack, make: Any, single: bool):
    bucket = make(stack, "Bucket")
    l1 = bucket if make is s3.CfnBucket else bucket.node.default_child
    theirs = {"Sid": "Theirs", "Effect": "Deny", "Principal": "*", "Action": "s3:Get*", "Resource": "arn:aws:s3:::x"}
    document = {"Version": "2012-10-17", "Id": "Mine", "Statement": theirs if single else [theirs]}
    s3.CfnBucketPolicy(stack, "Policy", bucket=l1.ref, policy_document=document)
    bucket.with_(bucket_access())
    assert bucket_policies(stack) == [of_storage(bucket_policies)]
    (policy,) = Template.from_stack(stack).find_resources("AWS::S3::BucketPolicy").values()
    written = policy["Properties"]["PolicyDocument"]
    assert written["Id"] == "Mine"
    assert written["Statement"][0] == stack.resolve(theirs)


def test_a_bucket_policy_in_another_stack_gets_the_statements(app: cdk.App, stack: cdk.Stack):
    bucket = s3.Bucket(stack, "Bucket")
    elsewhere = cdk.Stack(app, "Elsewhere")
    policy = s3.BucketPolicy(elsewhere, "Policy", bucket=bucket)
    deny = iam.PolicyStatement(effect=iam.Effect.DENY, actions=["s3:DeleteBucket"], resources=["*"])
    deny.add_any_principal()
    policy.document.add_statements(deny)
    bucket.with_(bucket_access())
    assert bucket_policies(stack) == []
    assert bucket_policies(elsewhere) == [of_storage(bucket_policies)]


def test_a_bucket_policy_that_names_the_bucket_gets_the_statements(stack: cdk.Stack):
    bucket = s3.CfnBucket(stack, "Bucket", bucket_name="acme-masters")
    s3.CfnBucketPolicy(stack, "Theirs", bucket="acme-masters-2", policy_document={"Statement": []})
    s3.CfnBucketPolicy(stack, "Policy", bucket="acme-masters", policy_document={"Statement": []})
    bucket.with_(bucket_access())
    assert bucket_policies(stack) == [[], of_storage(bucket_policies)]


def test_a_key_without_a_policy_keeps_the_default_of_aws(stack: cdk.Stack):
    kms.CfnKey(stack, "Key").with_(key_access())
    (key,) = Template.from_stack(stack).find_resources("AWS::KMS::Key").values()
    root, _ = key["Properties"]["KeyPolicy"]["Statement"]
    assert (root["Effect"], root["Action"], root["Resource"]) == ("Allow", "kms:*", "*")
    assert ":root" in str(root["Principal"]["AWS"])


@pytest.mark.parametrize("wrapped", [False, True], ids=["l1", "l2 made from the l1"])
def test_a_key_policy_written_as_an_l1_keeps_what_it_has(stack: cdk.Stack, wrapped: bool):
    theirs = {
        "Sid": "Theirs",
        "Effect": "Allow",
        "Principal": {"AWS": "123456789012"},
        "Action": "kms:*",
        "Resource": "*",
    }
    key = kms.CfnKey(stack, "Key", key_policy={"Version": "2012-10-17", "Statement": [theirs]})
    target = kms.Key.from_cfn_key(key) if wrapped else key
    target.with_(key_access())
    (found,) = Template.from_stack(stack).find_resources("AWS::KMS::Key").values()
    statements = found["Properties"]["KeyPolicy"]["Statement"]
    assert [SUFFIX.sub("", item["Sid"]) for item in statements] == ["Theirs", "IconikKey"]


@pytest.mark.parametrize("document", [{"Fn::If": ["Live", {}, {}]}, {"Statement": {"Fn::If": ["Live", {}, {}]}}])
def test_a_policy_to_which_nothing_can_be_added_is_an_error(stack: cdk.Stack, document: dict[str, Any]):
    bucket = s3.CfnBucket(stack, "Bucket")
    s3.CfnBucketPolicy(stack, "Policy", bucket=bucket.ref, policy_document=document)
    with pytest.raises(RuntimeError, match=r"'policy_document' of Stack/Policy must be a policy in JSON"):
        bucket.with_(bucket_access())


def test_an_imported_bucket_is_an_error_that_points_to_the_storage(stack: cdk.Stack):
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "acme-masters")
    with pytest.raises(RuntimeError, match=r"Stack/Bucket is imported.*Use IconikStorage\(bucket=\.\.\.\)"):
        bucket.with_(bucket_access())


def test_an_imported_key_is_an_error_that_points_to_the_storage(stack: cdk.Stack):
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN)
    with pytest.raises(RuntimeError, match=r"Stack/Key is imported.*Use IconikStorage\(bucket=\.\.\., encryption_key="):
        key.with_(key_access())


def test_what_is_neither_bucket_nor_key_is_not_supported(stack: cdk.Stack):
    key = kms.Key(stack, "Key")
    bucket = s3.Bucket(stack, "Bucket")
    strangers = [stack, sqs.Queue(stack, "Queue"), key.add_alias("alias/media")]
    assert not any(bucket_access().supports(item) for item in (*strangers, key))
    assert not any(key_access().supports(item) for item in (*strangers, bucket))
    assert all(bucket_access().supports(item) for item in (bucket, bucket.node.default_child))
    assert all(key_access().supports(item) for item in (key, key.node.default_child))


@pytest.mark.parametrize("kind", ["AWS::S3::Bucket", "AWS::KMS::Key", "AWS::KMS::ReplicaKey"])
def test_a_resource_without_its_class_is_an_error(stack: cdk.Stack, kind: str):
    access = bucket_access() if kind == "AWS::S3::Bucket" else key_access()
    kind_of_cdk = kind.replace("AWS::S3::", "s3.Cfn").replace("AWS::KMS::", "kms.Cfn")
    with pytest.raises(RuntimeError, match=rf"bare CfnResource Stack/Bare.*{kind_of_cdk}"):
        cdk.CfnResource(stack, "Bare", type=kind).with_(access)


def test_a_resource_of_another_type_is_left_alone(app: cdk.App, stack: cdk.Stack):
    cdk.CfnResource(stack, "Bare", type="AWS::SNS::Topic")
    for access in (bucket_access(), key_access()):
        cdk.Mixins.of(app).apply(access)


def test_the_example_id_of_iconiks_help_page_causes_a_warning(stack: cdk.Stack):
    s3.Bucket(stack, "Bucket").with_(bucket_access(system_domain_id=EXAMPLE_SYSTEM_DOMAIN_ID))
    Annotations.from_stack(stack).has_warning("*", Match.string_like_regexp("the domain of another customer"))


def test_a_replica_key_gets_the_statement_once(app: cdk.App, stack: cdk.Stack):
    policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}
    primary = "arn:aws:kms:us-east-1:123456789012:key/mrk-1234"
    replica = kms.CfnReplicaKey(stack, "Replica", key_policy=policy, primary_key_arn=primary)

    for _ in range(2):
        cdk.Mixins.of(app).apply(key_access())

    ((statement,),) = iconiks(stack, "AWS::KMS::ReplicaKey", "KeyPolicy")
    assert statement["Sid"] == "IconikKey"
    assert key_access().supports(replica)


def test_another_partition_is_refused(app: cdk.App):
    stack = cdk.Stack(app, "China", env=cdk.Environment(region="cn-north-1"))
    for target, access in ((s3.Bucket(stack, "Bucket"), bucket_access()), (kms.Key(stack, "Key"), key_access())):
        with pytest.raises(RuntimeError, match="must be in the partition 'aws'"):
            target.with_(access)


@pytest.mark.parametrize("make", [IconikBucketAccess, IconikKeyAccess])
def test_a_wrong_prop_is_refused_in_python(make: Any):
    with pytest.raises(IconikValueError, match="'system_domain_id' must be a UUID"):
        make(system_domain_id="acme")
    with pytest.raises(IconikTypeError, match="'permissions' must be"):
        make(system_domain_id=DOMAIN, permissions="read")
    with pytest.raises(IconikValueError, match="'iconik_role_arn' must be the ARN"):
        make(system_domain_id=DOMAIN, iconik_role_arn="arn:aws:iam::283217727627:root")


def test_a_prop_of_one_mixin_only_is_checked_too():
    with pytest.raises(IconikTypeError, match="'cors' must be a Cors"):
        bucket_access(cors=True)
    with pytest.raises(IconikTypeError, match="'via_s3_only' must be a bool"):
        key_access(via_s3_only="yes")


def test_a_statement_that_is_there_already_is_not_added_again():
    ours = {"Sid": "IconikKeyAB", "Effect": "Allow"}
    once = with_statements({"Statement": []}, [ours])
    assert with_statements(once, [ours]) == once == {"Version": "2012-10-17", "Statement": [ours]}


@pytest.mark.parametrize("kind", ["bucket", "key"])
def test_another_statement_without_the_tag_causes_a_warning(stack: cdk.Stack, kind: str):
    place = s3.Bucket(stack, "Bucket") if kind == "bucket" else kms.Key(stack, "Key")
    place.add_to_resource_policy(
        iam.PolicyStatement(
            sid="ByHand",
            principals=[iam.ArnPrincipal("arn:aws:iam::283217727627:role/IconikS3AccessRole")],
            actions=["s3:GetObject" if kind == "bucket" else "kms:Decrypt"],
            resources=["*"],
        )
    )
    for _ in range(2):
        place.with_(IconikBucketAccess(system_domain_id=DOMAIN), IconikKeyAccess(system_domain_id=DOMAIN))

    (warning,) = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    assert f"Another statement in the {kind} policy, 'ByHand', allows iconik's role" in str(warning.entry.data)
