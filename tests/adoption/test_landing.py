"""Where statements land: in a policy of this app, merged, taken over or handed over."""

import json
import os
import subprocess
import sys
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Annotations, Match, Template
from constructs import Construct

from iconik_construct.adoption import handler
from iconik_construct.adoption.sids import sid_suffix
from iconik_construct.errors import IconikTypeError, IconikValueError
from iconik_construct.landing import Adoption, LandingKind, land_bucket_statements, land_key_statements

ACCOUNT = "123456789012"
KEY_ARN = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
HANDLER = Path(handler.__file__).parent


@pytest.fixture
def stack():
    return cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(account=ACCOUNT, region="eu-west-1"))


def statement(sid, resource="*"):
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::283217727627:role/IconikS3AccessRole"},
        "Action": "s3:GetObject",
        "Resource": resource,
        "Condition": {"StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": "id"}},
    }


BOTH = [statement("IconikBucket"), statement("IconikObjects")]


def imported(stack, name="media", construct_id="Imported"):
    return s3.Bucket.from_bucket_name(stack, construct_id, name)


def resources(stack, kind):
    return Template.from_stack(stack).find_resources(kind)


def merges(stack):
    return [found["Properties"] for found in resources(stack, "Custom::IconikBucketPolicyStatements").values()]


def warnings(stack):
    return [str(found.entry.data) for found in Annotations.from_stack(stack).find_warning("*", Match.any_value())]


def functions(stack):
    """The function that changes policies, without the provider framework's."""
    return [
        function["Properties"]
        for function in resources(stack, "AWS::Lambda::Function").values()
        if function["Properties"]["Handler"] == "handler.index.on_event"
    ]


def handler_permissions(stack):
    """Every action and resource that the handler's role is allowed."""
    (function,) = functions(stack)
    role = function["Role"]["Fn::GetAtt"][0]
    (made,) = (found for name, found in resources(stack, "AWS::IAM::Role").items() if name == role)
    assert set(made["Properties"]) == {"AssumeRolePolicyDocument"}
    return [
        (action, json.dumps(each["Resource"]))
        for policy in resources(stack, "AWS::IAM::Policy").values()
        if {"Ref": role} in policy["Properties"]["Roles"]
        for each in policy["Properties"]["PolicyDocument"]["Statement"]
        for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    ]


def l2_bucket(stack):
    return s3.Bucket(stack, "Bucket")


def l1_bucket(stack):
    return s3.Bucket.from_cfn_bucket(s3.CfnBucket(stack, "Bucket"))


def bucket_of_another_stack(stack):
    return s3.Bucket(cdk.Stack(stack.node.root, "Other", env=cdk.Environment(account=ACCOUNT, region="eu-west-1")), "B")


@pytest.mark.parametrize("adoption", Adoption)
@pytest.mark.parametrize("make", [l2_bucket, l1_bucket, bucket_of_another_stack])
def test_statements_for_a_bucket_of_the_app_land_in_its_own_policy_without_lambda_or_asset(stack, make, adoption):
    bucket = make(stack)

    landing = land_bucket_statements(stack, bucket, BOTH, adoption)

    assert landing.how is LandingKind.OWNED
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
def test_statements_for_a_key_of_the_app_land_in_its_own_policy(stack, make):
    landing = land_key_statements(stack, make(stack), [statement("IconikKey")])

    assert landing.how is LandingKind.OWNED
    (key,) = resources(stack, "AWS::KMS::Key").values()
    assert key["Properties"]["KeyPolicy"]["Statement"][1:] == [statement("IconikKey")]
    assert resources(stack, "AWS::Lambda::Function") == {}


def test_statements_for_an_imported_bucket_are_merged_at_deployment(stack):
    landing = land_bucket_statements(stack, imported(stack), BOTH)

    (properties,) = merges(stack)
    assert landing.how is LandingKind.MERGED
    assert {found["Sid"]: found for found in landing.statements} == properties["Statements"]
    assert properties["BucketName"] == "media"
    assert properties["Account"] == ACCOUNT
    assert properties["ServiceTimeout"] == "600"


def test_the_handler_may_change_the_adopted_policies_and_write_its_log_and_nothing_else(stack):
    adopted = imported(stack)
    land_bucket_statements(stack, adopted, BOTH)
    land_key_statements(stack, kms.Key.from_key_arn(stack, "Key", KEY_ARN), [statement("IconikKey")])

    bucket = json.dumps(stack.resolve(adopted.bucket_arn))
    assert ":s3:::media" in bucket
    (log,) = resources(stack, "AWS::Logs::LogGroup")
    log_arn = json.dumps({"Fn::GetAtt": [log, "Arn"]})
    assert sorted(handler_permissions(stack)) == [
        ("kms:GetKeyPolicy", json.dumps(KEY_ARN)),
        ("kms:PutKeyPolicy", json.dumps(KEY_ARN)),
        ("logs:CreateLogStream", log_arn),
        ("logs:PutLogEvents", log_arn),
        ("s3:DeleteBucketPolicy", bucket),
        ("s3:GetBucketPolicy", bucket),
        ("s3:PutBucketPolicy", bucket),
    ]


def test_the_permission_on_a_policy_outlives_the_adoption(stack):
    land_bucket_statements(stack, imported(stack), BOTH)

    (merge,) = resources(stack, "Custom::IconikBucketPolicyStatements").values()
    permissions = resources(stack, "AWS::IAM::Policy")
    (needed,) = (permissions[name] for name in merge["DependsOn"])
    assert "s3:PutBucketPolicy" in needed["Properties"]["PolicyDocument"]["Statement"][0]["Action"]


def test_the_function_runs_on_the_current_python_with_its_log_kept_a_month(stack):
    land_bucket_statements(stack, imported(stack), BOTH)

    (function,) = functions(stack)
    (log,) = resources(stack, "AWS::Logs::LogGroup").values()
    assert function["Runtime"] == "python3.14"
    assert log["Properties"] == {"RetentionInDays": 30}
    for each in resources(stack, "AWS::Lambda::Function").values():
        assert each["Properties"]["LoggingConfig"]["LogGroup"] == function["LoggingConfig"]["LogGroup"]


def test_ten_adopted_buckets_share_one_provider(stack):
    for number in range(10):
        name = f"media-{number}"
        land_bucket_statements(Construct(stack, f"S{number}"), imported(stack, name, name), BOTH)

    assert len(merges(stack)) == 10
    # Ours and the provider framework's.
    assert len(resources(stack, "AWS::Lambda::Function")) == 2
    assert len(resources(stack, "AWS::Logs::LogGroup")) == 1


def test_storages_on_one_bucket_share_one_custom_resource_however_often_it_is_imported(stack):
    first = land_bucket_statements(Construct(stack, "One"), imported(stack), BOTH)
    second = land_bucket_statements(Construct(stack, "Two"), imported(stack, construct_id="Again"), BOTH)

    (properties,) = merges(stack)
    assert properties["Statements"] == {found["Sid"]: found for found in first.statements + second.statements}
    assert len(properties["Statements"]) == 4


def test_a_nested_stack_has_a_provider_of_its_own(stack):
    nested = cdk.NestedStack(stack, "Nested")
    for place in (stack, nested):
        land_bucket_statements(Construct(place, "Storage"), imported(place), BOTH)

    assert len(functions(stack)) == len(functions(nested)) == 1


def test_a_bucket_whose_name_is_known_only_at_deployment_is_merged_too(stack):
    name = cdk.CfnParameter(stack, "Name").value_as_string
    land_bucket_statements(stack, imported(stack, name), [statement("IconikBucket", f"arn:aws:s3:::{name}/*")])

    (properties,) = merges(stack)
    (merged,) = properties["Statements"].values()
    assert properties["BucketName"] == {"Ref": "Name"}
    assert merged["Resource"] == {"Fn::Join": ["", ["arn:aws:s3:::", {"Ref": "Name"}, "/*"]]}


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
    land_bucket_statements(stack, imported(stack), BOTH)
    try:
        app.synth()
    finally:
        (cache / "left-behind.pyc").unlink()

    (asset,) = (path.parent for path in tmp_path.glob("asset.*/handler"))
    shipped = {path.relative_to(asset).as_posix() for path in asset.rglob("*") if path.is_file()}
    assert shipped == {f"handler/{path.name}" for path in HANDLER.glob("*.py")}


def test_the_handler_starts_without_this_library_and_without_cdk(tmp_path):
    (tmp_path / "handler").symlink_to(HANDLER)
    code = (
        "import sys; import handler.index; loaded = {name.partition('.')[0] for name in sys.modules};"
        "print(sorted(loaded & {'aws_cdk', 'jsii', 'constructs', 'iconik_construct'}), handler.index.on_event)"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}

    printed = subprocess.check_output(  # noqa: S603 - this interpreter
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, text=True
    )

    assert printed.startswith("[] <function on_event")


def test_the_template_is_the_same_in_every_run():
    def made():
        stack = cdk.Stack(cdk.App(), "Stack")
        land_bucket_statements(stack, imported(stack), BOTH)
        land_key_statements(stack, kms.Key.from_key_arn(stack, "Key", KEY_ARN), [statement("IconikKey")])
        return json.dumps(Template.from_stack(stack).to_json())

    assert made() == made()


@pytest.mark.parametrize(
    ("what", "where"), [("account", {"account": "999999999999"}), ("region", {"region": "us-east-2"})]
)
@pytest.mark.parametrize("adoption", [Adoption.MERGE, Adoption.TAKE_OVER])
def test_a_bucket_known_to_be_elsewhere_can_only_be_handed_over(stack, what, where, adoption):
    bucket = s3.Bucket.from_bucket_attributes(stack, "Bucket", bucket_name="media", **where)

    with pytest.raises(IconikValueError, match=rf"'media'.*in the {what}.*With Adoption.HAND_OVER"):
        land_bucket_statements(stack, bucket, BOTH, adoption)

    assert land_bucket_statements(stack, bucket, BOTH, Adoption.HAND_OVER).how is LandingKind.HANDED_OVER


@pytest.mark.parametrize(("old", "new"), [(ACCOUNT, "999999999999"), ("eu-west-1", "us-east-2")])
def test_a_key_known_to_be_elsewhere_can_only_be_handed_over(stack, old, new):
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN.replace(old, new))

    with pytest.raises(IconikValueError, match=rf"{new}.*With Adoption.HAND_OVER"):
        land_key_statements(stack, key, [statement("IconikKey")])

    assert land_key_statements(stack, key, [statement("IconikKey")], Adoption.HAND_OVER).how is LandingKind.HANDED_OVER


def test_an_alias_is_refused_because_it_names_no_key_policy(stack):
    alias = kms.Alias.from_alias_name(stack, "Alias", "alias/media")

    with pytest.raises(IconikValueError, match=r"must be a key, not the alias.*from_key_arn"):
        land_key_statements(stack, alias, [statement("IconikKey")])


def test_the_policy_of_an_imported_bucket_is_taken_over_and_kept_when_the_stack_goes(stack):
    landing = land_bucket_statements(stack, imported(stack), BOTH, Adoption.TAKE_OVER)

    (policy,) = resources(stack, "AWS::S3::BucketPolicy").values()
    assert landing.how is LandingKind.TAKEN_OVER
    assert policy["DeletionPolicy"] == policy["UpdateReplacePolicy"] == "Retain"
    assert policy["Properties"]["PolicyDocument"]["Statement"] == list(landing.statements)
    assert resources(stack, "AWS::Lambda::Function") == {}
    (warning,) = warnings(stack)
    assert "The bucket policy already exists" in warning
    assert "'media'" in warning


def test_storages_that_take_over_one_bucket_share_one_policy(stack):
    for name in ("One", "Two"):
        land_bucket_statements(
            Construct(stack, name), imported(stack, construct_id=f"B{name}"), BOTH, Adoption.TAKE_OVER
        )

    (policy,) = resources(stack, "AWS::S3::BucketPolicy").values()
    assert len({found["Sid"] for found in policy["Properties"]["PolicyDocument"]["Statement"]}) == 4


@pytest.mark.parametrize("ways", [(Adoption.MERGE, Adoption.TAKE_OVER), (Adoption.TAKE_OVER, Adoption.MERGE)])
def test_one_bucket_is_not_merged_into_and_taken_over_in_one_stack(stack, ways):
    land_bucket_statements(Construct(stack, "One"), imported(stack), BOTH, ways[0])

    with pytest.raises(IconikValueError, match="must be the same for all storages of a stack on the bucket 'media'"):
        land_bucket_statements(Construct(stack, "Two"), imported(stack, construct_id="B"), BOTH, ways[1])


def test_the_policy_of_a_key_cannot_be_taken_over(stack):
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN)

    with pytest.raises(IconikValueError, match=r"cannot be Adoption.TAKE_OVER with the imported key.*Adoption.MERGE"):
        land_key_statements(stack, key, [statement("IconikKey")], Adoption.TAKE_OVER)


def test_what_is_handed_over_is_an_output_and_a_warning_and_nothing_else(stack):
    bucket = land_bucket_statements(stack, imported(stack), BOTH, Adoption.HAND_OVER)
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN)
    of_key = land_key_statements(stack, key, [statement("IconikKey")], Adoption.HAND_OVER)

    template = Template.from_stack(stack).to_json()
    assert "Resources" not in template
    assert {name: json.loads(output["Value"]) for name, output in template["Outputs"].items()} == {
        "BucketPolicyToApply": {"Version": "2012-10-17", "Statement": list(bucket.statements)},
        "KeyPolicyToApply": {"Version": "2012-10-17", "Statement": list(of_key.statements)},
    }
    on_bucket, on_key = warnings(stack)
    assert "no access to the bucket 'media' until" in on_bucket
    assert f"no access to the key '{KEY_ARN}' until" in on_key


def test_each_hand_over_is_acknowledged_on_its_own(stack):
    cdk.Validations.of(stack).acknowledge(
        cdk.Acknowledgment(id="iconik-construct:HandedOverBucket", reason="applied by hand")
    )
    land_bucket_statements(stack, imported(stack), BOTH, Adoption.HAND_OVER)

    assert warnings(stack) == []


def test_an_adoption_of_another_type_is_refused(stack):
    with pytest.raises(IconikTypeError, match="'adoption' must be an Adoption, got 'merge'"):
        land_bucket_statements(stack, imported(stack), BOTH, "merge")
