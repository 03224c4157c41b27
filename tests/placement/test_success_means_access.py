"""An adoption succeeds only where iconik gets in: what a foreign Deny, a setting or a key's state makes of it."""

import base64
import hashlib
import json
import re

import boto3
import pytest
from lambda_runs import ACCOUNT, Bucket, CustomResource, Key, Run, observer

from iconik_construct.access.permissions import IconikPermissions
from iconik_construct.access.statements import bucket_statements, key_statement
from iconik_construct.access.trust import ICONIK_ROLE_ARN
from iconik_construct.placement.handler import index
from iconik_construct.placement.handler.advice import advise
from iconik_construct.placement.handler.writer.merge import MergeError

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
ARN = "arn:aws:s3:::media"
BOTH = [ARN, f"{ARN}/*"]
EDITORS = f"arn:aws:iam::{ACCOUNT}:role/Editors"


class Adoption(CustomResource):
    """A custom resource with the statements that a storage really gives it."""

    def __init__(self, place, permissions=None, **more):
        super().__init__(place)
        self.more = more
        permissions = [permissions or IconikPermissions.read_write()]
        if isinstance(place, Key):
            found = [key_statement(permissions, [DOMAIN], sid_suffix="AAAA0000Claim")]
        else:
            found = bucket_statements(permissions, [DOMAIN], ARN, cors_by_iconik=True, sid_suffix="AAAA0000Claim")
        self.statements = {each["Sid"]: each for each in found}

    def _properties(self, version):
        return {**super()._properties(version), "Statements": self.statements, **self.more}


def deny(**parts):
    return {"Sid": "Theirs", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": BOTH, **parts}


def but(**condition):
    return deny(Condition=condition)


NOT_PRINCIPAL = {key: value for key, value in deny().items() if key != "Principal"} | {"NotPrincipal": {"AWS": EDITORS}}

CERTAIN = {
    "everything": deny(),
    "an action": deny(Action="s3:DeleteObject"),
    "a wildcard": deny(Action="s3:Put*", Resource=f"{ARN}/*"),
    "another organisation": but(StringNotEquals={"aws:PrincipalOrgID": "o-abcdefghij"}),
    "another organisation, if there is one": but(StringNotEqualsIfExists={"aws:PrincipalOrgID": "o-abcdefghij"}),
    "a VPC endpoint": but(StringNotEquals={"aws:SourceVpce": "vpce-0123456789abcdef0"}),
    "two VPC endpoints": but(StringNotEquals={"aws:sourceVpce": ["vpce-0123456789abcdef0", "vpce-0123456789abcdef1"]}),
    "another account": but(StringNotEquals={"aws:PrincipalAccount": ACCOUNT}),
    "principal ARNs": but(ArnNotLike={"aws:PrincipalArn": [EDITORS, f"arn:aws:iam::{ACCOUNT}:root"]}),
    "an exact principal ARN": but(ArnNotEquals={"aws:PrincipalArn": EDITORS}),
    "NotPrincipal": NOT_PRINCIPAL,
    "NotAction": {key: value for key, value in deny().items() if key != "Action"}
    | {"NotAction": "s3:ListAllMyBuckets"},
    "iconik's account": deny(Principal={"AWS": "arn:aws:iam::283217727627:root"}),
    "a time that has come": but(DateGreaterThan={"aws:CurrentTime": "2020-01-01T00:00:00Z"}),
    "every object": deny(Resource=f"{ARN}/?*"),
    "the signature version of each request": but(StringEquals={"s3:signatureversion": "AWS4-HMAC-SHA256"}),
    "another region": but(StringNotEquals={"aws:RequestedRegion": "us-east-1"}),
    "buckets of another account": but(StringEquals={"s3:ResourceAccount": ACCOUNT}),
}
PERHAPS = {
    # Which may be iconik's own: that is how some owners exempt a role.
    "user ids": but(StringNotLike={"aws:userId": "AROAAAAAAAAAAAAAAAAAA:*"}) | {"Action": "s3:GetObject"},
    "addresses": but(NotIpAddress={"aws:SourceIp": "203.0.113.0/24"}),
    "an encryption header": deny(
        Action="s3:PutObject", Condition={"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}
    ),
    "no encryption header": deny(
        Action="s3:PutObject", Condition={"Null": {"s3:x-amz-server-side-encryption": "true"}}
    ),
    "a tag of the object": deny(
        Action="s3:GetObject", Condition={"StringNotEquals": {"s3:ExistingObjectTag/cleared": "yes"}}
    ),
    "some objects": deny(Resource=f"{ARN}/private/*"),
    "objects of a long key": deny(Resource=f"{ARN}/??*"),
    "an operator of next year": but(StringNotEqualsTomorrow={"aws:PrincipalOrgID": "o-abcdefghij"}),
}
HARMLESS = {
    "plain HTTP": but(Bool={"aws:SecureTransport": "false"}),
    "old TLS": but(NumericLessThan={"s3:TlsVersion": "1.2"}),
    "another bucket's objects": deny(Resource="arn:aws:s3:::other/*"),
    "what iconik is not granted": deny(Action=["s3:PutBucketPolicy", "s3:DeleteBucket"]),
    "iconik exempted": but(
        ArnNotEquals={"aws:PrincipalArn": [EDITORS, "arn:aws:iam::283217727627:role/IconikS3AccessRole"]}
    ),
    "another principal": deny(Principal={"AWS": EDITORS}),
    "an old signature version": but(StringNotEquals={"s3:signatureversion": "AWS4-HMAC-SHA256"}),
    "the old signature version": but(StringEquals={"s3:signatureversion": "AWS"}),
    "a time that has passed": but(DateLessThan={"aws:CurrentTime": "2020-01-01T00:00:00Z"}),
    "the bucket's region": but(StringNotEquals={"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}),
    "buckets of this account": but(StringNotEquals={"s3:ResourceAccount": ACCOUNT}),
}


def exemption(error):
    return json.loads(re.search(r"put this statement in its place: (\{.*?\})(?: To exempt|$)", str(error)).group(1))


@pytest.mark.parametrize("kind", CERTAIN)
def test_a_deny_that_certainly_blocks_iconik_fails_and_its_exemption_allows_it(wire, kind):
    bucket = Bucket(CERTAIN[kind])
    original = bucket.get()

    with pytest.raises(MergeError, match="The statement 'Theirs' denies iconik s3:") as refusal:
        Adoption(bucket).create(1)

    assert bucket.get() == original
    assert "tolerate_denies=True" in str(refusal.value)
    assert not {call for call in wire.calls if call.startswith(("Put", "Delete"))}
    try:
        exempted = exemption(refusal.value)
    except AttributeError:
        assert "No exemption can be written into it" in str(refusal.value)
        return
    bucket.put({"Version": "2012-10-17", "Statement": [exempted]})
    adoption = Adoption(bucket)
    adoption.create(1)
    assert len(bucket.get()["Statement"]) == 1 + len(adoption.statements)


def answer(place, attribute="NotDecided", **more):
    event = {"RequestType": "Create", "ResourceProperties": Adoption(place, **more)._properties(1)}
    return index.on_event(event, Run())["Data"][attribute]


def test_the_answer_names_what_was_not_read_and_the_command_that_reads_it(wire):
    """iconik cannot read a bucket that is encrypted with aws/s3, and the function may not read the encryption."""
    bucket = Bucket()
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    observer("s3").put_bucket_encryption(Bucket="media", ServerSideEncryptionConfiguration={"Rules": [rule]})

    assert answer(bucket, "NotRead") == (
        "Not read: the default encryption, ACLs, payer, ABAC, access points and CORS rules of the bucket, "
        f"and the settings of the account. Run: iconik-construct check media --system-domain-id {DOMAIN}"
    )


def test_an_answer_for_many_domains_stays_short(wire):
    bucket = Bucket(PERHAPS[next(iter(PERHAPS))])
    domains = [f"{DOMAIN[:-2]}{number}" for number in range(10, 60)]
    statements = bucket_statements([IconikPermissions.read()], domains, ARN, cors_by_iconik=True, sid_suffix="AClaim")

    found = answer(bucket, "NotRead", Statements={each["Sid"]: each for each in statements})

    assert found.endswith(" --system-domain-id UUID")
    assert len(found) <= 300


def test_the_answer_for_a_key_names_the_grants(wire):
    key = Key()
    observer("kms").create_grant(KeyId=key.arn, GranteePrincipal=ICONIK_ROLE_ARN, Operations=["Decrypt"])

    assert answer(key, "NotRead") == (
        "Not read: the grants of the key, and the buckets that use it. Run: iconik-construct check BUCKET "
        f"--system-domain-id {DOMAIN}"
    )


@pytest.mark.parametrize("kind", PERHAPS)
def test_a_deny_that_may_keep_iconik_out_is_an_attribute(wire, kind):
    assert "the statement 'Theirs' may deny iconik s3:" in answer(Bucket(PERHAPS[kind]))


TAG = "aws:PrincipalTag/IconikSystemDomainId"
EXAMPLE = "1297c8b6-3563-11e7-adf1-6c4008b85488"


def lets_in(principal=None, tag=None, **more):
    """A statement that somebody wrote for iconik by hand."""
    condition = {} if tag is None else {"Condition": tag}
    names = {
        "Principal": {"AWS": "arn:aws:iam::283217727627:role/IconikS3AccessRole"} if principal is None else principal
    }
    return {"Sid": "ByHand", "Effect": "Allow", **names, "Action": ["s3:GetObject"], "Resource": f"{ARN}/*",
            **condition, **more}  # fmt: skip


OPEN = {
    "no condition": (lets_in(), "ICONIK001"),
    "its whole account": (lets_in({"AWS": "283217727627"}), "ICONIK001"),
    "everyone": (lets_in("*"), "ICONIK004"),
    "all but somebody": (
        {**{key: value for key, value in lets_in().items() if key != "Principal"}, "NotPrincipal": {"AWS": EDITORS}},
        "ICONIK005",
    ),
    "the example of the help page": (
        lets_in(tag={"StringEquals": {TAG: EXAMPLE}}),
        "ICONIK003",
    ),
    "another domain": (
        lets_in(tag={"StringEquals": {TAG: "5d0a9f3e-2c1b-4f6a-8a4e-7b9c1d2e3f02"}}),
        "ICONIK003",
    ),
    "any domain": (lets_in(tag={"StringLike": {TAG: "*"}}), "ICONIK002"),
    "where the tag is missing": (lets_in(tag={"StringEqualsIfExists": {TAG: "x"}}), "ICONIK002"),
    "everyone of its account, by a condition": (
        lets_in("*", tag={"StringEquals": {"aws:PrincipalAccount": "283217727627"}}),
        "ICONIK001",
    ),
    "from some addresses": (lets_in(tag={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), "ICONIK001"),
}
CLOSED = {
    "our domain": lets_in(tag={"StringEquals": {TAG: DOMAIN}}),
    "an organisation": lets_in("*", tag={"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}),
    "a partner": lets_in({"AWS": EDITORS}),
    "a Deny": {**lets_in("*"), "Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
}


@pytest.mark.parametrize("kind", OPEN)
def test_a_statement_that_allows_other_iconik_customers_is_reported_and_stays(wire, kind):
    statement, rule = OPEN[kind]
    bucket = Bucket(statement)

    found = answer(bucket)

    assert found.startswith(f"{rule}: the statement 'ByHand' allows ")
    assert statement in bucket.get()["Statement"]


@pytest.mark.parametrize("kind", CLOSED)
def test_a_statement_that_allows_no_other_customer_is_not_reported(wire, kind):
    assert not re.search("ICONIK00[1-5]", answer(Bucket(CLOSED[kind])))


def storage_of_another_domain(bucket):
    """Adopt the bucket for a second storage, with its own System Domain ID, and return it."""
    second = Adoption(bucket)
    second.identity = {**second.identity, "LogicalResourceId": "Second"}
    domain = "5d0a9f3e-2c1b-4f6a-8a4e-7b9c1d2e3f02"
    found = bucket_statements(
        [IconikPermissions.read()], [domain], ARN, cors_by_iconik=True, sid_suffix="BBBB0000Claim"
    )
    second.statements = {each["Sid"]: each for each in found}
    second.create(1)
    return second


def test_another_domain_of_the_owner_is_not_reported(wire):
    bucket = Bucket()
    storage_of_another_domain(bucket)
    assert answer(bucket) == "nothing"


def test_a_sid_of_this_library_alone_hides_no_other_domain(wire):
    bucket = Bucket()
    second = storage_of_another_domain(bucket)
    left = bucket.get()
    second.delete()
    bucket.put(left)
    assert answer(bucket).startswith("ICONIK003: the statement 'Iconik")


def test_an_edited_statement_of_another_storage_is_reported(wire):
    bucket = Bucket()
    storage_of_another_domain(bucket)
    [first, *others] = bucket.get()["Statement"]
    bucket.put({"Version": "2012-10-17", "Statement": [{**first, "Resource": [*BOTH]}, *others]})
    assert "ICONIK003" in answer(bucket)


def test_statements_too_long_for_the_record_are_refused_before_the_policy_is_written(wire):
    prefixes = [
        f"{base64.b64encode(hashlib.sha512(bytes([n])).digest())[:79].decode().replace('/', '-')}/" for n in range(90)
    ]
    bucket = Bucket(CLOSED["a partner"])
    with pytest.raises(MergeError, match="Parameter Store accepts 8,192"):
        Adoption(bucket, IconikPermissions.read(*prefixes)).create(1)
    assert "PutBucketPolicy" not in wire.calls


def test_both_are_said(wire):
    found = answer(Bucket(lets_in(), PERHAPS["addresses"]))

    assert "the statement 'ByHand' allows" in found
    assert "the statement 'Theirs' may deny iconik s3:" in found


def test_a_deny_counts_for_each_role_of_the_statements(wire):
    roles = [ICONIK_ROLE_ARN, f"arn:aws:iam::{ACCOUNT}:role/StandIn"]
    granted = {
        f"Iconik{number}": statement
        for number, role in enumerate(roles)
        for statement in bucket_statements([IconikPermissions.read()], [DOMAIN], ARN, cors_by_iconik=True,
                                           iconik_role_arn=role)[-1:]
    }  # fmt: skip
    text = json.dumps({"Version": "2012-10-17", "Statement": [deny(), *granted.values()]})
    found = advise(text, granted, arn=ARN, account=ACCOUNT)
    assert [each.summary for each in found.denials] == [
        "The statement 'Theirs' denies iconik s3:GetObject, s3:RestoreObject."
    ]
    assert found.possible == ()


def test_a_deny_beside_a_statement_for_everyone_counts(wire):
    strangers = {"Sid": "D", "Effect": "Deny", "Condition": {"StringNotEquals": {TAG: DOMAIN}}}

    assert "ICONIK004" not in answer(Bucket(lets_in("*"), {**lets_in("*"), **strangers}))


def test_one_without_a_sid_is_named_by_its_place(wire):
    lone = {key: value for key, value in lets_in().items() if key != "Sid"}

    assert answer(Bucket(CLOSED["a partner"], lone)).startswith("ICONIK001: statement 2 allows ")


def test_a_statement_that_allows_others_a_key_is_reported(wire):
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}

    found = answer(Key(root, {**lets_in(), "Action": "kms:*", "Resource": "*"}))

    assert found.startswith("ICONIK001: the statement 'ByHand' allows ")


def test_a_key_for_the_account_alone_allows_no_other_customer(wire):
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}

    assert answer(Key(root)) == "nothing"


@pytest.mark.parametrize("kind", HARMLESS)
def test_a_deny_that_never_hits_iconik_is_not_mentioned(wire, kind):
    assert answer(Bucket(HARMLESS[kind])) == "nothing"


def test_a_deny_without_a_sid_is_named_by_its_place(wire):
    lone = {key: value for key, value in deny().items() if key != "Sid"}
    allow = {"Effect": "Allow", "Principal": {"AWS": EDITORS}, "Action": "s3:GetObject", "Resource": f"{ARN}/*"}

    with pytest.raises(MergeError, match=r"[Ss]tatement 2 denies iconik"):
        Adoption(Bucket(allow, lone)).create(1)


def test_an_admin_is_asked_for_what_iconik_needs(wire):
    everything_else = deny(Action=["s3:PutBucketPolicy", "s3:PutReplicationConfiguration"])
    assert answer(Bucket(everything_else), permissions=IconikPermissions.admin()) == "nothing"

    with pytest.raises(MergeError, match="denies iconik s3:DeleteObject"):
        Adoption(Bucket(deny(Action="s3:DeleteObject"), name="other"), permissions=IconikPermissions.admin()).create(1)


def test_a_deny_of_what_is_not_granted_does_not_matter(wire):
    assert answer(Bucket(deny(Action="s3:DeleteObject")), permissions=IconikPermissions.read()) == "nothing"


def test_a_tolerated_deny_is_an_attribute(wire):
    bucket = Bucket(CERTAIN["everything"])
    adoption = Adoption(bucket)
    adoption.more = {"TolerateDenies": dict.fromkeys(adoption.statements, "true")}

    event = {"RequestType": "Create", "ResourceProperties": adoption._properties(1)}
    found = index.on_event(event, Run())["Data"]["NotDecided"]

    assert "The statement 'Theirs' denies iconik" in found
    assert len(bucket.get()["Statement"]) == 1 + len(adoption.statements)


def test_one_storage_that_tolerates_does_not_speak_for_another(wire):
    adoption = Adoption(Bucket(CERTAIN["everything"]))
    one, *_ = adoption.statements
    adoption.more = {"TolerateDenies": {one: "true"}}

    with pytest.raises(MergeError, match="The statement 'Theirs'"):
        adoption.create(1)


def test_the_way_back_is_never_barred_by_a_deny(wire):
    """Somebody adds a Deny, an update is refused, and CloudFormation goes back to the former properties."""
    bucket = Bucket()
    adoption = Adoption(bucket, IconikPermissions.read())
    adoption.create(1)
    bucket.put({"Version": "2012-10-17", "Statement": [deny(), *bucket.get()["Statement"]]})
    present = bucket.get()
    former, adoption.statements = adoption.held, Adoption(bucket).statements
    wanted = adoption._properties(1)

    event = {"RequestType": "Update", "PhysicalResourceId": adoption.physical_id, **adoption.identity}
    with pytest.raises(MergeError, match="The statement 'Theirs'"):
        index.on_event({**event, "ResourceProperties": wanted, "OldResourceProperties": former}, Run())
    back = index.on_event({**event, "ResourceProperties": former, "OldResourceProperties": wanted}, Run())

    assert "denies iconik" in back["Data"]["NotDecided"]
    assert bucket.get() == present


def test_a_deny_in_a_key_policy_fails_too(wire):
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    kept_in = {
        "Sid": "Inside",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}},
    }
    key = Key(root, kept_in)

    with pytest.raises(MergeError, match="The statement 'Inside' denies iconik kms:Decrypt"):
        Adoption(key).create(1)

    through_s3 = {**kept_in, "Condition": {"StringNotEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}}
    assert answer(Key(root, through_s3)) == "nothing"


PUBLIC = {"Sid": "Site", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{ARN}/site/*"}


def block(**settings):
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    observer("s3").put_public_access_block(
        Bucket="media", PublicAccessBlockConfiguration={name: settings.get(name, False) for name in names}
    )


def test_a_public_statement_with_restrict_public_buckets_is_an_attribute(wire, monkeypatch):
    bucket = Bucket(PUBLIC)
    block(RestrictPublicBuckets=True)
    _public(wire, monkeypatch, True)

    assert "RestrictPublicBuckets then blocks every other account" in answer(bucket)


def test_a_public_statement_says_that_the_account_was_not_asked(wire, monkeypatch):
    bucket = Bucket(PUBLIC)
    block(RestrictPublicBuckets=False)
    _public(wire, monkeypatch, True)

    assert "The account's own setting was not read" in answer(bucket)


@pytest.mark.parametrize("restricts", [True, False])
def test_a_statement_that_aws_does_not_call_public_needs_no_setting(wire, monkeypatch, restricts):
    within = {**PUBLIC, "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}}}
    bucket = Bucket(within)
    block(RestrictPublicBuckets=restricts)
    _public(wire, monkeypatch, False)

    assert answer(bucket) == "nothing"


def test_a_policy_without_a_statement_for_everyone_is_not_asked_about(wire):
    answer(Bucket(deny(Principal={"AWS": EDITORS})))

    assert wire.calls == ["GetBucketPolicy", "GetBucketPolicy", "PutBucketPolicy", "GetBucketPolicy"]


def test_a_public_policy_under_block_public_policy_is_refused_at_once_and_with_the_reason(wire, monkeypatch):
    bucket = Bucket(PUBLIC)
    adoption = Adoption(bucket)
    original = bucket.get()
    block(BlockPublicPolicy=True)
    _public(wire, monkeypatch, True)
    pauses = []
    monkeypatch.setattr("iconik_construct.placement.handler.writer.backoff.sleep", pauses.append)

    with pytest.raises(MergeError, match=r"with BlockPublicPolicy .* AWS accepts no public policy"):
        adoption.create(1)

    assert not pauses
    assert bucket.get() == original


def _public(wire, monkeypatch, is_public):
    """Answer GetBucketPolicyStatus, which moto lacks, as AWS does."""
    client = wire.client("s3")
    monkeypatch.setattr(
        client, "get_bucket_policy_status", lambda **_: {"PolicyStatus": {"IsPublic": is_public}}, raising=False
    )


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (lambda kms, arn: kms.disable_key(KeyId=arn.split("/")[1]), "its state is Disabled. Enable it"),
        (lambda kms, arn: kms.schedule_key_deletion(KeyId=arn.split("/")[1], PendingWindowInDays=7), "PendingDeletion"),
    ],
)
def test_a_key_that_nobody_can_use_is_not_adopted(wire, spoil, text):
    key = Key()
    original = key.get()
    spoil(boto3.client("kms", region_name="eu-west-1"), key.arn)

    with pytest.raises(MergeError, match=text):
        Adoption(key).create(1)

    assert key.get() == original


@pytest.mark.parametrize(
    ("spec", "usage"),
    [("RSA_2048", "ENCRYPT_DECRYPT"), ("RSA_2048", "SIGN_VERIFY"), ("HMAC_256", "GENERATE_VERIFY_MAC")],
)
def test_a_key_that_s3_cannot_use_is_not_adopted(wire, spec, usage):
    key = Key()
    original = key.get()
    key.be(spec, usage)

    with pytest.raises(MergeError, match=f"kind {spec} for {usage}, which S3 cannot use. Choose a symmetric"):
        Adoption(key).create(1)

    assert key.get() == original


def test_a_delete_works_although_the_key_was_disabled(wire):
    key = Key()
    original = key.get()
    adoption = Adoption(key)
    adoption.create(1)
    boto3.client("kms", region_name="eu-west-1").disable_key(KeyId=key.arn.split("/")[1])

    adoption.delete()

    assert key.get() == original


NO_DOMAINS = [DOMAIN.upper(), f"{{{DOMAIN}}}", "", "${aws:PrincipalTag/IconikSystemDomainId}", "*"]


@pytest.mark.parametrize("domain", NO_DOMAINS)
@pytest.mark.parametrize("place", [Bucket, Key])
def test_a_domain_that_no_session_of_iconik_has_is_refused(wire, place, domain):
    made = place()
    original = made.get()
    adoption = Adoption(made)
    for statement in adoption.statements.values():
        statement["Condition"] = {"StringEquals": {TAG: [DOMAIN, domain]}}

    with pytest.raises(MergeError, match=f"{re.escape(repr(domain))} is not a System Domain ID"):
        adoption.create(1)
    assert made.get() == original
