"""`iconik-construct audit` on an account with many buckets and keys, made by hand."""

import json

import pytest
from botocore.exceptions import ClientError
from situations import (
    ACCOUNT,
    ARN,
    BLOCK,
    DOMAIN,
    EXAMPLE,
    NAME,
    OTHER,
    REGION,
    ROOT,
    World,
    allow,
    granted,
    key_granted,
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
    return {one["id"] for one in found if one["resource"] == resource and one["level"] == "error"}


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
    assert of(found, "arn:aws:s3:::untagged") == {"CHECK005", "CHECK061"}
    assert of(found, "arn:aws:s3:::others") == {"CHECK001", "CHECK005"}
    assert of(found, "arn:aws:s3:::pasted") == {"CHECK001", "CHECK008"}
    assert of(found, good) == set()
    assert of(found, bad) == {"CHECK005", "CHECK061"}
    assert {one["resource"] for one in found if one["level"] == "error"} == {
        "arn:aws:s3:::untagged",
        "arn:aws:s3:::others",
        "arn:aws:s3:::pasted",
        bad,
    }
    assert "6 buckets, 3 keys, 0 access points; 6 name iconik" in told


def test_a_bucket_whose_key_forgets_iconik(aws, capsys):
    World(aws).encrypt(ROOT)

    assert of(run(capsys)[1], ARN) == {"CHECK021"}


def test_a_storage_that_is_not_let_in_and_one_that_is_not_there(aws, capsys):
    bucket(aws, "forgotten")

    _, found, _ = run(capsys, "--storage", "forgotten", "--storage", "nowhere")

    assert of(found, "arn:aws:s3:::forgotten") == {"CHECK001"}
    assert of(found, "arn:aws:s3:::nowhere") == {"CHECK092"}


def test_an_access_point_without_the_tag(aws, capsys):
    World(aws)
    points = aws("s3control")
    points.create_access_point(AccountId=ACCOUNT, Name="point", Bucket=NAME)
    statement = allow(Principal={"AWS": "283217727627"}, Resource=f"arn:aws:s3:*:{ACCOUNT}:accesspoint/point/object/*")
    points.put_access_point_policy(
        AccountId=ACCOUNT, Name="point", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )

    (found,) = [one for one in run(capsys)[1] if "accesspoint" in one["resource"]]
    assert found["id"] == "CHECK005"


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
    assert {one["id"] for one in found} == {"CHECK060"}
    assert code == 0
    assert run(capsys, "--all", "--fail-on", "warning")[0] == 1


DENIED = ClientError(
    {"Error": {"Code": "AccessDenied", "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "X"
)


@pytest.mark.parametrize(
    "operation",
    ["ListBuckets", "GetBucketPolicy", "ListKeys", "GetKeyPolicy", "ListAccessPoints", "GetBucketEncryption"],
)
def test_what_could_not_be_read_is_a_finding_with_the_action(aws, capsys, operation):
    World(aws, key=True)
    aws.fail = lambda name: DENIED if name == operation else None

    code, found, _ = run(capsys)

    assert code == 3
    needed = {call.action for call in AUDIT_CALLS if call.operation.replace("_", "") == operation.lower()}
    assert needed & {one["id"] == "CHECK090" and _action(one["text"]) for one in found}


def _action(text):
    return text.partition("it takes ")[2].partition(" ")[0]


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
        (["--system-domain-id", DOMAIN, "--accounts", "111122223333"], "belong together"),
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


def test_nothing_is_lost_where_many_are_asked_at_a_time(aws, capsys):
    for number in range(40):
        bucket(aws, f"media-{number}", *ours(f"media-{number}", OTHER if number % 4 == 0 else DOMAIN))

    run(capsys)
    _, found, told = run(capsys, "--workers", "8")

    assert len({one["resource"] for one in found if one["id"] == "CHECK005"}) == 10
    assert "40 buckets" in told
    assert granted()
