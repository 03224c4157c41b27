"""Changes of the bucket, its policy and its key: a change, a word that the page gets, and the verdict."""

from __future__ import annotations

from tests.report.template_parts import (
    DESTINATION,
    DOMAIN,
    ELSEWHERE,
    FOREIGN,
    GOOD,
    NOT_GOOD,
    OTHER,
    ROLE,
    TAG,
    UNKNOWN,
    Change,
    attribute,
    each_for_iconik,
    encryption,
    open_acls,
    point,
    put,
    second_policy,
    statement,
    take,
    without_tls,
)

CHANGES: dict[str, tuple[Change, str, str]] = {
    "an ACL for everyone": (put("masters", AccessControl="PublicRead"), "PublicRead", GOOD),
    "an ACL for logs": (put("masters", AccessControl="LogDeliveryWrite"), "LogDeliveryWrite", GOOD),
    "an ACL under object writer": (open_acls, "ObjectWriter", UNKNOWN),
    "another ownership": (
        put("masters", OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}),
        "BucketOwnerPreferred",
        GOOD,
    ),
    "no public access block": (
        take("masters", "PublicAccessBlockConfiguration"),
        "PublicAccessBlockConfiguration: not set",
        GOOD,
    ),
    "half a public access block": (
        put("masters", PublicAccessBlockConfiguration={"BlockPublicAcls": True, "IgnorePublicAcls": True}),
        'PublicAccessBlockConfiguration: {"BlockPublicAcls"',
        GOOD,
    ),
    "suspended versions": (put("masters", VersioningConfiguration={"Status": "Suspended"}), "Suspended", GOOD),
    "no versions": (take("masters", "VersioningConfiguration"), "VersioningConfiguration: not set", GOOD),
    "replication to another account": (
        put("masters", ReplicationConfiguration={
            "Role": "arn:aws:iam::123456789012:role/Replication",
            "Rules": [{"Status": "Enabled", "Destination": {"Bucket": ELSEWHERE, "Account": "999988887777"}}]}),
        "999988887777",
        GOOD,
    ),
    "an inventory for another account": (
        put("masters", InventoryConfigurations=[{"Id": "all", "Enabled": True, "Destination": DESTINATION}]),
        "InventoryConfigurations",
        GOOD,
    ),
    "analytics for another account": (
        put("masters", AnalyticsConfigurations=[{"Id": "all", "StorageClassAnalysis": {
            "DataExport": {"Destination": DESTINATION, "OutputSchemaVersion": "V_1"}}}]),
        "AnalyticsConfigurations",
        GOOD,
    ),
    "metrics": (put("masters", MetricsConfigurations=[{"Id": "EntireBucket"}]), "MetricsConfigurations", GOOD),
    "a notification to another account": (
        put("masters", NotificationConfiguration={"QueueConfigurations": [
            {"Event": "s3:ObjectCreated:*", "Queue": "arn:aws:sqs:eu-west-1:999988887777:q"}]}),
        "arn:aws:sqs:eu-west-1:999988887777:q",
        GOOD,
    ),
    "notifications by EventBridge": (
        put("masters", NotificationConfiguration={"EventBridgeConfiguration": {"EventBridgeEnabled": True}}),
        "EventBridgeEnabled",
        GOOD,
    ),
    "an expiry": (
        put("masters", LifecycleConfiguration={"Rules": [{"Id": "x", "Status": "Enabled", "ExpirationInDays": 365}]}),
        "365",
        GOOD,
    ),
    "an archive": (
        put("masters", LifecycleConfiguration={"Rules": [
            {"Id": "x", "Status": "Enabled", "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": 9}]}]}),
        "GLACIER",
        GOOD,
    ),
    "another time for old versions": (
        put("masters", LifecycleConfiguration={"Rules": [
            {"Id": "x", "Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 3}}]}),
        '"NoncurrentDays": 3',
        GOOD,
    ),
    "no lifecycle": (take("masters", "LifecycleConfiguration"), "LifecycleConfiguration: not set", GOOD),
    "a bucket of the stack": (attribute("masters", DeletionPolicy="Delete"), "DeletionPolicy: Delete", GOOD),
    "a bucket that goes when it is replaced": (
        attribute("masters", UpdateReplacePolicy="Delete"),
        "UpdateReplacePolicy: Delete",
        GOOD,
    ),
    "a website": (put("masters", WebsiteConfiguration={"IndexDocument": "index.html"}), "index.html", GOOD),
    "logs elsewhere": (put("masters", LoggingConfiguration={"DestinationBucketName": "elsewhere"}), "elsewhere", GOOD),
    "an Object Lock": (
        put("masters", ObjectLockEnabled=True, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {
            "DefaultRetention": {"Mode": "COMPLIANCE", "Days": 9}}}),
        "COMPLIANCE",
        GOOD,
    ),
    "acceleration": (
        put("masters", AccelerateConfiguration={"AccelerationStatus": "Enabled"}),
        "AccelerationStatus",
        GOOD,
    ),
    "Intelligent-Tiering": (
        put("masters", IntelligentTieringConfigurations=[
            {"Id": "deep", "Status": "Enabled", "Tierings": [{"AccessTier": "DEEP_ARCHIVE_ACCESS", "Days": 180}]}]),
        "DEEP_ARCHIVE_ACCESS",
        GOOD,
    ),
    "a tag": (put("masters", Tags=[{"Key": "team", "Value": "x"}]), "team", GOOD),
    "a tag that exempts": (
        put("masters", Tags=[{"Key": "dp:exclude:identity", "Value": "true"}]),
        "dp:exclude:identity",
        GOOD,
    ),
    "CORS rules for every page": (
        put("masters", CorsConfiguration={"CorsRules": [{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}]}),
        '"AllowedOrigins": ["*"]',
        GOOD,
    ),
    "no key": (encryption(ServerSideEncryptionByDefault={"SSEAlgorithm": "AES256"}), "Encryption AES256", GOOD),
    "two layers of keys": (
        encryption(ServerSideEncryptionByDefault={"SSEAlgorithm": "aws:kms:dsse"}, BucketKeyEnabled=True),
        "aws:kms:dsse",
        NOT_GOOD,
    ),
    "the key of AWS": (
        encryption(ServerSideEncryptionByDefault={"SSEAlgorithm": "aws:kms"}, BucketKeyEnabled=True),
        "ICONIK008",
        NOT_GOOD,
    ),
    "a key of another account": (
        encryption(ServerSideEncryptionByDefault={"SSEAlgorithm": "aws:kms",
            "KMSMasterKeyID": "arn:aws:kms:eu-west-1:999988887777:key/1234abcd-12ab-34cd-56ef-1234567890ab"}),
        "arn:aws:kms:eu-west-1:999988887777:key",
        UNKNOWN,
    ),
    "another name": (put("masters", BucketName="acme-renamed"), "acme-renamed", GOOD),
    "tags that decide": (put("masters", AbacStatus="Enabled"), "AbacStatus: Enabled", GOOD),
    "a table of metadata": (
        put("masters", MetadataTableConfiguration={"S3TablesDestination": {"TableName": "t", "TableBucketArn": "x"}}),
        "MetadataTableConfiguration",
        GOOD,
    ),
    # the bucket policy
    "another account": (statement(Principal={"AWS": FOREIGN}), "999988887777", GOOD),
    "another account by a condition": (
        statement(Principal="*", Condition={"StringEquals": {"aws:PrincipalAccount": "999988887777"}}),
        "999988887777",
        GOOD,
    ),
    "an organisation": (
        statement(Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}),
        "o-abcdefghij",
        GOOD,
    ),
    "a service": (statement(Principal={"Service": "logging.s3.amazonaws.com"}), "logging.s3.amazonaws.com", GOOD),
    "everyone": (statement(Principal="*"), "ICONIK004", NOT_GOOD),
    "iconik without the tag": (each_for_iconik(lambda one: one.pop("Condition")), "ICONIK001", NOT_GOOD),
    "another domain": (
        each_for_iconik(lambda one: one["Condition"]["StringEquals"].update({TAG: OTHER})),
        OTHER,
        NOT_GOOD,
    ),
    "a second domain": (
        each_for_iconik(lambda one: one["Condition"]["StringEquals"].update({TAG: [DOMAIN, OTHER]})),
        OTHER,
        NOT_GOOD,
    ),
    "one more action for iconik": (
        statement(Principal={"AWS": ROLE}, Action="s3:PutBucketPolicy", Condition={"StringEquals": {TAG: DOMAIN}}),
        "s3:PutBucketPolicy",
        GOOD,
    ),
    "a narrower condition for iconik": (
        each_for_iconik(lambda one: one["Condition"].update({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})),
        "203.0.113.0/24",
        UNKNOWN,
    ),
    "a Deny of iconik": (statement(Effect="Deny", Principal={"AWS": ROLE}), "ICONIK012", NOT_GOOD),
    "no Deny of plain HTTP": (without_tls, "ICONIK007", GOOD),
    "a condition on the policy": (attribute("policy", Condition="Sometimes"), "Sometimes", UNKNOWN),
    "a policy that goes with the stack": (attribute("policy", DeletionPolicy="Delete"), "DeletionPolicy: Delete", GOOD),
    "a policy that goes when it is replaced": (
        attribute("policy", UpdateReplacePolicy="Delete"),
        "UpdateReplacePolicy: Delete",
        GOOD,
    ),
    "a second policy": (second_policy, "999988887777", UNKNOWN),
    "an access point": (point, "ICONIK001", NOT_GOOD),
    # the key
    "an account on the key": (statement("key", Principal={"AWS": FOREIGN}, Action="kms:*"), "999988887777", GOOD),
    "a key without iconik": (
        lambda parts: parts.key["Properties"]["KeyPolicy"].update(Statement=[
            one for one in parts.key["Properties"]["KeyPolicy"]["Statement"] if one not in parts.for_iconik("key")]),
        "ICONIK008",
        NOT_GOOD,
    ),
    "a key for iconik without the tag": (
        each_for_iconik(lambda one: one.pop("Condition"), "key"),
        "ICONIK001",
        NOT_GOOD,
    ),
    "no rotation": (put("key", EnableKeyRotation=False), "EnableKeyRotation: false", GOOD),
    "rotation left out": (take("key", "EnableKeyRotation"), "EnableKeyRotation: not set", GOOD),
    "another period of rotation": (put("key", RotationPeriodInDays=2560), "RotationPeriodInDays: 2560", GOOD),
    "a disabled key": (put("key", Enabled=False), "ICONIK110", NOT_GOOD),
    "imported key material": (put("key", Origin="EXTERNAL"), "EXTERNAL", UNKNOWN),
    "a key that signs": (put("key", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY"), "RSA_2048", NOT_GOOD),
    "a short time to delete the key": (put("key", PendingWindowInDays=7), "PendingWindowInDays: 7", GOOD),
    "a key in several regions": (put("key", MultiRegion=True), "MultiRegion: true", GOOD),
    "a key that goes with the stack": (
        attribute("key", DeletionPolicy="Delete"),
        "DeletionPolicy: Delete",
        GOOD,
    ),
    "a key policy without the check of AWS": (
        put("key", BypassPolicyLockoutSafetyCheck=True),
        "BypassPolicyLockoutSafetyCheck: true",
        GOOD,
    ),
    "another name of the key": (
        lambda parts: parts.add("AWS::KMS::Alias", AliasName="alias/x", TargetKeyId=parts.ref(parts.key)),
        "alias/x",
        GOOD,
    ),
}  # fmt: skip
