"""An adopted bucket becomes part of the stack by `cdk import`, as docs/adopting.md shows, and keeps what it holds."""

import json
from pathlib import Path

import pytest
from lambda_runs import FOREIGN, Bucket, CustomResource

from iconik_construct import IconikPermissions
from iconik_construct.access.statements import bucket_statements

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
APP = Path(__file__).with_name("moving_app.py")
BUCKET = "media-on-the-move"
TEAM = {
    "Sid": "Team",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::444455556666:role/Editors"},
    "Action": "s3:GetObject",
    "Resource": f"arn:aws:s3:::{BUCKET}/*",
}


def future_statements(bucket):
    """What the owned storage writes, as `iconik-construct statements` prints it: with Sids of its own."""
    return bucket_statements((IconikPermissions.read_write(),), (DOMAIN,), f"arn:aws:s3:::{bucket}")


@pytest.mark.parametrize("import_writes", [True, False])
def test_iconik_keeps_its_new_statements_whichever_way_the_import_behaves(wire, import_writes):
    """CloudFormation may write nothing after an import, and the adoption then removes its own statements only."""
    bucket = Bucket(FOREIGN)
    adoption = CustomResource(bucket)
    adoption.create(1)
    new = future_statements(bucket.name)
    bucket.put({"Version": "2012-10-17", "Statement": [*bucket.get()["Statement"], *new]})

    if import_writes:
        bucket.put({"Version": "2012-10-17", "Statement": [FOREIGN, *new]})
    adoption.delete()

    assert bucket.get()["Statement"] == [FOREIGN, *new]


@pytest.mark.proof
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
    new = future_statements(BUCKET)
    by_hand = {"Version": "2012-10-17", "Statement": [*statements().values(), *new]}
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(by_hand))
    owned_sids = {each["Sid"] for each in new}

    owned = local_aws.synth(APP, env={"MOVING": "owned"})
    mapping = local_aws.workdir / "import.json"
    template = json.loads((owned / "Moving.template.json").read_text())["Resources"]
    (bucket,) = (name for name, found in template.items() if found["Type"] == "AWS::S3::Bucket")
    mapping.write_text(json.dumps({bucket: {"BucketName": BUCKET}}))
    local_aws.cdk("import", "Moving", "--force", "--resource-mapping", str(mapping), app=owned)
    assert resources()["AWS::S3::Bucket"] == BUCKET
    assert adopted | owned_sids <= set(statements())

    local_aws.deploy(owned)
    assert statements()["Team"] == TEAM
    assert {"IconikBucket", "IconikObjects"} == owned_sids <= set(statements())
    assert not adopted & set(statements())
    assert set(resources()) == {"AWS::S3::Bucket", "AWS::S3::BucketPolicy"}
    assert s3.get_object(Bucket=BUCKET, Key="reel.mov")["Body"].read() == b"frames"
