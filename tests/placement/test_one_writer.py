"""One policy has one writer: the statements go to the policy that this app holds, under whatever name it is known."""

import json

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import cloudformation_include as include
from aws_cdk.assertions import Annotations, Match, Template
from placement_stacks import ACCOUNT, BOTH, imported, place, resources, statement

from iconik_construct import IconikBucketAccess, IconikKeyAccess, IconikStorage, StorageEncryption
from iconik_construct.errors import IconikTypeError, IconikValueError
from iconik_construct.placement.record import Adoption, PlacementKind

ENV = cdk.Environment(account=ACCOUNT, region="eu-west-1")
TEAM = {"Sid": "Team", "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::m/*"}
DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"


@pytest.fixture
def other(stack):
    return cdk.Stack(stack.node.root, "Other", env=ENV)


def l2_policy(place, bucket, _ref):
    policy = s3.BucketPolicy(place, "Policy", bucket=bucket)
    policy.document.add_statements(cdk.aws_iam.PolicyStatement.from_json(TEAM))


def l1_policy(place, _bucket, ref):
    s3.CfnBucketPolicy(place, "Policy", bucket=ref, policy_document={"Version": "2012-10-17", "Statement": [TEAM]})


def l1_policy_with_an_object(place, _bucket, ref):
    document = cdk.aws_iam.PolicyDocument(statements=[cdk.aws_iam.PolicyStatement.from_json(TEAM)])
    s3.CfnBucketPolicy(place, "Policy", bucket=ref, policy_document=document)


def bucket_with_a_policy(place, _bucket, name):
    s3.Bucket(place, "Bucket", bucket_name=name, enforce_ssl=True)


def policies(*stacks):
    return [policy for each in stacks for policy in resources(each, "AWS::S3::BucketPolicy").values()]


def sids(policy):
    return [found["Sid"] for found in policy["Properties"]["PolicyDocument"]["Statement"]]


@pytest.mark.parametrize("elsewhere", [False, True])
@pytest.mark.parametrize("make", [l2_policy, l1_policy, l1_policy_with_an_object])
@pytest.mark.parametrize("adoption", Adoption)
def test_a_policy_that_the_bucket_does_not_know_of_gets_the_statements(stack, other, make, elsewhere, adoption):
    bucket = s3.Bucket(stack, "Bucket")
    make(other if elsewhere else stack, bucket, bucket.bucket_name)

    placement = place(stack, bucket, BOTH, adoption)

    (policy,) = policies(stack, other)
    assert placement.how is PlacementKind.OWNED
    assert sids(policy) == ["Team", "IconikBucket", "IconikObjects"]


@pytest.mark.parametrize("make", [l2_policy, l1_policy])
def test_a_policy_for_a_bucket_that_is_made_nowhere_here_gets_the_statements(stack, other, make):
    make(other, imported(other), "media")

    placement = place(stack, imported(stack), BOTH)

    (policy,) = policies(stack, other)
    assert placement.how is PlacementKind.OWNED
    assert len(sids(policy)) == 3
    assert resources(stack, "AWS::Lambda::Function") == {}


def test_a_policy_of_an_included_template_gets_the_statements(stack, other, tmp_path):
    template = {
        "Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket"},
            "Policy": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": {
                    "Bucket": {"Ref": "Bucket"},
                    "PolicyDocument": {"Statement": [{**TEAM, "Resource": {"Fn::Sub": "${Bucket.Arn}/*"}}]},
                },
            },
        }
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps(template))
    included = include.CfnInclude(other, "Included", template_file=str(file))
    bucket = s3.Bucket.from_bucket_name(stack, "B", included.get_resource("Bucket").ref)

    placement = place(stack, bucket, BOTH)

    (policy,) = policies(stack, other)
    assert placement.how is PlacementKind.OWNED
    assert len(sids(policy)) == 3
    assert policy["Properties"]["PolicyDocument"]["Statement"][0]["Resource"] == {"Fn::Sub": "${Bucket.Arn}/*"}


NAMES = {
    "name": lambda place, bucket: s3.Bucket.from_bucket_name(place, "I", bucket.bucket_name),
    "arn": lambda place, bucket: s3.Bucket.from_bucket_arn(place, "I", bucket.bucket_arn),
    "arn of a name": lambda place, bucket: s3.Bucket.from_bucket_arn(place, "I", f"arn:aws:s3:::{bucket.bucket_name}"),
    "part of an arn": lambda place, bucket: s3.Bucket.from_bucket_name(
        place, "I", cdk.Fn.select(5, cdk.Fn.split(":", bucket.bucket_arn))
    ),
    "export": lambda place, bucket: s3.Bucket.from_bucket_name(
        place, "I", cdk.Stack.of(bucket).export_value(bucket.bucket_name)
    ),
    "export by name": lambda place, bucket: (
        cdk.CfnOutput(cdk.Stack.of(bucket), "Out", value=bucket.bucket_name, export_name="the-bucket"),
        s3.Bucket.from_bucket_name(place, "I", cdk.Fn.import_value("the-bucket")),
    )[1],
    "l1 ref": lambda place, bucket: s3.Bucket.from_bucket_name(place, "I", bucket.node.default_child.ref),
}


@pytest.mark.parametrize("known_as", NAMES)
def test_a_bucket_of_this_app_is_found_behind_what_it_is_imported_by(stack, other, known_as):
    bucket = s3.Bucket(other, "Bucket")

    placement = place(stack, NAMES[known_as](stack, bucket), BOTH)

    (policy,) = policies(stack, other)
    assert placement.how is PlacementKind.OWNED
    assert sids(policy) == ["IconikBucket", "IconikObjects"]
    assert resources(stack, "AWS::Lambda::Function") == {}


LITERALS = {
    "name": lambda place: s3.Bucket.from_bucket_name(place, "I", "media-films"),
    "arn": lambda place: s3.Bucket.from_bucket_arn(place, "I", "arn:aws:s3:::media-films"),
    "attributes": lambda place: s3.Bucket.from_bucket_attributes(place, "I", bucket_name="media-films"),
}


@pytest.mark.parametrize("known_as", LITERALS)
@pytest.mark.parametrize("make", [lambda place, **props: s3.Bucket(place, "Bucket", **props), s3.CfnBucket])
def test_a_bucket_of_this_app_is_found_behind_its_literal_name(stack, other, known_as, make):
    make(other, "Bucket", bucket_name="media-films") if make is s3.CfnBucket else make(other, bucket_name="media-films")

    placement = place(stack, LITERALS[known_as](stack), BOTH)

    (policy,) = policies(stack, other)
    assert placement.how is PlacementKind.OWNED
    assert sids(policy) == ["IconikBucket", "IconikObjects"]


@pytest.mark.parametrize(
    "name",
    [
        f"media-{cdk.Aws.ACCOUNT_ID}",
        cdk.Fn.join("-", ["media", cdk.Aws.ACCOUNT_ID]),
        cdk.Fn.sub("media-${AWS::AccountId}"),
    ],
)
def test_a_name_made_of_the_account_is_one_name_in_every_stack(stack, other, name):
    s3.Bucket(other, "Bucket", bucket_name=name)

    assert place(stack, imported(stack, f"media-{ACCOUNT}"), BOTH).how is PlacementKind.OWNED


@pytest.mark.parametrize(
    "name", [cdk.Fn.sub("media-${Stage}"), cdk.Fn.sub("media-${A}", {"A": "b"})], ids=["reference", "value"]
)
def test_a_name_that_can_change_is_not_merged_into(stack, name):
    with pytest.raises(IconikValueError, match="must be known at synthesis"):
        place(stack, imported(stack, name), BOTH)


def l1_key(place):
    policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}
    return kms.Key.from_cfn_key(kms.CfnKey(place, "Key", key_policy=policy))


@pytest.mark.parametrize(
    "known_as",
    [
        lambda place, key: kms.Key.from_key_arn(place, "I", key.key_arn),
        lambda place, key: kms.Key.from_key_arn(place, "I", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{key.key_id}"),
    ],
)
@pytest.mark.parametrize("make", [lambda place: kms.Key(place, "Key"), l1_key])
def test_a_key_of_this_app_is_found_behind_its_arn(stack, other, known_as, make):
    placement = place(stack, known_as(stack, make(other)), [statement("IconikKey")])

    (key,) = resources(other, "AWS::KMS::Key").values()
    assert placement.how is PlacementKind.OWNED
    assert key["Properties"]["KeyPolicy"]["Statement"][-1] == statement("IconikKey", "*") | {
        "Sid": placement.statements[0]["Sid"]
    }
    assert resources(stack, "AWS::Lambda::Function") == {}


def replica_of(place):
    policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}
    primary = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/mrk-1234"
    return kms.CfnReplicaKey(place, "Replica", key_policy=policy, primary_key_arn=primary)


@pytest.mark.parametrize(
    "known_as",
    [
        lambda replica: replica.attr_arn,
        lambda replica: f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{replica.attr_key_id}",
        lambda replica: f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{replica.ref}",
        lambda replica: cdk.Stack.of(replica).export_value(replica.attr_arn),
        # A replica has the key id of its primary key.
        lambda replica: f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/mrk-1234",
    ],
)
@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_replica_key_of_this_app_is_a_key_of_this_app(stack, other, known_as, elsewhere):
    replica = replica_of(other if elsewhere else stack)

    placement = place(stack, kms.Key.from_key_arn(stack, "I", known_as(replica)), [statement("IconikKey")])

    (key,) = resources(other if elsewhere else stack, "AWS::KMS::ReplicaKey").values()
    assert placement.how is PlacementKind.OWNED
    assert placement.policy.construct == replica
    assert key["Properties"]["KeyPolicy"]["Statement"][1:] == list(placement.statements)
    assert resources(stack, "AWS::Lambda::Function") == {}


def test_a_replica_key_is_found_by_its_literal_arn_in_a_stack_without_a_region():
    stack = cdk.Stack(cdk.App(), "Stack")
    replica = replica_of(stack)
    key = kms.Key.from_key_arn(stack, "I", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/mrk-1234")

    assert place(stack, key, [statement("IconikKey")]).policy.construct == replica


@pytest.mark.parametrize("literal", ["eu-central-1:{}:key/mrk-1234", "eu-west-1:{}:key/mrk-5678"])
def test_another_replica_of_the_key_or_another_key_is_none_of_this_app(stack, other, literal):
    replica_of(other)
    key = kms.Key.from_key_arn(stack, "I", f"arn:aws:kms:{literal.format(ACCOUNT)}")

    placement = place(stack, key, [statement("IconikKey")], Adoption.HAND_OVER)

    assert placement.how is PlacementKind.HANDED_OVER


@pytest.mark.parametrize("place_of", [lambda stack: cdk.NestedStack(stack, "Nested"), lambda stack: stack])
def test_a_replica_key_of_a_nested_stack_is_a_key_of_this_app_and_takes_mixins(stack, place_of):
    replica = replica_of(place_of(stack))
    placement = place(stack, kms.Key.from_key_arn(stack, "I", replica.attr_arn), [statement("IconikKey")])
    replica.with_(IconikKeyAccess(system_domain_id=DOMAIN))

    assert placement.how is PlacementKind.OWNED
    assert len(replica.key_policy["Statement"]) == 3


def test_a_replica_key_of_another_stage_is_refused(stack):
    stage = cdk.Stage(stack.node.root, "Prod", env=ENV)
    key = kms.Key.from_key_arn(stack, "I", replica_of(cdk.Stack(stage, "S")).attr_arn)

    with pytest.raises(IconikValueError, match=r"Prod/S/Replica.*the stage 'Prod'.*IconikKeyAccess"):
        place(stack, key, [statement("IconikKey")])


def test_a_replica_key_in_a_bare_resource_is_refused_with_the_construct_to_write(stack):
    raw = cdk.CfnResource(stack, "Raw", type="AWS::KMS::ReplicaKey", properties={"PrimaryKeyArn": "a", "KeyPolicy": {}})

    with pytest.raises(IconikTypeError, match=r"bare CfnResource Stack/Raw.*Write it as kms.CfnReplicaKey"):
        place(stack, kms.Key.from_key_arn(stack, "I", raw.get_att("Arn").to_string()), [statement("IconikKey")])


@pytest.mark.parametrize(
    "make",
    [
        lambda place: kms.Key(place, "Key", key_spec=kms.KeySpec.RSA_2048),
        lambda place: kms.Key(place, "Key", key_spec=kms.KeySpec.HMAC_256, key_usage=kms.KeyUsage.GENERATE_VERIFY_MAC),
        lambda place: kms.Key.from_key_arn(place, "I", kms.CfnKey(place, "K", key_spec="ECC_NIST_P256").attr_arn),
    ],
)
def test_a_key_of_this_app_that_s3_cannot_use_is_refused(stack, make):
    with pytest.raises(IconikValueError, match=r"'encryption_key' must be a symmetric encryption key.*has the spec"):
        IconikStorage(stack, "Media", system_domain_id=DOMAIN, encryption_key=make(stack))


def test_a_bucket_of_another_stage_is_refused_with_the_fix(stack):
    stage = cdk.Stage(stack.node.root, "Prod", env=ENV)
    s3.Bucket(cdk.Stack(stage, "S"), "Bucket", bucket_name="media")

    with pytest.raises(IconikValueError, match=r"Prod/S/Bucket.*'media'.*the stage 'Prod'.*IconikBucketAccess"):
        place(stack, imported(stack), BOTH)


def test_a_value_of_this_stack_in_the_policy_of_anothers_key_is_refused(stack, other):
    domain = cdk.CfnParameter(stack, "Domain").value_as_string

    with pytest.raises(IconikValueError, match=r"'system_domain_id' must not be a value of the stack Stack.*Other"):
        IconikStorage(stack, "Media", system_domain_id=domain, encryption_key=kms.Key(other, "Key"))


@pytest.mark.parametrize(
    "raw",
    [
        lambda place: cdk.CfnResource(
            place,
            "Raw",
            type="AWS::S3::BucketPolicy",
            properties={"Bucket": "media", "PolicyDocument": {"Statement": [TEAM]}},
        ),
        lambda place: cdk.CfnResource(
            place, "Raw", type="AWS::S3::BucketPolicy", properties={"Bucket": place.resolve(l1(place)), "X": 1}
        ),
    ],
)
def test_a_policy_to_which_nothing_can_be_added_is_refused(stack, raw):
    made = raw(stack)
    bucket = (
        imported(stack)
        if made._cfn_properties["Bucket"] == "media"
        else s3.Bucket.from_bucket_name(stack, "B", stack.node.find_child("L1").ref)
    )

    with pytest.raises(IconikTypeError, match=r"bare CfnResource Stack/Raw.*s3.CfnBucketPolicy"):
        place(stack, bucket, BOTH)


def l1(place):
    return s3.CfnBucket(place, "L1").ref


def after_a_new_storage(stack, other):
    storage = IconikStorage(stack, "Media", system_domain_id=DOMAIN)
    s3.BucketPolicy(other, "Late", bucket=storage.bucket).document.add_statements(
        cdk.aws_iam.PolicyStatement.from_json(TEAM)
    )


def after_an_adoption_by_merge(stack, other):
    bucket, encryption = imported(stack), StorageEncryption.S3_MANAGED
    IconikStorage(stack, "Media", system_domain_id=DOMAIN, bucket=bucket, encryption=encryption)
    l1_policy(other, None, "media")


def after_an_adoption_by_take_over(stack, other):
    bucket, encryption = imported(stack), StorageEncryption.S3_MANAGED
    props = {"system_domain_id": DOMAIN, "bucket": bucket, "encryption": encryption, "adoption": Adoption.TAKE_OVER}
    IconikStorage(stack, "Media", **props)
    l1_policy(other, None, "media")


def after_a_mixin(stack, other):
    bucket = s3.Bucket(stack, "Bucket")
    bucket.with_(IconikBucketAccess(system_domain_id=DOMAIN))
    l1_policy(other, None, bucket.bucket_name)


def twice_by_others(stack, other):
    IconikStorage(stack, "Media", system_domain_id=DOMAIN)
    bucket = s3.Bucket(other, "Bucket", enforce_ssl=True)
    l1_policy(other, None, bucket.bucket_name)


@pytest.mark.parametrize(
    "made",
    [after_a_new_storage, after_an_adoption_by_merge, after_an_adoption_by_take_over, after_a_mixin, twice_by_others],
)
def test_a_second_writer_that_comes_later_is_an_error_at_synthesis(stack, other, made):
    made(stack, other)

    with pytest.raises(RuntimeError, match=r"bucket policies in this app|writes too"):
        Template.from_stack(stack)


@pytest.mark.parametrize("adoption", Adoption)
@pytest.mark.parametrize("policy", [False, True])
@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_bucket_that_is_made_after_its_adoption_is_an_error_at_synthesis(stack, other, adoption, policy, elsewhere):
    props = {"bucket": imported(stack), "encryption": StorageEncryption.S3_MANAGED, "adoption": adoption}
    IconikStorage(stack, "Media", system_domain_id=DOMAIN, **props)
    s3.Bucket(other if elsewhere else stack, "Late", bucket_name="media", enforce_ssl=policy)

    with pytest.raises(RuntimeError, match=r"Late/.*Create it before the storage|has 2 bucket policies"):
        Template.from_stack(stack)


@pytest.mark.parametrize("adoption", [Adoption.MERGE, Adoption.TAKE_OVER])
@pytest.mark.parametrize(
    "make",
    [
        l1_policy,
        lambda place, _b, ref: s3.Bucket(place, "B", bucket_name=ref, enforce_ssl=True),
        lambda place, b, ref: l1_policy(cdk.NestedStack(place, "Nested"), b, ref),
        lambda place, b, ref: l1_policy(place, b, s3.CfnBucket(place, "L1Bucket", bucket_name=ref).ref),
        lambda place, b, ref: l1_policy(place, b, cdk.Fn.sub(ref)),
        lambda place, _b, ref: IconikStorage(place, "M", system_domain_id=DOMAIN, bucket_name=ref),
    ],
)
def test_a_later_stage_that_writes_the_policy_is_an_error_at_synthesis(stack, make, adoption):
    one, two = (cdk.Stack(cdk.Stage(stack.node.root, name, env=ENV), "S") for name in ("One", "Two"))
    props = {"bucket": imported(one), "encryption": StorageEncryption.S3_MANAGED, "adoption": adoption}
    IconikStorage(one, "Media", system_domain_id=DOMAIN, **props)
    make(two, None, "media")

    with pytest.raises(RuntimeError, match=r"Two/S/.* writes too.*the stage 'Two'|has 2 bucket policies.*Two/S/"):
        stack.node.root.synth()


def test_two_stages_with_a_bucket_of_one_name_have_a_policy_each(stack):
    for name in ("Blue", "Green"):
        within = cdk.Stack(cdk.Stage(stack.node.root, name, env=ENV), "S")
        bucket = s3.Bucket(within, "Bucket", bucket_name="media", enforce_ssl=True)
        IconikStorage(within, "Media", system_domain_id=DOMAIN, bucket=bucket)

    stack.node.root.synth()


def test_a_mixin_adds_to_the_policy_of_an_included_template(stack, other, tmp_path):
    bucket = s3.CfnBucket(stack, "Bucket")
    l2_policy(other, s3.Bucket.from_bucket_name(other, "B", bucket.ref), None)

    bucket.with_(IconikBucketAccess(system_domain_id=DOMAIN))

    (policy,) = policies(stack, other)
    assert len(sids(policy)) == 3


@pytest.mark.parametrize("on_the_bucket", [None, "Same", "Other"])
def test_a_policy_that_is_made_under_a_condition_of_its_own_is_warned_of(stack, on_the_bucket):
    conditions = {
        name: cdk.CfnCondition(stack, name, expression=cdk.Fn.condition_equals(cdk.Aws.REGION, name))
        for name in ("Same", "Other")
    }
    bucket = s3.Bucket(stack, "Bucket", bucket_name="media-of-the-team")
    policy = s3.CfnBucketPolicy(
        stack, "Policy", bucket="media-of-the-team", policy_document={"Version": "2012-10-17", "Statement": [TEAM]}
    )
    policy.cfn_options.condition = conditions["Same"]
    if on_the_bucket is not None:
        bucket.node.default_child.cfn_options.condition = conditions[on_the_bucket]

    placement = place(stack, s3.Bucket.from_bucket_name(stack, "Imported", "media-of-the-team"), BOTH)

    assert placement.how is PlacementKind.OWNED
    found = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("made only if the condition"))
    assert len(found) == (0 if on_the_bucket == "Same" else 1)
