"""One bucket, assessed: who has access, by which rule, with which verdict."""

from __future__ import annotations

import json

import pytest

from iconik_construct.access.permissions import IconikPermissions
from iconik_construct.access.statements import bucket_statements, key_statement
from iconik_construct.assessment import Question, Verdict, assess_policy
from iconik_construct.assessment.fact import Found, NotConfigured, Unknown, Why
from iconik_construct.assessment.facts import AccessPointFacts, ControlPolicy, KeyFacts, Organisation, Settings
from iconik_construct.assessment.matrix import ICONIK, Answer
from iconik_construct.judge import own, unknown
from iconik_construct.judge.text import joined
from tests.assessment.asking import (
    ACCOUNT,
    ARN,
    BOTH,
    DOMAIN,
    ENFORCED,
    KEY_ARN,
    NAME,
    OTHER,
    OUR_KEY,
    OURS,
    PERMISSIONS,
    QUESTION,
    ROLE,
    TAG,
    A,
    assessed,
    errors,
    ids,
    key,
    policy,
    statement,
)

GOOD, NOT_GOOD, UNKNOWN = Verdict
RIGHT = {"StringEquals": {TAG: DOMAIN}}


def everyone(condition, **more):
    return statement(Principal="*", Condition=condition, **more)


def test_a_right_bucket_is_good():
    assessment = assessed()
    assert assessment.verdict is GOOD
    assert errors(assessment) == set()
    for row in assessment.rows:
        answers = {caller: cell.answer for caller, cell in row.cells.items()}
        assert answers.pop(ICONIK) is Answer.YES
        assert set(answers.values()) == {Answer.NO}


@pytest.mark.parametrize("named", [ROLE, A, f"arn:aws:iam::{A}:root", f"arn:aws:sts::{A}:assumed-role/Any/x"])
@pytest.mark.parametrize(
    "action",
    ["s3:GetObject", "s3:GetObjectVersion", "s3:PutBucketAcl", "s3:ReplicateObject", "s3:Get*", "s3:NotYetKnown"],
)
def test_a_statement_that_names_iconik_without_the_tag_is_an_error_whatever_its_action(named, action):
    assert errors(assessed(statement(Principal={"AWS": named}, Action=action))) == {"ICONIK001"}


@pytest.mark.parametrize(
    "condition",
    [
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"StringEquals": {"aws:SourceVpc": "vpc-0a1b2c3d"}},
        {"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}},
        {"StringEquals": {"aws:VpceAccount": A}},
        {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
        {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}},
        {"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}},
        {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        {"StringEquals": {"aws:PrincipalTag/Other": DOMAIN}},
        {"StringEquals": {"aws:RequestTag/IconikSystemDomainId": DOMAIN}},
    ],
)
def test_no_other_condition_replaces_the_tag(condition):
    assert errors(assessed(statement(Condition=condition))) == {"ICONIK001"}


@pytest.mark.parametrize(
    ("condition", "rule", "text"),
    [
        ({"StringEquals": {TAG: OTHER}}, "ICONIK003", f"the domain {OTHER}, not yours"),
        ({"StringEquals": {TAG: DOMAIN.upper()}}, "ICONIK003", "lower case"),
        ({"StringEquals": {TAG: [DOMAIN, OTHER]}}, "ICONIK003", OTHER),
        ({"StringEqualsIfExists": {TAG: DOMAIN}}, "ICONIK002", "the operator is StringEqualsIfExists"),
        ({"ForAllValues:StringEquals": {TAG: DOMAIN}}, "ICONIK002", "ForAllValues"),
        ({"StringLike": {TAG: "*"}}, "ICONIK002", "StringLike"),
        ({"StringNotEquals": {TAG: OTHER}}, "ICONIK002", "StringNotEquals"),
        ({"StringEquals": {TAG: unknown("a parameter")}}, "ICONIK009", "a parameter"),
    ],
)
def test_a_near_miss_of_the_tag_says_how_near(condition, rule, text):
    assessment = assessed(statement(Condition=condition))
    [finding] = [each for each in assessment.findings if each.severity == "error"]
    assert finding.id == rule
    assert text in finding.text


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, "ICONIK004"),
        ({"StringEquals": {TAG: DOMAIN}}, "ICONIK004"),
        ({"StringEquals": {"aws:ResourceOrgID": "o-a1b2c3d4e5"}}, "ICONIK004"),
        ({"StringLike": {"aws:PrincipalOrgID": "o-*"}}, "ICONIK004"),
        ({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/IconikS3AccessRole"}}, "ICONIK004"),
        ({"StringNotEquals": {"aws:PrincipalAccount": A}}, "ICONIK004"),
        ({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}, "ICONIK004"),
        ({"IpAddress": {"aws:SourceIp": [f"{n}.0.0.0/4" for n in range(0, 256, 16)]}}, "ICONIK004"),
        ({"IpAddress": {"aws:SourceIp": "1.2.3.4/0"}}, "ICONIK004"),
        ({"IpAddress": {"aws:SourceIp": ["::/1", "8000::/1"]}}, "ICONIK004"),
        ({"NotIpAddress": {"aws:SourceIp": "::/0"}}, "ICONIK004"),
        ({"NotIpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}, "ICONIK004"),
        # Requests through a VPC endpoint have no aws:SourceIp, and everyone can make a VPC endpoint.
        ({"NotIpAddress": {"aws:SourceIp": ["0.0.0.0/0", "::/0"]}}, "ICONIK004"),
        ({"IpAddressIfExists": {"aws:SourceIp": "203.0.113.0/24"}}, "ICONIK004"),
        ({"NotIpAddressIfExists": {"aws:SourceIp": ["0.0.0.0/0", "::/0"]}}, "ICONIK004"),
        ({"Null": {"aws:SourceIp": "true"}}, "ICONIK004"),
        ({"StringEquals": {"aws:PrincipalType": "FederatedUser"}}, "ICONIK004"),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:sts::*:federated-user/*"}}, "ICONIK004"),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:sts::444455556666:federated-user/*"}}, None),
        ({"IpAddress": {"aws:SourceIp": "::ffff:0:0/96"}}, "ICONIK009"),
        ({"IpAddress": {"aws:SourceIp": "::/16"}}, "ICONIK009"),
        ({"IpAddress": {"aws:SourceIp": "::ffff:203.0.113.0/120"}}, None),
        ({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", " 0.0.0.0/0"]}}, "ICONIK009"),
        ({"StringLike": {"aws:SourceIp": "5*"}}, "ICONIK009"),
        ({"StringLike": {"aws:SourceIp": "203.0.113.*"}}, None),
        ({"IpAddress": {"aws:SourceIp": own("Eip")}}, None),
        ({"IpAddress": {"aws:SourceIp": joined(own("Eip"), "/32")}}, None),
        ({"IpAddress": {"aws:SourceIp": joined(own("Instance.Ipv6"), "/128")}}, None),
        ({"IpAddress": {"aws:SourceIp": [joined(own("Eip"), "/32"), "203.0.113.0/24"]}}, None),
        ({"IpAddress": {"aws:SourceIp": joined(own("Eip"), "/8")}}, None),
        ({"IpAddress": {"aws:SourceIp": joined(own("Eip"), "/7")}}, "ICONIK004"),
        ({"IpAddress": {"aws:SourceIp": joined(own("Eip"), "/0")}}, "ICONIK004"),
        ({"IpAddress": {"aws:SourceIp": [joined(own("Eip"), "/32"), "0.0.0.0/1", "128.0.0.0/1"]}}, "ICONIK004"),
        ({"IpAddress": {"aws:SourceIp": joined(own("Eip"), "/", unknown("a parameter"))}}, "ICONIK009"),
        ({"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}, "ICONIK004"),
        ({"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}, "StringEquals": {"aws:SourceVpc": "vpc-0a1b2c3d"}}, None),
        ({"StringLike": {"s3:prefix": "masters/*"}}, "ICONIK004"),
        ({"StringEquals": {"aws:PrincipalAccount": A}}, "ICONIK001"),
        ({"StringEquals": {"aws:VpceAccount": A}}, "ICONIK001"),
        ({"ArnEquals": {"aws:PrincipalArn": ROLE}}, "ICONIK001"),
        ({"StringEquals": {"aws:PrincipalOrgID": unknown("a parameter")}}, "ICONIK009"),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, None),
        ({"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}, None),
        ({"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}}, None),
        ({"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}, None),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, None),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:cloudfront::123456789012:distribution/E1"}}, None),
        ({"Bool": {"aws:PrincipalIsAWSService": "true"}}, None),
        ({"StringLike": {"aws:userid": "*"}}, "ICONIK004"),
        ({"StringLike": {"aws:userid": "*:*"}}, "ICONIK004"),
        ({"StringLike": {"aws:userid": "AROA*"}}, "ICONIK004"),
        ({"StringLike": {"aws:userid": "AROA?????????????????:*"}}, "ICONIK004"),
        ({"StringLike": {"aws:userid": "*:editor"}}, "ICONIK004"),
        ({"StringEquals": {"aws:userid": "${aws:PrincipalAccount}"}}, "ICONIK004"),
        ({"StringNotEquals": {"aws:userid": ACCOUNT}}, "ICONIK004"),
        ({"StringLike": {"aws:userid": "AROAIOSFODNN7EXAMPLE:*"}}, "ICONIK009"),
        ({"StringEquals": {"aws:userid": "AIDAIOSFODNN7EXAMPLE"}}, "ICONIK009"),
        ({"StringEquals": {"aws:userid": [ACCOUNT, "AIDAIOSFODNN7EXAMPLE"]}}, "ICONIK009"),
        ({"StringLike": {"aws:userid": joined(unknown("a parameter"), ":*")}}, "ICONIK009"),
        ({"StringEquals": {"aws:userid": A}}, "ICONIK001"),
        ({"StringEquals": {"aws:userid": f"{A}:editor"}}, "ICONIK001"),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:sts::{A}:federated-user/editor"}}, "ICONIK001"),
        ({"StringEquals": {"aws:userid": ACCOUNT}}, None),
        ({"StringLike": {"aws:userid": joined(own("Role.RoleId"), ":*")}}, None),
        ({"StringEquals": {"aws:Ec2InstanceSourceVpc": "vpc-0a1b2c3d"}}, None),
        ({"StringEquals": {"aws:Ec2InstanceSourceVpc": "${aws:SourceVpc}"}}, "ICONIK004"),
        ({"StringLike": {"aws:Ec2InstanceSourceVpc": "*"}}, "ICONIK004"),
        ({"StringLike": {"aws:Ec2InstanceSourcePrivateIPv4": "10.1.2.3"}}, "ICONIK004"),
        ({"StringEquals": {"identitystore:UserId": "906abcde-1234-5678-9abc-0123456789ab"}}, None),
    ],
)
def test_a_statement_for_everyone_is_decided_by_its_conditions(condition, expected):
    assert errors(assessed(everyone(condition))) == ({expected} if expected else set())


@pytest.mark.parametrize(
    "key",
    ["aws:ChatbotSourceArn", "ec2:SourceInstanceARN", "lambda:SourceFunctionArn", "s3:AccessGrantsInstanceArn"],
)
@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        (f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:transcode", None),
        (f"arn:aws:lambda:*:{ACCOUNT}:function:*", None),
        (joined("arn:aws:lambda:*:", own("AWS::AccountId"), ":function:*"), None),
        (own("Function.Arn"), None),
        ("arn:aws:lambda:eu-west-1:444455556666:function:transcode", None),
        (f"arn:aws:lambda:eu-west-1:{A}:function:transcode", "ICONIK001"),
        (unknown("a parameter"), "ICONIK009"),
        ("arn:aws:lambda:*:*:function:*", "ICONIK004"),
        ("arn:aws-cn:lambda:*:*:function:*", "ICONIK004"),
        ("*", "ICONIK004"),
    ],
)
def test_a_source_of_credentials_is_of_the_account_in_its_arn(key, arn, expected):
    assessment = assessed(everyone({"ArnLike": {key: arn}}))
    assert errors(assessment) == ({expected} if expected else set())
    is_foreign = isinstance(arn, str) and "444455556666" in arn
    assert [each.account for each in assessment.other_accounts] == (["444455556666"] if is_foreign else [])


def test_a_unique_id_in_a_key_policy_is_not_everyone():
    for condition, rule in (("AROAIOSFODNN7EXAMPLE:*", "ICONIK009"), (ACCOUNT, None), ("*", "ICONIK004")):
        allow = statement(Principal="*", Action="kms:Decrypt", Condition={"StringLike": {"aws:userid": condition}})
        assert errors(assessed(keys=[key(OUR_KEY, {**allow, "Resource": "*"})])) == ({rule} if rule else set())


@pytest.mark.parametrize(
    ("networks", "written"),
    [
        (["52.0.0.0/7"], "52.0.0.0/7"),
        ([unknown("a parameter"), "203.0.113.0/24"], "${a parameter}, 203.0.113.0/24"),
        (["203.0.113.0/24", " 0.0.0.0/0"], "203.0.113.0/24,  0.0.0.0/0"),
    ],
)
def test_a_finding_about_addresses_quotes_the_policy(networks, written):
    assessment = assessed(everyone({"IpAddress": {"aws:SourceIp": networks}}))
    [finding] = [each for each in assessment.findings if each.severity == "error"]
    assert finding.text.endswith(f"aws:sourceip {written}")


@pytest.mark.parametrize("number", ["0x41f1c57bab", "283_217_727_627", "2.83217727627e11", "0o4076146512713"])
def test_an_account_in_another_notation_of_yaml_may_be_iconik(number):
    """CloudFormation reads YAML 1.1, in which these are numbers."""
    assert errors(assessed(statement(Principal={"AWS": number}))) == {"ICONIK009"}
    assert errors(assessed(statement(Principal={"AWS": "999988887777"}))) == set()


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringLike": {"s3:DataAccessPointAccount": "*"}}, True),
        ({"StringLike": {"s3:DataAccessPointAccount": "4444*"}}, True),
        ({"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:*:*:accesspoint/*"}}, True),
        ({"StringLike": {"s3:DataAccessPointArn": "arn:aws:s3:eu-west-1:*:accesspoint/team-*"}}, True),
        ({"StringEquals": {"s3:DataAccessPointAccount": "444455556666"}}, False),
        ({"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:*:444455556666:accesspoint/*"}}, False),
    ],
)
def test_access_points_of_every_account_are_everyone(condition, expected):
    assert ("ICONIK004" in ids(assessed(everyone(condition)))) is expected


@pytest.mark.parametrize("provider", ["cognito-identity.amazonaws.com", "accounts.google.com", "*"])
def test_an_identity_provider_of_every_account_may_be_everyone(provider):
    assert errors(assessed(statement(Principal={"Federated": provider}))) == {"ICONIK009"}
    own_provider = f"arn:aws:iam::{ACCOUNT}:saml-provider/acme"
    assert errors(assessed(statement(Principal={"Federated": own_provider}))) == set()


def test_an_answer_lists_its_assumptions():
    assessment = assessed(everyone({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}))
    assert assessment.verdict is GOOD
    assert [text for text in assessment.assumptions if "aws:PrincipalOrgID o-a1b2c3d4e5" in text]
    assert assessed().assumptions == ()


def test_a_network_perimeter_does_not_block_a_service_that_acts_for_another_account():
    """AWS's sample exempts such services, for example Athena: every account can use them."""
    public = everyone(None, Action="s3:GetObject", Resource=f"{ARN}/*")
    network = {"NotIpAddressIfExists": {"aws:SourceIp": "203.0.113.0/24"}}
    perimeter = statement("Deny", Sid="No", Principal="*", Action="s3:*", Resource=[ARN, f"{ARN}/*"], Condition=network)
    assert "ICONIK004" not in errors(assessed(public, perimeter))
    exempt = {**network, "BoolIfExists": {"aws:ViaAWSService": "false"}}
    assert "ICONIK004" in errors(assessed(public, {**perimeter, "Condition": exempt}))


@pytest.mark.parametrize(
    ("exempt", "is_closed"),
    [
        ({}, True),
        ({"StringNotEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}}, True),
        ({"Null": {"aws:SourceIp": "false"}}, False),
        ({"StringNotEquals": {"aws:PrincipalType": "FederatedUser"}}, False),
        ({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:sts::*:federated-user/*"}}, False),
    ],
)
def test_a_deny_that_exempts_requests_without_an_address_or_federated_users_does_not_block_everybody(exempt, is_closed):
    public = everyone(None, Action="s3:GetObjectVersion", Resource=f"{ARN}/*")
    condition = {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}, **exempt}
    assessment = assessed(public, {**public, "Sid": "No", "Effect": "Deny", "Condition": condition})
    assert (assessment.verdict is GOOD) is is_closed


def test_a_deny_that_blocks_everybody_else_closes_a_statement_for_everyone():
    public = everyone(None, Action="s3:GetObject", Resource=f"{ARN}/*")
    away = {"StringNotEquals": {"aws:PrincipalAccount": [A, ACCOUNT]}, "Null": {"aws:PrincipalArn": "false"}}
    blocked = statement("Deny", Sid="No", Principal="*", Action="s3:GetObject", Resource=f"{ARN}/*")
    assert "ICONIK004" in errors(assessed(public, {**blocked, "Condition": away}))
    assert "ICONIK004" not in errors(assessed(public, {**blocked, "Condition": {"StringNotEquals": {TAG: DOMAIN}}}, {
        **blocked, "Condition": {"StringNotEquals": {"aws:PrincipalAccount": [A, ACCOUNT]}}}))  # fmt: skip


def test_an_allow_with_notprincipal_allows_everyone_else():
    named = statement(Principal=None, NotPrincipal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    assert errors(assessed(named)) == {"ICONIK005"}


def test_other_accounts_are_named_and_do_not_change_the_verdict():
    assessment = assessed(statement(Principal={"AWS": "arn:aws:iam::999988887777:root"}, Action="s3:*"))
    assert assessment.verdict is GOOD
    [account] = assessment.other_accounts
    assert (account.account, account.statement, account.actions) == ("999988887777", "'Extra'", "s3:*")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("aws:PrincipalAccount", "{}"),
        ("aws:PrincipalArn", "arn:aws:iam::{}:role/Editor"),
        ("aws:userid", "{}"),
        ("s3:DataAccessPointAccount", "{}"),
        ("s3:DataAccessPointArn", "arn:aws:s3:eu-west-1:{}:accesspoint/media"),
    ],
)
def test_an_account_in_a_condition_is_named_unless_it_is_the_owner(key, value):
    for account, named in (("444455556666", ["444455556666"]), (ACCOUNT, [])):
        assessment = assessed(everyone({"StringEquals": {key: value.format(account)}}))
        assert assessment.verdict is GOOD
        assert [each.account for each in assessment.other_accounts] == named


def test_the_whole_account_with_the_tag_is_a_note():
    assessment = assessed(statement(Principal={"AWS": A}, Condition=RIGHT))
    assert assessment.verdict is GOOD
    assert "ICONIK018" in ids(assessment)


@pytest.mark.parametrize(
    ("condition", "rule"),
    [
        ({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, "ICONIK012"),
        ({"StringNotEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}}, "ICONIK012"),
        ({"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}, "ICONIK012"),
        ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}, "ICONIK012"),
        ({"StringNotEquals": {"aws:ResourceOrgID": "o-a1b2c3d4e5"}}, "ICONIK014"),
        ({"StringNotEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}, "ICONIK012"),
        ({"StringNotEqualsIfExists": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}, "ICONIK012"),
        ({"StringEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}, None),
        ({"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}, None),
        ({"StringNotLike": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}*"}}, "ICONIK014"),
        ({"StringNotEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}, "ICONIK012"),
        ({"StringNotEquals": {"aws:VpceAccount": A}}, "ICONIK014"),
        ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, "ICONIK014"),
        ({"ArnNotEquals": {"aws:PrincipalArn": ROLE}}, None),
        ({"StringNotEquals": {"aws:PrincipalAccount": [ACCOUNT, A]}}, None),
        ({"NumericLessThan": {"s3:TlsVersion": "1.2"}}, None),
        ({"StringLike": {"aws:userid": "AIDA*"}}, None),
        ({"StringNotLike": {"aws:userid": "AROA*"}}, None),
        ({"StringNotLike": {"aws:userid": "AROA?*:*"}}, None),
        ({"StringNotLike": {"aws:userid": "*"}}, None),
        ({"Null": {"aws:userid": "true"}}, None),
        ({"StringLike": {"aws:userid": "AROA*"}}, "ICONIK012"),
        ({"StringLike": {"aws:userid": "AROAIOSFODNN7EXAMPLE:*"}}, "ICONIK014"),
        ({"StringNotLike": {"aws:userid": ["AROAIOSFODNN7EXAMPLE:*", ACCOUNT]}}, "ICONIK014"),
        ({"Null": {"aws:TokenIssueTime": "true"}}, None),
        ({"DateLessThan": {"aws:TokenIssueTime": "2024-01-01T00:00:00Z"}}, None),
        ({"DateLessThan": {"aws:TokenIssueTime": "2099-01-01T00:00:00Z"}}, "ICONIK014"),
        ({"DateGreaterThan": {"aws:TokenIssueTime": "2024-01-01T00:00:00Z"}}, "ICONIK012"),
        ({"Null": {"s3:authType": "true"}}, None),
        ({"StringNotEquals": {"s3:authType": "REST-HEADER"}}, "ICONIK014"),
        ({"Null": {"s3:signatureversion": "true"}}, None),
        ({"StringEquals": {"s3:signatureversion": "AWS"}}, None),
        ({"StringNotEquals": {"ec2:SourceInstanceArn": f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-0"}}, "ICONIK012"),
    ],
)
def test_a_deny_blocks_iconik_certainly_perhaps_or_not(condition, rule):
    deny = statement("Deny", Sid="Away", Principal="*", Action="s3:*", Condition=condition)
    assessment = assessed(deny)
    assert errors(assessment) == ({rule} if rule else set())
    assert assessment.verdict is {"ICONIK012": NOT_GOOD, "ICONIK014": UNKNOWN}.get(rule, GOOD)
    if rule == "ICONIK012":
        [finding] = [each for each in assessment.findings if each.id == rule]
        [exempt] = finding.paste
        assert errors(assessed(exempt)) == set()


@pytest.mark.parametrize(("now", "rule"), [(None, "ICONIK014"), ("2026-11-28T12:00:00Z", None)])
def test_a_revocation_of_sessions_ends_after_the_longest_session(now, rule):
    condition = {"DateLessThan": {"aws:TokenIssueTime": "2026-11-27T23:00:00Z"}}
    deny = statement("Deny", Sid="Revoke", Principal="*", Action="s3:*", Condition=condition)
    assert errors(assessed(deny, time=now)) == ({rule} if rule else set())


@pytest.mark.parametrize("name", ["aws:RequestedRegion", "kms:ViaService", "aws:TokenIssueTime", "aws:userid"])
def test_a_key_that_each_request_has_is_there_also_if_its_value_is_not_known(name):
    absent = statement(
        "Deny", Sid="No", Principal="*", Action="kms:*", Resource="*", Condition={"Null": {name: "true"}}
    )
    of_bucket = [] if name.startswith("kms:") else [{**absent, "Action": "s3:*", "Resource": BOTH}]
    assert assessed(*of_bucket, keys=[key(OUR_KEY, absent)], region=None).verdict is GOOD


def test_a_deny_whose_exemption_would_not_help_has_none():
    deny = statement("Deny", Action="s3:GetObject", Principal={"AWS": ROLE})
    assert [each.paste for each in assessed(deny).findings if each.id == "ICONIK012"] != [()]
    alone = statement("Deny", Sid="Away", Principal={"AWS": f"arn:aws:sts::{A}:assumed-role/IconikS3AccessRole/*"})
    assert errors(assessed(alone)) <= {"ICONIK014"}


def test_a_deny_that_names_iconik_is_not_decided_by_an_assumption():
    deny = statement("Deny", Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})
    assert errors(assessed(deny)) == {"ICONIK014"}


@pytest.mark.parametrize(
    ("ours", "rule"),
    [
        ([], "ICONIK013"),
        ([each for each in OURS if each["Sid"] != "IconikObjects"], "ICONIK013"),
        ([{**each, "Condition": {**each["Condition"], "Bool": {"aws:SecureTransport": "false"}}} for each in OURS],
         "ICONIK013"),
        ([{**each, "Condition": {**each["Condition"], "StringEquals": {**each["Condition"]["StringEquals"],
           "aws:SourceVpc": "vpc-0a1b2c3d"}}} for each in OURS], "ICONIK014"),
    ],
)  # fmt: skip
def test_what_is_not_allowed_is_missing_and_what_may_be_is_unknown(ours, rule):
    assert rule in errors(assessed(ours=ours))


def test_a_part_of_the_bucket_is_too_little_unless_it_is_asked_for():
    read = IconikPermissions.read("masters/")
    ours = bucket_statements([read], [DOMAIN], ARN)
    assert assessed(ours=ours, question=Question((DOMAIN,), (read,))).verdict is GOOD
    assert assessed(ours=ours).verdict is NOT_GOOD


def test_a_prefix_limits_listings_and_never_matches_for_uploads_in_progress():
    """Such a statement is a common mistake: the key `s3:prefix` is not in the request, so it allows nothing."""
    below = [IconikPermissions.read_write("masters/")]
    listed = next(each for each in bucket_statements(below, [DOMAIN], ARN) if each["Sid"] == "IconikList")
    ours = [{**listed, "Action": ["s3:ListBucket", "s3:ListBucketMultipartUploads"]}]

    findings = assessed(ours=ours, question=Question((DOMAIN,))).findings

    assert any("nothing allows iconik s3:ListBucketMultipartUploads" in each.text for each in findings)
    assert not any("nothing allows iconik s3:ListBucket:" in each.text for each in findings)


def test_several_permissions_on_one_bucket():
    both = (IconikPermissions.read("masters/"), IconikPermissions.write("exports/"))
    ours = bucket_statements(both, [DOMAIN], ARN)
    assert assessed(ours=ours, question=Question((DOMAIN,), both)).verdict is GOOD


def test_more_than_the_permissions_is_a_warning():
    read = Question((DOMAIN,), (IconikPermissions.read(),))
    assessment = assessed(question=read)
    assert assessment.verdict is GOOD
    assert "ICONIK006" in ids(assessment)
    versions = statement(Action="s3:DeleteObjectVersion", Resource=f"{ARN}/*", Condition=RIGHT)
    assert "ICONIK006" in ids(assessed(versions))
    assert "ICONIK006" not in ids(assessed())


@pytest.mark.parametrize(
    "parts",
    [
        {"Action": "s3:GetObject", "NotResource": f"{ARN}/private/*"},
        {"Action": "s3:ListBucket", "Resource": "*"},
        {"Action": "s3:ListBucket", "Resource": f"{ARN[:-1]}?"},
    ],
)
def test_more_than_the_prefix_is_a_warning_however_it_is_written(parts):
    read = IconikPermissions.read("masters/")
    ours = bucket_statements([read], [DOMAIN], ARN)
    wide = {**statement(Condition=RIGHT), **parts}
    wide = {name: value for name, value in wide.items() if name != "Resource" or "NotResource" not in parts}
    assert "ICONIK006" in ids(assessed(wide, ours=ours, question=Question((DOMAIN,), (read,))))


def test_tls_is_a_warning_in_every_tool():
    assessment = assessed(policy=policy(*OURS))
    assert assessment.verdict is GOOD
    assert "ICONIK007" in ids(assessment)
    assert "ICONIK007" not in ids(assessed())


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        (key(), "ICONIK008"),
        (key(OUR_KEY), None),
        (key({**OUR_KEY, "Condition": {"StringEquals": {TAG: OTHER}}}), "ICONIK008"),
        (key(OUR_KEY, {**statement(), "Action": "kms:CreateGrant", "Resource": "*"}), "ICONIK001"),
        (key(OUR_KEY, {**statement(Principal="*"), "Action": "kms:Decrypt", "Resource": "*"}), "ICONIK004"),
        (
            key(OUR_KEY, statement("Deny", Principal="*", Action="kms:*", Resource="*",
                                   Condition={"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})),
            "ICONIK012",
        ),
        (key(OUR_KEY, description=Found({"KeyMetadata": {"Arn": KEY_ARN, "KeyState": "Disabled"}})), "ICONIK110"),
        (key(OUR_KEY, description=Found({"KeyMetadata": {"Arn": KEY_ARN, "KeySpec": "RSA_2048"}})), "ICONIK110"),
        (key(OUR_KEY, grants=Found([{"GrantId": "g", "GranteePrincipal": ROLE, "Operations": ["Decrypt"]}])),
         "ICONIK020"),
        (KeyFacts(named="alias/aws/s3", description=NotConfigured(), policy=NotConfigured()), "ICONIK008"),
        (KeyFacts(named=KEY_ARN, description=Unknown("kms:DescribeKey", Why.NOT_FOUND, "no key"), policy=policy()),
         "ICONIK111"),
    ],
)  # fmt: skip
def test_iconik_needs_the_key_and_nobody_else_has_it(facts, rule):
    assert (rule in errors(assessed(keys=[facts]))) if rule else errors(assessed(keys=[facts])) == set()


def test_the_key_through_s3_is_right_where_the_region_is_known():
    through = {**OUR_KEY, "Condition": {"StringEquals": {TAG: DOMAIN, "kms:ViaService": "s3.eu-west-1.amazonaws.com"}}}
    assert assessed(keys=[key(through)]).verdict is GOOD
    assert assessed(keys=[key(through)], region=None).verdict is UNKNOWN


def test_every_key_that_the_bucket_may_use_is_needed():
    assert assessed(keys=[key(OUR_KEY), key()]).verdict is NOT_GOOD


@pytest.mark.parametrize(
    "facts",
    [
        {"policy": Unknown("s3:GetBucketPolicy", Why.DENIED, "AccessDenied")},
        {"keys": (KeyFacts(named=KEY_ARN, description=Found({}), policy=Unknown("kms:GetKeyPolicy", Why.DENIED, "")),)},
        {"settings": Settings(encryption=Unknown("s3:GetEncryptionConfiguration", Why.DENIED, ""), ownership=ENFORCED)},
        {"rest_of_policy": Unknown("", Why.NOT_HERE, "another owner")},
        {"policy": Found("{")},
        {"policy": Found('{"Statement": [], "Statement": []}')},
    ],
)
def test_a_fact_that_is_not_known_is_never_good(facts):
    assert assessed(**facts).verdict is not GOOD


def test_a_key_whose_policy_is_elsewhere_is_named():
    elsewhere = KeyFacts(named=KEY_ARN, description=NotConfigured(), policy=Unknown("", Why.NOT_HERE, ""))
    assert "ICONIK010" in errors(assessed(keys=[elsewhere]))


def test_an_access_point_needs_both_policies():
    def point(document):
        arn = f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/p"
        return Found([AccessPointFacts(arn=arn, name="p", network="Internet", policy=Found(document))])

    resource = f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/p/object/*"
    everybody = statement(Principal="*", Action="s3:GetObjectVersion", Resource=resource)
    public = {"Version": "2012-10-17", "Statement": [everybody]}
    delegated = everyone({"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}}, Action="s3:*")
    assert assessed(access_points=point(public)).verdict is GOOD
    assert errors(assessed(delegated, access_points=point(public))) == {"ICONIK019"}
    for kind in ("User", "FederatedUser"):
        users = {**everybody, "Condition": {"StringEquals": {"aws:PrincipalType": kind}}}
        assert "ICONIK019" in errors(assessed(delegated, access_points=point({**public, "Statement": [users]})))
    untagged = {"Version": "2012-10-17", "Statement": [statement(Action="s3:GetObjectTagging")]}
    assert errors(assessed(access_points=point(untagged))) == {"ICONIK001"}


def test_a_resource_control_policy_blocks_iconik():
    outside = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": outside}
    document = {"Version": "2012-10-17", "Statement": [deny]}
    organisation = Organisation(
        control_policies=Found([ControlPolicy("p-1", "Perimeter", Found(json.dumps(document)))])
    )
    assert "ICONIK120" in errors(assessed(organisation=organisation))


def test_public_settings():
    blocked = Found({"PublicAccessBlockConfiguration": {"RestrictPublicBuckets": True}})
    public = Found({"PolicyStatus": {"IsPublic": True}})
    settings = Settings(ownership=ENFORCED, public_access_block=blocked, policy_status=public)
    assert "ICONIK101" in errors(assessed(settings=settings))
    undecided = Settings(ownership=ENFORCED, public_access_block=blocked)
    assert "ICONIK102" in errors(assessed(everyone(None), settings=undecided))


def test_one_policy_alone():
    granted = Question((DOMAIN,), granted=tuple(OURS))
    findings = assess_policy(
        {"Version": "2012-10-17", "Statement": [*OURS, statement("Deny", Principal="*")]},
        arn=ARN,
        account=ACCOUNT,
        question=granted,
    )
    assert {finding.id for finding in findings} == {"ICONIK012"}
    of_key = assess_policy(
        {"Version": "2012-10-17", "Statement": [OUR_KEY]},
        arn=KEY_ARN,
        account=ACCOUNT,
        question=Question((DOMAIN,), granted=(OUR_KEY,)),
    )
    assert of_key == ()


def test_a_stand_in_for_the_role():
    role = "arn:aws:iam::444455556666:role/path/Stand-in"
    ours = bucket_statements([IconikPermissions.read_write()], [DOMAIN], ARN, iconik_role_arn=role)
    question = Question((DOMAIN,), (IconikPermissions.read_write(),), role_arn=role)
    assert assessed(ours=ours, question=question).verdict is GOOD
    assert assessed(ours=ours).verdict is NOT_GOOD


def test_values_of_the_owner_are_of_the_owner():
    made_here = statement(Principal={"AWS": own("Role.Arn")})
    assert assessed(made_here, bucket_arn=ARN, name=NAME).verdict is GOOD
    assert BOTH


@pytest.mark.parametrize("key", ["aws:CurrentTime", "aws:EpochTime"])
@pytest.mark.parametrize(
    ("operator", "time", "rule"),
    [
        ("DateGreaterThan", "2025-12-31T00:00:00Z", None),
        ("DateLessThan", "2025-12-31T00:00:00Z", "ICONIK013"),
        ("DateLessThan", "2027-06-01T00:00:00Z", "ICONIK014"),
        ("DateGreaterThan", "2027-06-01T00:00:00Z", "ICONIK014"),
    ],
)
@pytest.mark.parametrize("now", [None, "2026-11-28T12:00:00Z"])
def test_what_ends_or_begins_later_is_not_certain(now, key, operator, time, rule):
    ours = [{**one, "Condition": {**one["Condition"], operator: {key: time}}} for one in OURS]

    found = assessed(ours=ours, **({"time": now} if now else {}))

    assert ids(found) & {"ICONIK012", "ICONIK013", "ICONIK014"} == ({rule} if rule else set())


def test_a_key_in_an_unknown_region_may_allow_requests_through_s3_of_a_region():
    ours = key_statement([PERMISSIONS], [DOMAIN], via_service="s3.eu-west-1.amazonaws.com")
    arn = f"arn:aws:kms:{unknown('AWS::Region')}:{ACCOUNT}:key/x"
    document = {"Version": "2012-10-17", "Statement": [ours]}
    [finding] = assess_policy(document, arn=arn, account=ACCOUNT, question=QUESTION)
    assert finding.id == "ICONIK014"


@pytest.mark.parametrize(
    ("operator", "name", "value"),
    [
        ("StringNotLike", "s3:prefix", "masters/*"),
        ("NumericGreaterThanIfExists", "s3:max-keys", "10"),
        ("StringNotEquals", "s3:x-amz-server-side-encryption", "aws:kms"),
        ("Null", "s3:x-amz-acl", "true"),
        ("StringNotEquals", "s3:ExistingObjectTag/cleared", "yes"),
    ],
)
def test_a_deny_of_every_action_by_a_key_of_some_actions_denies_the_others_for_certain(
    operator: str, name: str, value: str
) -> None:
    deny = statement("Deny", Principal="*", Action="s3:*", Condition={operator: {name: value}})
    assert "ICONIK012" in errors(assessed(deny))


def test_an_allow_by_a_key_that_the_action_never_has_allows_nothing() -> None:
    listing = {"StringEquals": {TAG: DOMAIN}, "StringLike": {"s3:prefix": "masters/*"}}
    found = assessed(statement(Action="s3:*", Condition=listing), ours=())
    assert any(each.id == "ICONIK013" and "s3:GetObject" in each.text for each in found.findings)


@pytest.mark.parametrize(("is_ignored", "verdict"), [(False, UNKNOWN), (True, GOOD)])
def test_an_ownership_that_was_not_read_may_leave_acls_on(is_ignored: bool, verdict: Verdict) -> None:
    unread = Unknown("s3:GetBucketOwnershipControls", Why.DENIED, "")
    block = Found({"PublicAccessBlockConfiguration": {"IgnorePublicAcls": is_ignored}})
    found = assessed(settings=Settings(ownership=unread, public_access_block=block))
    assert found.verdict is verdict
