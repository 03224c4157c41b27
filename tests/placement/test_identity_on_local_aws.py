"""A bucket spelled otherwise, renamed, moved and rolled back, with the real CDK CLI: iconik keeps its access."""

import json
from pathlib import Path

import pytest

from iconik_construct.access.trust import ICONIK_ROLE_ARN

APP = Path(__file__).with_name("identity_app.py")
STACKS = ("Spelled", "SpelledKey", "Renamed", "MovedFrom", "MovedTo", "RolledBack")
BUCKETS = ("spelled-123456789012", "renamed", "moved", "rolled-back-123456789012")
TEAM = {"Sid": "Team", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "*"}
UNREADABLE = '{"Id": "a", "Id": "b", "Version": "2012-10-17", "Statement": []}'


class Place:
    """The buckets and the key, and the stacks that adopt them."""

    def __init__(self, aws):
        self.aws, self.s3, self.kms = aws, aws.client("s3"), aws.client("kms")
        for bucket in (*BUCKETS, "unreadable"):
            self.s3.create_bucket(Bucket=bucket)
            team = {**TEAM, "Resource": f"arn:aws:s3:::{bucket}/*"}
            policy = (
                UNREADABLE if bucket == "unreadable" else json.dumps({"Version": "2012-10-17", "Statement": [team]})
            )
            self.s3.put_bucket_policy(Bucket=bucket, Policy=policy)
        team = {"Version": "2012-10-17", "Statement": [{**TEAM, "Resource": "*"}]}
        self.key = self.kms.create_key(Policy=json.dumps(team))["KeyMetadata"]["KeyId"]

    def cdk(self, command, when, *flags, check=True):
        # All stacks at once: most of a merge is waiting.
        env = {"IDENTITY": when, "IDENTITY_KEY": self.key}
        return self.aws.cdk(command, "--all", "--concurrency", "6", *flags, app=APP, env=env, check=check)

    def deploy(self, when, *, check=True):
        return self.cdk("deploy", when, "--require-approval", "never", check=check)

    def ours(self):
        """How often each bucket and the key has each of our statements, whose Sids without their ends are the same."""
        texts = [self.s3.get_bucket_policy(Bucket=bucket)["Policy"] for bucket in BUCKETS]
        texts.append(self.kms.get_key_policy(KeyId=self.key, PolicyName="default")["Policy"])
        found = []
        for text in texts:
            statements = json.loads(text)["Statement"]
            assert [each["Sid"] for each in statements if each["Principal"] == TEAM["Principal"]] == ["Team"]
            mine = [each for each in statements if each["Principal"] == {"AWS": ICONIK_ROLE_ARN}]
            assert len(mine) == len(statements) - 1
            found.append(sorted(each["Sid"][:-16] for each in mine))
        return found

    def status(self):
        found = self.aws.client("cloudformation").describe_stacks()["Stacks"]
        return {each["StackName"]: each["StackStatus"] for each in found if each["StackName"] in STACKS}

    def notes(self):
        found = self.aws.client("ssm").describe_parameters()["Parameters"]
        return [each["Name"] for each in found if each["Name"].startswith("/iconik-construct/")]


@pytest.mark.proof
@pytest.mark.local_aws(minutes=2)
def test_another_spelling_a_rename_a_move_and_a_rollback_keep_each_statement_once(local_aws):
    place = Place(local_aws)
    # Stacks of other tests can be there.
    notes = place.notes()
    local_aws.bootstrap()
    place.deploy("before")
    once = place.ours()
    assert once == [["IconikBucket", "IconikObjects"]] * len(BUCKETS) + [["IconikKey"]]

    failed = place.deploy("after", check=False)

    assert failed.returncode == 1
    assert "occurs twice in one object" in failed.output
    updated = dict.fromkeys(STACKS, "UPDATE_COMPLETE")
    assert place.status() == {**updated, "RolledBack": "UPDATE_ROLLBACK_COMPLETE"}
    assert place.ours() == once

    place.cdk("destroy", "after", "--force")

    assert place.ours() == [[]] * (len(BUCKETS) + 1)
    assert place.notes() == notes
