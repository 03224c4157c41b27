"""Changes of a function, its role, and other resources: a change, a word that the page gets, and the verdict."""

from __future__ import annotations

import json

from tests.report.template_parts import (
    FOREIGN,
    GOOD,
    NOT_GOOD,
    ROLE,
    UNKNOWN,
    Change,
    add,
    attached,
    attribute,
    inline,
    of_function,
    put,
    right,
    rights_of_another_role,
    section,
    trust,
)

CHANGES: dict[str, tuple[Change, str, str]] = {
    "a trust of another account": (trust(Principal={"AWS": FOREIGN}), "999988887777", GOOD),
    "a trust of everyone": (trust(Principal="*"), "ICONIK004", NOT_GOOD),
    "a trust of iconik": (trust(Principal={"AWS": "283217727627"}), "ICONIK001", NOT_GOOD),
    "a trust of another service": (trust(Principal={"Service": "ec2.amazonaws.com"}), "ec2.amazonaws.com", GOOD),
    "a trust under a condition": (
        lambda parts: parts.role["Properties"]["AssumeRolePolicyDocument"]["Statement"][0].update(
            Condition={"StringEquals": {"aws:SourceAccount": "999988887777"}}),
        "999988887777",
        GOOD,
    ),
    "a managed policy": (
        put("role", ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"]),
        "AdministratorAccess",
        GOOD,
    ),
    "a policy within the role": (
        inline({"Effect": "Allow", "Action": "s3:DeleteBucket", "Resource": "*"}),
        "s3:DeleteBucket",
        GOOD,
    ),
    "all but some actions within the role": (
        inline({"Effect": "Allow", "NotAction": "iam:*", "NotResource": "x"}),
        "iam:*",
        GOOD,
    ),
    "a boundary": (put("role", PermissionsBoundary="arn:aws:iam::aws:policy/Boundary"), "policy/Boundary", GOOD),
    "long sessions": (put("role", MaxSessionDuration=43200), "MaxSessionDuration: 43200", GOOD),
    "a further action of the function": (right(Action="s3:PutBucketPolicy"), "s3:PutBucketPolicy", GOOD),
    "a further resource of the function": (right(Resource="arn:aws:s3:::all*"), "arn:aws:s3:::all*", GOOD),
    "a Deny in place of an Allow": (right(Effect="Deny"), "Deny", GOOD),
    "rights under a condition": (
        right(Condition={"Bool": {"aws:ViaAWSService": "true"}}),
        "aws:ViaAWSService",
        GOOD,
    ),
    "the rights for another role too": (attached, "ec2.amazonaws.com", GOOD),
    "rights of a role that no function has": (rights_of_another_role, "s3:PutObject", GOOD),
    "the rights for a user too": (put("rights", Users=["everyday"]), "everyday", GOOD),
    # the function
    "an environment": (put("function", Environment={"Variables": {"MODE": "open"}}), "MODE", GOOD),
    "a layer": (put("function", Layers=["arn:aws:lambda:eu-west-1:999988887777:layer:x:1"]), "layer:x:1", GOOD),
    "a network": (put("function", VpcConfig={"SubnetIds": ["subnet-1234"]}), "subnet-1234", GOOD),
    "another time limit": (put("function", Timeout=899), "Timeout: 899", GOOD),
    "a file system": (
        put("function", FileSystemConfigs=[{"Arn": "arn:aws:fs", "LocalMountPath": "/mnt/x"}]),
        "/mnt/x",
        GOOD,
    ),
    "another handler": (put("function", Handler="other.main"), "other.main", GOOD),
    "another runtime": (put("function", Runtime="nodejs22.x"), "nodejs22.x", GOOD),
    "code of another bucket": (
        put("function", Code={"S3Bucket": "elsewhere", "S3Key": "code.zip"}),
        "code.zip",
        GOOD,
    ),
    "an image": (put("function", Code={"ImageUri": "999988887777.dkr.ecr/x:1"}, PackageType="Image"), "x:1", GOOD),
    "another role": (put("function", Role="arn:aws:iam::123456789012:role/Admin"), "role/Admin", GOOD),
    "failures to another account": (
        put("function", DeadLetterConfig={"TargetArn": "arn:aws:sqs:eu-west-1:999988887777:dead"}),
        "999988887777:dead",
        GOOD,
    ),
    "a URL": (of_function("AWS::Lambda::Url", "TargetFunctionArn", AuthType="NONE"), "AWS::Lambda::Url", GOOD),
    "calls by another account": (
        of_function("AWS::Lambda::Permission", Action="lambda:InvokeFunction", Principal="999988887777"),
        "999988887777",
        GOOD,
    ),
    "another source of events": (
        of_function("AWS::Lambda::EventSourceMapping", EventSourceArn="arn:aws:sqs:eu-west-1:1:q"),
        "AWS::Lambda::EventSourceMapping",
        GOOD,
    ),
    # other resources
    "a topic for iconik": (
        add("AWS::SNS::TopicPolicy", Topics=["t"], PolicyDocument={"Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "283217727627"}, "Action": "sns:Publish", "Resource": "*"}]}),
        "ICONIK001",
        NOT_GOOD,
    ),
    "an access grant for iconik": (
        add("AWS::S3::AccessGrant", Permission="READ", Grantee={"GranteeType": "IAM", "GranteeIdentifier": ROLE}),
        "ICONIK020",
        NOT_GOOD,
    ),
    "a share with another account": (
        add("AWS::RAM::ResourceShare", Name="share", Principals=["999988887777"]),
        "999988887777",
        GOOD,
    ),
    "a call that writes a policy": (
        lambda parts: parts.add("Custom::AWS", ServiceToken="t", Create=json.dumps(
            {"action": "putBucketPolicy", "parameters": {"Bucket": "x", "Policy": "{}"}})),
        "putBucketPolicy",
        GOOD,
    ),
    # other parts of the template
    "an output": (section("Outputs", Added={"Value": {"Ref": "Mode"}}), "Outputs Added", GOOD),
    "an export": (section("Outputs", Added={"Value": "x", "Export": {"Name": "shared"}}), "shared", GOOD),
    "another default": (section("Parameters", Mode={"Type": "String", "Default": "nowhere"}), "nowhere", GOOD),
    "another bootstrap": (
        section("Parameters", BootstrapVersion={"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/x"}),
        "BootstrapVersion",
        GOOD,
    ),
    "another condition": (section("Conditions", Sometimes={"Fn::Equals": ["a", "a"]}), '["a", "a"]', GOOD),
    "a mapping": (section("Mappings", Added={"a": {"b": "c"}}), "Mappings Added", GOOD),
    "a rule": (section("Rules", Added={"Assertions": []}), "Rules Added", GOOD),
    "a transform of AWS": (
        lambda parts: parts.template.update(Transform="AWS::LanguageExtensions"), "AWS::LanguageExtensions", GOOD),
    "a macro": (lambda parts: parts.template.update(Transform="Company"), "the macro Company", UNKNOWN),
    "a resource under a condition": (attribute("function", Condition="Sometimes"), "Sometimes", GOOD),
    "a resource that is kept": (attribute("function", DeletionPolicy="Retain"), "DeletionPolicy: Retain", GOOD),
}  # fmt: skip
