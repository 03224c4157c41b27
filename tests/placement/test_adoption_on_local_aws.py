"""A bucket and a key made by hand, adopted by two stacks with the real CDK CLI: who may do what after each step."""

import json
from pathlib import Path

import pytest

from dev.local_aws import StepFailed
from dev.proof.policy_engine import PolicyEngine, Request
from iconik_construct.access.trust import ICONIK_ROLE_ARN, PRINCIPAL_TAG

APP = Path(__file__).with_name("adopting_app.py")
ONE, TWO = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01", "5d0a9f3e-2c1b-4f6a-8a4e-7b9c1d2e3f02"
DOMAINS = {"AdoptOne": ONE, "AdoptTwo": TWO, "LeaveOne": ONE, "LeaveTwo": TWO, "FailAtFirst": ONE}
STRANGER = "99999999-2c1b-4f6a-8a4e-7b9c1d2e3f02"
TEAM = "arn:aws:iam::444455556666:role/Editors"
FOREIGN_KEY_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {"Effect": "Allow", "Principal": {"AWS": TEAM}, "Action": ["kms:Decrypt"], "Resource": "*"},
    ],
}


def foreign_bucket_policy(bucket):
    return {
        "Version": "2008-10-17",
        "Id": "Schnittplatz-Zugänge",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": [TEAM]},
                "Action": ["s3:GetObject"],
                "Resource": f"arn:aws:s3:::{bucket}/*",
            },
            {
                "Sid": "IconikObjects",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ],
    }


class Place:
    """The bucket and the key, and what has become of their policies."""

    def __init__(self, aws, bucket):
        self.aws, self.bucket = aws, bucket
        self.foreign_bucket_policy = foreign_bucket_policy(bucket)
        self.s3, self.kms = aws.client("s3"), aws.client("kms")
        self.s3.create_bucket(Bucket=bucket)
        self.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(self.foreign_bucket_policy))
        self.key = self.kms.create_key(Policy=json.dumps(FOREIGN_KEY_POLICY))["KeyMetadata"]["Arn"]

    def bucket_policy(self):
        return json.loads(self.s3.get_bucket_policy(Bucket=self.bucket)["Policy"])

    def key_policy(self):
        return json.loads(self.kms.get_key_policy(KeyId=self.key, PolicyName="default")["Policy"])

    def plan(self, name, *, write=True, broken=None):
        return {
            "name": name,
            "bucket": self.bucket,
            "key": self.key,
            "domain": DOMAINS[name],
            "write": write,
            "broken": broken,
        }

    def env(self, *plans):
        return {"ADOPTING": json.dumps(plans)}

    def deploy(self, *plans):
        return self.aws.deploy(APP, env=self.env(*plans))

    def destroy(self, name):
        self.aws.destroy(APP, env=self.env(self.plan(name)))


def foreign(document):
    """A policy without what names iconik's role."""
    kept = [each for each in document["Statement"] if each["Principal"] != {"AWS": ICONIK_ROLE_ARN}]
    return {**document, "Statement": kept}


def judge(engine, place, held):
    """Check the foreign statements, and what the policy engine lets domains (`held`: who writes) and the team do."""
    policies = {"s3": place.bucket_policy(), "kms": place.key_policy()}
    assert foreign(policies["s3"]) == place.foreign_bucket_policy
    assert foreign(policies["kms"]) == FOREIGN_KEY_POLICY
    asked = []
    for domain in (ONE, TWO, STRANGER):
        writes = held.get(domain)
        asked += [
            (ICONIK_ROLE_ARN, domain, "s3", "s3:GetObject", f"arn:aws:s3:::{place.bucket}/a.mov", writes is not None),
            (ICONIK_ROLE_ARN, domain, "s3", "s3:PutObject", f"arn:aws:s3:::{place.bucket}/a.mov", bool(writes)),
            (ICONIK_ROLE_ARN, domain, "kms", "kms:Decrypt", place.key, writes is not None),
            (ICONIK_ROLE_ARN, domain, "kms", "kms:GenerateDataKey", place.key, bool(writes)),
        ]
    asked += [
        (TEAM, None, "s3", "s3:GetObject", f"arn:aws:s3:::{place.bucket}/a.mov", True),
        (TEAM, None, "s3", "s3:PutObject", f"arn:aws:s3:::{place.bucket}/a.mov", False),
        (TEAM, None, "kms", "kms:Decrypt", place.key, True),
        (TEAM, None, "kms", "kms:GenerateDataKey", place.key, False),
    ]
    verdicts = engine.verdicts(
        Request(
            policy=policies[kind],
            kind=kind,
            principal=principal,
            action=action,
            resource=resource,
            context={
                **({PRINCIPAL_TAG: domain} if domain else {}),
                **({"aws:SecureTransport": "true"} if kind == "s3" else {}),
            },
            account="123456789012",
        )
        for principal, domain, kind, action, resource, _ in asked
    )
    wrong = [question for question, verdict in zip(asked, verdicts, strict=True) if verdict.allowed != question[-1]]
    assert wrong == []


@pytest.mark.proof
@pytest.mark.local_aws(minutes=3.4)
def test_two_stacks_adopt_and_change_and_a_failure_goes_back_and_nothing_foreign_changes(local_aws):
    place = Place(local_aws, "made-by-hand")
    one, two = DOMAINS["AdoptOne"], DOMAINS["AdoptTwo"]
    with PolicyEngine() as engine:
        judge(engine, place, {})

        place.deploy(place.plan("AdoptOne"), place.plan("AdoptTwo", write=False))
        judge(engine, place, {one: True, two: False})

        place.deploy(place.plan("AdoptOne", write=False))
        judge(engine, place, {one: False, two: False})
        before = place.key_policy()

        with pytest.raises(StepFailed, match="'not-made' does not exist"):
            place.deploy(place.plan("AdoptTwo", broken="not-made"))
        assert local_aws.stack_events("AdoptTwo")[0]["ResourceStatus"] == "UPDATE_ROLLBACK_COMPLETE"
        judge(engine, place, {one: False, two: False})
        assert place.key_policy() == before


@pytest.mark.proof
@pytest.mark.local_aws(minutes=3.4)
def test_two_stacks_leave_and_come_back_and_nothing_foreign_changes(local_aws):
    place = Place(local_aws, "made-by-hand-before")
    one, two = DOMAINS["LeaveOne"], DOMAINS["LeaveTwo"]
    with PolicyEngine() as engine:
        place.deploy(place.plan("LeaveOne"), place.plan("LeaveTwo", write=False))
        judge(engine, place, {one: True, two: False})

        place.destroy("LeaveOne")
        judge(engine, place, {two: False})
        place.deploy(place.plan("LeaveOne"))
        judge(engine, place, {one: True, two: False})
        place.destroy("LeaveTwo")
        judge(engine, place, {one: True})
        place.destroy("LeaveOne")
        judge(engine, place, {})
    assert place.bucket_policy() == place.foreign_bucket_policy
    assert place.key_policy() == FOREIGN_KEY_POLICY


@pytest.mark.proof
@pytest.mark.local_aws(minutes=1.5)
def test_a_first_deployment_that_fails_leaves_both_policies_as_they_were(local_aws):
    place = Place(local_aws, "made-by-hand-too")
    with pytest.raises(StepFailed, match="'not-made' does not exist"):
        place.deploy(place.plan("FailAtFirst", broken="not-made"))
    assert place.bucket_policy() == place.foreign_bucket_policy
    assert place.key_policy() == FOREIGN_KEY_POLICY
