"""Buckets as people make them by hand, each with the ids of what a check finds there."""

import copy
import json

from botocore.exceptions import ClientError

from iconik_construct.access.permissions import IconikPermissions
from iconik_construct.access.statements import bucket_statements, key_statement

ACCOUNT = "123456789012"
REGION = "eu-west-1"
DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
OTHER = "5d0a9f3e-2c1b-4f6a-8a4e-7b9c1d2e3f02"
EXAMPLE = "1297c8b6-3563-11e7-adf1-6c4008b85488"
ROLE = "arn:aws:iam::283217727627:role/IconikS3AccessRole"
TAG = "aws:PrincipalTag/IconikSystemDomainId"
NAME = "acme-media"
ARN = f"arn:aws:s3:::{NAME}"
BOTH = [ARN, f"{ARN}/*"]
ORIGIN = "https://app.iconik.io"

CORS = {
    "AllowedOrigins": [ORIGIN],
    "AllowedMethods": ["GET", "HEAD", "PUT", "POST"],
    "AllowedHeaders": ["*"],
    "ExposeHeaders": ["ETag"],
}
BLOCK = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
ROOT = {
    "Sid": "Root",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    "Action": "kms:*",
    "Resource": "*",
}


TLS = {
    "Sid": "Tls",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": BOTH,
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def granted(permissions=None, domain=DOMAIN):
    return bucket_statements([permissions or IconikPermissions.read_write()], [domain], ARN, cors_by_iconik=True)


def key_granted(domain=DOMAIN):
    return key_statement([IconikPermissions.read_write()], [domain])


class World:
    """A healthy bucket, to be spoiled; `clients(service)` gives boto3's."""

    def __init__(self, clients, *, key=False):
        self.clients = clients
        self.s3 = clients("s3")
        self.s3.create_bucket(
            Bucket=NAME,
            CreateBucketConfiguration={"LocationConstraint": REGION},
            ObjectOwnership="BucketOwnerEnforced",
        )
        self.s3.put_public_access_block(Bucket=NAME, PublicAccessBlockConfiguration=BLOCK)
        self.s3.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Enabled"})
        self.cors(CORS)
        self.policy(*granted())
        self.key = None
        if key:
            self.encrypt(ROOT, key_granted())

    def policy(self, *statements):
        document = {"Version": "2012-10-17", "Statement": [*statements, TLS]}
        self.s3.put_bucket_policy(Bucket=NAME, Policy=json.dumps(document))

    def cors(self, *found):
        self.s3.put_bucket_cors(Bucket=NAME, CORSConfiguration={"CORSRules": found})

    def encrypt(self, *statements):
        kms = self.clients("kms")
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        made = kms.create_key(Policy=policy, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        self.key = made["KeyMetadata"]["Arn"]
        self.default_encryption(KMSMasterKeyID=self.key)

    def default_encryption(self, **more):
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", **more}}
        self.s3.put_bucket_encryption(Bucket=NAME, ServerSideEncryptionConfiguration={"Rules": [rule]})

    def lifecycle(self, **rule):
        given = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": ""}, **rule}
        self.s3.put_bucket_lifecycle_configuration(Bucket=NAME, LifecycleConfiguration={"Rules": [given]})


def deny(**parts):
    return {"Sid": "Theirs", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": BOTH, **parts}


def allow(**parts):
    return {"Sid": "Theirs", "Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{ARN}/*", **parts}


def beside(statement):
    return lambda world: world.policy(statement, *granted())


def edited(change):
    """Change our own statements, as a hand or a tool does."""

    def spoil(world):
        statements = copy.deepcopy(granted())
        for one in statements:
            change(one)
        world.policy(*statements)

    return spoil


def set_tag(operator, value):
    return lambda one: one.update(Condition={**_without_tag(one), operator: {TAG: value}})


def _without_tag(one):
    return {name: keys for name, keys in one["Condition"].items() if TAG not in keys}


def without_condition(one):
    one["Condition"] = _without_tag(one)
    if not one["Condition"]:
        del one["Condition"]


def take_out(*actions):
    return lambda one: one.update(Action=[name for name in one["Action"] if name not in actions])


def in_turn(*spoils):
    return lambda world: [spoil(world) for spoil in spoils]


def key_policy(*statements):
    return lambda world: world.encrypt(*statements)


def named(**settings):
    """Write one setting: the method of the client, and its arguments."""
    return lambda world: [getattr(world.s3, name)(Bucket=NAME, **given) for name, given in settings.items()]


def lifecycle(**rule):
    return lambda world: world.lifecycle(**rule)


def cors(**parts):
    return lambda world: world.cors({**CORS, **parts})


def acls(*grants, ignored=False):
    def spoil(world):
        world.s3.put_bucket_ownership_controls(
            Bucket=NAME, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
        )
        world.s3.put_public_access_block(
            Bucket=NAME,
            PublicAccessBlockConfiguration={**BLOCK, "IgnorePublicAcls": ignored, "BlockPublicAcls": ignored},
        )
        if grants:
            owner = world.s3.get_bucket_acl(Bucket=NAME)["Owner"]
            world.s3.put_bucket_acl(Bucket=NAME, AccessControlPolicy={"Grants": list(grants), "Owner": owner})

    return spoil


def grant_to(**grantee):
    return {"Grantee": grantee, "Permission": "READ"}


def key_grant(world):
    world.encrypt(ROOT, key_granted())
    world.clients("kms").create_grant(KeyId=world.key, GranteePrincipal=ROLE, Operations=["Decrypt"])


def key_state(change):
    def spoil(world):
        world.encrypt(ROOT, key_granted())
        change(world.clients("kms"), world.key.rpartition("/")[2])

    return spoil


def key_gone(world):
    world.encrypt(ROOT, key_granted())
    code = {"Error": {"Code": "NotFoundException"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    gone = ClientError(code, "DescribeKey")
    world.clients.fail = lambda operation: gone if "Key" in operation or "Grants" in operation else None


def answered(operation, answer):
    """Have AWS answer what moto cannot hold."""

    def spoil(world):
        world.clients.answers[operation] = answer

    return spoil


def access_point(world):
    world.clients("s3control").create_access_point(AccountId=ACCOUNT, Name="point", Bucket=NAME)


def open_access_point(world):
    access_point(world)
    delegated = {"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}}
    world.policy(
        allow(Principal="*", Resource=BOTH, Action="s3:*", Condition=delegated),
        allow(Sid="All", Principal="*"),
        *granted(),
    )
    statement = allow(Principal="*", Resource=f"arn:aws:s3:*:{ACCOUNT}:accesspoint/point/object/*")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    world.clients("s3control").put_access_point_policy(AccountId=ACCOUNT, Name="point", Policy=policy)


IDENTITY_PERIMETER = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Perimeter",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:*", "kms:*"],
            "Resource": "*",
            "Condition": {
                "StringNotEqualsIfExists": {
                    "aws:PrincipalOrgID": "o-abcdefghij",
                    "aws:PrincipalAccount": "444455556666",
                },
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            },
        }
    ],
}


def organisation(policy):
    """Put the account into an organisation with this resource control policy; None: nobody lets us read it."""

    def spoil(world):
        answers = world.clients.answers
        answers["DescribeOrganization"] = {"Organization": {"Id": "o-abcdefghij", "MasterAccountId": "999999999999"}}
        denied = {"Error": {"Code": "AccessDeniedException"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
        if policy is None:
            answers["ListPoliciesForTarget"] = ClientError(denied, "ListPoliciesForTarget")
        else:
            answers["ListPoliciesForTarget"] = {"Policies": [{"Id": "p-abc", "Name": "identity"}]}
            answers["ListParents"] = {"Parents": [{"Id": "r-root"}]}
            answers["DescribePolicy"] = {"Policy": {"Content": json.dumps(policy)}}

    return spoil


def no_policy(world):
    world.s3.delete_bucket_policy(Bucket=NAME)


EVERYONE = "http://acs.amazonaws.com/groups/global/AllUsers"
SIGNED_IN = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
NOT_PRINCIPAL = {name: value for name, value in deny().items() if name != "Principal"} | {
    "NotPrincipal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/Editors"}
}

SITUATIONS = {
    # nobody lets iconik in
    "no policy": (no_policy, {"ICONIK013"}),
    "only somebody else's statement": (
        lambda world: world.policy(allow(Principal={"AWS": "arn:aws:iam::444455556666:role/Editors"})),
        {"ICONIK013"},
    ),
    "another domain's id": (lambda world: world.policy(*granted(domain=OTHER)), {"ICONIK003", "ICONIK013"}),
    "the example's id": (lambda world: world.policy(*granted(domain=EXAMPLE)), {"ICONIK013", "ICONIK003"}),
    "the example's id beside ours": (
        lambda world: world.policy(
            *granted(), *({**one, "Sid": f"Old{one['Sid']}"} for one in granted(domain=EXAMPLE))
        ),
        {"ICONIK003"},
    ),
    "the id in upper case": (edited(set_tag("StringEquals", DOMAIN.upper())), {"ICONIK003", "ICONIK013"}),
    "another role": (
        edited(lambda one: one.update(Principal={"AWS": f"{ROLE}2"})),
        {"ICONIK013", "ICONIK018", "ICONIK022"},
    ),
    "read only where writing is meant": (
        lambda world: world.policy(*granted(IconikPermissions.read())),
        {"ICONIK013"},
    ),
    "a bucket's ARN where an object's is meant": (
        edited(lambda one: one.update(Resource=ARN)),
        {"ICONIK013"},
    ),
    "another bucket's ARN": (
        edited(lambda one: one.update(Resource=["arn:aws:s3:::other", "arn:aws:s3:::other/*"])),
        {"ICONIK013"},
    ),
    "a prefix where all is meant": (
        lambda world: world.policy(*granted(IconikPermissions.read_write("masters/"))),
        {"ICONIK015"},
    ),
    "another condition beside the tag": (
        edited(lambda one: one["Condition"].update(IpAddress={"aws:SourceIp": "203.0.113.0/24"})),
        {"ICONIK014"},
    ),
    # a Deny
    "a Deny of everything": (beside(deny()), {"ICONIK012"}),
    "a Deny of deletes": (beside(deny(Action="s3:DeleteObject")), {"ICONIK012"}),
    "a Deny of other organisations": (
        beside(deny(Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}})),
        {"ICONIK012"},
    ),
    "a Deny beside a VPC endpoint": (
        beside(deny(Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}})),
        {"ICONIK012"},
    ),
    "a Deny beside named roles": (
        beside(deny(Condition={"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}})),
        {"ICONIK012"},
    ),
    "a Deny with NotPrincipal": (beside(NOT_PRINCIPAL), {"ICONIK012"}),
    "a Deny of iconik's account": (beside(deny(Principal={"AWS": "283217727627"})), {"ICONIK012"}),
    "a Deny with NotAction": (
        beside({name: value for name, value in deny().items() if name != "Action"} | {"NotAction": "s3:GetObject"}),
        {"ICONIK012"},
    ),
    "a Deny beside addresses": (
        beside(deny(Condition={"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}})),
        {"ICONIK014"},
    ),
    "a Deny of uploads without a header": (
        beside(deny(Action="s3:PutObject", Condition={"Null": {"s3:x-amz-server-side-encryption": "true"}})),
        {"ICONIK014"},
    ),
    "a Deny of objects with a tag": (
        beside(deny(Action="s3:GetObject", Condition={"StringEquals": {"s3:ExistingObjectTag/scan": "bad"}})),
        {"ICONIK014"},
    ),
    "a Deny of some objects": (beside(deny(Action="s3:GetObject", Resource=f"{ARN}/secret/*")), {"ICONIK014"}),
    "a Deny of multi-factor": (
        beside(deny(Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})),
        {"ICONIK012"},
    ),
    # somebody else
    "no condition": (edited(without_condition), {"ICONIK001"}),
    "the tag by IfExists": (edited(set_tag("StringEqualsIfExists", DOMAIN)), {"ICONIK002"}),
    "the tag by a wildcard": (edited(set_tag("StringLike", "*")), {"ICONIK002"}),
    "the tag by a negation": (edited(set_tag("StringNotEquals", "x")), {"ICONIK002"}),
    "two ids": (edited(set_tag("StringEquals", [DOMAIN, OTHER])), {"ICONIK003"}),
    "iconik's account without the tag": (
        beside(allow(Principal={"AWS": "arn:aws:iam::283217727627:root"})),
        {"ICONIK001"},
    ),
    "iconik's account as a number": (beside(allow(Principal={"AWS": "283217727627"})), {"ICONIK001"}),
    "everyone, with the tag": (
        edited(lambda one: one.update(Principal="*")),
        # Everybody can give their own role the tag. What is public here moto decides.
        {"ICONIK004"},
    ),
    "everyone": (beside(allow(Principal="*")), {"ICONIK004", "ICONIK101"}),
    "everyone from somewhere": (
        beside(allow(Principal="*", Condition={"StringLike": {"aws:Referer": "https://acme.example/*"}})),
        {"ICONIK004"},
    ),
    "everyone but one": (
        beside(allow(NotPrincipal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})),
        {"ICONIK005"},
    ),
    # more than needed
    "an admin where reading and writing is meant": (
        edited(lambda one: one.update(Action="s3:*", Resource=BOTH)),
        {"ICONIK006", "ICONIK022"},
    ),
    # settings
    "Requester Pays": (answered("GetBucketRequestPayment", {"Payer": "Requester"}), {"ICONIK106"}),
    "Object Lock with a retention": (
        answered(
            "GetObjectLockConfiguration",
            {"ObjectLockConfiguration": {"Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}}}},
        ),
        {"ICONIK150"},
    ),
    "archive tiers of Intelligent-Tiering": (
        answered(
            "ListBucketIntelligentTieringConfigurations",
            {"IntelligentTieringConfigurationList": [{"Id": "deep", "Status": "Enabled", "Tierings": [{"Days": 90}]}]},
        ),
        {"ICONIK153"},
    ),
    "event notifications": (
        answered("GetBucketNotificationConfiguration", {"EventBridgeConfiguration": {"x": 1}}),
        {"ICONIK156"},
    ),
    "an exempting tag without ABAC": (
        named(put_bucket_tagging={"Tagging": {"TagSet": [{"Key": "dp:exclude:identity", "Value": "true"}]}}),
        {"ICONIK123"},
    ),
    "an access point": (access_point, {"ICONIK157"}),
    "an access point that is open": (open_access_point, {"ICONIK004", "ICONIK101", "ICONIK019", "ICONIK157"}),
    "a resource control policy nobody may read": (organisation(None), {"ICONIK121"}),
    "a resource control policy that keeps strangers out": (
        organisation(IDENTITY_PERIMETER),
        {"ICONIK120"},
    ),
    "ACLs on": (acls(), {"ICONIK104", "ICONIK105"}),
    "ACLs on, public ones ignored": (acls(ignored=True), {"ICONIK105"}),
    "an ACL for everyone": (acls(grant_to(Type="Group", URI=EVERYONE)), {"ICONIK103", "ICONIK104", "ICONIK105"}),
    "an ACL for whoever is signed in": (
        acls(grant_to(Type="Group", URI=SIGNED_IN)),
        {"ICONIK103", "ICONIK104", "ICONIK105"},
    ),
    "an ACL for everyone, ignored": (acls(grant_to(Type="Group", URI=EVERYONE), ignored=True), {"ICONIK105"}),
    "an ACL for another account": (
        acls(grant_to(Type="CanonicalUser", ID="f" * 64), ignored=True),
        {"ICONIK103", "ICONIK105"},
    ),
    "no versions": (named(put_bucket_versioning={"VersioningConfiguration": {"Status": "Suspended"}}), {"ICONIK154"}),
    "acceleration": (
        named(put_bucket_accelerate_configuration={"AccelerateConfiguration": {"Status": "Enabled"}}),
        {"ICONIK158"},
    ),
    "no CORS": (lambda world: world.s3.delete_bucket_cors(Bucket=NAME), {"ICONIK140"}),
    "CORS for another page": (cors(AllowedOrigins=["https://acme.example"]), {"ICONIK141"}),
    "CORS without uploads": (cors(AllowedMethods=["GET", "HEAD"]), {"ICONIK142"}),
    "CORS without ETag": (cors(ExposeHeaders=[]), {"ICONIK143"}),
    "CORS without headers": (cors(AllowedHeaders=[]), {"ICONIK144"}),
    "CORS rules that iconik may not change": (edited(take_out("s3:PutBucketCORS")), {"ICONIK145"}),
    "neither CORS rules nor iconik to write them": (
        in_turn(edited(take_out("s3:PutBucketCORS")), lambda world: world.s3.delete_bucket_cors(Bucket=NAME)),
        {"ICONIK013", "ICONIK140"},
    ),
    "no clean-up of uploads": (
        edited(take_out("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:ListBucketMultipartUploads")),
        {"ICONIK016"},
    ),
    "no look at the acceleration": (edited(take_out("s3:GetAccelerateConfiguration")), {"ICONIK016"}),
    "neither changing CORS rules nor deleting": (
        edited(take_out("s3:PutBucketCORS", "s3:DeleteObject")),
        {"ICONIK013"},
    ),
    "a lifecycle that deletes": (lifecycle(Expiration={"Days": 365}), {"ICONIK151"}),
    "a lifecycle that archives": (lifecycle(Transitions=[{"Days": 30, "StorageClass": "DEEP_ARCHIVE"}]), {"ICONIK152"}),
    "a lifecycle that does both": (
        lifecycle(Expiration={"Days": 365}, Transitions=[{"Days": 30, "StorageClass": "GLACIER"}]),
        {"ICONIK151", "ICONIK152"},
    ),
    # keys
    "the key of AWS": (lambda world: world.default_encryption(), {"ICONIK008"}),
    "the key of AWS, named": (lambda world: world.default_encryption(KMSMasterKeyID="alias/aws/s3"), {"ICONIK008"}),
    "a key that forgets iconik": (key_policy(ROOT), {"ICONIK008"}),
    "a key for another domain": (key_policy(ROOT, key_granted(OTHER)), {"ICONIK003", "ICONIK008"}),
    "a key without the tag": (
        key_policy(ROOT, {name: value for name, value in key_granted().items() if name != "Condition"}),
        {"ICONIK001"},
    ),
    "a key for everyone": (key_policy(ROOT, {**ROOT, "Sid": "All", "Principal": "*"}, key_granted()), {"ICONIK004"}),
    "a key with a Deny": (
        key_policy(
            ROOT,
            key_granted(),
            {
                "Sid": "Inside",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "kms:Decrypt",
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}},
            },
        ),
        {"ICONIK012"},
    ),
    "a key of which only reading is let in": (
        key_policy(ROOT, key_statement([IconikPermissions.read()], [DOMAIN])),
        {"ICONIK008"},
    ),
    "a disabled key": (key_state(lambda kms, key: kms.disable_key(KeyId=key)), {"ICONIK110"}),
    "a key pending deletion": (
        key_state(lambda kms, key: kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)),
        {"ICONIK110"},
    ),
    "a key that is not there": (key_gone, {"ICONIK111"}),
    "a grant to iconik": (key_grant, {"ICONIK020"}),
}

HEALTHY = {
    "as it should be": lambda world: None,
    "a Deny of plain HTTP twice": beside({**TLS, "Sid": "Tls2"}),
    "a Deny that exempts iconik": beside(
        deny(
            Condition={
                "StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"},
                "ArnNotEquals": {"aws:PrincipalArn": ROLE},
            }
        )
    ),
    "somebody else beside": beside(allow(Principal={"AWS": "arn:aws:iam::444455556666:role/Editors"})),
    "the whole organisation beside": beside(
        allow(Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}})
    ),
    "a key": key_policy(ROOT, key_granted()),
    "a key through S3 only": key_policy(
        ROOT,
        key_statement([IconikPermissions.read_write()], [DOMAIN], via_service=f"s3.{REGION}.amazonaws.com"),
    ),
    "CORS for iconik's address in Europe": cors(AllowedOrigins=["https://eu.iconik.io"]),
    "CORS for all of iconik's addresses": cors(AllowedOrigins=["https://*.iconik.io"]),
    "CORS for all pages": cors(AllowedOrigins=["*"], ExposeHeaders=["ETag", "x-amz-request-id"]),
    "a lifecycle for what is old": lifecycle(NoncurrentVersionExpiration={"NoncurrentDays": 90}),
    "a lifecycle that is off": lifecycle(Status="Disabled", Expiration={"Days": 1}),
    "CloudFront beside": beside(
        allow(
            Principal={"Service": "cloudfront.amazonaws.com"},
            Condition={"StringEquals": {"aws:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"}},
        )
    ),
}
