"""What `check` knows of an account: odd answers, unread organisations, time, region, ACLs, near misses."""

import json

import boto3
import pytest
from botocore.exceptions import ClientError
from situations import (
    ACCOUNT,
    BOTH,
    DOMAIN,
    IDENTITY_PERIMETER,
    NAME,
    OTHER,
    REGION,
    ROOT,
    SITUATIONS,
    TAG,
    World,
    allow,
    deny,
    granted,
    key_granted,
    organisation,
)

from iconik_construct.cli.main import main


def run(capsys, *more):
    code = main(["check", NAME, "--system-domain-id", DOMAIN, "--json", *more])
    captured = capsys.readouterr()
    assert captured.err == ""
    return code, json.loads(captured.out)


def ids(shown):
    return {found["id"] for found in shown["findings"]}


@pytest.mark.parametrize(
    ("operation", "answer", "code"),
    [
        ("GetBucketPolicy", {"Policy": "[]"}, 1),
        ("GetBucketPolicy", {"Policy": "null"}, 1),
        ("GetBucketPolicy", {"Policy": "<html>"}, 1),
        ("GetBucketPolicy", {"Policy": '{"Statement": [1, null, "x"]}'}, 1),
        ("GetBucketPolicy", {"Policy": '{"Statement": ' + "[" * 5000 + "]" * 5000 + "}"}, 1),
        ("GetBucketPolicy", {}, 1),
        ("GetBucketEncryption", {"ServerSideEncryptionConfiguration": {"Rules": [{}]}}, 0),
        ("GetBucketEncryption", {}, 1),
        ("GetBucketEncryption", {"ServerSideEncryptionConfiguration": {"Rules": []}}, 1),
        ("GetBucketCors", {"CORSRules": [{}]}, 0),
        ("GetBucketLifecycleConfiguration", {"Rules": [{}, {"Status": "Enabled", "Expiration": {}}]}, 0),
        ("GetBucketOwnershipControls", {"OwnershipControls": {"Rules": []}}, 0),
        ("GetBucketAcl", {"Grants": [{}, {"Grantee": {}}]}, 0),
        ("GetBucketLocation", {}, 0),
        ("GetCallerIdentity", {}, 0),
        ("ListAccessPoints", {"AccessPointList": [{}]}, 0),
        ("DescribeOrganization", {}, 0),
    ],
)
def test_an_odd_answer_is_no_traceback_and_no_pass(aws, capsys, operation, answer, code):
    World(aws)
    aws.answers[operation] = answer

    found, shown = run(capsys)

    assert (found, shown["verdict"] == "good") == (code, code == 0)


@pytest.mark.parametrize(
    ("operation", "answer", "rule"),
    [
        ("DescribeKey", {}, "ICONIK190"),
        ("DescribeKey", {"KeyMetadata": {"KeyState": None}}, "ICONIK190"),
        ("GetBucketOwnershipControls", {"OwnershipControls": None}, "ICONIK191"),
        ("GetBucketPolicyStatus", {"PolicyStatus": {}}, "ICONIK191"),
        ("ListGrants", {}, "ICONIK190"),
    ],
)
def test_an_answer_without_the_part_that_decides_is_unknown(aws, capsys, operation, answer, rule):
    World(aws, key=True)
    aws.answers[operation] = answer

    _, shown = run(capsys)

    assert [one["id"] for one in shown["findings"] if one["id"] in {"ICONIK190", "ICONIK191"}] == [rule]


DENIED = ClientError(
    {"Error": {"Code": "AccessDenied", "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "X"
)
STRANGER = {"Grantee": {"Type": "CanonicalUser", "ID": "f" * 64}, "Permission": "FULL_CONTROL"}


@pytest.mark.parametrize(
    ("answers", "rules", "decides"),
    [
        ({"ListGrants": DENIED}, {"ICONIK190"}, True),
        ({"GetBucketRequestPayment": DENIED}, {"ICONIK190"}, True),
        ({"GetBucketOwnershipControls": DENIED}, {"ICONIK191"}, False),
        ({"GetBucketOwnershipControls": DENIED, "GetBucketAcl": {"Owner": {"ID": "o"}, "Grants": [STRANGER]}},
         {"ICONIK190"}, True),
        ({"GetBucketOwnershipControls": DENIED, "GetBucketAcl": DENIED}, {"ICONIK190"}, True),
        ({"GetBucketAcl": DENIED}, {"ICONIK191"}, False),
        ({"GetBucketPolicyStatus": DENIED}, {"ICONIK191"}, False),
        ({"GetBucketPolicyStatus": DENIED, "GetPublicAccessBlock": DENIED}, {"ICONIK191"}, False),
        ({"GetPublicAccessBlock": DENIED}, {"ICONIK191"}, False),
        ({"GetBucketPolicyStatus": {"PolicyStatus": {"IsPublic": True}}, "GetPublicAccessBlock": DENIED},
         {"ICONIK102", "ICONIK190"}, True),
        ({"GetBucketVersioning": DENIED, "GetBucketCors": DENIED, "GetBucketTagging": DENIED, "GetBucketAbac": DENIED},
         {"ICONIK191"}, False),
    ],
)  # fmt: skip
def test_a_fact_that_was_not_read_changes_the_verdict_only_if_it_decides(aws, capsys, answers, rules, decides):
    World(aws, key=True)
    aws.answers.update(answers)

    code, shown = run(capsys)

    assert (code, shown["verdict"], ids(shown)) == ((1, "unknown", rules) if decides else (0, "good", rules))
    main(["audit", "--system-domain-id", DOMAIN, "--regions", REGION, "--workers", "1", "--json"])
    found = {json.loads(line)["id"] for line in capsys.readouterr().out.splitlines()}
    # The public access block of the account is of no bucket.
    assert found - {"ICONIK191"} == rules - {"ICONIK191"}


def test_without_the_region_an_alias_is_not_the_key_of_that_name_in_another_region(aws, capsys, monkeypatch):
    world = World(aws)
    world.encrypt(ROOT)
    elsewhere = boto3.client("kms", region_name="us-east-1")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [ROOT, key_granted()]})
    key = elsewhere.create_key(Policy=policy, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    elsewhere.create_alias(AliasName="alias/media", TargetKeyId=key)
    aws("kms").create_alias(AliasName="alias/media", TargetKeyId=world.key)
    world.default_encryption(KMSMasterKeyID="alias/media")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    aws.answers["GetBucketLocation"] = DENIED

    code, shown = run(capsys)

    assert (code, shown["verdict"], ids(shown)) == (1, "unknown", {"ICONIK190"})
    assert run(capsys, "--region", REGION)[1]["verdict"] == "not_good"


def test_without_the_region_an_empty_list_of_access_points_is_not_the_bucket_s(aws, capsys):
    delegated = {"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}}
    World(aws).policy(*granted(), allow(Principal="*", Condition=delegated))
    aws.answers["GetBucketLocation"] = DENIED

    code, shown = run(capsys)

    assert (code, shown["verdict"]) == (1, "unknown")


def test_a_public_access_block_that_was_not_read_may_block_iconik_beside_a_statement_for_everyone(aws, capsys):
    World(aws).policy(*granted(), allow(Principal="*"))
    aws.answers.update(GetBucketPolicyStatus=DENIED, GetPublicAccessBlock=DENIED)

    assert {"ICONIK004", "ICONIK102", "ICONIK190"} <= ids(run(capsys)[1])


@pytest.mark.parametrize("code", ["AccessDeniedException", "InvalidInputException", "OddException", "500"])
@pytest.mark.parametrize(
    "operation", ["DescribeOrganization", "ListPoliciesForTarget", "ListParents", "DescribePolicy"]
)
def test_policies_of_the_organisation_that_were_not_read_are_a_finding(aws, capsys, operation, code):
    """Whatever the error, the control policies were not read."""
    world = World(aws)
    organisation({"Version": "2012-10-17", "Statement": []})(world)
    refused = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    aws.answers[operation] = ClientError(refused, operation)

    found, shown = run(capsys)

    assert (found, ids(shown)) == (0, {"ICONIK121"})


def test_without_the_account_its_control_policies_were_not_read(aws, capsys):
    organisation(IDENTITY_PERIMETER)(World(aws))
    aws.answers["GetCallerIdentity"] = DENIED

    assert "ICONIK121" in ids(run(capsys)[1])


@pytest.mark.parametrize(
    "condition",
    [
        {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}},
        {"StringEquals": {"aws:RequestedRegion": REGION}},
    ],
)
def test_the_time_and_the_region_of_a_request_are_known(aws, capsys, condition):
    world = World(aws)
    world.policy(*({**one, "Condition": {**one["Condition"], **condition}} if "StringEquals" not in condition else
                   {**one, "Condition": {"StringEquals": {**one["Condition"]["StringEquals"],
                                                          **condition["StringEquals"]}}}
                   for one in granted()))  # fmt: skip

    assert run(capsys)[0] == 0

    world.policy(*granted(), deny(Condition=condition))
    assert {found["statement"] for found in run(capsys)[1]["findings"]} == {"Theirs"}
    assert ids(run(capsys)[1]) == {"ICONIK012"}


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"s3:x-amz-acl": ["public-read", "public-read-write", "authenticated-read"]}},
        {"Null": {"s3:x-amz-grant-read": "false"}},
    ],
)
def test_a_deny_of_public_acls_blocks_nobody_where_acls_are_off(aws, capsys, condition):
    world = World(aws)
    world.policy(*granted(), deny(Action="s3:PutObject", Condition=condition))
    assert run(capsys)[0] == 0

    SITUATIONS["ACLs on"][0](world)
    assert "ICONIK014" in ids(run(capsys)[1])


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ({"StringEquals": {TAG: OTHER}}, f"has the domain {OTHER}, not yours"),
        ({"StringEquals": {TAG: DOMAIN.upper()}}, "in upper case"),
        ({"StringEquals": {TAG: f" {DOMAIN}"}}, "with blanks"),
        ({"StringEquals": {TAG: f"{{{DOMAIN}}}"}}, f"in another form: write {DOMAIN}"),
        ({"StringEquals": {TAG: DOMAIN.replace("-", "")}}, f"in another form: write {DOMAIN}"),
        ({"StringEquals": {TAG: f"{DOMAIN[:-1]}2"}}, "which differs from yours in one character"),
        ({"StringEquals": {TAG: ""}}, "has the domain of no character, not yours"),
        ({"ForAnyValue:StringEquals": {TAG: OTHER}}, "the operator is ForAnyValue:StringEquals"),
        ({"StringEqualsIfExists": {TAG: OTHER}}, "the operator is StringEqualsIfExists"),
        ({"StringLike": {TAG: f"{OTHER[:8]}*"}}, "the operator is StringLike"),
    ],
)
def test_a_near_miss_says_how_near_it_is(aws, capsys, condition, said):
    World(aws).policy(*({**one, "Condition": condition} for one in granted()))

    code, shown = run(capsys)

    (lacking,) = [found["message"] for found in shown["findings"] if found["id"] == "ICONIK013"]
    assert code == 1
    assert "'IconikBucket'" in lacking
    assert said in lacking


def test_everyone_by_the_name_of_iconiks_role_is_everyone_in_the_table(aws, capsys):
    """Anybody can name a role so: the column everyone says no more than that it is closed where it is."""
    by_name = {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/IconikS3AccessRole"}}
    World(aws).policy(*granted(), allow(Principal="*", Condition=by_name))

    code, shown = run(capsys)

    (read,) = [row for row in shown["table"] if row["use"] == "read"]
    assert code == 1
    assert read["callers"]["everyone"]["answer"] in {"yes", "depends"}
    assert "ICONIK004" in ids(shown)


def test_a_foreign_account_with_a_grant_or_by_a_condition_is_named(aws, capsys):
    world = World(aws, key=True)
    aws("kms").create_grant(KeyId=world.key, GranteePrincipal="arn:aws:iam::999988887777:root", Operations=["Decrypt"])
    named = {"StringEquals": {"aws:PrincipalAccount": "444455556666"}}
    world.policy(*granted(), allow(Principal="*", Condition=named))

    code, shown = run(capsys)

    assert code == 0
    assert {each["account"] for each in shown["other_accounts"]} == {"999988887777", "444455556666"}


ORG = "o-abcdefghij"
SERVICE = {"Service": "cloudtrail.amazonaws.com"}


@pytest.mark.parametrize(
    ("principal", "condition", "named"),
    [
        ({"AWS": "999988887777"}, None, "999988887777"),
        ({"AWS": "arn:aws:sts::999988887777:assumed-role/x/y"}, None, "999988887777"),
        ({"Federated": "arn:aws:iam::999988887777:saml-provider/x"}, None, "999988887777"),
        ("*", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::999988887777:role/*"}}, "999988887777"),
        ("*", {"StringEquals": {"aws:VpceAccount": "999988887777"}}, "999988887777"),
        (SERVICE, {"StringEquals": {"aws:SourceAccount": "999988887777"}}, "999988887777"),
        (SERVICE, {"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:999988887777:trail/*"}}, "999988887777"),
        ("*", {"StringEquals": {"aws:PrincipalOrgID": ORG}}, ORG),
        ({"AWS": "*"}, {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{ORG}/*"}}, f"{ORG}/*"),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, {"StringEquals": {"aws:PrincipalOrgID": ORG}}, None),
        (SERVICE, {"StringEquals": {"aws:SourceAccount": ACCOUNT}}, None),
        ("*", {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}, None),
    ],
)
def test_whoever_a_policy_names_is_said(aws, capsys, principal, condition, named):
    """The answer is not that no other account has access."""
    given = {} if condition is None else {"Condition": condition}
    World(aws).policy(*granted(), allow(Principal=principal, **given))

    code, shown = run(capsys)
    main(["check", NAME, "--system-domain-id", DOMAIN])
    text = " ".join(capsys.readouterr().out.split())

    assert code == 0
    assert [each["account"] for each in shown["other_accounts"]] == ([named] if named else [])
    assert ("no other AWS account except those that are named below" in text) is bool(named)
    assert ("No other iconik customer and no other AWS account has access." in text) is not named


def test_an_archive_may_archive(aws, capsys):
    World(aws).lifecycle(Transitions=[{"Days": 30, "StorageClass": "DEEP_ARCHIVE"}])

    assert "ICONIK152" not in ids(run(capsys, "--permissions", "ARCHIVE")[1])
    assert "ICONIK152" in ids(run(capsys)[1])


def test_a_lifecycle_rule_says_when_it_deletes(aws, capsys):
    world = World(aws)
    for expiration, said in (({"Days": 30}, "after 30 days"), ({"Date": "2040-01-01T00:00:00Z"}, "on 2040-01-01")):
        world.lifecycle(Expiration=expiration)
        assert said in json.dumps(run(capsys)[1]["findings"])


def test_the_first_cors_rule_that_matches_decides(aws, capsys):
    first = {"AllowedOrigins": ["*"], "AllowedMethods": ["GET", "PUT", "POST", "HEAD"], "AllowedHeaders": ["*"]}
    iconik = {**first, "AllowedOrigins": ["https://app.iconik.io"], "ExposeHeaders": ["ETag"]}
    world = World(aws)

    world.cors(first, iconik)
    assert ids(run(capsys)[1]) == {"ICONIK143"}
    world.cors(iconik, first)
    assert ids(run(capsys)[1]) == set()
    world.cors({**first, "AllowedMethods": ["GET"]}, iconik)
    assert ids(run(capsys)[1]) == set()
    world.cors({**iconik, "AllowedHeaders": ["content-*"], "ExposeHeaders": ["etag"]})
    assert ids(run(capsys)[1]) == set()
    world.cors({**iconik, "AllowedHeaders": ["x-amz-*"]})
    assert ids(run(capsys)[1]) == {"ICONIK144"}
    world.cors({**iconik, "AllowedHeaders": ["x-amz-*"]}, iconik)
    assert ids(run(capsys)[1]) == set()


def test_the_cors_rules_must_allow_what_iconik_should_be_able_to_do(aws, capsys):
    reads = {"AllowedOrigins": ["https://app.iconik.io"], "AllowedMethods": ["GET", "HEAD"]}
    uploads = {**reads, "AllowedMethods": ["PUT", "POST"], "AllowedHeaders": ["*"], "ExposeHeaders": ["ETag"]}
    world = World(aws)

    for rule, enough in ((reads, "read"), (uploads, "write")):
        world.cors(rule)
        for permissions in ("read", "write", "read_write", "admin"):
            is_missing = "ICONIK142" in ids(run(capsys, "--permissions", permissions)[1])
            assert is_missing is (permissions != enough), (rule, permissions)
    assert {"ICONIK143", "ICONIK144"}.isdisjoint(ids(run(capsys, "--permissions", "write")[1]))


def test_the_cors_rules_must_allow_all_to_one_address_of_iconik(aws, capsys):
    whole = {
        "AllowedOrigins": ["https://eu.iconik.io"],
        "AllowedMethods": ["GET", "PUT", "POST", "HEAD"],
        "AllowedHeaders": ["*"],
        "ExposeHeaders": ["ETag"],
    }
    reads = {**whole, "AllowedOrigins": ["https://app.iconik.io"], "AllowedMethods": ["GET", "HEAD"]}
    world = World(aws)

    world.cors(reads, {**whole, "AllowedMethods": ["PUT", "POST"]})
    assert ids(run(capsys)[1]) == {"ICONIK142"}
    world.cors(reads, whole)
    assert ids(run(capsys)[1]) == set()
    world.cors({**reads, "AllowedMethods": whole["AllowedMethods"], "ExposeHeaders": []}, whole)
    assert ids(run(capsys)[1]) == set()


def test_more_than_any_storage_needs_is_a_warning(aws, capsys):
    for action in ("s3:PutBucketPolicy", "s3:DeleteBucket", "s3:PutReplicationConfiguration", "s3:GetObjectVersion"):
        world = World(aws)
        more = {**granted()[0], "Sid": "More", "Action": action, "Resource": BOTH}
        world.policy(*granted(), more)

        code, shown = run(capsys)

        assert (code, ids(shown)) == (0, {"ICONIK006"}), action
        assert action in json.dumps(shown["findings"])
        world.s3.delete_bucket_policy(Bucket=NAME)
        world.s3.delete_bucket(Bucket=NAME)


def test_more_for_the_key_is_a_warning(aws, capsys):
    world = World(aws)
    world.encrypt(ROOT, key_granted(), {**key_granted(), "Sid": "More", "Action": "kms:ScheduleKeyDeletion"})

    assert ids(run(capsys)[1]) == {"ICONIK006"}


KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/6f0e4d57-0000-0000-0000-000000000000"
OF_OTHERS = KEY.replace(ACCOUNT, "999988887777")


def encrypted_with(aws, arn, *statements):
    """Have AWS answer with a key that moto cannot hold: of another region or account."""
    World(aws)
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}
    rules = [{"ApplyServerSideEncryptionByDefault": default}]
    policy = {"Version": "2012-10-17", "Statement": [*statements]}
    aws.answers.update(
        GetBucketEncryption={"ServerSideEncryptionConfiguration": {"Rules": rules}},
        DescribeKey={"KeyMetadata": {"Arn": arn, "KeyState": "Enabled", "KeyManager": "CUSTOMER"}},
        GetKeyPolicy={"Policy": json.dumps(policy)},
        ListGrants={"Grants": [], "Truncated": False},
        ListResourceTags={"Tags": [], "Truncated": False},
    )


@pytest.mark.parametrize(("region", "rules"), [(REGION, set()), ("us-east-1", {"ICONIK111"})])
def test_a_key_in_another_region_than_the_bucket_cannot_be_used(aws, capsys, region, rules):
    encrypted_with(aws, KEY.replace(REGION, region), key_granted())

    code, shown = run(capsys)

    assert (code, ids(shown)) == (len(rules), rules)


@pytest.mark.parametrize(
    ("account", "rules"), [("999988887777", {True: set(), False: set()}), (ACCOUNT, {True: {"ICONIK008"},
                                                                                    False: {"ICONIK012"}})]
)  # fmt: skip
@pytest.mark.parametrize("is_allow", [True, False])
def test_a_key_of_another_account_is_a_resource_of_that_account(aws, capsys, account, rules, is_allow):
    owned = {"aws:ResourceAccount": account}
    ours = key_granted()
    if is_allow:
        ours["Condition"] = {"StringEquals": {**ours["Condition"]["StringEquals"], **owned}}
        encrypted_with(aws, OF_OTHERS, ours)
    else:
        encrypted_with(aws, OF_OTHERS, ours, deny(Action="kms:*", Resource="*", Condition={"StringNotEquals": owned}))

    assert ids(run(capsys)[1]) - {"ICONIK022"} == rules[is_allow]


def test_the_account_of_the_key_is_another_account_than_that_of_the_bucket(aws, capsys):
    root = {**ROOT, "Principal": {"AWS": "arn:aws:iam::999988887777:root"}}
    encrypted_with(aws, OF_OTHERS, root, key_granted())

    code, shown = run(capsys)

    assert (code, [each["account"] for each in shown["other_accounts"]]) == (0, ["999988887777"])


@pytest.mark.parametrize(
    ("condition", "denied"),
    [
        ({"Null": {"kms:EncryptionContext:aws:s3:arn": "true"}}, ["kms:DescribeKey"]),
        ({"Null": {"kms:EncryptionContextKeys": "true"}}, ["kms:DescribeKey"]),
        ({"Null": {"kms:EncryptionContext:aws:s3:arn": "false"}},
         ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]),
    ],
)  # fmt: skip
def test_kms_describe_key_has_no_encryption_context(aws, capsys, condition, denied):
    encrypted_with(aws, KEY, ROOT, key_granted(), deny(Action="kms:*", Resource="*", Condition=condition))

    (found,) = run(capsys)[1]["findings"]

    assert found["id"] == "ICONIK012"
    assert found["message"].endswith(f"denies iconik {', '.join(denied)}")
