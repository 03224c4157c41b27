"""Where the media are: in the settings, in the key's condition, and in what is refused."""

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from iconik_construct import Adoption, IconikPermissions, IconikStorage, IconikTypeError, IconikValueError
from iconik_construct.placement.record import PlacementKind

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
ACCOUNT = "123456789012"


@pytest.fixture
def stack():
    return cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(account=ACCOUNT, region="eu-west-1"))


def bucket_in(stack, region=None, **attributes):
    return s3.Bucket.from_bucket_attributes(stack, "B", bucket_name="media", region=region, **attributes)


def key_in(stack, region, key_id="1234"):
    return kms.Key.from_key_arn(stack, "K", f"arn:aws:kms:{region}:{ACCOUNT}:key/{key_id}")


def storage(stack, **props):
    given = {"system_domain_id": DOMAIN, **props}
    if "bucket" in props or "encryption_key" in props:
        given["adoption"] = Adoption.HAND_OVER
    if props.get("encryption_key") is not None:
        given.setdefault("via_s3_only", True)
    return IconikStorage(stack, "Media", **given)


def region_and_service(found):
    settings = found.settings(name="Masters")["settings"]
    (key,) = (placement for placement in found.placements if placement.resource == "key")
    assert settings["endpoint"] == f"https://s3.{settings['region']}.amazonaws.com"
    return settings["region"], key.statements[0]["Condition"]["StringEquals"]["kms:ViaService"]


@pytest.mark.parametrize(
    ("of_bucket", "of_key"), [("us-east-2", "us-east-2"), (None, "us-east-2"), ("eu-west-1", "us-east-2")]
)
def test_the_region_is_the_buckets_or_what_the_keys_arn_says(stack, of_bucket, of_key):
    found = storage(stack, bucket=bucket_in(stack, of_bucket), encryption_key=key_in(stack, of_key))

    assert region_and_service(found) == ("us-east-2", "s3.us-east-2.amazonaws.com")


def test_a_bucket_of_another_stack_is_in_that_stacks_region(stack):
    other = cdk.Stack(stack.node.root, "Other", env=cdk.Environment(account=ACCOUNT, region="us-west-2"))
    key = kms.Key(other, "Key")
    bucket = s3.Bucket(other, "Bucket", bucket_name="media", encryption_key=key)
    stack_of_storage = cdk.Stack(stack.node.root, "Third", env=cdk.Environment(account=ACCOUNT, region="us-west-2"))

    found = storage(stack_of_storage, bucket=bucket, via_s3_only=True)

    assert region_and_service(found) == ("us-west-2", "s3.us-west-2.amazonaws.com")
    assert {placement.how for placement in found.placements} == {PlacementKind.OWNED}


@pytest.mark.parametrize(
    "props",
    [
        lambda stack: {"bucket": bucket_in(stack, "us-east-2"), "encryption_key": key_in(stack, "eu-west-1")},
        lambda stack: {"encryption_key": key_in(stack, "us-east-2")},
    ],
)
def test_a_key_of_another_region_than_the_bucket_is_refused(stack, props):
    with pytest.raises(IconikValueError, match=r"'encryption_key' must be in the region of the bucket"):
        storage(stack, **props(stack))


def test_a_multi_region_key_points_to_its_replica(stack):
    with pytest.raises(IconikValueError, match="Or give the ARN of its replica there"):
        storage(stack, bucket=bucket_in(stack, "us-east-2"), encryption_key=key_in(stack, "eu-west-1", "mrk-1234"))


def test_a_region_may_be_said_for_a_bucket_of_which_it_is_not_known(stack):
    found = storage(stack, bucket=bucket_in(stack), encryption_key=None)

    assert found.settings(name="Masters")["settings"]["region"] == "eu-west-1"
    said = found.settings(name="Masters", region="us-west-2")["settings"]
    assert (said["region"], said["endpoint"]) == ("us-west-2", "https://s3.us-west-2.amazonaws.com")


@pytest.mark.parametrize(
    ("region", "error"), [(5, IconikTypeError), ("Frankfurt", IconikValueError), ("cn-north-1", IconikValueError)]
)
def test_what_is_no_region_of_iconiks_partition_is_refused(stack, region, error):
    found = storage(stack, bucket=bucket_in(stack))

    with pytest.raises(error, match="'region' must be"):
        found.settings(name="Masters", region=region)


def test_a_new_bucket_is_in_its_stacks_region(stack):
    made = storage(stack, permissions=IconikPermissions.read())

    assert made.settings(name="Masters", region="eu-west-1")["settings"]["region"] == "eu-west-1"
    with pytest.raises(IconikValueError, match=r"'region' must be eu-west-1, because the stack makes the bucket"):
        made.settings(name="Masters", region="us-east-1")


ANOTHER_THING = {
    "access point": {"bucket_arn": f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/films"},
    "directory bucket": {"bucket_name": "films--euw1-az1--x-s3"},
    "directory bucket by arn": {"bucket_arn": f"arn:aws:s3express:eu-west-1:{ACCOUNT}:bucket/films--euw1-az1--x-s3"},
    "alias of an access point": {"bucket_name": "films-abcdefghijklmnopqrstuvwxyz123456-s3alias"},
    "object lambda alias": {"bucket_name": "films-abcdefghijklmnop--ol-s3"},
    "table bucket": {"bucket_name": "films--table-s3"},
    "multi-region access point": {"bucket_name": "mfzwi23gnjvgw.mrap"},
    "outposts": {"bucket_arn": f"arn:aws:s3-outposts:eu-west-1:{ACCOUNT}:outpost/op-1/bucket/films"},
    "an object": {"bucket_arn": "arn:aws:s3:::films/a.mov"},
}


@pytest.mark.parametrize("adoption", Adoption)
@pytest.mark.parametrize("thing", ANOTHER_THING)
def test_what_is_no_general_purpose_bucket_is_refused(stack, thing, adoption):
    bucket = s3.Bucket.from_bucket_attributes(stack, "B", **ANOTHER_THING[thing])

    with pytest.raises(IconikValueError, match="'bucket' must"):
        storage(stack, bucket=bucket, adoption=adoption)
    assert stack.node.try_find_child("Media") is None


def test_a_name_of_the_old_days_is_a_bucket(stack):
    bucket = s3.Bucket.from_bucket_name(stack, "B", "Films_Of_2009")

    assert storage(stack, bucket=bucket).placements[0].how is PlacementKind.HANDED_OVER
