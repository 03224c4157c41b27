"""`diff --bucket` compares the live bucket and its keys with a file."""

import json

import pytest
from botocore.exceptions import ClientError
from situations import DOMAIN, NAME, REGION, World

from iconik_construct.cli.main import main


def encryption(by_default):
    return {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": by_default}]}


def template(aws, world, change=lambda _bucket, _key: None):
    """The account's own policies in a template that names its resources otherwise."""
    bucket = json.loads(aws("s3").get_bucket_policy(Bucket=NAME)["Policy"])
    key = json.loads(aws("kms").get_key_policy(KeyId=world.key, PolicyName="default")["Policy"])
    change(bucket, key)
    text = json.dumps(bucket["Statement"][::-1]).replace(f"arn:aws:s3:::{NAME}", "@")
    parts = {"Fn::Join": ["", [{"Fn::GetAtt": ["Media", "Arn"]}, "/*"]]}
    text = text.replace('"@/*"', json.dumps(parts)).replace('"@"', json.dumps({"Fn::GetAtt": ["Media", "Arn"]}))
    kms = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Fn::GetAtt": ["Key", "Arn"]}}
    owned = {"Bucket": {"Ref": "Media"}, "PolicyDocument": {**bucket, "Statement": json.loads(text)}}
    return {
        "Resources": {
            "Media": {"Type": "AWS::S3::Bucket", "Properties": {"BucketEncryption": encryption(kms)}},
            "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": owned},
            "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": key}},
        }
    }


def diff(capsys, folder, body, *more, live_is_new=False):
    """Compare the live bucket with a file, in the order of the command line."""
    path = folder / "file.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    live = ["--bucket", NAME]
    sides = [str(path), *live] if live_is_new else [*live, str(path)]
    code = main(["diff", *sides, "--system-domain-id", DOMAIN, "--format", "json", *more])
    return code, json.loads(capsys.readouterr().out)


def callers(found, kind):
    return {each["caller"] for each in found["changes"] if each[kind]}


@pytest.mark.parametrize("live_is_new", [False, True])
def test_the_same_policies_under_other_names_are_no_change(aws, capsys, tmp_path, live_is_new):
    code, found = diff(capsys, tmp_path, template(aws, World(aws, key=True)), live_is_new=live_is_new)
    assert (code, found["changes"], found["findings"]) == (0, [], [])


@pytest.mark.parametrize("which", ["bucket", "key"])
def test_what_a_template_gives_more_than_the_account_is_a_gain(aws, capsys, tmp_path, which):
    def change(bucket, key):
        action, document = ("s3:DeleteBucket", bucket) if which == "bucket" else ("kms:PutKeyPolicy", key)
        account = {"AWS": "arn:aws:iam::444455556666:root"}
        resource = f"arn:aws:s3:::{NAME}" if which == "bucket" else "*"
        document["Statement"].append({"Effect": "Allow", "Principal": account, "Action": action, "Resource": resource})

    code, found = diff(capsys, tmp_path, template(aws, World(aws, key=True), change))
    assert code == 1
    assert {each["caller"] for each in found["changes"] if each["gained"]} == {"the account 444455556666"}


def test_a_policy_that_cannot_be_read_is_never_a_pass(aws, capsys, tmp_path):
    body = template(aws, World(aws, key=True))
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetBucketPolicy")
    aws.answers["GetBucketPolicy"] = denied
    code, found = diff(capsys, tmp_path, body)
    assert (code, found["verdict"]) == (1, "unknown")


def test_a_region_that_cannot_be_read_is_given_by_the_option(aws, capsys, tmp_path, monkeypatch):
    body = template(aws, World(aws, key=True))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    aws.answers["GetBucketLocation"] = ClientError({"Error": {"Code": "AccessDenied"}}, "GetBucketLocation")
    _, found = diff(capsys, tmp_path, body)
    assert (found["verdict"], [each["resource"] for each in found["findings"]]) == ("unknown", ["the bucket's region"])

    code, found = diff(capsys, tmp_path, body, "--region", REGION)
    assert (code, found["findings"]) == (0, [])


def test_a_bucket_that_does_not_exist_is_a_wrong_call(aws, capsys, tmp_path):
    body = template(aws, World(aws, key=True))
    path = tmp_path / "new.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    assert main(["diff", "--bucket", "no-such-bucket", str(path), "--system-domain-id", DOMAIN]) == 2
    assert capsys.readouterr().err == "iconik-construct diff: there is no bucket 'no-such-bucket'\n"


STRANGER = "arn:aws:iam::444455556666:role/Stranger"


def test_what_the_account_gives_more_than_a_template_is_a_gain(aws, capsys, tmp_path):
    world = World(aws, key=True)
    body = template(aws, world)
    policy = json.loads(aws("s3").get_bucket_policy(Bucket=NAME)["Policy"])
    statement = {"Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "s3:PutObject"}
    policy["Statement"].append({**statement, "Resource": f"arn:aws:s3:::{NAME}/*"})
    aws("s3").put_bucket_policy(Bucket=NAME, Policy=json.dumps(policy))
    code, found = diff(capsys, tmp_path, body, live_is_new=True)
    assert (code, callers(found, "gained")) == (1, {STRANGER})
    # The other way round nobody gains: the template takes the access away.
    code, found = diff(capsys, tmp_path, body)
    assert (code, callers(found, "lost")) == (0, {STRANGER})


def test_a_bucket_without_a_policy_loses_what_the_template_allows(aws, capsys, tmp_path):
    body = template(aws, World(aws, key=True))
    aws("s3").delete_bucket_policy(Bucket=NAME)
    code, found = diff(capsys, tmp_path, body, live_is_new=True)
    assert "iconik for your domain" in callers(found, "lost")
    # The Deny of plain HTTP is gone too.
    assert (code, found["verdict"]) == (1, "unknown")


@pytest.mark.parametrize("live_is_new", [False, True])
@pytest.mark.parametrize("by_default", [{"SSEAlgorithm": "AES256"}, {"SSEAlgorithm": "aws:kms"}, None])
def test_another_default_encryption_cannot_be_determined(aws, capsys, tmp_path, by_default, live_is_new):
    body = template(aws, World(aws, key=True))
    bucket = body["Resources"]["Media"]
    bucket["Properties"] = {} if by_default is None else {"BucketEncryption": encryption(by_default)}
    code, found = diff(capsys, tmp_path, body, live_is_new=live_is_new)
    said = {each["resource"]: each["may_gain"] + each["may_lose"] for each in found["changes"]}
    assert any("BucketEncryption" in text for texts in said.values() for text in texts)
    # From no key of the customer to one, access only gets narrower: nobody gains.
    assert code == (0 if live_is_new and by_default != {"SSEAlgorithm": "aws:kms"} else 1)


def test_the_default_of_aws_and_a_bucket_key_that_is_off_are_no_change(aws, capsys, tmp_path):
    world = World(aws)
    aws("s3").put_bucket_encryption(
        Bucket=NAME,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]
        },
    )
    assert world.key is None
    policy = json.loads(aws("s3").get_bucket_policy(Bucket=NAME)["Policy"])
    body = {
        "Resources": {
            "Media": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": NAME}},
            "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": NAME, "PolicyDocument": policy}},
        }
    }
    for live_is_new in (False, True):
        assert diff(capsys, tmp_path, body, live_is_new=live_is_new)[0] == 0


def point(name="editors", **properties):
    return {"Type": "AWS::S3::AccessPoint", "Properties": {"Name": name, "Bucket": {"Ref": "Media"}, **properties}}


def live_point(aws, *, network="Internet", policy=None):
    """An access point of the account, as AWS answers."""
    arn = "arn:aws:s3:eu-west-1:123456789012:accesspoint/editors"
    listed = {"Name": "editors", "NetworkOrigin": network, "Bucket": NAME, "AccessPointArn": arn}
    aws.answers["ListAccessPoints"] = {"AccessPointList": [listed]}
    aws.answers["GetAccessPointPolicy"] = {"Policy": json.dumps(policy or {"Version": "2012-10-17", "Statement": []})}


OF_POINT = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": STRANGER},
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:eu-west-1:123456789012:accesspoint/editors/object/*",
        }
    ],
}


def test_access_points_are_compared_with_their_policies_and_networks(aws, capsys, tmp_path):
    body = template(aws, World(aws, key=True))
    live_point(aws, policy=OF_POINT)
    # The account has an access point that the template lacks.
    code, found = diff(capsys, tmp_path, body, live_is_new=True)
    assert (code, [each["resource"] for each in found["changes"]]) == (1, ["AccessPoint editors"])
    assert diff(capsys, tmp_path, body)[0] == 0

    body["Resources"]["Editors"] = point(Policy=OF_POINT)
    for live_is_new in (False, True):
        assert diff(capsys, tmp_path, body, live_is_new=live_is_new)[0] == 0

    body["Resources"]["Editors"] = point(Policy={**OF_POINT, "Statement": []})
    codes = [diff(capsys, tmp_path, body, live_is_new=live_is_new)[0] for live_is_new in (False, True)]
    assert codes == [0, 1]

    body["Resources"]["Editors"] = point(Policy=OF_POINT, VpcConfiguration={"VpcId": "vpc-1"})
    codes = [diff(capsys, tmp_path, body, live_is_new=live_is_new)[0] for live_is_new in (False, True)]
    assert codes == [0, 1]


def test_a_multi_region_access_point_that_a_template_does_not_have_is_a_gain(aws, capsys, tmp_path):
    world = World(aws, key=True)
    listed = {"Name": "media", "Alias": "mfzwi23gnjvgw.mrap", "Regions": [{"Bucket": NAME}]}
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::283217727627:role/IconikS3AccessRole"},
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap/object/*",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws.answers["ListMultiRegionAccessPoints"] = {"AccessPoints": [listed]}
    aws.answers["GetMultiRegionAccessPointPolicy"] = {"Policy": {"Established": {"Policy": document}}}

    code, found = diff(capsys, tmp_path, template(aws, world), live_is_new=True)

    assert code == 1
    assert {each["resource"] for each in found["changes"]} == {"MultiRegion media policy"}


def test_a_grant_of_the_key_that_a_template_does_not_have_is_a_gain_of_others(aws, capsys, tmp_path):
    body = template(aws, World(aws, key=True))
    grant = {"GrantId": "g1", "GranteePrincipal": STRANGER, "Operations": ["Decrypt"]}
    aws.answers["ListGrants"] = {"Grants": [grant], "Truncated": False}
    code, found = diff(capsys, tmp_path, body, live_is_new=True)
    assert (code, {each["resource"] for each in found["changes"]}) == (1, {"Grant g1"})
    assert callers(found, "may_gain") == {"others"}
    assert diff(capsys, tmp_path, body)[0] == 0


@pytest.mark.parametrize("live_is_new", [False, True])
@pytest.mark.parametrize(
    ("operation", "where"),
    [
        ("GetBucketPolicy", "the bucket policy"),
        ("GetKeyPolicy", "the key policy of"),
        ("ListGrants", "the key's grants of"),
        ("DescribeKey", "the key's state of"),
        ("GetBucketEncryption", "the default encryption"),
        ("ListAccessPoints", "the access points"),
        ("ListMultiRegionAccessPoints", "the multi-region access points"),
        ("GetAccessPointPolicy", "the policy of the access point editors"),
        ("GetPublicAccessBlock", "the bucket's public access block"),
        ("GetBucketOwnershipControls", "the object ownership"),
        ("GetBucketAcl", "the bucket's ACL"),
        ("GetBucketAbac", "whether the bucket's tags decide"),
    ],
)
def test_a_fact_that_was_not_read_is_a_finding_and_never_the_same(
    aws, capsys, tmp_path, *, operation, where, live_is_new
):
    body = template(aws, World(aws, key=True))
    live_point(aws, policy=OF_POINT)
    body["Resources"]["Editors"] = point(Policy=OF_POINT)
    assert diff(capsys, tmp_path, body, live_is_new=live_is_new)[0] == 0
    aws.answers[operation] = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, operation)
    code, found = diff(capsys, tmp_path, body, live_is_new=live_is_new)
    assert code == 1
    assert any(each["id"] == "ICONIK190" and each["resource"].startswith(where) for each in found["findings"])


def test_a_public_access_block_that_somebody_removed_is_a_gain(aws, capsys, tmp_path):
    body = template(aws, World(aws, key=True))
    block = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True)
    aws("s3").put_public_access_block(Bucket=NAME, PublicAccessBlockConfiguration=block)
    assert [diff(capsys, tmp_path, body, live_is_new=live_is_new)[0] for live_is_new in (False, True)] == [0, 0]

    body["Resources"]["Media"]["Properties"]["PublicAccessBlockConfiguration"] = block
    aws("s3").delete_public_access_block(Bucket=NAME)
    assert [diff(capsys, tmp_path, body, live_is_new=live_is_new)[0] for live_is_new in (False, True)] == [0, 1]


def test_a_bare_policy_says_nothing_of_the_key_and_the_settings(aws, capsys, tmp_path):
    World(aws, key=True)
    policy = json.loads(aws("s3").get_bucket_policy(Bucket=NAME)["Policy"])
    for live_is_new in (False, True):
        code, found = diff(capsys, tmp_path, policy, live_is_new=live_is_new)
        assert (code, found["changes"]) == (0, [])
