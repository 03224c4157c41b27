"""`diff --bucket` compares the live bucket and its keys with a file."""

import json

import pytest
from situations import DOMAIN, NAME, World

from iconik_construct.cli.main import main


def template(aws, world, change=lambda _bucket, _key: None):
    """The account's own policies in a template that names its resources otherwise."""
    bucket = json.loads(aws("s3").get_bucket_policy(Bucket=NAME)["Policy"])
    key = json.loads(aws("kms").get_key_policy(KeyId=world.key, PolicyName="default")["Policy"])
    change(bucket, key)
    text = json.dumps(bucket["Statement"][::-1]).replace(f"arn:aws:s3:::{NAME}", "@")
    parts = {"Fn::Join": ["", [{"Fn::GetAtt": ["Media", "Arn"]}, "/*"]]}
    text = text.replace('"@/*"', json.dumps(parts)).replace('"@"', json.dumps({"Fn::GetAtt": ["Media", "Arn"]}))
    owned = {"Bucket": {"Ref": "Media"}, "PolicyDocument": {**bucket, "Statement": json.loads(text)}}
    return {
        "Resources": {
            "Media": {"Type": "AWS::S3::Bucket"},
            "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": owned},
            "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": key}},
        }
    }


def diff(capsys, folder, body):
    path = folder / "new.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    code = main(["diff", "--bucket", NAME, str(path), "--system-domain-id", DOMAIN, "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


def test_the_same_policies_under_other_names_are_no_change(aws, capsys, tmp_path):
    code, found = diff(capsys, tmp_path, template(aws, World(aws, key=True)))
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
    from botocore.exceptions import ClientError  # noqa: PLC0415

    body = template(aws, World(aws, key=True))
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetBucketPolicy")
    aws.answers["GetBucketPolicy"] = denied
    code, found = diff(capsys, tmp_path, body)
    assert (code, found["verdict"]) == (1, "unknown")


def test_a_bucket_that_does_not_exist_is_a_wrong_call(aws, capsys, tmp_path):
    body = template(aws, World(aws, key=True))
    path = tmp_path / "new.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    assert main(["diff", "--bucket", "no-such-bucket", str(path), "--system-domain-id", DOMAIN]) == 2
    assert capsys.readouterr().err == "iconik-construct diff: there is no bucket 'no-such-bucket'\n"
