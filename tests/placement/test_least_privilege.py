"""The function may do each of its calls, and no more, at every moment of a deployment.

A model of CloudFormation changes a stack from one template to another: first what is new or changed, in the order of
the dependencies, then what is gone, backwards. At each turn of a custom resource the policies that the role has in that
moment are given to iam-simulate, as statements that name the role, with nothing else that allows it anything: so it
shows what a local AWS without IAM hides.
"""

import itertools
import json

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from dev.proof.policy_engine import PolicyEngine, Request
from iconik_construct import IconikStorage, StorageEncryption
from iconik_construct.placement.merging import BUCKET_POLICY_ACTIONS, KEY_POLICY_ACTIONS

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Stack-IconikAdoptionHandlerRole-1XYZ"
DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
PERMISSIONS = {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}
SHAPES = {
    "one bucket": ["a"],
    "a bucket with a key": ["a+"],
    "two": ["a", "b+"],
    "three": ["a+", "b", "c+"],
    "others": ["d+"],
    "nothing": [],
}


def template(names):
    """The resources of a stack that adopts buckets; `a+` is the bucket `a` with a key."""
    stack = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(account=ACCOUNT, region="eu-west-1"))
    for name in names:
        letter, has_key = name[0], name.endswith("+")
        arn = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{letter * 8}-0000-0000-0000-000000000000"
        IconikStorage(
            stack,
            f"Storage{letter}",
            system_domain_id=DOMAIN,
            bucket=s3.Bucket.from_bucket_name(stack, f"B{letter}", f"media-{letter}"),
            encryption=None if has_key else StorageEncryption.S3_MANAGED,
            encryption_key=kms.Key.from_key_arn(stack, f"K{letter}", arn) if has_key else None,
        )
    found = Template.from_stack(stack).to_json().get("Resources", {})
    return json.loads(json.dumps(found).replace('{"Ref": "AWS::Partition"}', '"aws"'))


def in_order(resources):
    """The logical ids, each after what it depends on."""
    done = []

    def visit(name):
        if name in resources and name not in done:
            needed = resources[name].get("DependsOn", [])
            for one in [needed] if isinstance(needed, str) else needed:
                visit(one)
            done.append(name)

    for name in resources:
        visit(name)
    return done


def joined(value):
    parts = value["Fn::Join"][1] if isinstance(value, dict) and "Fn::Join" in value else [value]
    return "".join(parts) if all(isinstance(part, str) for part in parts) else value


def statements_of(resource):
    """The statements of an IAM policy for buckets and keys."""
    for one in resource["Properties"]["PolicyDocument"]["Statement"]:
        listed = one["Resource"] if isinstance(one["Resource"], list) else [one["Resource"]]
        named = [joined(each) for each in listed]
        if all(isinstance(each, str) for each in named):
            yield {**one, "Resource": named, "Principal": {"AWS": ROLE}}


def turns(old, new, *, fails=False):
    """Yield each turn of a custom resource, with the policies that the role has then."""
    attached = {name: one for name, one in old.items() if one["Type"] in PERMISSIONS}
    for name in in_order(new):
        if new[name]["Type"] in PERMISSIONS:
            attached[name] = new[name]
        elif new[name]["Type"].startswith("Custom::Iconik") and new[name] != old.get(name):
            yield name, new[name], dict(attached)
    gone_from, stays = (new, old) if fails else (old, new)
    if fails:
        # The way back: what had changed is changed back, then what was new goes.
        for name in in_order(old):
            if old[name]["Type"] in PERMISSIONS:
                attached[name] = old[name]
            elif old[name]["Type"].startswith("Custom::Iconik") and old[name] != new.get(name) and name in new:
                yield name, old[name], dict(attached)
    for name in reversed(in_order(gone_from)):
        if name in stays:
            continue
        if gone_from[name]["Type"].startswith("Custom::Iconik"):
            yield name, gone_from[name], dict(attached)
        attached.pop(name, None)


def calls_of(resource):
    properties = resource["Properties"]
    if "KeyArn" in properties:
        return [(action, properties["KeyArn"], "kms") for action in KEY_POLICY_ACTIONS]
    return [(action, f"arn:aws:s3:::{properties['BucketName']}", "s3") for action in BUCKET_POLICY_ACTIONS]


@pytest.fixture(scope="module")
def engine():
    with PolicyEngine() as found:
        yield found


def denied(engine, old, new, **more):
    """Return the calls that the role may not make in its turn, and how many there were."""
    found, asked = [], 0
    for name, resource, attached in turns(old, new, **more):
        statements = [one for policy in attached.values() for one in statements_of(policy)]
        for action, arn, kind in calls_of(resource):
            asked += 1
            request = Request(
                policy={"Version": "2012-10-17", "Statement": statements},
                kind=kind,
                principal=ROLE,
                action=action,
                resource=arn,
                account=ACCOUNT,
                identity_allows=False,
            )
            (verdict,) = engine.verdicts([request])
            if not verdict.allowed:
                found.append((name, action))
    return found, asked


MOVES = list(itertools.permutations(SHAPES, 2))


@pytest.fixture(scope="module")
def templates():
    return {name: template(names) for name, names in SHAPES.items()}


@pytest.mark.parametrize(("before", "after"), MOVES)
def test_each_call_is_allowed_in_its_turn_on_the_way_there_and_back(engine, templates, before, after):
    old, new = templates[before], templates[after]
    for fails in (False, True):
        found, asked = denied(engine, old, new, fails=fails)
        assert found == []
        assert asked or fails


def test_with_a_permission_that_is_changed_in_its_place_a_storage_that_goes_is_denied(engine, templates):
    """The control: one id for the policy, as if CloudFormation updated it before the custom resource goes."""

    def one_id(resources):
        text = json.dumps(resources)
        for name in resources:
            if name.startswith("IconikAdoptionPermission"):
                text = text.replace(name, "IconikAdoptionPermission")
        return json.loads(text)

    found, _ = denied(engine, one_id(templates["two"]), one_id(templates["one bucket"]))

    assert {action for _, action in found} >= {"s3:PutBucketPolicy", "kms:PutKeyPolicy"}


def test_when_all_is_over_the_role_has_what_is_adopted_and_nothing_else(templates):
    for resources in templates.values():
        (names,) = [
            {
                arn
                for one in resources.values()
                if one["Type"] in PERMISSIONS
                for s in statements_of(one)
                for arn in s["Resource"]
            }
        ]
        merges = [one for one in resources.values() if one["Type"].startswith("Custom::Iconik")]
        locks = {f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/iconik-construct/*"} if merges else set()
        assert names == {arn for one in merges for _, arn, _ in calls_of(one)} | locks
