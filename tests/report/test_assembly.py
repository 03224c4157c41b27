"""What the report finds in an assembly, however the templates say it: a stranger that it misses is a wrong "nobody"."""

import re

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3

from iconik_construct import IconikGuardrail, IconikPermissions, IconikStorage
from iconik_construct.cli.main import main

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
ROLE = "arn:aws:iam::283217727627:role/IconikS3AccessRole"
TAG = {"StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": DOMAIN}}
NOBODY_ELSE = "OK: iconik has access for your domain. No other iconik customer and no other AWS account has access."


@pytest.fixture
def report(tmp_path, capsys):
    """Synthesize what is made in a stack; return the exit code, the verdict and the page."""
    runs = iter(range(100))

    def run(make, *, env=True):
        folder = tmp_path / f"out{next(runs)}"
        app = cdk.App(outdir=str(folder))
        environment = cdk.Environment(account="123456789012", region="eu-west-1") if env else None
        make(cdk.Stack(app, "Media", env=environment))
        app.synth()
        output = folder / "report.html"
        ids = ["--system-domain-id", DOMAIN, "--output", str(output), "--date", "2026-11-26"]
        code = main(["report", "--assembly", str(folder), *ids])
        return code, capsys.readouterr().out.partition("\nWritten")[0], output.read_text()

    return run


def allow(resources, actions=("s3:GetObject",), principal=ROLE, **more):
    return {"Sid": "By hand", "Effect": "Allow", "Principal": {"AWS": principal}, "Action": list(actions),
            "Resource": resources, **more}  # fmt: skip


def storage_with(statement):
    """A storage beside whose statements another stands, of which the resources are given the bucket."""

    def make(stack):
        bucket = IconikStorage(stack, "Masters", system_domain_id=DOMAIN).bucket
        bucket.add_to_resource_policy(iam.PolicyStatement.from_json(statement(bucket)))

    return make


def hand_written(*statements, key=None, **properties):
    """A bucket with a policy, and a key with one, as a template by hand has them."""

    def make(stack):
        bucket = s3.CfnBucket(stack, "Masters", **properties)
        s3.CfnBucketPolicy(
            stack,
            "Policy",
            bucket=bucket.ref,
            policy_document={"Version": "2012-10-17", "Statement": [one(bucket) for one in statements]},
        )

    return make


def ours(bucket):
    return allow([bucket.attr_arn, f"{bucket.attr_arn}/*"], ["s3:ListBucket", "s3:GetObject"], Condition=TAG)


ARNS = {
    "its attribute": lambda bucket: bucket.bucket_arn + "/*",
    "joined of its name": lambda bucket: f"arn:aws:s3:::{bucket.bucket_name}/*",
    "substituted": lambda bucket: cdk.Fn.sub("arn:aws:s3:::${Name}/*", {"Name": bucket.bucket_name}),
    "with the partition": lambda bucket: f"arn:{cdk.Aws.PARTITION}:s3:::{bucket.bucket_name}/*",
    "cut out of its attribute": lambda bucket: (
        f"arn:aws:s3:::{cdk.Fn.select(5, cdk.Fn.split(':', bucket.bucket_arn))}/*"
    ),
    "everything": lambda _: "*",
}


@pytest.mark.parametrize("env", [True, False], ids=["with an account", "without one"])
@pytest.mark.parametrize("arn", ARNS)
def test_a_statement_without_the_tag_is_seen_however_it_writes_the_buckets_arn(report, arn, env):
    code, verdict, _ = report(storage_with(lambda bucket: allow(ARNS[arn](bucket))), env=env)

    assert (code, verdict.count("(ICONIK001)")) == (1, 1)


@pytest.mark.parametrize(
    "principal",
    ["283217727627", "arn:aws:iam::283217727627:root", "arn:aws:iam::283217727627:role/*", ["*", "283217727627"]],
)
def test_a_policy_that_names_iconiks_account_is_one_for_iconik(report, principal):
    code, verdict, _ = report(hand_written(lambda bucket: allow(f"{bucket.attr_arn}/*", principal=principal)))

    assert code == 1
    assert "(ICONIK001)" in verdict or "(ICONIK004)" in verdict


def test_so_is_one_that_names_it_in_a_condition(report):
    everyone = {"Condition": {"StringEquals": {"aws:PrincipalAccount": "283217727627"}}}
    code, verdict, _ = report(hand_written(lambda bucket: allow(f"{bucket.attr_arn}/*", principal="*", **everyone)))

    assert code == 1
    assert "(ICONIK001)" in verdict


def test_a_public_bucket_without_iconik_is_reported(report):
    code, verdict, page = report(
        hand_written(lambda bucket: allow(f"{bucket.attr_arn}/*", principal="*"), bucket_name="acme-site")
    )

    assert code == 1
    assert "Media/Policy: A statement allows everyone" in verdict
    assert "(ICONIK004)" in verdict
    assert verdict.replace("'", "&#39;") in page


def test_what_cdk_writes_into_bucket_policies_is_open_to_nobody(report):
    def make(stack):
        logs = s3.Bucket(stack, "Logs", enforce_ssl=True)
        site = s3.Bucket(
            stack,
            "Site",
            server_access_logs_bucket=logs,
            removal_policy=cdk.RemovalPolicy.DESTROY,
            auto_delete_objects=True,
            inventories=[s3.Inventory(destination=s3.InventoryDestination(bucket=logs))],
        )
        site.grant_read(iam.Role(stack, "Reader", assumed_by=iam.AccountPrincipal("444455556666")))
        site.grant_read(iam.OrganizationPrincipal("o-abcdefghij"))
        origin = origins.S3BucketOrigin.with_origin_access_control(site)
        cloudfront.Distribution(stack, "Distribution", default_behavior=cloudfront.BehaviorOptions(origin=origin))
        IconikStorage(stack, "Masters", system_domain_id=DOMAIN)

    assert report(make)[:2] == (0, NOBODY_ELSE)
    assert report(make, env=False)[:2] == (0, NOBODY_ELSE)


def test_a_bucket_of_the_account_alone_is_not(report):
    partner = "arn:aws:iam::444455556666:role/Editors"
    code, verdict, _ = report(hand_written(lambda bucket: allow(f"{bucket.attr_arn}/*", principal=partner)))

    assert (code, verdict) == (1, "NOT OK: nothing here allows iconik.")


@pytest.mark.parametrize(
    "unknown",
    [
        {"Fn::If": ["Strict", DOMAIN, "5d0a9f3e-2c1b-4f6a-8a4e-7b9c1d2e3f02"]},
        {"Fn::If": ["Strict", DOMAIN, {"Ref": "AWS::NoValue"}]},
        {"Ref": "Domain"},
    ],
)
def test_a_tag_known_only_at_deployment_is_not_the_own_domain(report, unknown):
    def make(stack):
        cdk.CfnParameter(stack, "Domain", allowed_values=[DOMAIN, "5d0a9f3e-2c1b-4f6a-8a4e-7b9c1d2e3f02"])
        cdk.CfnParameter(stack, "Mode", default="strict")
        condition = cdk.Fn.condition_equals(cdk.Fn.ref("Mode"), "strict")
        cdk.CfnCondition(stack, "Strict", expression=condition)
        tag = {"StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": unknown}}
        hand_written(lambda bucket: allow(f"{bucket.attr_arn}/*", Condition=tag))(stack)

    code, verdict, _ = report(make)

    assert code == 1
    assert "(ICONIK001)" in verdict or "(ICONIK002)" in verdict or "(ICONIK003)" in verdict


def encrypted(name, condition=None):
    """A bucket that names its key somehow; the key lets in iconik, by default without its tag."""

    def make(stack):
        root = {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "kms:*", "Resource": "*"}
        policy = {"Version": "2012-10-17", "Statement": [root, allow("*", ["kms:Decrypt"], **condition or {})]}
        key = kms.CfnKey(stack, "Own", key_policy=policy)
        alias = kms.CfnAlias(stack, "Alias", alias_name="alias/acme", target_key_id=key.ref)
        names = {"arn": key.attr_arn, "id": key.ref, "alias": alias.ref, "alias by name": "alias/acme"}
        rule = s3.CfnBucket.ServerSideEncryptionRuleProperty(
            server_side_encryption_by_default=s3.CfnBucket.ServerSideEncryptionByDefaultProperty(
                sse_algorithm="aws:kms", kms_master_key_id=names.get(name, name)
            )
        )
        encryption = s3.CfnBucket.BucketEncryptionProperty(server_side_encryption_configuration=[rule])
        hand_written(ours, bucket_encryption=encryption)(stack)

    return make


@pytest.mark.parametrize("name", ["arn", "id", "alias", "alias by name"])
def test_the_policy_of_the_key_is_judged_however_the_bucket_names_the_key(report, name):
    code, verdict, page = report(encrypted(name))

    assert code == 1
    assert "(ICONIK001)" in verdict
    assert "Key policy" in page


def test_a_key_whose_policy_is_elsewhere_is_not_read_and_not_said_to_be_fine(report):
    elsewhere = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    code, verdict, page = report(encrypted(elsewhere, {"Condition": TAG}))

    assert code == 1
    assert verdict.startswith("UNKNOWN: ")
    assert "(ICONIK010)" in verdict
    assert ">depends</td>" in page


@pytest.mark.parametrize("name", [None, "alias/aws/s3"])
def test_the_aws_managed_key_blocks_iconik(report, name):
    code, verdict, _ = report(encrypted(name))

    assert code == 1
    assert "(ICONIK008)" in verdict


@pytest.mark.parametrize(("off", "said"), [(False, "Nobody can use the key (ICONIK110)"), ({"Ref": "On"}, "UNKNOWN: ")])
def test_a_disabled_key_is_reported(report, off, said):
    def make(stack):
        cdk.CfnParameter(stack, "On", allowed_values=["true", "false"])
        encrypted("alias/acme", {"Condition": TAG})(stack)
        stack.node.find_child("Own").add_property_override("Enabled", off)

    code, verdict, _ = report(make)

    assert code == 1
    assert said in verdict


def with_access_point(bucket_statement, point_statement):
    def make(stack):
        hand_written(ours, bucket_statement, bucket_name="acme-masters")(stack)
        s3.CfnAccessPoint(
            stack,
            "Point",
            bucket=stack.node.find_child("Masters").ref,
            name="point",
            policy={"Version": "2012-10-17", "Statement": [point_statement]},
        )

    return make


def delegated(bucket):
    here = {"Condition": {"StringEquals": {"s3:DataAccessPointAccount": "123456789012"}}}
    return allow([bucket.attr_arn, f"{bucket.attr_arn}/*"], ["s3:*"], principal="*", **here)


def from_a_vpc(bucket):
    statement = delegated(bucket)
    statement["Condition"]["StringEquals"]["s3:AccessPointNetworkOrigin"] = "VPC"
    return statement


POINT = "arn:aws:s3:eu-west-1:123456789012:accesspoint/point/object/*"


@pytest.mark.parametrize(
    "arn",
    [
        POINT,
        {"Fn::Sub": "arn:${AWS::Partition}:s3:${AWS::Region}:${AWS::AccountId}:accesspoint/point/object/*"},
        {"Fn::Sub": "${Point.Arn}/object/*"},
    ],
)
def test_access_through_an_access_point_is_reported(report, arn):
    code, verdict, _ = report(with_access_point(delegated, allow(arn, ["s3:PutObject"])))

    assert code == 1
    assert "(ICONIK001)" in verdict or "(ICONIK019)" in verdict


@pytest.mark.parametrize(
    ("bucket_statement", "point_statement"),
    [
        (delegated, allow(POINT, ["s3:PutObject"], Condition=TAG)),
        (delegated, allow(POINT, principal="arn:aws:iam::444455556666:role/Editors")),
    ],
)
def test_an_access_point_without_other_customers_is_not_reported(report, bucket_statement, point_statement):
    code, verdict, _ = report(with_access_point(bucket_statement, point_statement))
    assert code == 0
    assert verdict.startswith(NOBODY_ELSE.removesuffix("."))


def function(stack, code="1", actions=("s3:ListAllMyBuckets",)):
    made = lambda_.Function(
        stack,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline(code),
    )
    made.add_to_role_policy(iam.PolicyStatement(actions=list(actions), resources=["*"]))


def resource_of(stack, kind):
    (found,) = [one for one in stack.node.find_all() if getattr(one, "cfn_resource_type", None) == kind]
    return found


SIGNED = {
    "what the page does not show": lambda stack: setattr(
        stack.node.find_child("Masters").bucket.node.default_child.cfn_options,
        "deletion_policy",
        cdk.CfnDeletionPolicy.DELETE,
    ),
    "the trust of a role": lambda stack: iam.Role(stack, "Role", assumed_by=iam.AccountPrincipal("999999999999")),
    "who may call a function": lambda stack: lambda_.CfnPermission(
        stack, "Call", action="lambda:InvokeFunction", function_name="x", principal="999999999999"
    ),
    "a setting of a function": lambda stack: (
        function(stack),
        setattr(resource_of(stack, "AWS::Lambda::Function"), "layers", ["x"]),
    ),
    "a policy": lambda stack: stack.node.find_child("Masters").bucket.grant_read(iam.AccountPrincipal("444455556666")),
    "a setting": lambda stack: setattr(
        stack.node.find_child("Masters").bucket.node.default_child, "versioning_configuration", None
    ),
    "a function": function,
    "the code of a function": lambda stack: function(stack, code="2"),
    "the rights of a function": lambda stack: function(stack, actions=("s3:DeleteBucket",)),
}


def test_the_signature_ends_with_every_change_of_what_is_signed(report):
    def hash_of(change):
        def make(stack):
            IconikStorage(stack, "Masters", system_domain_id=DOMAIN)
            change(stack)

        (found,) = set(re.findall('all that this page says:</p>\n<p class="hash">([0-9a-f]{64})', report(make)[2]))
        return found

    hashes = [hash_of(change) for change in (lambda _: None, *SIGNED.values())]

    assert len(set(hashes)) == len(hashes)
    assert hash_of(lambda _: None) == hashes[0]


def test_other_access_of_iconik_is_reported_unless_it_is_acknowledged(report):
    def make(acknowledged):
        def made(stack):
            IconikStorage(stack, "Masters", system_domain_id=DOMAIN)
            iam.Role(stack, "Back", assumed_by=iam.AccountPrincipal("283217727627"))
            cdk.Validations.of(stack).add_plugins(IconikGuardrail(system_domain_ids=[DOMAIN]))
            if acknowledged:
                acknowledgment = cdk.Acknowledgment(id="iconik-guardrail::ICONIK001", reason="tried out")
                cdk.Validations.of(stack.node.find_child("Back")).acknowledge(acknowledgment)

        return made

    code, verdict, _ = report(make(acknowledged=True))
    assert (code, verdict) == (0, NOBODY_ELSE)

    def bare(stack):
        IconikStorage(stack, "Masters", system_domain_id=DOMAIN)
        iam.Role(stack, "Back", assumed_by=iam.AccountPrincipal("283217727627"))

    code, verdict, _ = report(bare)
    assert code == 1
    assert verdict.startswith("NOT OK: Media/Back/Resource: ")


def test_a_key_that_is_not_on_the_page_is_reported(report):
    def make(stack):
        IconikStorage(stack, "Masters", system_domain_id=DOMAIN)
        root = {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "kms:*", "Resource": "*"}
        kms.CfnKey(
            stack, "Lost", key_policy={"Version": "2012-10-17", "Statement": [root, allow("*", ["kms:Decrypt"])]}
        )

    code, verdict, _ = report(make)

    assert code == 1
    assert "Media/Lost: A statement allows iconik without" in verdict


@pytest.mark.parametrize(
    "principal",
    ["283217727627", "arn:aws:iam::283217727627:root", ["arn:aws:iam::444455556666:root", "283217727627"]],
)
def test_a_statement_that_names_iconik_in_any_way_is_shown_as_one_for_iconik(report, principal):
    statement = allow("arn:aws:s3:::acme-site/*", principal=principal)
    _, _, page = report(hand_written(lambda _: statement, bucket_name="acme-site"))

    assert page.count('class="for-iconik"') == 1
    assert "not for iconik" not in page


def test_a_note_below_the_table_explains_only_what_the_table_has(report):
    def storage(permissions):
        return lambda stack: IconikStorage(stack, "Masters", system_domain_id=DOMAIN, permissions=permissions)

    _, _, whole = report(storage(IconikPermissions.read_write()))
    _, _, narrow = report(storage(IconikPermissions.read("masters/")))

    assert "* Not among the permissions" not in whole
    assert "* Not among the permissions" in narrow
