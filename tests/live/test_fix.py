"""`iconik-construct check --fix`: the printed commands, followed to the letter, end in exit code 0."""

import json
import re
import shlex

import pytest
from botocore.exceptions import ClientError
from situations import (
    ARN,
    BLOCK,
    BOTH,
    DOMAIN,
    NAME,
    OTHER,
    ROLE,
    ROOT,
    SITUATIONS,
    World,
    allow,
    deny,
    granted,
    key_granted,
    key_policy,
    without_condition,
)

from iconik_construct.access.permissions import IconikPermissions
from iconik_construct.access.statements import key_statement
from iconik_construct.assessment import rules
from iconik_construct.cli.main import main

BY_ID = {rule.id: rule for rule in vars(rules).values() if isinstance(rule, rules.Rule)}
FOREIGN_ORG = {"StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}


def untagged(domain=DOMAIN):
    statements = granted(domain=domain)
    for one in statements:
        without_condition(one)
    return statements


def policy(*statements):
    return lambda world: world.policy(*statements)


def both(*spoils):
    return lambda world: [spoil(world) for spoil in spoils]


ONE_FAULT = {
    name: SITUATIONS[name][0]
    for name in (
        "no policy",
        "only somebody else's statement",
        "another domain's id",
        "the example's id",
        "the example's id beside ours",
        "the id in upper case",
        "another role",
        "read only where writing is meant",
        "a bucket's ARN where an object's is meant",
        "another bucket's ARN",
        "a prefix where all is meant",
        "another condition beside the tag",
        "a Deny of everything",
        "a Deny of deletes",
        "a Deny of other organisations",
        "a Deny beside a VPC endpoint",
        "a Deny beside named roles",
        "a Deny with NotPrincipal",
        "a Deny of iconik's account",
        "a Deny with NotAction",
        "a Deny beside addresses",
        "a Deny of uploads without a header",
        "a Deny of objects with a tag",
        "a Deny of some objects",
        "a Deny of multi-factor",
        "no condition",
        "the tag by IfExists",
        "the tag by a wildcard",
        "the tag by a negation",
        "two ids",
        "iconik's account without the tag",
        "iconik's account as a number",
        "ACLs on",
        "an ACL for everyone",
        "an ACL for another account",
        "neither changing CORS rules nor deleting",
        "a key that forgets iconik",
        "a key for another domain",
        "a key without the tag",
        "a key with a Deny",
        "a key of which only reading is let in",
        "a disabled key",
        "a key pending deletion",
        "a grant to iconik",
    )
}
TWO_FAULTS = {
    "untagged and a Deny": policy(*untagged(), deny(Condition=FOREIGN_ORG)),
    "two Denies": policy(*granted(), deny(Condition=FOREIGN_ORG), deny(Sid="Second", Action="s3:PutObject")),
    "another domain and a Deny with NotPrincipal": policy(
        *granted(domain=OTHER),
        {"Sid": "Inside", "Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::123456789012:role/E"},
         "Action": "s3:*", "Resource": BOTH},
    ),
    "our Sids held by somebody else and nothing for iconik": policy(
        allow(Sid="IconikBucket", Principal={"AWS": "444455556666"}, Action="s3:ListBucket", Resource=ARN),
        allow(Sid="IconikObjects", Principal={"AWS": "444455556666"}),
    ),
    "iconik beside another account without the tag": policy(
        *granted(),
        allow(Sid="Both", Principal={"AWS": ["arn:aws:iam::444455556666:root", ROLE]}),
    ),
    "a bucket and a key without the tag": both(
        policy(*untagged()),
        key_policy(ROOT, {name: value for name, value in key_granted().items() if name != "Condition"}),
    ),
    "a Deny and a key that forgets iconik": both(policy(*granted(), deny(Condition=FOREIGN_ORG)), key_policy(ROOT)),
    "nothing and a key with a Deny": both(
        policy(),
        key_policy(ROOT, key_granted(), {"Sid": "Inside", "Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt",
                                         "Resource": "*", "Condition": FOREIGN_ORG}),
    ),
    "read only and a key for reading": both(
        policy(*granted(IconikPermissions.read())),
        key_policy(ROOT, key_statement([IconikPermissions.read()], [DOMAIN])),
    ),
    "untagged under everyone by the role's name and a Deny": policy(
        *granted(),
        allow(Sid="Named", Principal="*", Condition={"ArnEquals": {"aws:PrincipalArn": ROLE}}),
        deny(Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}}),
    ),
    "upper case and ACLs on": both(SITUATIONS["the id in upper case"][0], SITUATIONS["ACLs on"][0]),
    "IfExists and a disabled key": both(
        SITUATIONS["the tag by IfExists"][0], SITUATIONS["a disabled key"][0]
    ),
}  # fmt: skip


def fix(capsys, *more):
    code = main(["check", NAME, "--system-domain-id", DOMAIN, "--fix", *more])
    return code, capsys.readouterr().out


def check(capsys):
    code = main(["check", NAME, "--system-domain-id", DOMAIN, "--json"])
    return code, json.loads(capsys.readouterr().out)


def follow(aws, text):
    """Do what the printed shell commands say, by boto3."""
    files = dict(re.findall(r"^cat > (\S+) <<'END'\n(.*?)\nEND$", text, re.MULTILINE | re.DOTALL))
    for line in text.splitlines():
        if line.startswith("cat >"):
            # Two keys write the same file, each before its own command.
            name = line.split()[2]
            files[name] = text[text.index(line) :].partition("\n")[2].partition("\nEND")[0]
            text = text[text.index(line) + len(line) :]
        if not line.startswith("aws "):
            continue
        _, service, operation, *rest = shlex.split(line)
        given = dict(zip(rest[::2], rest[1::2], strict=True))
        given.pop("--region", None)
        if operation in {"enable-key", "cancel-key-deletion"}:
            # moto knows a key here by its id only.
            given["--key-id"] = given["--key-id"].rpartition("/")[2]
        call = getattr(aws("s3" if service == "s3api" else service), operation.replace("-", "_"))
        call(**{_parameter(name, service): _value(value, files) for name, value in given.items()})


def _parameter(name, service):
    found = "".join(word.title() for word in name.strip("-").split("-"))
    return found.replace("Acl", "ACL").replace("Cors", "CORS") if service == "s3api" else found


def _value(text, files):
    if text.startswith("file://"):
        return files[text.removeprefix("file://")]
    return json.loads(text) if text.startswith("{") else text


def sids(aws, world):
    found = json.loads(aws("s3").get_bucket_policy(Bucket=NAME)["Policy"])["Statement"]
    if world.key:
        found += json.loads(aws("kms").get_key_policy(KeyId=world.key, PolicyName="default")["Policy"])["Statement"]
    return [one.get("Sid") for one in found if one.get("Sid")]


IN_EVERY_RUN = [*TWO_FAULTS, *list(ONE_FAULT)[::3]]
REST = [pytest.param(name, marks=pytest.mark.proof) for name in ONE_FAULT if name not in IN_EVERY_RUN]


@pytest.mark.parametrize("name", [*IN_EVERY_RUN, *REST])
def test_the_printed_fix_ends_in_exit_code_0(aws, capsys, name):
    """Each fix is the whole policy: no Sid twice, untagged statements replaced, Denies with an exemption."""
    world = World(aws)
    {**ONE_FAULT, **TWO_FAULTS}[name](world)

    code, text = fix(capsys)
    assert code == 1
    follow(aws, text)

    code, shown = check(capsys)
    assert (code, shown["verdict"]) == (0, "good"), shown["findings"]
    found = sids(aws, world)
    assert len(found) == len(set(found))


def test_what_others_may_stays(aws, capsys):
    """Where a statement names iconik and another account, only iconik is taken out of it."""
    world = World(aws)
    TWO_FAULTS["iconik beside another account without the tag"](world)

    follow(aws, fix(capsys)[1])

    held = json.loads(aws("s3").get_bucket_policy(Bucket=NAME)["Policy"])["Statement"]
    (theirs,) = [one for one in held if one["Sid"] == "Both"]
    assert theirs["Principal"] == {"AWS": ["arn:aws:iam::444455556666:root"]}


def test_a_statement_for_everyone_is_reported_and_stays(aws, capsys):
    world = World(aws)
    world.s3.put_public_access_block(Bucket=NAME, PublicAccessBlockConfiguration=dict.fromkeys(BLOCK, False))
    everyone = allow(Sid="Website", Principal="*")
    world.policy(everyone, *untagged())

    code, shown = 1, json.loads(fix(capsys, "--json")[1])
    _, text = fix(capsys)

    (fixed,) = shown["fixes"]
    assert code == 1
    assert everyone in fixed["after"]["Statement"]
    assert {one["Sid"] for one in fixed["difference"]["removed"]} == {"IconikBucket", "IconikObjects"}
    assert {one["Sid"] for one in fixed["difference"]["added"]} == {"IconikBucket", "IconikObjects"}
    assert "ICONIK004" in {one["id"] for one in shown["left"]}
    assert "Correct by hand what no command corrects" in text
    assert "'Website' allows everyone" in " ".join(text.split())


def documents(text):
    """Return the JSON documents in the text, in order."""
    return [json.loads(found) for found in re.findall(r"^[{]$.*?^[}]$", text, re.MULTILINE | re.DOTALL)]


@pytest.mark.parametrize("name", ["two Denies", "a bucket and a key without the tag"])
def test_the_text_has_each_policy_once_before_and_once_after_in_the_order_of_doing(aws, capsys, name):
    """Each step has the difference, the policy before, and the command with the policy after."""
    TWO_FAULTS[name](World(aws))
    fixes = json.loads(fix(capsys, "--json")[1])["fixes"]

    _, text = fix(capsys)

    expected = [document for each in fixes for document in (each["difference"], each["before"], each["after"])]
    assert documents(text) == expected
    steps = [line for line in text.splitlines() if re.match(r"\d+\. ", line)]
    assert [step.split(" ", 2)[:2] for step in steps] == [
        *([f"{number}.", "Write"] for number in range(1, len(fixes) + 1)),
        [f"{len(fixes) + 1}.", "Run"],
    ]
    assert [line.split()[1] for line in text.splitlines() if line.startswith("aws ")] == ["s3api", "kms"][: len(fixes)]


@pytest.mark.parametrize("operation", ["GetBucketPolicy", "GetKeyPolicy"])
def test_a_policy_that_could_not_be_read_is_not_called_right(aws, capsys, operation):
    World(aws, key=True)
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, operation)
    aws.fail = lambda name: denied if name == operation else None

    code, text = fix(capsys)

    assert code == 1
    assert "No policy needs a change" not in text
    assert "ICONIK190" in text


def test_json_has_before_after_and_difference(aws, capsys):
    world = World(aws)
    world.policy(*untagged())
    before = json.loads(aws("s3").get_bucket_policy(Bucket=NAME)["Policy"])

    shown = json.loads(fix(capsys, "--json")[1])

    (fixed,) = shown["fixes"]
    assert fixed["before"] == before
    assert fixed["resource"] == ARN
    assert [one["Condition"]["StringEquals"] for one in fixed["difference"]["added"]] == [
        {"aws:PrincipalTag/IconikSystemDomainId": DOMAIN}
    ] * 2
    assert fixed["commands"][0] == "cat > bucket-policy.json <<'END'"
    assert fixed["commands"][-1] == f"aws s3api put-bucket-policy --bucket {NAME} --policy file://bucket-policy.json"


def test_a_good_bucket_needs_no_fix(aws, capsys):
    World(aws)

    code, text = fix(capsys)

    assert code == 0
    assert text.startswith("No policy needs a change.")


@pytest.mark.parametrize(
    "name", ["no CORS", "CORS for another page", "CORS without uploads", "CORS without ETag", "CORS without headers"]
)
def test_the_printed_rules_let_iconiks_page_upload(aws, capsys, name):
    """The rule for iconik comes first, because S3 applies the first that matches; the others stay."""
    world = World(aws)
    SITUATIONS[name][0](world)

    follow(aws, fix(capsys)[1])

    assert check(capsys) == (0, {**check(capsys)[1], "findings": []})
    held = aws("s3").get_bucket_cors(Bucket=NAME)["CORSRules"]
    assert [one.get("ID") for one in held] == (["iconik"] if name == "no CORS" else ["iconik", None])


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("an access point that is open", "ICONIK019"),
        ("a resource control policy that keeps strangers out", "ICONIK120"),
        ("a key that is not there", "ICONIK111"),
        ("the key of AWS", "ICONIK008"),
        ("a lifecycle that deletes", "ICONIK151"),
    ],
)
def test_what_no_command_corrects_is_listed_with_what_to_do(aws, capsys, name, rule):
    SITUATIONS[name][0](World(aws))

    text = " ".join(fix(capsys)[1].partition("Correct by hand what no command corrects")[2].split())

    assert f"{rule}: " in text
    assert f"Fix: {BY_ID[rule].fix.replace('  ', ' ')}" in text
