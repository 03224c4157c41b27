"""Where statements take effect that are owned or merged, and what the merging may do."""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from aws_cdk.assertions import Template
from constructs import Construct
from placement_stacks import (
    ACCOUNT,
    BOTH,
    KEY_ARN,
    functions,
    handler_permissions,
    imported,
    merges,
    place,
    resources,
    statement,
    warnings,
)

from iconik_construct.errors import IconikValueError
from iconik_construct.placement import handler
from iconik_construct.placement.ids import sid_suffix
from iconik_construct.placement.record import Adoption, MergeOptions, PlacementKind

HANDLER = Path(handler.__file__).parent
PACKAGE = HANDLER.parent.parent


def l2_bucket(stack):
    return s3.Bucket(stack, "Bucket")


def l1_bucket(stack):
    return s3.Bucket.from_cfn_bucket(s3.CfnBucket(stack, "Bucket"))


def bucket_of_another_stack(stack):
    return s3.Bucket(cdk.Stack(stack.node.root, "Other", env=cdk.Environment(account=ACCOUNT, region="eu-west-1")), "B")


@pytest.mark.parametrize("adoption", Adoption)
@pytest.mark.parametrize("make", [l2_bucket, l1_bucket, bucket_of_another_stack])
def test_statements_for_a_bucket_of_the_app_place_in_its_own_policy_without_lambda_or_asset(stack, make, adoption):
    bucket = make(stack)

    placement = place(stack, bucket, BOTH, adoption)

    assert placement.how is PlacementKind.OWNED
    template = Template.from_stack(cdk.Stack.of(bucket)).to_json()
    (policy,) = (found for found in template["Resources"].values() if found["Type"] == "AWS::S3::BucketPolicy")
    assert policy["Properties"]["PolicyDocument"]["Statement"] == BOTH
    for each in (stack, cdk.Stack.of(bucket)):
        types = {found["Type"] for found in Template.from_stack(each).to_json().get("Resources", {}).values()}
        assert types <= {"AWS::S3::Bucket", "AWS::S3::BucketPolicy"}
    assert warnings(stack) == []


def l1_key(stack):
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}],
    }
    return kms.Key.from_cfn_key(kms.CfnKey(stack, "Key", key_policy=policy))


@pytest.mark.parametrize("make", [lambda stack: kms.Key(stack, "Key"), l1_key])
def test_statements_for_a_key_of_the_app_place_in_its_own_policy(stack, make):
    placement = place(stack, make(stack), [statement("IconikKey")])

    assert placement.how is PlacementKind.OWNED
    (key,) = resources(stack, "AWS::KMS::Key").values()
    assert key["Properties"]["KeyPolicy"]["Statement"][1:] == [statement("IconikKey")]
    assert resources(stack, "AWS::Lambda::Function") == {}


def in_template(statements):
    """The statements by Sid, each with the place for the claim of the custom resource."""
    return {f"{each['Sid']}Claim": {**each, "Sid": f"{each['Sid']}Claim"} for each in statements}


def test_statements_for_an_imported_bucket_are_merged_at_deployment(stack):
    placement = place(stack, imported(stack), BOTH)

    (properties,) = merges(stack)
    assert placement.how is PlacementKind.MERGED
    assert in_template(placement.statements) == properties["Statements"]
    assert properties["BucketName"] == "media"
    assert properties["Account"] == ACCOUNT
    assert properties["ServiceTimeout"] == "600"


def test_the_handler_may_change_the_adopted_policies_and_write_its_log_and_nothing_else(stack):
    adopted = imported(stack)
    place(stack, adopted, BOTH)
    place(stack, kms.Key.from_key_arn(stack, "Key", KEY_ARN), [statement("IconikKey")])

    bucket = json.dumps(stack.resolve(adopted.bucket_arn))
    assert ":s3:::media" in bucket
    (log,) = resources(stack, "AWS::Logs::LogGroup")
    log_arn = json.dumps({"Fn::GetAtt": [log, "Arn"]})
    locks = json.dumps(stack.resolve(stack.format_arn(service="ssm", resource="parameter/iconik-construct/*")))
    assert sorted(handler_permissions(stack)) == [
        ("kms:DescribeKey", json.dumps(KEY_ARN)),
        ("kms:GetKeyPolicy", json.dumps(KEY_ARN)),
        ("kms:PutKeyPolicy", json.dumps(KEY_ARN)),
        ("logs:CreateLogStream", log_arn),
        ("logs:PutLogEvents", log_arn),
        ("s3:DeleteBucketPolicy", bucket),
        ("s3:GetBucketPolicy", bucket),
        ("s3:GetBucketPolicyStatus", bucket),
        ("s3:GetBucketPublicAccessBlock", bucket),
        ("s3:PutBucketPolicy", bucket),
        *((f"ssm:{call}Parameter", locks) for call in ("Delete", "Get", "Put")),
    ]


def test_the_permission_on_a_policy_outlives_the_adoption(stack):
    place(stack, imported(stack), BOTH)

    (merge,) = resources(stack, "Custom::IconikBucketPolicyStatements").values()
    permissions = resources(stack, "AWS::IAM::ManagedPolicy")
    (needed,) = (permissions[name] for name in merge["DependsOn"])
    assert "s3:PutBucketPolicy" in json.dumps(needed["Properties"]["PolicyDocument"])


def test_the_function_runs_on_the_current_python_with_its_log_kept_a_month(stack):
    place(stack, imported(stack), BOTH)

    (function,) = functions(stack)
    (log,) = resources(stack, "AWS::Logs::LogGroup").values()
    assert function["Runtime"] == "python3.14"
    assert log["Properties"] == {"RetentionInDays": 30}
    for each in resources(stack, "AWS::Lambda::Function").values():
        assert each["Properties"]["LoggingConfig"]["LogGroup"] == function["LoggingConfig"]["LogGroup"]


def test_ten_adopted_buckets_share_one_provider(stack):
    for number in range(10):
        name = f"media-{number}"
        place(Construct(stack, f"S{number}"), imported(stack, name, name), BOTH)

    assert len(merges(stack)) == 10
    # Ours and the provider framework's.
    assert len(resources(stack, "AWS::Lambda::Function")) == 2
    assert len(resources(stack, "AWS::Logs::LogGroup")) == 1


def test_storages_on_one_bucket_share_one_custom_resource_however_often_it_is_imported(stack):
    first = place(Construct(stack, "One"), imported(stack), BOTH)
    second = place(Construct(stack, "Two"), imported(stack, construct_id="Again"), BOTH)

    (properties,) = merges(stack)
    assert properties["Statements"] == in_template(first.statements + second.statements)
    assert len(properties["Statements"]) == 4


def test_a_nested_stack_has_a_provider_of_its_own(stack):
    nested = cdk.NestedStack(stack, "Nested")
    for each in (stack, nested):
        place(Construct(each, "Storage"), imported(each), BOTH)

    assert len(functions(stack)) == len(functions(nested)) == 1


TOKENS = {
    "parameter": lambda stack: cdk.CfnParameter(stack, "Name").value_as_string,
    "import": lambda _: cdk.Fn.import_value("name"),
    "parameter store": lambda stack: ssm.StringParameter.value_for_string_parameter(stack, "/media/bucket"),
    "part of one": lambda stack: f"media-{cdk.CfnParameter(stack, 'Name').value_as_string}",
    "mapping": lambda stack: cdk.CfnMapping(stack, "Map", mapping={"a": {"b": "c"}}).find_in_map(cdk.Aws.REGION, "b"),
}


@pytest.mark.parametrize("token", TOKENS)
def test_a_bucket_whose_name_can_change_without_the_app_is_not_merged_into(stack, token):
    name = TOKENS[token](stack)

    with pytest.raises(IconikValueError, match=r"'bucket' must be known at synthesis.*HAND_OVER"):
        place(stack, imported(stack, name), BOTH)

    assert place(stack, imported(stack, name, "B"), BOTH, Adoption.HAND_OVER).how is (PlacementKind.HANDED_OVER)


def test_a_key_whose_arn_can_change_without_the_app_is_not_merged_into(stack):
    key = kms.Key.from_key_arn(stack, "Key", cdk.Fn.import_value("arn"))

    with pytest.raises(IconikValueError, match=r"'encryption_key' must be known at synthesis"):
        place(stack, key, [statement("IconikKey")])


def test_a_name_made_of_the_stacks_own_account_and_region_is_merged_into():
    stack = cdk.Stack(cdk.App(), "Stack")
    name = f"media-{cdk.Aws.ACCOUNT_ID}-{cdk.Aws.REGION}"
    key = kms.Key.from_key_arn(stack, "Key", stack.format_arn(service="kms", resource="key", resource_name="1234"))

    place(stack, imported(stack, name), BOTH)
    assert place(stack, key, [statement("IconikKey")]).how is PlacementKind.MERGED

    (properties,) = merges(stack)
    assert properties["BucketName"]["Fn::Join"][1][0] == "media-"


def test_sids_tell_stacks_and_constructs_apart_and_are_the_same_everywhere():
    app = cdk.App()
    stacks = [cdk.Stack(app, "A"), cdk.Stack(app, "B"), cdk.Stack(app, "C", stack_name="A-prod")]
    scopes = [Construct(stack, name) for stack in stacks for name in ("One", "Two")]
    scopes += [Construct(cdk.NestedStack(stack, "Nested"), "One") for stack in stacks]

    suffixes = [sid_suffix(scope) for scope in scopes]

    assert len(set(suffixes)) == len(scopes)
    # An adoption that is deployed would be removed and added again if this changed.
    assert suffixes[:2] == ["6554C129", "43B2746C"]


def test_the_same_path_in_stacks_of_two_names_gives_two_suffixes():
    suffixes = {sid_suffix(Construct(cdk.Stack(cdk.App(), "A", stack_name=name), "S")) for name in ("Dev", "Prod")}

    assert len(suffixes) == 2


def test_the_asset_holds_the_handlers_sources_and_nothing_that_a_run_leaves_behind(tmp_path):
    cache = HANDLER / "__pycache__"
    cache.mkdir(exist_ok=True)
    (cache / "left-behind.pyc").write_bytes(b"x")
    app = cdk.App(outdir=str(tmp_path))
    stack = cdk.Stack(app, "Stack")
    place(stack, imported(stack), BOTH)
    try:
        app.synth()
    finally:
        (cache / "left-behind.pyc").unlink()

    (asset,) = (path.parent for path in tmp_path.glob("asset.*/iconik_construct"))
    shipped = {path.relative_to(asset).as_posix() for path in asset.rglob("*") if path.is_file()}
    handler = {path.relative_to(PACKAGE.parent).as_posix() for path in HANDLER.rglob("*.py")}
    assert handler < shipped
    assert not {name for name in shipped if not name.endswith(".py")}
    # Files that never load are not there: each is loaded by a merge, a delete or a check of a watch.
    assert loaded_from(asset) >= shipped


def loaded_from(asset):
    """The files that the function loads to merge, to refuse, to find foreign grants, and to check."""
    everything = {"Sid": "All", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    outsiders = {**everything, "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}}
    by_hand = {**everything, "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::283217727627:root"}}
    policy = {"Statement": [everything, outsiders, by_hand]}
    condition = {"StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": "id"}}
    ours = {"S": {**by_hand, "Sid": "S", "Action": ["s3:GetObject", "s3:*"], "Condition": condition}}
    code = (
        f"import sys, json, iconik_construct; sys.path.append({sysconfig.get_path('purelib')!r});"
        "from iconik_construct.placement.handler import advice, index;"
        f"advice.advise({json.dumps(policy)!r}, json.loads({json.dumps(ours)!r}), arn='arn:aws:s3:::media',"
        " account='1'); print(json.dumps([each.__file__ for each in sys.modules.values()"
        " if getattr(each, '__file__', None)]))"
    )
    # The package of this tree or of a wheel must not be found before the asset.
    printed = subprocess.check_output(  # noqa: S603 - this interpreter
        [sys.executable, "-S", "-c", code], env={**os.environ, "PYTHONPATH": str(asset)}, text=True, cwd=asset
    )
    files = (Path(name) for name in json.loads(printed))
    return {path.relative_to(asset).as_posix() for path in files if path.is_relative_to(asset)}


def test_the_handler_starts_without_cdk_and_asks_the_judge_only_when_it_must(tmp_path):
    app = cdk.App(outdir=str(tmp_path / "out"))
    stack = cdk.Stack(app, "Stack")
    place(stack, imported(stack), BOTH)
    app.synth()
    (asset,) = (path.parent for path in tmp_path.glob("out/asset.*/iconik_construct"))
    deny = {**statement("Deny"), "Effect": "Deny", "Principal": "*"}
    code = (
        "import sys, json; from iconik_construct.placement.handler import index;"
        "from iconik_construct.placement.handler.advice import advise;"
        "early = 'iconik_construct.judge' in sys.modules;"
        f"given = json.loads({json.dumps(json.dumps({'Statement': [deny], 'Ours': {'S': BOTH[0]}}))});"
        "found = advise(json.dumps({'Statement': given['Statement']}), given['Ours'],"
        " arn='arn:aws:s3:::media', account='123456789012');"
        "loaded = {name.partition('.')[0] for name in sys.modules} & {'aws_cdk', 'jsii', 'constructs'};"
        "print(early, bool(found.denials), sorted(loaded))"
    )
    environment = {**os.environ, "PYTHONPATH": str(asset)}

    printed = subprocess.check_output(  # noqa: S603 - this interpreter
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, text=True
    )

    assert printed == "False True []\n"


def test_the_template_is_the_same_in_every_run():
    def made():
        stack = cdk.Stack(cdk.App(), "Stack")
        place(stack, imported(stack), BOTH)
        place(stack, kms.Key.from_key_arn(stack, "Key", KEY_ARN), [statement("IconikKey")])
        return json.dumps(Template.from_stack(stack).to_json())

    assert made() == made()


def permission_ids(names):
    stack = cdk.Stack(cdk.App(), "Stack")
    for name in names:
        place(stack, imported(stack, name, name), BOTH)
    return set(resources(stack, "AWS::IAM::ManagedPolicy"))


def test_the_permission_is_another_resource_with_each_bucket_that_comes_or_goes():
    one, two, both, turned = map(permission_ids, (["one"], ["two"], ["one", "two"], ["two", "one"]))

    assert len(one | two | both) == 3
    assert turned == both


def test_customized_roles_are_reported_and_not_synthesized(tmp_path):
    app = cdk.App(outdir=str(tmp_path))
    roles = {f"Stack/IconikAdoption/{name}Role": name.lower() for name in ("Handler", "Provider")}
    iam.Role.customize_roles(app, use_precreated_roles=roles)
    stack = cdk.Stack(app, "Stack")
    place(stack, imported(stack), BOTH)

    app.synth()

    template = json.loads((tmp_path / "Stack.template.json").read_text())
    kinds = [found["Type"] for found in template["Resources"].values()]
    assert not {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"} & set(kinds)
    assert "s3:PutBucketPolicy" in (tmp_path / "iam-policy-report.txt").read_text()


def test_tolerated_denies_and_triggers_are_properties_by_sid(stack):
    terms = MergeOptions(tolerate_denies=True, trigger="2026-11-25")

    place(stack, imported(stack), BOTH, options=terms)

    (properties,) = merges(stack)
    sids = list(properties["Statements"])
    assert properties["TolerateDenies"] == dict.fromkeys(sids, "true")
    assert properties["Triggers"] == dict.fromkeys((sid.removesuffix("Claim") for sid in sids), "2026-11-25")


def test_possible_blocks_and_access_of_others_are_an_output(stack):
    place(stack, imported(stack), BOTH)

    ((name, output),) = Template.from_stack(stack).find_outputs("*").items()
    assert "NotDecided" in name
    assert output["Value"]["Fn::GetAtt"][1] == "NotDecided"
    assert output["Description"] == (
        "What may block iconik's access to 'media', and foreign statements that allow other iconik customers"
    )


@pytest.mark.parametrize("kept", [False, True])
def test_a_custom_resource_that_an_aspect_keeps_causes_a_warning(stack, kept):
    place(stack, imported(stack), BOTH)
    excluded = None if kept else ["Custom::IconikBucketPolicyStatements"]
    cdk.RemovalPolicies.of(stack).retain(exclude_resource_types=excluded)

    found = [text for text in warnings(stack) if "iconik's statements stay in the policy of 'media'" in text]

    assert len(found) == kept
