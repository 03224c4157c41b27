"""An adopted bucket becomes part of the stack by `cdk import`, as docs/adopting.md shows, and keeps what it holds."""

import json
from pathlib import Path

import pytest

APP = Path(__file__).with_name("moving_app.py")
BUCKET = "media-on-the-move"
TEAM = {
    "Sid": "Team",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::444455556666:role/Editors"},
    "Action": "s3:GetObject",
    "Resource": f"arn:aws:s3:::{BUCKET}/*",
}


@pytest.mark.local_aws(minutes=0.6)
def test_an_adopted_bucket_is_imported_under_the_same_construct_id_and_keeps_its_objects(local_aws):
    s3 = local_aws.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [TEAM]}))
    s3.put_object(Bucket=BUCKET, Key="reel.mov", Body=b"frames")

    def statements():
        return {
            each.get("Sid"): each for each in json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"]
        }

    def resources():
        stack = local_aws.client("cloudformation").describe_stack_resources(StackName="Moving")
        return {each["ResourceType"]: each["PhysicalResourceId"] for each in stack["StackResources"]}

    local_aws.deploy(APP, env={"MOVING": "adopted"})
    adopted = set(statements()) - {"Team"}
    assert len(adopted) == 2

    owned = local_aws.synth(APP, env={"MOVING": "owned"})
    mapping = local_aws.workdir / "import.json"
    template = json.loads((owned / "Moving.template.json").read_text())["Resources"]
    (bucket,) = (name for name, found in template.items() if found["Type"] == "AWS::S3::Bucket")
    mapping.write_text(json.dumps({bucket: {"BucketName": BUCKET}}))
    local_aws.cdk("import", "Moving", "--force", "--resource-mapping", str(mapping), app=owned)
    assert resources()["AWS::S3::Bucket"] == BUCKET
    assert adopted <= set(statements())

    local_aws.deploy(owned)
    assert statements()["Team"] == TEAM
    assert {"IconikBucket", "IconikObjects"} <= set(statements())
    assert not adopted & set(statements())
    assert set(resources()) == {"AWS::S3::Bucket", "AWS::S3::BucketPolicy"}
    assert s3.get_object(Bucket=BUCKET, Key="reel.mov")["Body"].read() == b"frames"
