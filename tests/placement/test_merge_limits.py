"""AWS's limits that many merges of one stack meet."""

import json

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.assertions import Template
from placement_stacks import ACCOUNT, imported, place, resources, statement

from iconik_construct import IconikRegistration, IconikStorage, IconikWatch, StorageEncryption
from iconik_construct.placement.size_estimate import largest_text

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"


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


def most_functions_at_once(*stacks):
    """Run the custom resources of stacks that are deployed side by side, each as soon as it need not wait."""
    templates = [Template.from_stack(stack).to_json()["Resources"] for stack in stacks]
    waits = {}
    for number, template in enumerate(templates):
        named = {name: found for name, found in template.items() if found["Type"].startswith("Custom::Iconik")}
        for name, found in named.items():
            waits[number, name] = {(number, each) for each in found["DependsOn"] if each in named}
    done, most = set(), 0
    while running := {name for name in waits if name not in done and waits[name] <= done}:
        most = max(most, len(running))
        done |= running
    assert done == set(waits)
    return len(done), 2 * most


def test_25_storages_deploy_where_only_ten_functions_run_at_once():
    """A new account has a Lambda concurrency of 10, and each merge needs two functions."""
    stack = cdk.Stack(cdk.App(), "Stack")
    many(stack, 25)

    assert most_functions_at_once(stack) == (50, 6)


def test_nested_stacks_deploy_where_only_ten_functions_run_at_once():
    """CloudFormation deploys them side by side, and beside the custom resources of their parent."""
    stack = cdk.Stack(cdk.App(), "Stack")
    nested = [cdk.NestedStack(stack, f"Nested{number}") for number in range(2)]
    for each in (stack, *nested):
        many(each, 5)

    assert most_functions_at_once(stack, *nested) == (30, 10)


@pytest.mark.parametrize("registered_first", [False, True])
def test_25_adoptions_with_a_watch_and_a_registration_deploy_where_only_ten_functions_run_at_once(registered_first):
    stack = cdk.Stack(cdk.App(), "Stack")
    storage = IconikStorage(stack, "New", system_domain_id=DOMAIN)
    secret = secretsmanager.Secret.from_secret_name_v2(stack, "Secret", "iconik/token")

    def register():
        for number in range(4):
            name = f"Media {number}"
            IconikRegistration(stack, f"R{number}", storage=storage, credentials=secret, name=name)

    if registered_first:
        register()
    adopted = [
        IconikStorage(
            stack,
            f"S{number}",
            system_domain_id=DOMAIN,
            bucket=imported(stack, f"media-{number}", f"B{number}"),
            encryption=StorageEncryption.S3_MANAGED,
        )
        for number in range(25)
    ]
    IconikWatch(stack, "Watch", storages=adopted)
    if not registered_first:
        register()

    assert most_functions_at_once(stack) == (29, 6)
