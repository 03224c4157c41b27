"""`iconik-construct audit` on an account with many buckets and keys, made by hand."""

import json

import pytest
from botocore.client import BaseClient
from botocore.exceptions import (
    ClientError,
    LoginRefreshRequired,
    MetadataRetrievalError,
    ReadTimeoutError,
    RefreshWithMFAUnsupportedError,
)
from situations import (
    ACCOUNT,
    ARN,
    BLOCK,
    DOMAIN,
    EXAMPLE,
    IDENTITY_PERIMETER,
    NAME,
    OTHER,
    REGION,
    ROLE,
    ROOT,
    World,
    allow,
    granted,
    key_granted,
    organisation,
)

from iconik_construct.access.permissions import IconikPermissions
from iconik_construct.access.statements import bucket_statements
from iconik_construct.cli.main import main
from iconik_construct.live.calls import AUDIT_CALLS, minimal_policy


def run(capsys, *more):
    # One at a time unless told: moto compiles its routes on first use, which CPython 3.11 does badly in threads.
    alone = [] if "--workers" in more else ["--workers", "1"]
    code = main(["audit", "--system-domain-id", DOMAIN, "--regions", REGION, "--json", *alone, *more])
    captured = capsys.readouterr()
    return code, [json.loads(line) for line in captured.out.splitlines()], captured.err


def bucket(aws, name, *statements):
    s3 = aws("s3")
    s3.create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION}, ObjectOwnership="BucketOwnerEnforced"
    )
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=BLOCK)
    if statements:
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))


def ours(name, domain=DOMAIN):
    return bucket_statements([IconikPermissions.read_write()], [domain], f"arn:aws:s3:::{name}", cors_by_iconik=True)


def key(aws, *statements):
    policy = json.dumps({"Version": "2012-10-17", "Statement": [ROOT, *statements]})
    made = aws("kms").create_key(Policy=policy, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    return made["KeyMetadata"]["Arn"]


def of(found, resource):
    return {one["id"] for one in found if one["resource"] == resource and one["severity"] == "error"}


def test_each_resource_gets_what_is_wrong_with_it(aws, capsys):
    untagged = [{name: value for name, value in one.items() if name != "Condition"} for one in ours("untagged")]
    bucket(aws, "good", *ours("good"))
    bucket(
        aws,
        "nothing-to-do-with-it",
        allow(Principal={"AWS": "444455556666"}, Resource="arn:aws:s3:::nothing-to-do-with-it/*"),
    )
    bucket(aws, "without-policy")
    bucket(aws, "untagged", *untagged)
    bucket(aws, "others", *ours("others", OTHER))
    bucket(aws, "pasted", *ours("pasted", EXAMPLE))
    good, bad = (
        key(aws, key_granted()),
        key(aws, {name: value for name, value in key_granted().items() if name != "Condition"}),
    )
    key(aws)

    code, found, told = run(capsys)

    assert code == 1
    assert of(found, "arn:aws:s3:::good") == set()
    assert of(found, "arn:aws:s3:::untagged") == {"ICONIK001"}
    assert of(found, "arn:aws:s3:::others") == {"ICONIK013", "ICONIK003"}
    assert of(found, "arn:aws:s3:::pasted") == {"ICONIK013", "ICONIK003"}
    assert of(found, good) == set()
    assert of(found, bad) == {"ICONIK001"}
    assert {one["resource"] for one in found if one["severity"] == "error"} == {
        "arn:aws:s3:::untagged",
        "arn:aws:s3:::others",
        "arn:aws:s3:::pasted",
        bad,
    }
    assert "6 buckets, 3 keys, 0 access points; 6 name iconik" in told


def faults_in_a_key_and_an_access_point(aws):
    """Make a bucket whose key and access point each have faults; return the key and the access point."""
    untagged = {name: value for name, value in key_granted().items() if name != "Condition"}
    world = World(aws)
    world.encrypt(ROOT, untagged)
    aws("kms").create_grant(KeyId=world.key, GranteePrincipal=ROLE, Operations=["Decrypt"])
    points = aws("s3control")
    made = points.create_access_point(AccountId=ACCOUNT, Name="point", Bucket=NAME)
    objects = f"{made['AccessPointArn']}/object/*"
    wide = {**key_granted(), "Sid": "Wide", "Action": "s3:PutObjectAcl", "Resource": objects}
    points.put_access_point_policy(
        AccountId=ACCOUNT,
        Name="point",
        Policy=json.dumps(
            {"Version": "2012-10-17", "Statement": [allow(Principal={"AWS": "283217727627"}, Resource=objects), wide]}
        ),
    )
    return world.key, made["AccessPointArn"]


def test_each_finding_is_reported_once_at_the_resource_that_has_the_fault(aws, capsys):
    key_arn, point = faults_in_a_key_and_an_access_point(aws)

    _, found, _ = run(capsys)

    assert sorted((one["resource"], one["id"]) for one in found) == sorted(
        [(key_arn, "ICONIK001"), (key_arn, "ICONIK020"), (point, "ICONIK001"), (point, "ICONIK006")]
    )


def test_a_key_of_a_region_that_is_not_audited_is_reported_with_its_bucket(aws, capsys):
    faults_in_a_key_and_an_access_point(aws)

    main(["audit", "--system-domain-id", DOMAIN, "--regions", "eu-north-1", "--json", "--workers", "1"])

    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    # moto lists an access point in every region.
    assert sorted(one["id"] for one in found if one["resource"] == ARN) == ["ICONIK001", "ICONIK020"]


@pytest.mark.parametrize("more", [["--regions", REGION, REGION], ["--accounts", ACCOUNT, ACCOUNT, "--role-name", "A"]])
def test_a_name_that_is_given_twice_is_read_once(aws, capsys, more):
    key(aws, {name: value for name, value in key_granted().items() if name != "Condition"})

    main(["audit", "--system-domain-id", DOMAIN, "--json", "--workers", "1", "--regions", REGION, *more])

    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_setting_of_the_account_that_could_not_be_read_is_reported_once(aws, capsys):
    for name in ("first", "second"):
        bucket(aws, name, *ours(name))
    aws.fail = lambda name: DENIED if name == "GetPublicAccessBlock" and aws.calls[-1][0] == "s3control" else None

    found = [one for one in run(capsys)[1] if "the account's" in one["where"]]

    assert [(one["resource"], one["id"]) for one in found] == [(f"account {ACCOUNT}", "ICONIK191")]


@pytest.mark.parametrize("profile", [[], ["--organization-profile", "management"]])
def test_a_resource_control_policy_that_blocks_iconik_is_a_finding(aws, capsys, monkeypatch, tmp_path, profile):
    (tmp_path / "config").write_text("[profile management]\naws_access_key_id=a\naws_secret_access_key=b\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    organisation(IDENTITY_PERIMETER)(World(aws))
    bucket(aws, "without-policy")

    code, found, _ = run(capsys, *profile)

    assert (code, [(one["resource"], one["id"]) for one in found]) == (1, [(ARN, "ICONIK120")])
    assert sum(operation == "DescribePolicy" for _, operation in aws.calls) == 1


def test_resource_control_policies_that_were_not_read_are_reported_once_for_the_account(aws, capsys):
    organisation(None)(World(aws))
    bucket(aws, "second", *ours("second"))

    code, found, _ = run(capsys)

    assert code == 0
    assert [one["resource"] for one in found if one["id"] == "ICONIK121"] == [f"account {ACCOUNT}"]


def test_one_resource_is_counted_in_the_singular(aws, capsys):
    faults_in_a_key_and_an_access_point(aws)

    text = text_of(capsys)[1].out

    assert f"account {ACCOUNT}: 1 bucket, 1 key, 1 access point; 3 name iconik. " in text
    assert "error ICONIK020, 1 finding on 1 resource: " in " ".join(text.split())


def test_a_bucket_whose_key_has_no_statement_for_iconik(aws, capsys):
    World(aws).encrypt(ROOT)

    assert of(run(capsys)[1], ARN) == {"ICONIK008"}


def test_a_storage_without_access_and_a_missing_storage(aws, capsys):
    bucket(aws, "forgotten")

    _, found, _ = run(capsys, "--storage", "forgotten", "--storage", "nowhere")

    assert of(found, "arn:aws:s3:::forgotten") == {"ICONIK013"}
    assert of(found, "arn:aws:s3:::nowhere") == {"ICONIK192"}


def test_an_access_point_without_the_tag(aws, capsys):
    World(aws)
    points = aws("s3control")
    points.create_access_point(AccountId=ACCOUNT, Name="point", Bucket=NAME)
    statement = allow(Principal={"AWS": "283217727627"}, Resource=f"arn:aws:s3:*:{ACCOUNT}:accesspoint/point/object/*")
    points.put_access_point_policy(
        AccountId=ACCOUNT, Name="point", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )

    (found,) = [one for one in run(capsys)[1] if "accesspoint" in one["resource"]]
    assert found["id"] == "ICONIK001"


def test_a_topic_a_queue_and_a_secret_only_with_all(aws, capsys):
    policy = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{**allow(Principal={"AWS": "283217727627"}), "Action": "*", "Resource": "*"}],
        }
    )
    topic = aws("sns").create_topic(Name="t", Attributes={"Policy": policy})["TopicArn"]
    queue = aws("sqs").create_queue(
        QueueName="q", Attributes={"Policy": policy.replace('"Action": "*"', '"Action": "SQS:*"')}
    )
    secret = aws("secretsmanager").create_secret(Name="s", SecretString="x")["ARN"]
    aws("secretsmanager").put_resource_policy(SecretId=secret, ResourcePolicy=policy)
    aws("sns").create_topic(Name="plain")

    assert run(capsys)[1] == []
    code, found, _ = run(capsys, "--all")
    assert {one["resource"] for one in found} == {topic, queue["QueueUrl"], secret}
    assert {one["id"] for one in found} == {"ICONIK160"}
    assert code == 0
    assert run(capsys, "--all", "--fail-on", "warning")[0] == 1


DELEGATED = {"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}}


@pytest.mark.parametrize(
    ("statement", "rules"),
    [
        ({"Principal": {"AWS": ROLE}}, {"ICONIK001"}),
        ({"Principal": "*"}, {"ICONIK019"}),
        ({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/Editors"}}, set()),
    ],
)
def test_a_multi_region_access_point_is_read(aws, capsys, statement, rules):
    bucket(aws, NAME, allow(Principal="*", Action="s3:*", Resource=f"{ARN}/*", Condition=DELEGATED))
    arn = f"arn:aws:s3::{ACCOUNT}:accesspoint/mfzwi23gnjvgw.mrap"
    policy = {"Version": "2012-10-17", "Statement": [allow(Resource=f"{arn}/object/*", **statement)]}
    aws.answers["ListMultiRegionAccessPoints"] = {
        "AccessPoints": [{"Name": "media", "Alias": "mfzwi23gnjvgw.mrap", "Regions": [{"Bucket": NAME}]}]
    }
    aws.answers["GetMultiRegionAccessPointPolicy"] = {"Policy": {"Established": {"Policy": json.dumps(policy)}}}

    assert of(run(capsys)[1], arn) == rules


DENIED = ClientError(
    {"Error": {"Code": "AccessDenied", "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "X"
)


@pytest.mark.parametrize(
    "operation",
    [
        "ListBuckets",
        "GetBucketPolicy",
        "ListKeys",
        "GetKeyPolicy",
        "ListAccessPoints",
        "GetBucketEncryption",
        "ListMultiRegionAccessPoints",
    ],
)
def test_what_could_not_be_read_is_a_finding_with_the_action(aws, capsys, operation):
    World(aws, key=True)
    aws.fail = lambda name: DENIED if name == operation else None

    code, found, _ = run(capsys)

    assert code == 1 or operation == "GetBucketEncryption"
    needed = {call.action for call in AUDIT_CALLS if call.operation.replace("_", "") == operation.lower()}
    assert needed & {one["id"] == "ICONIK190" and _action(one["message"]) for one in found}


def _action(text):
    return text.partition("reading it needs ")[2].partition(" ")[0]


@pytest.mark.parametrize(
    "operation",
    [
        "ListBuckets",
        "ListKeys",
        "ListGrants",
        "GetKeyPolicy",
        "GetBucketPolicy",
        "DescribeRegions",
    ],
)
def test_the_page_of_a_proxy_is_no_empty_list(aws, capsys, operation):
    """botocore makes an answer without any part of it."""
    World(aws, key=True)
    aws.answers[operation] = {}

    main(["audit", "--system-domain-id", DOMAIN, "--json", "--workers", "1",
          *([] if operation == "DescribeRegions" else ["--regions", REGION])])  # fmt: skip

    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    needed = {call.action for call in AUDIT_CALLS if call.operation.replace("_", "") == operation.lower()}
    assert needed & {_action(one["message"]) for one in found if one["id"] in {"ICONIK190", "ICONIK191"}}


def test_lists_that_have_pages_only_on_request_are_read_in_pages(aws, capsys, monkeypatch):
    """Without a size, SQS lists 1,000 queues and names no next page. S3 refuses where the quota is above 10,000."""
    asked, original = {}, BaseClient._make_api_call

    def recorded(self, operation, parameters):
        asked[operation] = parameters
        return original(self, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", recorded)

    run(capsys, "--all")

    assert asked["ListQueues"] == {"MaxResults": 1000}
    assert asked["ListBuckets"] == {"MaxBuckets": 1000}


def test_an_account_that_cannot_be_asked(aws, capsys):
    aws.fail = lambda _name: DENIED

    code, found, told = run(capsys)

    assert (code, found) == (3, [])
    assert "access is denied" in told


def test_pages_are_read_to_their_end(aws, capsys):
    for number in range(130):
        key(aws, key_granted(OTHER if number % 2 else DOMAIN))

    _, found, told = run(capsys)

    assert "130 keys" in told
    assert len({one["resource"] for one in found}) == 65


def test_the_results_stay_if_one_account_could_not_be_asked(aws, capsys, tmp_path):
    World(aws)
    file = tmp_path / "audit.jsonl"
    more = ["--accounts", "111122223333", "444455556666", "--role-name", "Auditor", "--resume", str(file)]
    aws.fail = lambda name: DENIED if aws.calls.count(("sts", name)) == 2 and name == "AssumeRole" else None
    assert (run(capsys, *more)[0], file.exists()) == (3, True)

    assert (run(capsys, *more)[0], file.exists()) == (0, False)


def test_accounts_are_asked_each_through_its_role(aws, capsys):
    World(aws)

    code, _, told = run(capsys, "--accounts", "111122223333", "444455556666", "--role-name", "Auditor")

    assert code == 0
    assert "account 111122223333: 0 buckets" in told
    assert "account 444455556666: 0 buckets" in told
    assert ("sts", "AssumeRole") in aws.calls


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "'--system-domain-id' must be given"),
        (["--system-domain-id", DOMAIN, "--accounts", "111122223333"], "must be given together"),
        (["--system-domain-id", DOMAIN, "--accounts", "1", "--role-name", "R"], "12 digits"),
        (["--system-domain-id", DOMAIN, "--workers", "0"], "--workers must be from 1 to 64"),
    ],
)
def test_a_wrong_call_asks_nothing(aws, capsys, arguments, text):
    assert main(["audit", *arguments]) == 2
    assert text in capsys.readouterr().err
    assert aws.calls == []


def test_only_read_only_actions_are_called_and_the_printed_policy_has_them(aws, capsys):
    World(aws, key=True)
    key(aws, key_granted())
    run(capsys, "--all")

    assert all(operation.startswith(("Get", "List", "Describe")) for _, operation in aws.calls)
    assert main(["audit", "--print-policy"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == minimal_policy(None, AUDIT_CALLS)
    named = {call.operation.replace("_", "") for call in AUDIT_CALLS}
    assert {operation.lower() for _, operation in aws.calls} <= named


@pytest.mark.proof
def test_nothing_is_lost_where_many_are_asked_at_a_time(aws, capsys):
    for number in range(40):
        bucket(aws, f"media-{number}", *ours(f"media-{number}", OTHER if number % 4 == 0 else DOMAIN))

    run(capsys)
    _, found, told = run(capsys, "--workers", "8")

    assert len({one["resource"] for one in found if one["id"] == "ICONIK003"}) == 10
    assert "40 buckets" in told
    assert granted()


def test_a_key_is_asked_about_every_action_whether_a_bucket_uses_it_or_not(aws, capsys):
    actions = ("kms:CreateGrant", "kms:PutKeyPolicy", "kms:ReEncryptFrom", "kms:DescribeKey", "kms:*")
    keys = {key(aws, {"Sid": "I", "Effect": "Allow", "Principal": {"AWS": "283217727627"}, "Action": action,
                      "Resource": "*"}): action for action in actions}  # fmt: skip

    _, found, _ = run(capsys)

    assert {arn: of(found, arn) for arn in keys} == {arn: {"ICONIK001"} for arn in keys}


def test_a_grant_on_a_key_that_no_bucket_uses(aws, capsys):
    arn = key(aws)
    aws("kms").create_grant(KeyId=arn, GranteePrincipal=ROLE, Operations=["Decrypt"])

    assert of(run(capsys)[1], arn) == {"ICONIK020"}


@pytest.mark.parametrize("action", ["s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "s3:GetObjectVersion"])
@pytest.mark.parametrize("below", ["*", "masters/*"])
def test_an_access_point_is_asked_about_every_action_and_prefix(aws, capsys, action, below):
    World(aws)
    points = aws("s3control")
    points.create_access_point(AccountId=ACCOUNT, Name="point", Bucket=NAME)
    point = f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/point"
    resource = point if action == "s3:ListBucket" else f"{point}/object/{below}"
    statement = allow(Principal={"AWS": "283217727627"}, Action=action, Resource=resource)
    points.put_access_point_policy(
        AccountId=ACCOUNT, Name="point", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )

    found = {one["id"] for one in run(capsys)[1] if one["resource"].endswith("accesspoint/point")}
    assert found == {"ICONIK001"}


def test_everyone_by_the_name_of_iconiks_role_is_everyone(aws, capsys):
    """Anybody can name a role so."""
    by_name = {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/IconikS3AccessRole"}}
    bucket(aws, "named", allow(Principal="*", Resource="arn:aws:s3:::named/*", Condition=by_name))

    assert "ICONIK004" in of(run(capsys)[1], "arn:aws:s3:::named")


def test_a_public_bucket_is_called_so_unless_its_access_is_blocked(aws, capsys):
    for name in ("open", "blocked", "by-acl", "closed"):
        bucket(aws, name)
    s3 = aws("s3")
    for name in ("open", "by-acl"):
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(BLOCK, False))
    for name in ("open", "blocked"):
        policy = {"Version": "2012-10-17", "Statement": [allow(Principal="*", Resource=f"arn:aws:s3:::{name}/*")]}
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    writer = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    s3.put_bucket_ownership_controls(Bucket="by-acl", OwnershipControls=writer)
    s3.put_bucket_acl(Bucket="by-acl", ACL="public-read")

    code, found, _ = run(capsys)

    assert code == 1
    assert {one["resource"]: one["id"] for one in found} == {
        "arn:aws:s3:::open": "ICONIK004",
        "arn:aws:s3:::by-acl": "ICONIK103",
    }


@pytest.mark.parametrize(
    ("denied", "acl", "rules"),
    [
        ({"GetBucketOwnershipControls"}, "private", {"ICONIK191"}),
        ({"GetBucketOwnershipControls"}, "public-read", {"ICONIK190"}),
        ({"GetBucketAcl"}, "private", {"ICONIK190"}),
        ({"GetBucketOwnershipControls", "GetBucketAcl"}, "private", {"ICONIK190"}),
    ],
)
def test_an_acl_that_was_not_read_decides_if_it_can_make_the_bucket_public(aws, capsys, denied, acl, rules):
    bucket(aws, "other")
    s3 = aws("s3")
    s3.put_public_access_block(Bucket="other", PublicAccessBlockConfiguration=dict.fromkeys(BLOCK, False))
    s3.put_bucket_ownership_controls(Bucket="other", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    s3.put_bucket_acl(Bucket="other", ACL=acl)
    aws.fail = lambda operation: DENIED if operation in denied else None

    code, found, _ = run(capsys)

    assert (code, {one["id"] for one in found}) == (int(rules == {"ICONIK190"}), rules)
    s3.put_public_access_block(Bucket="other", PublicAccessBlockConfiguration=BLOCK)
    code, found, _ = run(capsys)
    assert (code, {one["id"] for one in found}) == (0, {"ICONIK191"})


@pytest.mark.parametrize(
    "more",
    [
        {"Action": ["s3:GetObject", "s3:PutBucketPolicy"]},
        {"Principal": {"AWS": "arn:aws:iam::999988887777:root"}},
        {"Principal": {"AWS": [ROLE, "arn:aws:iam::999988887777:root"]}},
    ],
)
def test_a_sid_of_this_library_with_other_content_is_a_finding(aws, capsys, more):
    bucket(aws, "edited", *({**one, **more} if one["Sid"] == "IconikObjects" else one for one in ours("edited")))

    found = [one for one in run(capsys)[1] if one["id"] == "ICONIK022"]

    assert [(one["resource"], one["statement"]) for one in found] == [("arn:aws:s3:::edited", "'IconikObjects'")]


def test_a_role_that_trusts_iconiks_account_only_with_all(aws, capsys):
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "283217727627"},
                                                     "Action": "sts:AssumeRole"}]}  # fmt: skip
    role = aws("iam").create_role(RoleName="ForIconik", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]

    assert run(capsys)[1] == []
    assert {(one["resource"], one["id"]) for one in run(capsys, "--all")[1]} == {(role, "ICONIK160")}


def text_of(capsys, *more):
    code = main(["audit", "--system-domain-id", DOMAIN, "--regions", REGION, "--workers", "1", *more])
    return code, capsys.readouterr()


def test_the_text_is_grouped_by_resource_and_summed_up_by_rule(aws, capsys):
    for number in range(20):
        bucket(aws, f"media-{number:02}", *ours(f"media-{number:02}", OTHER))

    code, captured = text_of(capsys)

    lines = captured.out.splitlines()
    assert code == 1
    assert len(lines) < 20 * 10
    at = lines.index("arn:aws:s3:::media-07")
    assert all(line.startswith("  ") for line in lines[at + 1 : lines.index("", at)])
    assert lines.count("By rule:") == 1
    summary = " ".join(" ".join(lines[lines.index("By rule:") :]).split())
    assert "error ICONIK003, 40 findings on 20 resources: A statement allows iconik for a System Domain ID" in summary
    assert summary.count("Fix: Write your own System Domain ID in lower case.") == 1
    assert lines[-1].startswith(f"account {ACCOUNT}: 20 buckets, 0 keys")


def test_the_progress_has_a_total(aws, capsys, monkeypatch):
    for number in range(3):
        bucket(aws, f"media-{number}")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setattr("iconik_construct.cli.audit_text._EVERY", -1e9)

    told = text_of(capsys)[1].err

    assert f"\raccount {ACCOUNT}: 1 of 3 resources" in told
    assert f"\raccount {ACCOUNT}: 3 of 3 resources" in told


def report(capsys, *more):
    """Return the exit code, the text without its order, and the last line without the calls and the time."""
    code, captured = text_of(capsys, *more)
    *lines, last = captured.out.splitlines()
    return code, sorted(lines), last.rpartition(". ")[0].rpartition(". ")[0]


def interrupted(aws, after, error=KeyboardInterrupt):
    """Let the calls fail from a bucket on."""

    def fail(operation):
        read = sum(name == "GetBucketPolicy" for _, name in aws.calls)
        return error if read > after else None

    aws.calls.clear()
    aws.fail = fail


def going_on(aws):
    aws.fail = lambda _operation: None
    aws.calls.clear()


@pytest.mark.parametrize("after", [0, 3, 6])
def test_an_interrupted_audit_resumes(aws, capsys, tmp_path, after):
    """Resources that were read are not read again, and the text, the counts and the exit code are the same."""
    file = tmp_path / "audit.jsonl"
    for number in range(6):
        bucket(aws, f"media-{number}", *ours(f"media-{number}", OTHER))
    key(aws, key_granted())
    aws.answers["ListAccessPoints"] = DENIED
    whole = report(capsys)
    interrupted(aws, after)
    if after == 6:
        # The last moment: everything is written, and the file is still there.
        aws.fail = lambda _operation: None
        monkey = pytest.MonkeyPatch()
        monkey.setattr("iconik_construct.cli.resume.ResumeFile.finish", lambda _file: None)
        assert report(capsys, "--resume", str(file)) == whole
        monkey.undo()
    else:
        assert text_of(capsys, "--resume", str(file))[0] == 130
    done = len(file.read_text().splitlines()) - 1
    with file.open("a") as torn:
        torn.write('{"account": "1234')
    going_on(aws)

    assert report(capsys, "--resume", str(file)) == whole
    assert sum(name == "GetBucketLocation" for _, name in aws.calls) == 6 - min(done, 6)
    assert not file.exists()


EXPIRED = ClientError(
    {"Error": {"Code": "ExpiredToken", "Message": "expired"}, "ResponseMetadata": {"HTTPStatusCode": 400}}, "X"
)


def test_an_audit_stops_when_the_credentials_expire_and_resumes_with_new_ones(aws, capsys, tmp_path):
    file = tmp_path / "audit.jsonl"
    for number in range(6):
        bucket(aws, f"media-{number}", *ours(f"media-{number}", OTHER))
    whole = report(capsys)
    interrupted(aws, 3, EXPIRED)

    code, captured = text_of(capsys, "--resume", str(file))

    assert code == 3
    assert "ICONIK190" not in captured.out
    assert captured.err.count("\n") == 1
    assert "(aws sso login, aws configure)" in captured.err
    assert captured.err.endswith("Then run the same command again: it continues.\n")
    going_on(aws)
    assert report(capsys, "--resume", str(file)) == whole


def of_code(code):
    return ClientError({"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "X")


@pytest.mark.parametrize(
    "error",
    [
        *(of_code(each) for each in ("InvalidClientTokenId", "InvalidToken", "UnrecognizedClientException")),
        LoginRefreshRequired(),
        RefreshWithMFAUnsupportedError(),
        MetadataRetrievalError(error_msg="no"),
    ],
    ids=lambda error: getattr(error, "response", {}).get("Error", {}).get("Code") or type(error).__name__,
)
def test_an_audit_stops_when_the_credentials_end_in_another_way(aws, capsys, tmp_path, error):
    file = tmp_path / "audit.jsonl"
    for number in range(6):
        bucket(aws, f"media-{number}", *ours(f"media-{number}", OTHER))
    whole = report(capsys)
    interrupted(aws, 3, error)

    code, captured = text_of(capsys, "--resume", str(file))

    assert (code, "ICONIK190" in captured.out) == (3, False)
    assert captured.err.endswith("Then run the same command again: it continues.\n")
    going_on(aws)
    assert report(capsys, "--resume", str(file)) == whole


def test_a_region_that_refuses_the_credentials_does_not_stop_an_audit(aws, capsys):
    """AWS gives the same error for a region that is not enabled."""
    bucket(aws, "media", *ours("media", OTHER))
    aws.fail = lambda name: of_code("UnrecognizedClientException") if name == "ListKeys" else None

    code, found, _ = run(capsys)

    assert code == 1
    assert {"ICONIK003", "ICONIK190"} <= {one["id"] for one in found}


def test_a_bucket_is_read_again_if_the_organisation_was_not_read_for_a_passing_reason(aws, capsys, tmp_path):
    file = tmp_path / "audit.jsonl"
    organisation(IDENTITY_PERIMETER)(World(aws))
    for number in range(3):
        bucket(aws, f"media-{number}", *ours(f"media-{number}"))
    whole = report(capsys)
    policy = aws.answers.pop("DescribePolicy")
    aws.answers["DescribePolicy"] = ReadTimeoutError(endpoint_url="u")
    interrupted(aws, 2)
    assert text_of(capsys, "--resume", str(file))[0] == 130
    going_on(aws)
    aws.answers["DescribePolicy"] = policy

    assert report(capsys, "--resume", str(file)) == whole


def test_what_aws_did_not_answer_is_read_again_by_the_next_run(aws, capsys, tmp_path):
    file = tmp_path / "audit.jsonl"
    for number in range(6):
        bucket(aws, f"media-{number}", *ours(f"media-{number}", OTHER))
    whole = report(capsys)
    errors = {1: ReadTimeoutError(endpoint_url="u"), 2: of_code("SlowDown"), 5: EXPIRED}
    read = []

    def fail(operation):
        if operation != "GetBucketPolicy":
            return None
        read.append(operation)
        return errors.get(len(read))

    aws.fail = fail
    assert text_of(capsys, "--resume", str(file))[0] == 3
    going_on(aws)

    assert report(capsys, "--resume", str(file)) == whole


@pytest.mark.parametrize("more", [["--storage", "forgotten"], ["--regions", "eu-north-1"], ["--all"]])
def test_an_audit_with_other_options_is_not_resumed(aws, capsys, tmp_path, more):
    """The result of a bucket can depend on them."""
    file = tmp_path / "audit.jsonl"
    bucket(aws, "forgotten")
    bucket(aws, "media")
    interrupted(aws, 1)
    assert text_of(capsys, "--resume", str(file))[0] == 130
    before = file.read_text()
    going_on(aws)

    code, captured = text_of(capsys, "--resume", str(file), *more)

    assert (code, file.read_text()) == (2, before)
    assert "is not of a run with this version and these options. Name another file" in captured.err


def test_a_file_whose_first_line_was_not_finished_is_begun_again(aws, capsys, tmp_path):
    file = tmp_path / "audit.jsonl"
    bucket(aws, "media")
    interrupted(aws, 0)
    text_of(capsys, "--resume", str(file))
    file.write_text(file.read_text()[:20])
    going_on(aws)

    assert report(capsys, "--resume", str(file)) == report(capsys)


@pytest.mark.parametrize(
    "line",
    ["1", "{}", "[]", '{"account": 1}', '{"account": "1", "resource": "a", "findings": [{"rule": "ICONIK999"}]}'],
)
def test_a_line_that_no_run_wrote_is_read_again(aws, capsys, tmp_path, line):
    file = tmp_path / "audit.jsonl"
    for name in ("first", "second"):
        bucket(aws, name, *ours(name, OTHER))
    whole = report(capsys)
    interrupted(aws, 1)
    text_of(capsys, "--resume", str(file))
    with file.open("a") as more:
        more.write(f"{line}\n")
    going_on(aws)

    assert report(capsys, "--resume", str(file)) == whole


def test_lines_of_two_runs_on_one_file_count_once(aws, capsys, tmp_path):
    file = tmp_path / "audit.jsonl"
    for name in ("first", "second"):
        bucket(aws, name, *ours(name, OTHER))
    whole = report(capsys)
    interrupted(aws, 1)
    text_of(capsys, "--resume", str(file))
    head, line = file.read_text().splitlines()
    file.write_text(f"{head}\n{line}\n{line}\n")
    going_on(aws)

    assert report(capsys, "--resume", str(file)) == whole


def test_a_file_that_cannot_be_written_is_named(aws, capsys, tmp_path, monkeypatch):
    bucket(aws, "media")
    full = tmp_path / "full"
    full.symlink_to("/dev/full")
    for name in (tmp_path, full, "/dev/null", tmp_path / "no" / "file"):
        code, captured = text_of(capsys, "--resume", str(name))
        assert (code, captured.out) == (2, "")
        assert captured.err.startswith("iconik-construct audit: --resume: ")
        assert captured.err.endswith("Name another file\n")
    assert full.is_symlink()

    def fails(_file, _text):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("iconik_construct.cli.resume.ResumeFile._append", fails)
    code, captured = text_of(capsys, "--resume", str(tmp_path / "file"))
    assert code == 2
    assert "No space left on device. Name another file" in captured.err


def test_a_file_of_another_run_is_not_resumed(aws, capsys, tmp_path):
    file = tmp_path / "audit.jsonl"
    file.write_text("notes\n")

    assert text_of(capsys, "--resume", str(file))[0] == 2
    assert file.read_text() == "notes\n"
