"""`IconikRegistration` in a template: what it asks for, what its function may do, what comes before it."""

import json
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.assertions import Annotations, Match

from iconik_construct import (
    Cors,
    IconikPermissions,
    IconikRegistration,
    IconikStorage,
    IconikTypeError,
    IconikValueError,
    StorageEncryption,
    StoragePurpose,
)

DOMAIN = "2b8a3a38-5f6e-4d0c-9d6a-7a5c1f3b9e01"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:iconik/token-a1b2c3"  # noqa: S105 an ARN

UNKNOWN_TIME = cdk.Duration.minutes(cdk.Token.as_number({"Ref": "Minutes"}))


class Sample:
    """A stack with a storage, and what becomes of it."""

    def __init__(self, **storage):
        self.app = cdk.App()
        environment = cdk.Environment(account="123456789012", region="eu-west-1")
        self.stack = cdk.Stack(self.app, "Sample", env=environment, analytics_reporting=False)
        if "imported" in storage:
            storage["bucket"] = s3.Bucket.from_bucket_name(self.stack, "Imported", storage.pop("imported"))
        self.storage = IconikStorage(self.stack, "Media", system_domain_id=DOMAIN, **storage)
        self.secret = secretsmanager.Secret.from_secret_complete_arn(self.stack, "Credentials", SECRET)

    def register(self, construct_id="Registration", **props):
        return IconikRegistration(
            self.stack, construct_id, **{"storage": self.storage, "credentials": self.secret, "name": "Media", **props}
        )

    def resources(self, kind):
        template = self.app.synth().get_stack_by_name("Sample").template
        return {name: item for name, item in template["Resources"].items() if item["Type"] == kind}

    def registered(self):
        [found] = self.resources("Custom::IconikRegistration").values()
        return found

    def permissions(self):
        """What the function may do beside writing its log."""
        policies = self.resources("AWS::IAM::Policy").values()
        [role] = [name for name in self.resources("AWS::IAM::Role") if "IconikRegistrationsHandlerRole" in name]
        statements = [
            statement
            for policy in policies
            if {"Ref": role} in policy["Properties"]["Roles"]
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        ]
        return [item for item in statements if "logs:PutLogEvents" not in item["Action"]]


def body_of(resource):
    storage = resource["Properties"]["Storage"]
    parts = storage["Fn::Join"][1] if isinstance(storage, dict) else [storage]
    return json.loads("".join(part if isinstance(part, str) else "REFERENCE" for part in parts))


def test_the_custom_resource_holds_the_storages_settings_and_no_token():
    sample = Sample(permissions=IconikPermissions.read("masters/"))
    sample.register(purpose=StoragePurpose.ARCHIVE, path="masters/", description="Originals")
    found = sample.registered()
    expected = sample.storage.settings(
        name="Media", purpose=StoragePurpose.ARCHIVE, path="masters/", description="Originals"
    )
    expected["settings"]["bucket"] = "REFERENCE"
    assert body_of(found) == {"status": "ACTIVE", **expected}
    properties = found["Properties"]
    assert properties["CredentialsArn"] == SECRET
    assert properties["BaseUrl"] == "https://app.iconik.io"
    assert properties["SystemDomainIds"] == [DOMAIN]
    assert properties["RemovalPolicy"] == "RETAIN"


def test_the_function_may_read_this_secret_and_nothing_else():
    sample = Sample()
    sample.register()
    secret, holders = sample.permissions()
    assert secret == {"Action": "secretsmanager:GetSecretValue", "Effect": "Allow", "Resource": SECRET}
    assert holders["Action"] == ["ssm:DeleteParameters", "ssm:GetParametersByPath", "ssm:PutParameter"]
    assert json.dumps(holders["Resource"]).rstrip('"]}').endswith(":parameter/iconik-construct/registrations/*")


def test_a_secret_under_a_customer_managed_key_may_be_decrypted_through_secrets_manager():
    sample = Sample()
    key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    secret = secretsmanager.Secret.from_secret_attributes(
        sample.stack,
        "Encrypted",
        secret_complete_arn=SECRET,
        encryption_key=kms.Key.from_key_arn(sample.stack, "Key", key),
    )
    sample.register(credentials=secret)
    assert sample.permissions()[2:] == [
        {
            "Action": "kms:Decrypt",
            "Condition": {"StringEquals": {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}},
            "Effect": "Allow",
            "Resource": key,
        }
    ]


def test_a_secret_imported_by_name_is_read_whatever_its_random_characters_are():
    sample = Sample()
    sample.register(credentials=secretsmanager.Secret.from_secret_name_v2(sample.stack, "Named", "iconik/token"))
    statement, _ = sample.permissions()
    # with the partition as a literal or a reference, as the feature flags say
    assert json.dumps(statement["Resource"]).rstrip('"]}').endswith(":secret:iconik/token-??????")


def test_it_comes_after_the_bucket_policy_and_the_key_and_after_its_own_permission():
    sample = Sample(encryption=StorageEncryption.KMS)
    sample.register()
    after = sample.registered()["DependsOn"]
    for kind in ("AWS::S3::BucketPolicy", "AWS::S3::Bucket", "AWS::KMS::Key"):
        assert set(sample.resources(kind)) <= set(after)
    [permission] = [name for name in sample.resources("AWS::IAM::Policy") if name.startswith("RegistrationPermission")]
    assert permission in after


def test_it_comes_after_statements_that_are_merged_into_a_policy_of_others():
    sample = Sample(imported="others-media")
    sample.register()
    merged = sample.resources("Custom::IconikBucketPolicyStatements")
    assert merged
    assert set(merged) <= set(sample.registered()["DependsOn"])


def test_it_comes_after_the_policy_of_a_bucket_made_elsewhere_in_the_stack():
    sample = Sample()
    bucket = s3.Bucket(sample.stack, "Own")
    storage = IconikStorage(sample.stack, "Second", system_domain_id=DOMAIN, bucket=bucket)
    sample.register(storage=storage)
    policies = [name for name in sample.resources("AWS::S3::BucketPolicy") if name.startswith("OwnPolicy")]
    assert policies
    assert set(policies) <= set(sample.registered()["DependsOn"])


def test_it_comes_after_a_key_made_elsewhere_in_the_stack():
    sample = Sample()
    key = kms.Key(sample.stack, "Own")
    bucket = s3.Bucket.from_bucket_name(sample.stack, "Existing", "others-media")
    storage = IconikStorage(sample.stack, "Second", system_domain_id=DOMAIN, bucket=bucket, encryption_key=key)
    sample.register(storage=storage)
    assert set(sample.resources("AWS::KMS::Key")) <= set(sample.registered()["DependsOn"])


def test_a_storage_may_hold_its_own_registration():
    sample = Sample()
    IconikRegistration(sample.storage, "Inside", storage=sample.storage, credentials=sample.secret, name="Media")
    assert set(sample.resources("AWS::S3::BucketPolicy")) <= set(sample.registered()["DependsOn"])


def test_a_storage_of_another_stack_is_deployed_first():
    sample = Sample()
    environment = cdk.Environment(account="123456789012", region="eu-west-1")
    other = cdk.Stack(sample.app, "Other", env=environment, analytics_reporting=False)
    IconikRegistration(other, "Registration", storage=sample.storage, credentials=sample.secret, name="Media")
    dependencies = sample.app.synth().get_stack_artifact(other.artifact_id).dependencies
    assert "Sample" in [dependency.id for dependency in dependencies]


def test_several_registrations_share_one_function():
    sample = Sample()
    sample.register()
    sample.register("Archive", name="Archive")
    assert len(sample.resources("Custom::IconikRegistration")) == 2
    handlers = [name for name in sample.resources("AWS::Lambda::Function") if "Handler" in name]
    assert len(handlers) == 1


def test_25_registrations_deploy_where_only_ten_functions_run_at_once():
    """A new account has a Lambda concurrency of 10, and each registration needs two functions."""
    sample = Sample()
    for number in range(25):
        sample.register(f"R{number}", name=f"Media {number}")
    found = sample.resources("Custom::IconikRegistration")
    waits = {name: set(each["DependsOn"]) & set(found) for name, each in found.items()}

    done, most = set(), 0
    while running := {name for name in found if name not in done and waits[name] <= done}:
        most = max(most, len(running))
        done |= running

    assert len(done) == 25
    assert 2 * most <= 6


def test_iconik_verifies_again_when_only_the_policies_change():
    digests = set()
    for permissions in (IconikPermissions.read("a/"), [IconikPermissions.read("a/"), IconikPermissions.read("b/")]):
        sample = Sample(permissions=permissions)
        sample.register(path="a/")
        properties = sample.registered()["Properties"]
        digests.add(properties["PoliciesDigest"])
    assert len(digests) == 2


def test_the_same_input_gives_the_same_template():
    def synthesized():
        sample = Sample(encryption=StorageEncryption.KMS)
        sample.register()
        return json.dumps(sample.app.synth().get_stack_by_name("Sample").template)

    assert synthesized() == synthesized()


def test_cors_must_pass_only_where_the_template_writes_it():
    rule = s3.CorsRule(allowed_methods=[s3.HttpMethods.PUT], allowed_origins=["https://app.iconik.io"])
    required = []
    for props in ({}, {"cors": Cors.by_template(["https://app.iconik.io"])}, {"bucket_props": {"cors": [rule]}}):
        sample = Sample(**props)
        sample.register()
        required.append(sample.registered()["Properties"]["CorsRequired"])
    assert required == [False, True, True]


def test_the_id_and_the_verification_are_attributes_of_the_custom_resource():
    sample = Sample()
    registration = sample.register()
    found = registration.verification
    values = (registration.storage_id, found.cors, found.read, found.write, found.delete)
    attributes = [sample.stack.resolve(value)["Fn::GetAtt"][1] for value in values]
    assert attributes == ["StorageId", "Cors", "Read", "Write", "Delete"]


def test_the_function_ships_its_own_sources_only():
    sample = Sample()
    sample.register()
    assembly = sample.app.synth()
    shipped = [
        sorted(path.name for path in directory.glob("handler/*"))
        for directory in Path(assembly.directory).glob("asset.*")
        if (directory / "handler" / "registrar.py").exists()
    ]
    assert shipped == [
        [
            *("__init__.py", "answers.py", "checks.py", "client.py", "errors.py", "holders.py", "index.py"),
            *("registrar.py", "request.py"),
        ]
    ]


@pytest.mark.parametrize("base_url", ["http://app.iconik.io", "app.iconik.io", "https://app.iconik.io/login"])
def test_an_address_without_tls_or_with_a_path_is_refused(base_url):
    with pytest.raises(IconikValueError, match="'base_url' must be 'https://' and a host"):
        Sample().register(base_url=base_url)


@pytest.mark.parametrize(
    "token", ["token-5e884898da280471", cdk.SecretValue.unsafe_plain_text("token-5e884898da280471")]
)
def test_a_token_in_the_place_of_a_secret_is_refused_and_not_quoted(token):
    with pytest.raises(IconikTypeError, match="'credentials' must be a secret of Secrets Manager") as refused:
        Sample().register(credentials=token)
    assert "5e884898" not in str(refused.value)


@pytest.mark.parametrize(
    ("props", "error", "complaint"),
    [
        ({"storage": "Media"}, IconikTypeError, "'storage' must be an IconikStorage"),
        ({"credentials": 7}, IconikTypeError, "'credentials' must be a secret"),
        ({"base_url": None}, IconikTypeError, "'base_url' must be a string"),
        (
            {"removal_policy": cdk.RemovalPolicy.SNAPSHOT},
            IconikValueError,
            "'removal_policy' must be RETAIN or DESTROY",
        ),
        (
            {"settle_time": cdk.Duration.minutes(9)},
            IconikValueError,
            "must be whole seconds, at most 8 minutes, got '540 s",
        ),
        ({"settle_time": 300}, IconikTypeError, "'settle_time' must be a cdk.Duration, got 300"),
        ({"settle_time": "5m"}, IconikTypeError, "'settle_time' must be a cdk.Duration, got '5m'"),
        ({"settle_time": cdk.Duration.millis(1500)}, IconikValueError, "'settle_time' must be whole seconds"),
        ({"settle_time": UNKNOWN_TIME}, IconikValueError, "'settle_time' must be known at synthesis"),
        ({"name": ""}, IconikValueError, "'name' must not be empty"),
        ({"secret_key": "x"}, IconikValueError, "'secret_key' must not be given"),
        ({"scan_ignored": []}, IconikValueError, "Did you mean 'scan_ignore'"),
    ],
)
def test_a_prop_that_cannot_be_is_refused(props, error, complaint):
    sample = Sample()
    with pytest.raises(error, match=complaint):
        sample.register(**props)
    assert sample.stack.node.try_find_child("Registration") is None


def test_a_storage_of_which_iconik_could_use_nothing_is_refused_with_the_prefixes():
    with pytest.raises(IconikValueError, match=r"'path' must be where iconik may .*, got ''\. .* are .masters/'"):
        Sample(permissions=IconikPermissions.read_write("masters/")).register()


def test_a_stack_that_takes_no_files_cannot_register_and_nothing_is_made():
    """The refusal is that of a merge, which needs the code of a function too."""
    stack = cdk.Stack(cdk.App(), "Bare", synthesizer=cdk.BootstraplessSynthesizer())
    storage = IconikStorage(stack, "Media", system_domain_id=DOMAIN)
    secret = secretsmanager.Secret.from_secret_name_v2(stack, "Credentials", "iconik/token")
    with pytest.raises(
        IconikValueError, match=r"'scope' must not be in the stack Bare: .*Synthesizer accepts no files"
    ):
        IconikRegistration(stack, "Registration", storage=storage, credentials=secret, name="Media")
    assert [child.node.id for child in stack.node.children] == ["Media", "Credentials"]


def test_a_secret_of_another_region_is_refused():
    sample = Sample()
    there = SECRET.replace("eu-west-1", "us-east-1")
    secret = secretsmanager.Secret.from_secret_complete_arn(sample.stack, "There", there)
    with pytest.raises(
        IconikValueError, match="'credentials' must be in the region of the stack, eu-west-1, got 'arn:"
    ):
        sample.register(credentials=secret)
    assert sample.stack.node.try_find_child("Registration") is None


def test_a_secret_of_another_account_is_accepted_because_its_policy_can_allow_the_function():
    sample = Sample()
    there = SECRET.replace("123456789012", "444455556666")
    sample.register(credentials=secretsmanager.Secret.from_secret_complete_arn(sample.stack, "There", there))
    assert sample.registered()["Properties"]["CredentialsArn"] == there


def test_a_secret_is_accepted_where_the_region_of_the_stack_is_not_known():
    stack = cdk.Stack(cdk.App(), "Anywhere")
    storage = IconikStorage(stack, "Media", system_domain_id=DOMAIN)
    secret = secretsmanager.Secret.from_secret_complete_arn(stack, "Credentials", SECRET)
    IconikRegistration(stack, "Registration", storage=storage, credentials=secret, name="Media")


def test_a_registration_that_an_aspect_keeps_causes_a_warning():
    sample = Sample()
    sample.register()
    cdk.RemovalPolicies.of(sample.stack).retain()

    Annotations.from_stack(sample.stack).has_warning(
        "*", Match.string_like_regexp("the storage stays ACTIVE in iconik")
    )
