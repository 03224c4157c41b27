"""The page to sign: from an assembly to HTML, to a real browser's screen and paper."""

import html
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from dev.browser import Browser, View
from iconik_construct import IconikGuardrail, IconikStorage, StorageEncryption
from iconik_construct.assessment import Question, Verdict, assess
from iconik_construct.assessment.fact import Found, NotConfigured
from iconik_construct.assessment.facts import BucketFacts, KeyFacts
from iconik_construct.cli.main import main
from iconik_construct.judge import own
from iconik_construct.report.model import Report, Storage
from iconik_construct.report.page import page, verdict_text

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
OTHER = "5d0a9f3e-2c1b-4f6a-8a4e-7b9c1d2e3f02"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROLE = "arn:aws:iam::283217727627:role/IconikS3AccessRole"


def app_in(folder):
    app = cdk.App(outdir=str(folder))
    return app, cdk.Stack(app, "Media", env=cdk.Environment(account="123456789012", region="eu-west-1"))


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """An assembly of three storages: new, new with a key, adopted."""
    folder = tmp_path_factory.mktemp("three")
    app, stack = app_in(folder)
    IconikStorage(
        stack, "Masters", system_domain_id=DOMAIN, encryption=StorageEncryption.KMS, bucket_name="acme-masters"
    )
    IconikStorage(stack, "Proxies", system_domain_id=DOMAIN, bucket_name="acme-proxies")
    adopted = s3.Bucket.from_bucket_name(stack, "Bucket", "acme-old")
    IconikStorage(
        stack, "Old", system_domain_id=DOMAIN, bucket=adopted, encryption_key=kms.Key.from_key_arn(stack, "Key", KEY)
    )
    app.synth()
    return folder


def write(folder, output, *more, domain=DOMAIN):
    arguments = [
        "--assembly",
        str(folder),
        "--system-domain-id",
        domain,
        "--output",
        str(output),
        "--date",
        "2026-11-25",
    ]
    return main(["report", *arguments, *more])


class Text(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


def read(output):
    parser = Text()
    parser.feed(output.read_text())
    return parser, " ".join(" ".join(parser.text).split())


def test_it_says_who_may_what_by_which_policy_and_which_code_runs(three, tmp_path, capsys):
    # Of the adopted bucket only the statements of the app were read.
    assert write(three, tmp_path / "r.html") == 1

    _, text = read(tmp_path / "r.html")
    assert "UNKNOWN: Media: acme-old" in text
    assert "A policy or setting that decides who has access could not be read (ICONIK190)" in capsys.readouterr().out
    for name in ("acme-masters", "acme-proxies", "acme-old"):
        assert name in text
    assert "s3:PutBucketPolicy" in text
    assert "Adoption" in text
    assert len(set(re.findall("SHA-256 ([0-9a-f]{64})", text))) >= 5
    assert "iconik-construct report --assembly" in text


def test_it_is_the_same_in_every_run_but_for_the_date(three, tmp_path):
    write(three, tmp_path / "r.html")
    first = (tmp_path / "r.html").read_text()
    write(three, tmp_path / "r.html")
    assert (tmp_path / "r.html").read_text() == first
    write(three, tmp_path / "r.html", "--date", "2027-01-01")
    assert (tmp_path / "r.html").read_text().replace("2027-01-01", "2026-11-25") == first


def test_the_hash_changes_with_a_policy(tmp_path):
    hashes = set()
    for number, domain in enumerate((DOMAIN, OTHER)):
        app, stack = app_in(tmp_path / f"out{number}")
        IconikStorage(stack, "Masters", system_domain_id=domain, bucket_name="acme-masters")
        app.synth()
        write(tmp_path / f"out{number}", tmp_path / "r.html", domain=domain)
        hashes.add(re.search("SHA-256 of all policies</dt><dd>([0-9a-f]+)", (tmp_path / "r.html").read_text())[1])
    assert len(hashes) == 2


def test_new_buckets_run_no_code(tmp_path):
    app, stack = app_in(tmp_path / "out")
    IconikStorage(stack, "Masters", system_domain_id=DOMAIN)
    app.synth()

    assert write(tmp_path / "out", tmp_path / "r.html") == 0
    _, text = read(tmp_path / "r.html")
    assert "No other iconik customer and no other AWS account has access." in text
    assert "Code that runs in the account None." in text


def test_access_of_a_stranger_is_the_verdict(tmp_path, capsys):
    app, stack = app_in(tmp_path / "out")
    storage = IconikStorage(stack, "Masters", system_domain_id=DOMAIN, bucket_name="acme-masters")
    storage.bucket.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["s3:GetObject"],
            principals=[iam.ArnPrincipal(ROLE)],
            resources=[storage.bucket.arn_for_objects("*")],
        )
    )
    app.synth()

    assert write(tmp_path / "out", tmp_path / "r.html") == 1
    assert "A statement allows iconik without a condition on the tag" in capsys.readouterr().out
    text = (tmp_path / "r.html").read_text()
    assert 'class="verdict not_good"' in text
    assert "access denied" not in text


@pytest.mark.parametrize("action", ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"])
def test_a_stranger_with_a_part_of_the_key_is_the_verdict(tmp_path, capsys, action):
    app, stack = app_in(tmp_path / "out")
    storage = IconikStorage(stack, "Masters", system_domain_id=DOMAIN, encryption=StorageEncryption.KMS)
    storage.encryption_key.add_to_resource_policy(
        iam.PolicyStatement(actions=[action], principals=[iam.ArnPrincipal(ROLE)], resources=["*"])
    )
    app.synth()

    assert write(tmp_path / "out", tmp_path / "r.html") == 1
    assert "(ICONIK001)" in capsys.readouterr().out


def test_another_domain_than_the_one_that_was_asked_for(three, tmp_path, capsys):
    assert write(three, tmp_path / "r.html", domain=OTHER) == 1
    assert "(ICONIK003)" in capsys.readouterr().out


def test_accepted_findings_are_there_with_their_reasons_and_count(tmp_path, capsys):
    folder = tmp_path / "out"
    app, stack = app_in(folder)
    cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=[DOMAIN]))
    IconikStorage(stack, "Masters", system_domain_id=DOMAIN, bucket_name="acme-masters")
    other = s3.Bucket(stack, "Other", enforce_ssl=True)
    other.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["s3:GetObject"], principals=[iam.ArnPrincipal(ROLE)], resources=[other.arn_for_objects("*")]
        )
    )
    accepted = cdk.Acknowledgment(id="iconik-guardrail::ICONIK001", reason="<b>a trial</b>")
    cdk.Validations.of(stack).acknowledge(accepted)
    app.synth()
    if not (folder / "validation-report.json").exists():
        pytest.fail("the assembly holds no report of its validation")

    # The guardrail accepts it. Other customers have access all the same, and check says so too.
    assert write(folder, tmp_path / "r.html") == 1
    assert "(ICONIK001)" in capsys.readouterr().out
    assert html.escape("<b>a trial</b>") in (tmp_path / "r.html").read_text()


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'); --",
    "\u202egnp.exe",
    "\x1b[31m",
    "&lt;b&gt;",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_anywhere_is_text(text):
    statement = {
        "Sid": text,
        "Effect": "Allow",
        "Principal": {"AWS": ROLE},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::b/{text}*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": text}},
    }
    policy = Found({"Version": "2012-10-17", "Statement": [statement, {**statement, "Principal": {"AWS": text}}]})
    key = KeyFacts(named=text, description=NotConfigured(), policy=policy)
    facts = BucketFacts(name=text, region=text, policy=policy, keys=(key,))
    assessment = assess(facts, Question((DOMAIN,)))
    storage = Storage(
        name=text, account=text, region=text, assessments=(assessment,), settings=((text, text),), differs=(text,)
    )
    made = Report(
        system_domain_ids=(DOMAIN,),
        storages=(storage,),
        obtained=text,
        command=text,
        date=text,
        differs=(text,),
        not_judged=((text, text),),
    )
    found = page(made)

    parser = Text()
    parser.feed(found)
    assert {tag for tag, _ in parser.tags} <= ALLOWED
    assert not [name for _, attributes in parser.tags for name in attributes if name.startswith("on")]
    assert not {"\u202e", "\x1b"} & set(found)


def test_a_shortened_statement_has_no_half_of_a_mark():
    account = own("AWS::AccountId")
    statements = [
        {"Effect": "Allow", "Principal": {"AWS": [f"arn:aws:iam::{account}:role/{'x' * length}"] * 4}, "Action": "*"}
        for length in range(40)
    ]
    facts = BucketFacts(name="media", policy=Found({"Version": "2012-10-17", "Statement": statements}))
    storage = Storage(name="", account="", region="", assessments=(assess(facts, Question((DOMAIN,))),))
    found = page(Report(system_domain_ids=(DOMAIN,), storages=(storage,), obtained="", command="", date=""))

    assert found.count("for arn:aws:iam::${AWS::AccountId}:role/") == len(statements)
    assert "\N{REPLACEMENT CHARACTER}" not in found


ALLOWED = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "header",
        "section",
        "div",
        "h1",
        "h2",
        "h3",
        "p",
        "br",
    ),
    *("dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "pre", "strong"),
    *("details", "summary", "svg", "rect", "text", "path", "a"),
}


def test_the_page_makes_no_requests_and_says_so(three, tmp_path):
    write(three, tmp_path / "r.html")
    parser, _ = read(tmp_path / "r.html")

    (policy,) = [attributes["content"] for tag, attributes in parser.tags if attributes.get("http-equiv")]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert {tag for tag, _ in parser.tags} <= ALLOWED
    assert not [one for _, attributes in parser.tags for one in attributes if one in {"src", "style"}]
    # A link asks for nothing until somebody follows it.
    assert {tag for tag, attributes in parser.tags if "href" in attributes} <= {"a"}


def test_an_empty_report_is_not_good():
    empty = Report(system_domain_ids=(DOMAIN,), storages=(), obtained="", command="", date="")
    assert verdict_text(empty) == "NOT OK: nothing here allows iconik."
    assert empty.verdict is Verdict.NOT_GOOD


def test_the_record_beside_the_page(three, tmp_path):
    write(three, tmp_path / "r.html", "--json", str(tmp_path / "r.json"))
    record = json.loads((tmp_path / "r.json").read_text())

    assert (record["version"], record["verdict"]) == (1, "unknown")
    assert record["sha256"] in (tmp_path / "r.html").read_text()
    assert [storage["name"] for storage in record["storages"]] == [
        "Media/Masters: acme-masters",
        "Media/Proxies: acme-proxies",
        "Media: acme-old",
    ]
    assert all(len(policy["sha256"]) == 64 for storage in record["storages"] for policy in storage["policies"])


def test_the_page_on_standard_output(three, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    write(three, "-")
    captured = capsys.readouterr()
    assert captured.out.lstrip().startswith("<!doctype html>")
    assert captured.err.startswith("UNKNOWN: ")
    assert not (tmp_path / "-").exists()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["/dev/full"], "/dev/full cannot be written: No space left on device"),
        (["r.html", "--json", "/dev/full"], "/dev/full cannot be written: No space left on device"),
        (["no/r.html"], "no/r.html cannot be written: No such file or directory"),
        (["r.html", "--json", "./r.html"], "--output and --json must name two files, got r.html twice"),
        (["r.html", "--date", "30.11.2026"], "--date must be a date such as 2026-11-30, got '30.11.2026'"),
    ],
)
def test_what_cannot_be_written_is_named(three, capsys, monkeypatch, arguments, text):
    monkeypatch.chdir(three.parent)

    assert write(three, *arguments) == 2
    assert capsys.readouterr().err == f"iconik-construct report: {text}\n"


def test_options_without_effect_are_refused(three, tmp_path, capsys):
    for option in (("--profile", "x"), ("--region", "eu-west-1"), ("--key-arn", KEY)):
        assert write(three, tmp_path / "r.html", *option) == 2
        assert f"{option[0]} has no effect with --assembly" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--assembly", "nowhere"], "cannot read nowhere/manifest.json"),
        (["--assembly", "."], "manifest.json"),
    ],
)
def test_a_folder_that_is_no_assembly(tmp_path, capsys, monkeypatch, arguments, text):
    monkeypatch.chdir(tmp_path)
    assert main(["report", *arguments, "--system-domain-id", DOMAIN, "--output", "r.html"]) == 2
    assert text in capsys.readouterr().err
    assert not Path("r.html").exists()


def test_it_needs_neither_jsii_nor_boto3(three, tmp_path):
    code = (
        "import sys; from iconik_construct.cli.main import main;"
        f"main(['report', '--assembly', {str(three)!r}, '--system-domain-id', {DOMAIN!r}, '--output', 'r.html']);"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'aws_cdk', 'jsii', 'boto3'}))"
    )
    printed = subprocess.check_output([sys.executable, "-c", code], cwd=tmp_path, text=True)  # noqa: S603 - this one
    assert printed.splitlines()[-1] == "[]"


@pytest.fixture(scope="module")
def five(tmp_path_factory):
    """An assembly of five storages, one of them adopted, one with statements of others."""
    folder = tmp_path_factory.mktemp("five")
    app, stack = app_in(folder)
    for name in ("Masters", "Proxies", "Archive"):
        IconikStorage(stack, name, system_domain_id=DOMAIN, encryption=StorageEncryption.KMS)
    IconikStorage(stack, "Old", system_domain_id=DOMAIN, bucket=s3.Bucket.from_bucket_name(stack, "Bucket", "acme-old"))
    shared = IconikStorage(stack, "Shared", system_domain_id=DOMAIN).bucket
    shared.add_to_resource_policy(
        iam.PolicyStatement(
            sid="Vendor",
            principals=[iam.AccountPrincipal("444455556666")],
            actions=["s3:GetObject"],
            resources=[shared.arn_for_objects("*")],
        )
    )
    app.synth()
    return folder


def test_five_storages_are_short_on_a_phone(five, tmp_path):
    output = tmp_path / "r.html"
    write(five, output)

    with Browser() as browser:
        [seen] = browser.look([View(output.as_uri(), width=390, is_printed=False)])

    assert seen.height < 6_000


def test_findings_that_differ_in_the_place_only_are_one_line(five, tmp_path):
    output = tmp_path / "r.html"
    write(five, output)

    assert output.read_text().count(">ICONIK190</a>") == 1
    assert output.read_text().count(">ICONIK191</a>") == 1


def test_it_looks_right_on_a_desk_on_a_phone_in_the_dark_and_on_paper(three, tmp_path):
    output = tmp_path / "r.html"
    write(three, output)
    schemes = ("light", "dark")
    views = [View(output.as_uri(), width=width, scheme=scheme) for width in (390, 1400) for scheme in schemes]

    with Browser() as browser:
        found = browser.look(views)

    for one in found:
        assert not one.sticks_out, one.sticking_out
        assert one.faint == ()
        assert one.texts > 100
        assert (one.refused, one.errors) == ((), ())
        assert one.printed_pages <= 3
