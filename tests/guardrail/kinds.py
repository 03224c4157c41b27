"""Whole families of templates: each way of writing a value, in each place where it lets iconik in, or does not.

The tables beside this one are examples with the rules they break; here the spellings are multiplied, and what counts
is that a hostile template is not passed over, and a harmless one is not refused. The numbers are those of a list of
kinds: values, conditions, places.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from iconik_construct.templates.grants import GRANTS
from tests.guardrail.building import (
    ACCOUNT,
    DOMAIN,
    FOREIGN_DOMAIN,
    OBJECTS_ARN,
    ROLE,
    TAG,
    Json,
    allow,
    allow_key,
    bucket,
    deny_http,
    document,
    everyone,
    key,
    parameter,
    pinned,
    resource,
    template,
    with_resources,
)

OTHER = "444455556666"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/IconikS3AccessRole/iconik"

NAMES: dict[str, Json] = {
    "the role": ROLE,
    "the root": f"arn:aws:iam::{ACCOUNT}:root",
    "the account": ACCOUNT,
    "a session": SESSION,
    "another role": f"arn:aws:iam::{ACCOUNT}:role/Reader",
    "a user": f"arn:aws:iam::{ACCOUNT}:user/reader",
    "a role with a path": f"arn:aws:iam::{ACCOUNT}:role/service/IconikS3AccessRole",
    "a federated user": f"arn:aws:sts::{ACCOUNT}:federated-user/reader",
}
"""Who is of iconik, by what a policy can call him."""


def _mapped(text: Json) -> tuple[Json, Json]:
    return {"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "it"]}, {
        "Mappings": {"M": {"us-east-1": {"it": OTHER}, "eu-west-1": {"it": text}}}
    }


SPELLINGS: dict[str, Callable[[str], tuple[Json, Json]]] = {
    "plain": lambda text: (text, {}),
    "in a list": lambda text: ([OTHER, text], {}),
    "joined": lambda text: ({"Fn::Join": ["", [text[:7], text[7:]]]}, {}),
    "joined by another sign": lambda text: ({"Fn::Join": [text[3], [text[:3], text[4:]]]}, {}),
    "substituted": lambda text: ({"Fn::Sub": ["${a}${b}", {"a": text[:9], "b": text[9:]}]}, {}),
    "substituted twice": lambda text: (
        {"Fn::Sub": ["${a}", {"a": {"Fn::Sub": ["${b}" + text[5:], {"b": text[:5]}]}}]},
        {},
    ),
    "selected": lambda text: ({"Fn::Select": [1, [OTHER, text]]}, {}),
    "selected as text": lambda text: ({"Fn::Select": ["1", [OTHER, text]]}, {}),
    "selected after equals": lambda text: (
        {"Fn::Select": [1, {"Fn::Split": ["|", f"{text}|{text}|{OTHER}"]}]},
        {},
    ),
    "selected by a parameter": lambda text: (
        {"Fn::Select": [{"Ref": "N"}, [OTHER, text]]},
        {"Parameters": {"N": {"Type": "Number"}}},
    ),
    "split": lambda text: ({"Fn::Split": ["|", f"{OTHER}|{text}"]}, {}),
    "a default": lambda text: ({"Ref": "P"}, {"Parameters": {"P": parameter(text)}}),
    "a default in a list": lambda text: (
        {"Ref": "P"},
        {"Parameters": {"P": parameter(f"{OTHER}, {text}", Type="CommaDelimitedList")}},
    ),
    "an allowed value": lambda text: (
        {"Ref": "P"},
        {"Parameters": {"P": parameter(OTHER, AllowedValues=[OTHER, text])}},
    ),
    "in a mapping": _mapped,
    "in one branch": lambda text: ({"Fn::If": ["C", OTHER, text]}, {"Conditions": {"C": {"Fn::Equals": ["a", "a"]}}}),
    "in a branch of a branch": lambda text: (
        {"Fn::If": ["C", OTHER, {"Fn::If": ["D", text, OTHER]}]},
        {"Conditions": {name: {"Fn::Equals": ["a", name]} for name in "CD"}},
    ),
}
"""How a text is written in a template; each gives the value and the sections that it needs."""

NOT_KNOWN: dict[str, tuple[Json, Json]] = {
    "values-1: a dynamic reference that is substituted": (
        {"Fn::Sub": "{{resolve:ssm:/${AWS::Region}/vendor}}"},
        {},
    ),
    "values-1: a dynamic reference that is joined": (
        {
            "Fn::Join": [
                "",
                ["{{resolve:secretsmanager:arn:", {"Ref": "AWS::Partition"}, ":secretsmanager:x:SecretString:role::}}"],
            ]
        },
        {},
    ),
    "values-1: a dynamic reference by default": (
        {"Ref": "V"},
        {"Parameters": {"V": parameter("{{resolve:ssm:/vendor/role:1}}")}},
    ),
    "values-1: a dynamic reference joined within": (
        {"Fn::Join": ["", ["arn:aws:iam::", "{{resolve:ssm:/vendor/account}}", ":root"]]},
        {},
    ),
    "values-1: a dynamic reference substituted within": (
        {"Fn::Sub": ["arn:aws:iam::${Account}:root", {"Account": "{{resolve:ssm:/vendor/account}}"}]},
        {},
    ),
    "values-1: a parameter's dynamic reference within": (
        {"Fn::Sub": "${V}:root"},
        {"Parameters": {"V": parameter("arn:aws:iam::{{resolve:ssm:/vendor/account}}")}},
    ),
    "values-1: a dynamic reference beside an account of one's own": (
        {"Fn::Join": [":", ["arn:aws:iam:", "{{resolve:ssm:/vendor/account}}", "root"]]},
        {},
    ),
    "values-1: a dynamic reference within": ("arn:aws:iam::{{resolve:ssm:/vendor/account}}:root", {}),
    "values-1: a dynamic reference in a mapping": (
        {"Fn::FindInMap": ["M", "a", "b"]},
        {"Mappings": {"M": {"a": {"b": "{{resolve:ssm:/vendor/role}}"}}}},
    ),
    "values-1: a dynamic reference by halves": (
        {"Fn::Join": ["", ["{{resolve:ssm:", {"Ref": "V"}]]},
        {"Parameters": {"V": parameter()}},
    ),
    "values-2: twelve digits in the name of a role of an account that is not known": (
        {"Fn::Sub": "arn:aws:iam::${V}:role/reader-111122223333"},
        {"Parameters": {"V": parameter()}},
    ),
    "values-2: twelve digits in the name of a user": (
        {"Fn::Sub": "arn:aws:iam::${V}:user/111122223333"},
        {"Parameters": {"V": parameter()}},
    ),
    "values-2: an empty default": ({"Ref": "V"}, {"Parameters": {"V": parameter("")}}),
    "values-2: an empty default within": (
        {"Fn::Sub": "arn:aws:iam::${V}:root"},
        {"Parameters": {"V": parameter("")}},
    ),
    "values-2: a part of what is not known": (
        {"Fn::Select": [0, {"Fn::Split": [",", {"Ref": "V"}]}]},
        {"Parameters": {"V": parameter()}},
    ),
    "values-2: a part of what is not known and what is": (
        {"Fn::Select": [4, {"Fn::Split": [":", {"Fn::Sub": "arn:aws:iam::${V}:root"}]}]},
        {"Parameters": {"V": parameter()}},
    ),
}
"""What only the deployment knows, and may be iconik then."""

OF_OTHERS: dict[str, Json] = {
    f"values-2: an output of {kind}": {kind: properties}
    for kind, properties in {
        "AWS::ServiceCatalog::CloudFormationProvisionedProduct": {"ProductName": "x"},
        "AWS::Serverless::Application": {"Location": "x"},
        "AWS::CloudFormation::CustomResource": {"ServiceToken": "x"},
        "Custom::Vendor": {"ServiceToken": "x"},
        "Acme::Accounts::Lookup": {},
        "Acme::Accounts::Lookup::MODULE": {},
        "AWS::Acme::Lookup::MODULE": {},
        "AWS::CloudFormation::Stack": {"TemplateURL": "https://example.com/x.json"},
    }.items()
}

PLACES: dict[str, Callable[[Json, Json], Json]] = {
    "a bucket policy": lambda who, sections: bucket(allow(Principal={"AWS": who}, Condition=None), **sections),
    "a key policy": lambda who, sections: key(allow_key(Principal={"AWS": who}, Condition=None), **sections),
    "a trust policy": lambda who, sections: {
        **resource(
            "AWS::IAM::Role",
            AssumeRolePolicyDocument=document(
                allow(Principal={"AWS": who}, Condition=None, Action="sts:AssumeRole", Resource=None)
            ),
        ),
        **sections,
    },
    "a queue policy": lambda who, sections: {
        **resource(
            "AWS::SQS::QueuePolicy",
            Queues=["q"],
            PolicyDocument=document(allow(Principal={"AWS": who}, Condition=None, Action="sqs:*", Resource="*")),
        ),
        **sections,
    },
}


def _hostile_values() -> dict[str, Json]:
    found: dict[str, Json] = {}
    for spelling, write in SPELLINGS.items():
        for name, text in NAMES.items():
            value, sections = write(text)
            found[f"values: {name}, {spelling}"] = PLACES["a bucket policy"](value, sections)
    for place, put in PLACES.items():
        for spelling in ("plain", "joined", "selected after equals", "in one branch"):
            value, sections = SPELLINGS[spelling](ROLE)
            found[f"values: the role, {spelling}, in {place}"] = put(value, sections)
        for name, (value, sections) in NOT_KNOWN.items():
            found[f"{name}, in {place}"] = put(value, sections)
    for name, made in OF_OTHERS.items():
        [(kind, properties)] = made.items()
        it = {"It": {"Type": kind, "Properties": properties}}
        for attribute in ("Outputs.Role", "Role"):
            who = {"Fn::GetAtt": ["It", attribute]}
            found[f"{name}, {attribute}"] = with_resources(PLACES["a bucket policy"](who, {}), **it)
    return found


def _macro(**changes: Json) -> Json:
    body = bucket(allow())
    body["Resources"]["MediaPolicy"] = {**body["Resources"]["MediaPolicy"], **changes}
    return body


_LOOP = {"Fn::ForEach::X": ["X", ["a", "b"], {"${X}": "y"}]}

MACROS: dict[str, Json] = {
    "values-3: a transform beside the type": _macro(**{"Fn::Transform": {"Name": "M"}}),
    "values-3: a transform as a resource": with_resources(bucket(allow()), It={"Fn::Transform": {"Name": "M"}}),
    "values-3: a transform at the top": {**bucket(allow()), "Fn::Transform": {"Name": "M"}},
    "values-3: a macro for the whole template": {**bucket(allow()), "Transform": ["M"]},
    "values-3: an include for the whole template": {
        **bucket(allow()),
        "Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://x/y"}},
    },
    "values-3: a loop that makes properties": _macro(
        Properties={"Bucket": "x", **_LOOP, "PolicyDocument": document(deny_http(), allow())}
    ),
    "values-3: a loop that makes elements of a document": bucket(policy={**document(deny_http(), allow()), **_LOOP}),
    "values-3: a loop that makes elements of a statement": bucket(allow(), {**allow(), **_LOOP}),
    "values-3: a loop that makes kinds of principals": bucket(allow(Principal=_LOOP, Condition=None)),
    "values-3: a loop that makes conditions": bucket(allow(Condition=_LOOP)),
    "values-3: a loop that makes keys of a condition": bucket(allow(Condition={"StringEquals": _LOOP})),
    "values-3: a transform in a statement": bucket(allow(), {**allow(), "Fn::Transform": {"Name": "M"}}),
    "values-3: a transform as a condition": bucket(allow(Condition={"Fn::Transform": {"Name": "M"}})),
    "values-3: a transform as a principal": bucket(allow(Principal={"Fn::Transform": {"Name": "M"}}, Condition=None)),
    "values-3: a transform as a document": bucket(policy={"Fn::Transform": {"Name": "M"}}),
    "values-3: a transform beside the type of another resource": with_resources(
        bucket(allow()), It={"Type": "AWS::SNS::Topic", "Fn::Transform": {"Name": "M"}}
    ),
    **{
        f"values-3: a transform for the properties of {kind}": with_resources(
            bucket(allow()), It={"Type": kind, "Properties": {"Fn::Transform": {"Name": "M"}}}
        )
        for kind in GRANTS
    },
    "values-3: a transform for a part of a grantee": with_resources(
        bucket(allow()),
        It={
            "Type": "AWS::S3::AccessGrant",
            "Properties": {"Grantee": {"GranteeType": "IAM", "Fn::Transform": {"Name": "M"}}},
        },
    ),
}

NEGATIONS: dict[str, Json] = {
    f"conditions-5: {operator} {name} {value}": everyone({operator: {name: value}})
    for operator, name, value in [
        ("StringNotEquals", "aws:PrincipalAccount", ACCOUNT),
        ("StringNotLike", "aws:PrincipalAccount", f"{ACCOUNT[:6]}*"),
        ("StringNotLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/Iconik*"),
        ("ArnNotEquals", "aws:PrincipalArn", ROLE),
        ("ArnNotLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:*"),
        ("ArnNotEquals", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:root"),
        ("ArnNotLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:root"),
        ("ArnNotEquals", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/Reader"),
        ("ArnNotEquals", "aws:PrincipalArn", SESSION),
        ("ArnNotLike", "aws:PrincipalArn", f"arn:aws:sts::{ACCOUNT}:assumed-role/*"),
        ("ArnNotLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:user/*"),
        ("StringNotEquals", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:*"),
        ("StringNotEquals", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/*"),
        ("StringNotEqualsIgnoreCase", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/Other"),
        ("StringNotLike", "aws:PrincipalArn", SESSION),
        ("StringNotLike", "aws:PrincipalArn", f"arn:aws:sts::{ACCOUNT}:assumed-role/IconikS3AccessRole/*"),
        ("StringNotLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/iconiks3accessrole"),
        ("StringNotEquals", "aws:PrincipalAccount", ROLE),
        ("StringNotEquals", "aws:PrincipalAccount", OTHER),
        ("StringNotEquals", "aws:PrincipalAccount", f"{ACCOUNT[:-1]}*"),
        ("StringNotLike", "aws:PrincipalAccount", f"{ACCOUNT}?"),
        ("StringNotEquals", "aws:PrincipalType", "User"),
        ("StringNotEquals", "aws:PrincipalType", "Account"),
        ("StringNotEquals", "aws:PrincipalOrgID", "o-acme123456"),
        ("StringNotEqualsIfExists", "aws:PrincipalOrgID", "o-acme123456"),
        ("StringNotEquals", "aws:SourceVpce", "vpce-0123456789abcdef0"),
        ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"),
        ("Null", "aws:PrincipalArn", "false"),
        ("Null", "aws:PrincipalOrgID", "true"),
        ("Bool", "aws:PrincipalIsAWSService", "false"),
    ]
}

WILDCARDS: dict[str, Json] = {
    f"conditions-6: {operator} {name} {value}": everyone({operator: {name: value}})
    for operator, name, value in [
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-*/*"),
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "*"),
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-acme*/r-ab12/*"),
        ("StringLike", "aws:PrincipalOrgID", "o*"),
        ("StringLike", "aws:PrincipalOrgID", "o-*"),
        ("StringLike", "aws:PrincipalOrgID", "o-a*"),
        ("StringLike", "aws:PrincipalOrgID", "?-*"),
        ("StringLike", "aws:PrincipalOrgID", "*"),
        ("StringLike", "aws:PrincipalOrgID", ["o-acme123456", "o-?*"]),
        ("StringLike", "aws:SourceVpce", "vpce-0*"),
        ("StringLike", "aws:SourceVpce", "vpce-*"),
        ("StringLike", "aws:SourceVpc", "vpc-0*"),
        ("StringLike", "aws:SourceVpc", "v*"),
        ("StringLike", "aws:PrincipalAccount", "*"),
        ("StringLike", "aws:PrincipalAccount", "2*"),
        ("StringLike", "aws:PrincipalAccount", "????????????"),
        ("StringLike", "aws:PrincipalAccount", "9999*"),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::9999*:role/*"),
        ("StringLike", "aws:PrincipalAccount", f"{ACCOUNT[:-1]}?"),
        ("StringLike", "aws:PrincipalArn", "*"),
        ("StringLike", "aws:PrincipalArn", "arn:aws:iam::*"),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/*"),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/Backup"),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/Iconik*"),
        ("ArnLike", "aws:PrincipalArn", "arn:*:iam::*:*"),
        ("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:*"),
        ("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/Iconik*"),
        ("StringEquals", "aws:PrincipalAccount", "${aws:PrincipalAccount}"),
        ("StringLike", "aws:PrincipalType", "*"),
        ("StringEquals", "aws:PrincipalType", "AssumedRole"),
        ("StringEquals", "aws:PrincipalType", "User"),
        ("IpAddress", "aws:SourceIp", "0.0.0.0/0"),
        ("IpAddress", "aws:SourceIp", "::/0"),
        ("IpAddress", "aws:SourceIp", ["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/1"]),
        ("NotIpAddress", "aws:SourceIp", "0.0.0.0/0"),
        ("NotIpAddress", "aws:SourceIp", "::/0"),
        ("IpAddressIfExists", "aws:VpcSourceIp", "10.0.0.0/8"),
        ("IpAddress", "aws:VpcSourceIp", "10.0.0.0/8"),
        ("StringEqualsIfExists", "aws:SourceVpce", "vpce-0123456789abcdef0"),
        ("StringEqualsIfExists", "aws:SourceArn", "arn:aws:s3:::media"),
        ("ForAllValues:StringEquals", "aws:PrincipalOrgPaths", "o-acme123456/*"),
        ("StringLike", "aws:UserAgent", "iconik*"),
        ("StringEquals", "aws:Referer", "secret"),
        ("StringEquals", "aws:PrincipalTag/team", "media"),
        ("StringEquals", "s3:authType", "REST-QUERY-STRING"),
        ("Bool", "aws:SecureTransport", "true"),
        ("DateLessThan", "aws:CurrentTime", "2030-01-01T00:00:00Z"),
    ]
} | {
    "conditions-6: the role under everyone": everyone({"ArnLike": {"aws:PrincipalArn": ROLE}}),
    "conditions-6: the role under everyone, by two spellings of the key": everyone(
        {"StringLike": {"aws:PrincipalArn": ROLE, "AWS:PRINCIPALARN": "arn:aws:iam::*"}}
    ),
}

_STATEMENT = allow(Condition=None, Resource="*")
_DOCUMENT = document(_STATEMENT)

OTHER_TYPES: dict[str, Json] = {
    f"places-10: {kind}": resource(kind, **{name: value})
    for kind, name, value in [
        ("AWS::ApiGateway::RestApi", "Policy", _DOCUMENT),
        ("AWS::Backup::BackupVault", "AccessPolicy", _DOCUMENT),
        ("AWS::CodeArtifact::Repository", "PermissionsPolicyDocument", _DOCUMENT),
        ("AWS::DynamoDB::Table", "ResourcePolicy", {"PolicyDocument": _DOCUMENT}),
        ("AWS::ECR::RegistryPolicy", "PolicyText", _DOCUMENT),
        ("AWS::ECR::Repository", "RepositoryPolicyText", _DOCUMENT),
        ("AWS::EFS::FileSystem", "FileSystemPolicy", _DOCUMENT),
        ("AWS::Elasticsearch::Domain", "AccessPolicies", _DOCUMENT),
        ("AWS::Events::EventBusPolicy", "Statement", _STATEMENT),
        ("AWS::Events::EventBusPolicy", "Principal", ACCOUNT),
        ("AWS::Kinesis::ResourcePolicy", "ResourcePolicy", _DOCUMENT),
        ("AWS::Logs::Destination", "DestinationPolicy", json.dumps(_DOCUMENT)),
        ("AWS::Logs::ResourcePolicy", "PolicyDocument", json.dumps(_DOCUMENT)),
        ("AWS::MSK::ClusterPolicy", "Policy", _DOCUMENT),
        ("AWS::MediaStore::Container", "Policy", json.dumps(_DOCUMENT)),
        ("AWS::OpenSearchService::Domain", "AccessPolicies", _DOCUMENT),
        ("AWS::Redshift::Cluster", "NamespaceResourcePolicy", json.dumps(_DOCUMENT)),
        ("AWS::S3Tables::TableBucketPolicy", "ResourcePolicy", _DOCUMENT),
        ("AWS::S3Tables::TablePolicy", "ResourcePolicy", json.dumps(_DOCUMENT)),
        ("AWS::S3Vectors::VectorBucketPolicy", "Policy", _DOCUMENT),
        ("AWS::SecretsManager::ResourcePolicy", "ResourcePolicy", _DOCUMENT),
        ("AWS::VpcLattice::AuthPolicy", "Policy", _DOCUMENT),
        ("Acme::Storage::Bucket", "Rules", [{"Deep": {"Policy": _DOCUMENT}}]),
        ("AWS::S3::AccessGrant", "Grantee", {"GranteeType": "IAM", "GranteeIdentifier": ROLE}),
        ("AWS::Lambda::Permission", "Principal", ROLE),
        ("AWS::Lambda::Permission", "Principal", ACCOUNT),
        ("AWS::Lambda::Permission", "SourceArn", f"arn:aws:sns:eu-west-1:{ACCOUNT}:media"),
        ("AWS::Lambda::LayerVersionPermission", "Principal", ACCOUNT),
        ("AWS::RAM::ResourceShare", "Principals", [OTHER, ACCOUNT]),
        ("AWS::EC2::VPCEndpointServicePermissions", "AllowedPrincipals", [f"arn:aws:iam::{ACCOUNT}:root"]),
        ("AWS::LakeFormation::PrincipalPermissions", "Principal", {"DataLakePrincipalIdentifier": ROLE}),
        ("AWS::ServiceCatalog::PortfolioShare", "AccountId", ACCOUNT),
    ]
} | {
    f"places-10: the ACL {acl} where ACLs are on": resource(
        "AWS::S3::Bucket",
        AccessControl=acl,
        OwnershipControls={"Rules": [{"ObjectOwnership": owner}]},
    )
    for acl, owner in [("PublicReadWrite", "ObjectWriter"), ("PublicRead", "BucketOwnerPreferred")]
}


def _call(action: str, **parameters: Json) -> Json:
    call = {"service": "S3", "action": action, "parameters": parameters, "physicalResourceId": {"id": "x"}}
    return json.dumps(call)


CALLS: dict[str, Json] = {
    "places-9: putBucketPolicy": resource(
        "Custom::AWS", ServiceToken="t", Create=_call("putBucketPolicy", Bucket="b", Policy=json.dumps(_DOCUMENT))
    ),
    "places-9: putBucketPolicy on update": resource(
        "Custom::AWS", ServiceToken="t", Update=_call("putBucketPolicy", Bucket="b", Policy=json.dumps(_DOCUMENT))
    ),
    "places-9: putKeyPolicy": resource(
        "Custom::AWS", ServiceToken="t", Create=_call("putKeyPolicy", KeyId="k", Policy=json.dumps(_DOCUMENT))
    ),
    "places-9: putBucketPolicy, put together": resource(
        "Custom::AWS",
        ServiceToken="t",
        Create={
            "Fn::Join": [
                "",
                [
                    '{"service":"S3","action":"putBucketPolicy","parameters":{"Bucket":"',
                    {"Ref": "Media"},
                    '","Policy":',
                    json.dumps(json.dumps(_DOCUMENT)),
                    "}}",
                ],
            ]
        },
    ),
    "places-9: createGrant": resource(
        "Custom::AWS", ServiceToken="t", Create=_call("createGrant", GranteePrincipal=ROLE, Operations=["Decrypt"])
    ),
    "places-9: addPermission": resource(
        "Custom::AWS", ServiceToken="t", Create=_call("addPermission", Principal=ACCOUNT, FunctionName="f")
    ),
    "places-9: a policy as a mapping": resource("Custom::Policy", ServiceToken="t", Policy=_DOCUMENT),
    "places-9: a policy as text": resource(
        "AWS::CloudFormation::CustomResource", ServiceToken="t", Policy=json.dumps(_DOCUMENT)
    ),
    "places-9: a grantee": resource("Custom::Grant", ServiceToken="t", GranteePrincipal=ROLE),
    "places-9: a policy that is no JSON": resource(
        "Custom::Policy", ServiceToken="t", Policy='{"Statement": [{"Effect": "Allow", "Principal": "' + ROLE + '"'
    ),
}

SHAPES: dict[str, Json] = {
    "places-11: a condition of the resource that is none": with_resources(
        bucket(allow()),
        MediaPolicy={
            **bucket(allow(Condition=None))["Resources"]["MediaPolicy"],
            "Condition": {"Fn::Equals": ["a", "a"]},
        },
    ),
    **{
        f"the role without the tag, {name}": bucket(
            {**allow(Condition=None), **changes}, Conditions={"C": {"Fn::Equals": ["a", "b"]}}
        )
        for name, changes in {
            "with NotAction": {"Action": None, "NotAction": "s3:PutObject"},
            "with an effect that hangs": {"Effect": {"Fn::If": ["C", "Allow", "Deny"]}},
            "with a principal that hangs": {
                "Principal": {"Fn::If": ["C", {"AWS": ROLE}, {"Service": "x.example.com"}]}
            },
            "with a principal without a list": {"Principal": {"AWS": [[ROLE]]}},
            "with an old version": {"Sid": ""},
        }.items()
    },
    "a statement that hangs": bucket(
        {"Fn::If": ["C", allow(Condition=None), allow()]}, Conditions={"C": {"Fn::Equals": ["a", "b"]}}
    ),
    "statements that hang": bucket(
        policy={
            "Version": "2012-10-17",
            "Statement": {"Fn::If": ["C", [allow(Condition=None)], [allow()]]},
        },
        Conditions={"C": {"Fn::Equals": ["a", "b"]}},
    ),
    "a document that hangs": bucket(
        policy={"Fn::If": ["C", document(allow(Condition=None)), document(allow())]},
        Conditions={"C": {"Fn::Equals": ["a", "b"]}},
    ),
    "a document that hangs, as text": bucket(
        policy={"Fn::If": ["C", json.dumps(document(allow())), json.dumps(document(_STATEMENT))]},
        Conditions={"C": {"Fn::Equals": ["a", "b"]}},
    ),
    "the tag in one of two branches within the values": bucket(
        allow(Condition={"StringEquals": {TAG: {"Fn::If": ["C", DOMAIN, FOREIGN_DOMAIN]}}}),
        Conditions={"C": {"Fn::Equals": ["a", "b"]}},
    ),
    "the operator in one of two branches": bucket(
        allow(Condition={"Fn::If": ["C", pinned(), pinned(operator="StringEqualsIfExists")]}),
        Conditions={"C": {"Fn::Equals": ["a", "b"]}},
    ),
    "no value for the tag in one of two branches": bucket(
        allow(Condition={"StringEquals": {TAG: {"Fn::If": ["C", DOMAIN, {"Ref": "AWS::NoValue"}]}}}),
        Conditions={"C": {"Fn::Equals": ["a", "b"]}},
    ),
}

HOSTILE_KINDS: dict[str, Json] = _hostile_values() | MACROS | NEGATIONS | WILDCARDS | OTHER_TYPES | CALLS | SHAPES


def _harmless_values() -> dict[str, Json]:
    found: dict[str, Json] = {}
    others = {
        "another account": OTHER,
        "another role": f"arn:aws:iam::{OTHER}:role/Partner",
        "a session of another": f"arn:aws:sts::{OTHER}:assumed-role/IconikS3AccessRole/iconik",
        "twelve digits of iconik's in a name": f"arn:aws:iam::{OTHER}:role/partner-{ACCOUNT}",
        "an account that looks alike": f"9{ACCOUNT[1:]}",
    }
    for spelling, write in SPELLINGS.items():
        for name, text in others.items():
            value, sections = write(text)
            found[f"values: {name}, {spelling}"] = PLACES["a bucket policy"](value, sections)
        value, sections = write(ROLE)
        found[f"values: the role and the tag, {spelling}"] = bucket(allow(Principal={"AWS": value}), **sections)
        value, sections = write(DOMAIN)
        if "in a list" not in spelling and OTHER not in json.dumps([value, sections]):
            found[f"values: the tag, {spelling}"] = bucket(allow(Condition={"StringEquals": {TAG: value}}), **sections)
    for place, put in PLACES.items():
        for name, text in others.items():
            found[f"values: {name}, in {place}"] = put(text, {})
        found[f"values: a role of ours, in {place}"] = put({"Fn::GetAtt": ["Ours", "Arn"]}, {})
        found[f"values: our account, in {place}"] = put({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}, {})
        found[f"values: a part of the ARN of a role of ours, in {place}"] = put(
            {"Fn::Select": [4, {"Fn::Split": [":", {"Fn::GetAtt": ["Ours", "Arn"]}]}]}, {}
        )
    ours = {
        "Ours": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": document(
                    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
                )
            },
        }
    }
    return {name: with_resources(body, **ours) for name, body in found.items()}


_ORGANIZATION = "o-acme123456"

HARMLESS_CONDITIONS: dict[str, Json] = {
    f"conditions: {operator} {name} {value}": everyone({operator: {name: value}})
    for operator, name, value in [
        ("StringEquals", "aws:PrincipalOrgID", _ORGANIZATION),
        ("StringEquals", "aws:PrincipalOrgID", [_ORGANIZATION, "o-acme654321"]),
        ("StringLike", "aws:PrincipalOrgID", _ORGANIZATION),
        ("StringEquals", "aws:PrincipalOrgID", ""),
        ("StringEqualsIgnoreCase", "aws:PrincipalOrgID", _ORGANIZATION),
        ("ForAnyValue:StringEquals", "aws:PrincipalOrgPaths", f"{_ORGANIZATION}/r-ab12/ou-ab12-11111111/"),
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", f"{_ORGANIZATION}/*"),
        ("StringEquals", "aws:PrincipalAccount", OTHER),
        ("StringEquals", "aws:PrincipalAccount", [OTHER, "111122223333"]),
        ("StringEquals", "aws:PrincipalAccount", ""),
        ("ArnEquals", "aws:PrincipalArn", f"arn:aws:iam::{OTHER}:role/Partner"),
        ("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{OTHER}:role/*"),
        ("StringEquals", "aws:SourceVpce", "vpce-0123456789abcdef0"),
        ("StringEquals", "aws:SourceVpc", "vpc-0123456789abcdef0"),
        ("StringLike", "aws:SourceVpce", "vpce-0123456789abcdef0"),
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
        ("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "2001:db8::/32"]),
        ("IpAddress", "aws:SourceIp", "198.51.100.7"),
        ("Bool", "aws:PrincipalIsAWSService", "true"),
        ("StringEquals", "aws:PrincipalServiceName", "cloudtrail.amazonaws.com"),
        ("StringEquals", "aws:SourceAccount", OTHER),
        ("ArnLike", "aws:SourceArn", f"arn:aws:cloudfront::{OTHER}:distribution/E1"),
        ("ArnLike", "aws:SourceArn", "arn:aws:s3:::media"),
        ("StringEquals", "aws:SourceOrgID", _ORGANIZATION),
        ("StringEquals", "s3:DataAccessPointAccount", OTHER),
        ("ArnLike", "s3:DataAccessPointArn", f"arn:aws:s3:eu-west-1:{OTHER}:accesspoint/media"),
    ]
}

HARMLESS_TYPES: dict[str, Json] = {
    f"places: {kind} {name}": resource(kind, **{name: value})
    for kind, name, value in [
        ("AWS::SSM::Parameter", "Value", ROLE),
        ("AWS::SecretsManager::Secret", "SecretString", ROLE),
        ("AWS::Lambda::Function", "Environment", {"Variables": {"ROLE": ROLE, "ACCOUNT": ACCOUNT}}),
        ("AWS::IAM::Policy", "PolicyDocument", document({"Effect": "Allow", "Action": "s3:*", "Resource": ROLE})),
        ("AWS::ECR::Repository", "RepositoryPolicyText", document(allow(Principal="*", Condition=None))),
        ("AWS::ECR::Repository", "RepositoryPolicyText", document(allow(Resource="*"))),
        ("AWS::Logs::ResourcePolicy", "PolicyDocument", json.dumps(document(allow(Resource="*")))),
        ("AWS::SecretsManager::ResourcePolicy", "ResourcePolicy", document(allow(Effect="Deny", Condition=None))),
        ("AWS::Lambda::Permission", "Principal", "s3.amazonaws.com"),
        ("AWS::Lambda::Permission", "Principal", OTHER),
        ("AWS::Lambda::Permission", "SourceArn", "arn:aws:execute-api:*:*:*"),
        ("AWS::RAM::ResourceShare", "Principals", [OTHER]),
        ("AWS::S3::AccessGrant", "Grantee", {"GranteeType": "IAM", "GranteeIdentifier": f"arn:aws:iam::{OTHER}:root"}),
        ("AWS::S3::Bucket", "AccessControl", "LogDeliveryWrite"),
        ("AWS::S3::Bucket", "AccessControl", "PublicRead"),
        ("AWS::CloudFormation::StackSet", "TemplateBody", json.dumps(template({"B": {"Type": "AWS::S3::Bucket"}}))),
        ("Custom::Tag", "Tags", [{"Key": "vendor", "Value": f"iconik {ACCOUNT}"}]),
        (
            "Custom::AWS",
            "Create",
            _call("putBucketPolicy", Bucket="b", Policy=json.dumps(document(allow(Resource="*")))),
        ),
        ("Custom::AWS", "Create", _call("putParameter", Name="vendor", Value=ROLE)),
        ("AWS::Events::EventBusPolicy", "Principal", OTHER),
        ("AWS::WAFv2::WebACL", "Rules", [{"Name": ACCOUNT, "Action": {"Block": {}}}]),
    ]
} | {
    "conditions-7: seven branches, each statement for a service": bucket(
        *(
            {
                "Effect": "Allow",
                "Principal": {"Fn::If": [f"C{n}", {"Service": "a.amazonaws.com"}, {"Service": "b.amazonaws.com"}]},
                "Action": "s3:PutObject",
                "Resource": OBJECTS_ARN,
            }
            for n in range(7)
        ),
        Conditions={f"C{n}": {"Fn::Equals": ["a", "b"]} for n in range(7)},
    ),
    "conditions-7: seven branches of actions": bucket(
        *(allow(Action=[{"Fn::If": [f"C{n}", "s3:GetObject", "s3:PutObject"]}]) for n in range(7)),
        Conditions={f"C{n}": {"Fn::Equals": ["a", "b"]} for n in range(7)},
    ),
    "values-3: AWS's own transforms": {
        **bucket(allow()),
        "Transform": ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"],
    },
    "an ACL for everyone that is blocked": resource(
        "AWS::S3::Bucket",
        AccessControl="PublicRead",
        OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
        PublicAccessBlockConfiguration={"IgnorePublicAcls": True},
    ),
    "a masked account": bucket(allow(Principal={"AWS": "arn:aws:iam::999988887777:user/x"}, Condition=None)),
}

HARMLESS_KINDS: dict[str, Json] = _harmless_values() | HARMLESS_CONDITIONS | HARMLESS_TYPES
