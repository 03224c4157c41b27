"""AWS's limits that many merges of one stack meet."""

import json

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template
from placement_stacks import ACCOUNT, imported, resources, statement

from iconik_construct.placement.place import place
from iconik_construct.placement.size_estimate import largest_text


def many(stack, count):
    for number in range(count):
        name = f"{number:03}-" + "b" * 59
        key = f"arn:aws:kms:ap-southeast-2:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-{number:012}"
        place(stack, imported(stack, name, f"B{number}"), [statement("IconikBucket")])
        place(stack, kms.Key.from_key_arn(stack, f"K{number}", key), [statement("IconikKey")])


def test_25_storages_with_keys_and_long_names_fit_the_policy():
    app = cdk.App()
    stack = cdk.Stack(app, "Stack")

    many(stack, 25)

    app.synth()
    (permission,) = resources(stack, "AWS::IAM::ManagedPolicy").values()
    document = largest_text(permission["Properties"]["PolicyDocument"])
    # IAM counts without blanks.
    assert len(json.dumps(document, separators=(",", ":"))) < 6_144 - 600


@pytest.mark.parametrize("count", [1, 25])
def test_an_upgrade_never_passes_the_limit_of_inline_policies(count):
    """The first release had an inline policy for each bucket and key, there until the upgrade's end."""
    app = cdk.App()
    stack = cdk.Stack(app, "Stack")
    many(stack, count)

    for role in ("HandlerRole", "ProviderRole"):
        inline = [
            found["Properties"]["PolicyDocument"]
            for found in resources(stack, "AWS::IAM::Policy").values()
            if any(role in str(each) for each in found["Properties"]["Roles"])
        ]
        # However many storages there are, nothing is inline but the right to write the log, or to call the function.
        assert len(json.dumps(largest_text(inline), separators=(",", ":"))) < 700


def test_more_than_a_policy_can_hold_is_refused_with_the_fix():
    app = cdk.App()
    many(cdk.Stack(app, "Stack"), 60)

    with pytest.raises(RuntimeError, match=r"IAM allows 6,144\. Put some of the storages into another stack"):
        app.synth()


def test_25_storages_deploy_where_only_ten_functions_run_at_once():
    """A new account has a Lambda concurrency of 10, and each merge needs two functions."""
    stack = cdk.Stack(cdk.App(), "Stack")
    many(stack, 25)
    template = Template.from_stack(stack).to_json()["Resources"]
    merges = {name: found for name, found in template.items() if found["Type"].startswith("Custom::Iconik")}
    waits = {name: set(found["DependsOn"]) & set(merges) for name, found in merges.items()}

    done, most = set(), 0
    while running := {name for name in merges if name not in done and waits[name] <= done}:
        most = max(most, len(running))
        done |= running

    assert done == set(merges)
    assert len(merges) == 50
    assert 2 * most <= 6
