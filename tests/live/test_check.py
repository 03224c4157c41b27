"""`iconik-construct check` on buckets made by hand: what it finds, and that it finds nothing else."""

import json

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from situations import BLOCK, DOMAIN, HEALTHY, NAME, ROOT, SITUATIONS, TLS, World, granted, key_granted

from iconik_construct.access.statements import bucket_statements
from iconik_construct.assessment.rules import RULES
from iconik_construct.cli.main import main
from iconik_construct.live.calls import CALLS, minimal_policy


def run(capsys, *more, name=NAME):
    code = main(["check", name, "--system-domain-id", DOMAIN, "--json", *more])
    return code, json.loads(capsys.readouterr().out)


def ids(shown):
    return {found["id"] for found in shown["findings"]}


ERRORS = {rule.id for rule in RULES if rule.severity == "error"}


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_situation_gives_its_finding_and_no_other(aws, capsys, name):
    spoil, expected = SITUATIONS[name]
    spoil(World(aws))

    code, shown = run(capsys)

    assert ids(shown) == expected
    assert code == (1 if expected & ERRORS else 0)


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_bucket_is_good(aws, capsys, name):
    HEALTHY[name](World(aws))

    code, shown = run(capsys)

    assert (code, shown["findings"]) == (0, [])
    assert all(line["callers"]["your domain"]["answer"] == "yes" for line in shown["table"] if line["wanted"])
    assert all(
        cell["answer"] == "no"
        for line in shown["table"]
        for caller, cell in line["callers"].items()
        if caller != "your domain"
    )


def test_a_bucket_that_is_not_there(aws, capsys):
    code, shown = run(capsys, name="nowhere")

    assert (code, ids(shown)) == (1, {"ICONIK192"})


def test_a_name_with_dots(aws, capsys):
    aws("s3").create_bucket(Bucket="acme.media", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    assert "ICONIK155" in ids(run(capsys, name="acme.media")[1])


def test_if_one_of_several_keys_allows_iconik_the_rows_stay(aws, capsys):
    world = World(aws)
    world.encrypt(ROOT)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [ROOT, key_granted()]})
    another = aws("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]

    main(["check", NAME, "--system-domain-id", DOMAIN, "--key-arn", another])

    assert " no* " not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("denied", "rows"),
    [
        (["kms:Decrypt"], {"read objects", "upload in parts"}),
        (["kms:GenerateDataKey"], {"write objects", "upload in parts"}),
        ([], set()),
    ],
)
def test_what_the_key_keeps_iconik_from_is_no_yes(aws, capsys, denied, rows):
    world = World(aws)
    deny_all = {"Sid": "Inside", "Effect": "Deny", "Principal": "*", "Action": denied, "Resource": "*"}
    world.encrypt(ROOT, key_granted(), *([deny_all] if denied else []))

    main(["check", NAME, "--system-domain-id", DOMAIN])

    text = capsys.readouterr().out
    assert {line.partition("  ")[0].strip() for line in text.splitlines() if " no* " in line} == rows
    assert ("* The bucket policy allows iconik, but iconik cannot use the key" in text) is bool(rows)


def test_it_says_which_key_it_looked_at_and_long_answers_keep_their_columns(aws, capsys):
    world = World(aws)
    main(["check", NAME, "--system-domain-id", DOMAIN])
    assert "no KMS key. If older objects have one, name it with --key-arn" in capsys.readouterr().out

    world.encrypt(ROOT, key_granted())
    world.policy(
        *granted(), {**TLS, "Sid": "Theirs", "Condition": {"StringLike": {"aws:userId": "AROAAAAAAAAAAAAAAAAAA:*"}}}
    )
    main(["check", NAME, "--system-domain-id", DOMAIN])

    lines = capsys.readouterr().out.splitlines()
    at = lines.index(f"key: {world.key.rpartition('/')[2]}")
    head, *rows = lines[at + 2 :]
    at = head.index("other domain")
    assert any("depends" in row[:at] for row in rows)
    assert {row[at - 2 : at + 1] for row in rows[: rows.index("")]} <= {"  n", "  d", "  y"}


def test_the_first_line_is_the_answer(aws, capsys):
    world = World(aws)
    good = "OK: iconik has access for your domain. No other iconik customer and no other AWS account has access."

    assert main(["check", NAME, "--system-domain-id", DOMAIN]) == 0
    assert " ".join(capsys.readouterr().out.split()).startswith(good)

    world.s3.delete_bucket_cors(Bucket=NAME)
    assert main(["check", NAME, "--system-domain-id", DOMAIN]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert text.startswith(good)
    assert "WARNING ICONIK140" in text

    world.policy()
    assert main(["check", NAME, "--system-domain-id", DOMAIN]) == 1
    assert capsys.readouterr().out.startswith("NOT OK: iconik lacks access that it should have.\n")


def test_other_accounts_that_the_policies_name_are_named_and_no_fault(aws, capsys):
    """A foreign account with s3:* or kms:* is not among those without access."""
    world = World(aws)
    foreign = {"Sid": "Partner", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999988887777:root"}}
    world.policy(*granted(), {**foreign, "Action": "s3:*", "Resource": f"arn:aws:s3:::{NAME}"})
    world.encrypt(ROOT, key_granted(), {**foreign, "Action": "kms:*", "Resource": "*"})

    code, shown = run(capsys)
    main(["check", NAME, "--system-domain-id", DOMAIN])
    text = " ".join(capsys.readouterr().out.split())

    assert (code, shown["verdict"]) == (0, "good")
    assert {(each["account"], each["actions"]) for each in shown["other_accounts"]} == {
        ("999988887777", "s3:*"),
        ("999988887777", "kms:*"),
    }
    assert "no other AWS account except those that are named below." in text
    assert "999988887777, by 'Partner' in the bucket policy: s3:*" in text


@pytest.mark.parametrize(
    "action",
    ["s3:GetObjectVersion", "s3:ListBucketVersions", "s3:PutBucketAcl", "s3:ReplicateObject", "s3:GetObjectAcl"],
)
def test_any_action_for_everyone_is_a_finding(aws, capsys, action):
    """Not only the actions of the table are asked of others."""
    world = World(aws)
    world.s3.put_public_access_block(Bucket=NAME, PublicAccessBlockConfiguration=dict.fromkeys(BLOCK, False))
    everyone = {"Sid": "PublicRead", "Effect": "Allow", "Principal": "*", "Action": action,
                "Resource": [f"arn:aws:s3:::{NAME}", f"arn:aws:s3:::{NAME}/*"]}  # fmt: skip
    world.policy(*granted(), everyone)

    code, shown = run(capsys)

    assert (code, shown["verdict"]) == (1, "not_good")
    assert "ICONIK004" in ids(shown)
    assert any(action in found["message"] for found in shown["findings"])


def test_an_assumption_is_printed(aws, capsys):
    HEALTHY["the whole organisation beside"](World(aws))

    assert main(["check", NAME, "--system-domain-id", DOMAIN]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "assuming that aws:PrincipalOrgID o-abcdefghij is not the organisation of iconik or of an account" in text


def test_prefixes_and_permissions_say_what_is_meant(aws, capsys):
    from iconik_construct import IconikPermissions  # noqa: PLC0415

    World(aws).policy(*granted(IconikPermissions.read("masters/")))

    assert ids(run(capsys, "--permissions", "read", "--prefix", "masters/")[1]) == set()
    assert ids(run(capsys, "--permissions", "read")[1]) == {"ICONIK015"}
    assert "ICONIK013" in ids(run(capsys, "--prefix", "masters/")[1])


def mixed():
    """What iconik may read in one place and write in another, as a storage of several permissions has it."""
    from iconik_construct import IconikPermissions  # noqa: PLC0415

    several = [IconikPermissions.read("masters/"), IconikPermissions.write("proxies/", delete=False)]
    return bucket_statements(several, [DOMAIN], f"arn:aws:s3:::{NAME}", cors_by_iconik=True)


@pytest.mark.parametrize(
    ("options", "partly", "too_much"),
    [
        (["--permissions", "read", "--prefix", "masters/"], {"write", "multipart"}, {"s3:PutObject"}),
        (
            ["--permissions", "write", "--prefix", "proxies/", "--no-delete"],
            {"read", "list", "restore"},
            {"s3:GetObject", "s3:ListBucket"},
        ),
    ],
)
def test_what_iconik_may_elsewhere_is_no_no(aws, capsys, options, partly, too_much):
    World(aws).policy(*mixed())

    code, shown = run(capsys, *options)

    answers = {one["use"]: one["callers"]["your domain"]["answer"] for one in shown["table"] if not one["wanted"]}
    assert (code, ids(shown)) == (0, {"ICONIK006"})
    assert {name for name, answer in answers.items() if answer == "partly"} == partly
    said = " ".join(one["message"] for one in shown["findings"])
    assert all(action in said for action in too_much)


def test_the_same_elsewhere_is_too_much_too(aws, capsys):
    from iconik_construct import IconikPermissions  # noqa: PLC0415

    World(aws).policy(*granted(IconikPermissions.read("masters/", "drafts/")))

    assert ids(run(capsys, "--permissions", "read", "--prefix", "masters/")[1]) == {"ICONIK006"}


def test_more_than_is_meant_is_a_warning(aws, capsys):
    World(aws)

    code, shown = run(capsys, "--permissions", "read")

    assert (code, ids(shown)) == (0, {"ICONIK006"})


def test_the_text_names_the_statement_and_the_fix_in_80_columns(aws, capsys):
    spoil, _ = SITUATIONS["a Deny of other organisations"]
    spoil(World(aws))

    code = main(["check", NAME, "--system-domain-id", DOMAIN])

    text = capsys.readouterr().out
    assert code == 1
    assert "ERROR ICONIK012: A Deny blocks iconik" in text
    assert "'Theirs' denies iconik s3:" in " ".join(text.split())
    assert "Fix: Exempt iconik's role in the Deny" in text
    assert max(map(len, text.splitlines())) < 80


@pytest.mark.parametrize(
    ("situation", "said"),
    [
        ("a prefix where all is meant", "in a part of the bucket only: Condition StringLike s3:prefix (masters/*) Fix"),
        (
            "a prefix where all is meant",
            "a part of the bucket only: Resource (arn:aws:s3:::acme-media/masters/*) Fix",
        ),
        ("an ACL for everyone", "NOT OK: Others have access. acme-media, "),
        ("CORS without uploads", "the CORS rules: the missing methods are POST, PUT Fix"),
    ],
)
def test_the_text_says_once_what_is_certain(situation, said, aws, capsys):
    spoil, _ = SITUATIONS[situation]
    spoil(World(aws))

    main(["check", NAME, "--system-domain-id", DOMAIN])

    assert said in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["check"], "required: BUCKET"),
        (["check", NAME], "'--system-domain-id' must be given"),
        (["check", NAME, "--system-domain-id", "x"], "'--system-domain-id' must be a UUID"),
        (["check", "No_Name", "--system-domain-id", DOMAIN], "'BUCKET' must be 3 to 63 lower case letters"),
        (["check", "s3://media/x", "--system-domain-id", DOMAIN], "got 's3://media/x'. Write 'media'."),
        (["check", "arn:aws:s3:::media", "--system-domain-id", DOMAIN], "got 'arn:aws:s3:::media'. Write 'media'."),
        (["check", "arn:aws:s3:::media/a/*", "--system-domain-id", DOMAIN], "Write 'media'."),
        (["check", "https://media.s3.eu-west-1.amazonaws.com/a", "--system-domain-id", DOMAIN], "Write 'media'."),
        (["check", "https://s3.amazonaws.com/media/a", "--system-domain-id", DOMAIN], "Write 'media'."),
        (["check", "media.s3-eu-west-1.amazonaws.com", "--system-domain-id", DOMAIN], "Write 'media'."),
        (["check", "S3://Media", "--system-domain-id", DOMAIN], "Write the name of the bucket."),
        (["check", "", "--system-domain-id", DOMAIN], "Write the name of the bucket."),
        (["report", "--bucket", "s3://media", "--output", "x", "--system-domain-id", DOMAIN], "Write 'media'."),
        (["audit", "--storage", "s3://media", "--system-domain-id", DOMAIN], "Write 'media'."),
        (["statements", "--bucket", "s3://media", "--system-domain-id", DOMAIN], "Write 'media'."),
        (["check", NAME, "--system-domain-id", DOMAIN, "--endpoint-url", "x"], "--endpoint-url must begin with"),
        (["check", NAME, "--system-domain-id", DOMAIN, "--profile", "nobody"], "nobody"),
        (["check", NAME, "--system-domain-id", DOMAIN, "--prefix", "masters"], "'prefixes'"),
    ],
)
def test_a_wrong_call_says_what_is_wrong_and_asks_nothing(aws, capsys, arguments, text):
    assert main(arguments) == 2
    assert text in capsys.readouterr().err
    assert aws.calls == []


FAULTS = {
    "denied": ClientError(
        {"Error": {"Code": "AccessDenied", "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "X"
    ),
    "throttled": ClientError(
        {"Error": {"Code": "SlowDown", "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 503}}, "X"
    ),
    "gone": ClientError(
        {"Error": {"Code": "NoSuchBucket", "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 404}}, "X"
    ),
    "unheard": ClientError({"Error": {"Code": "Odd"}, "ResponseMetadata": {"HTTPStatusCode": 400}}, "X"),
    "silent": EndpointConnectionError(endpoint_url="https://aws"),
}
DECIDING = {"GetBucketPolicy", "GetBucketEncryption", "GetKeyPolicy", "DescribeKey"}


@pytest.mark.parametrize(
    "fault",
    ["denied", "silent", *(pytest.param(name, marks=pytest.mark.proof) for name in ("throttled", "gone", "unheard"))],
)
def test_a_fault_at_any_call_is_a_row_and_never_a_traceback(aws, capsys, fault):
    World(aws, key=True)
    run(capsys)
    operations = sorted({operation for _, operation in aws.calls})
    assert len(operations) > 20
    if fault != "denied":
        # Every other one, and each by two kinds of fault at least.
        operations = operations[list(FAULTS).index(fault) % 2 :: 2]
    for failing in operations:
        aws.fail = lambda operation, failing=failing: FAULTS[fault] if operation == failing else None

        code, shown = run(capsys)

        if failing in DECIDING:
            # What decides is not known: never good.
            assert code == 1, failing
        assert shown["findings"], failing


def test_an_account_that_cannot_be_asked_at_all(aws, capsys):
    aws.fail = lambda _operation: FAULTS["silent"]

    assert main(["check", NAME, "--system-domain-id", DOMAIN, "--json"]) == 3

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("iconik-construct check: AWS did not answer: Could not connect to the endpoint URL")
    assert captured.err.count("\n") == 1


def refused(code, message="", status=403):
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}, "X"
    )


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (refused("RequestTimeTooSkewed", "too large"), "the clock of this machine is wrong: "),
        (refused("SignatureDoesNotMatch", "Signature expired: 1 is now earlier than 2"), "the clock of this machine"),
        # botocore's error from the page of a proxy.
        (refused(""), "AWS did not answer: "),
        (refused("Unknown", "Unknown"), "AWS did not answer: "),
        (refused("407", "<html>" * 100_000, 407), "AWS did not answer: "),
        (KeyError("GetCallerIdentityResult"), "AWS did not answer: the answer lacks 'GetCallerIdentityResult'"),
    ],
)
@pytest.mark.parametrize("command", [["check", NAME], ["audit"]])
def test_why_an_account_cannot_be_asked_is_one_line(aws, capsys, command, error, said):
    aws.fail = lambda _operation: error

    assert main([*command, "--system-domain-id", DOMAIN]) == 3

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"iconik-construct {command[0]}: {said}")
    assert captured.err.count("\n") == 1
    assert len(captured.err) < 1000


@pytest.mark.proof
def test_every_action_of_the_printed_policy_is_missed_where_it_is_taken_away(aws, capsys):
    world = World(aws, key=True)
    world.clients("s3control").create_access_point(AccountId="123456789012", Name="point", Bucket=NAME)
    several = {"Name": "media", "Alias": "mfzwi23gnjvgw.mrap", "Regions": [{"Bucket": NAME}]}
    aws.answers["ListMultiRegionAccessPoints"] = {"AccessPoints": [several]}
    actions = {call.action: call for call in CALLS if call.action}
    granted_actions = {action for one in minimal_policy()["Statement"] for action in one["Action"]}
    assert granted_actions == set(actions)
    run(capsys)
    made = {operation for _, operation in aws.calls}
    for action, call in actions.items():
        operation = "".join(word.title() for word in call.operation.split("_")).replace("Cors", "Cors")
        if operation not in made:
            # Only where there is an organisation, or an analyzer.
            assert call.service in {"organizations", "accessanalyzer"}, operation
            continue
        aws.fail = lambda name, operation=operation: FAULTS["denied"] if name == operation else None
        _, shown = run(capsys)
        if call.service != "sts":
            assert action in {found["action"] for found in shown["findings"]}, action


def test_only_read_only_actions_are_called(aws, capsys):
    for key in (False, True):
        World(aws, key=key) if not key else None
    main(["check", NAME, "--system-domain-id", DOMAIN, "--json"])
    capsys.readouterr()

    assert aws.calls
    assert all(operation.startswith(("Get", "List", "Describe")) for _, operation in aws.calls)


def test_print_policy_asks_nothing(aws, capsys):
    assert main(["check", NAME, "--print-policy"]) == 0

    printed = json.loads(capsys.readouterr().out)
    assert printed == minimal_policy(NAME)
    assert aws.calls == []


def test_names_from_the_account_reach_the_terminal_as_text(aws, capsys):
    World(aws).policy({**TLS, "Sid": "\x1b[31mRed", "Condition": {"Bool": {"x": "y"}}}, *granted())

    main(["check", NAME, "--system-domain-id", DOMAIN])

    text = capsys.readouterr().out
    assert "\x1b" not in text
