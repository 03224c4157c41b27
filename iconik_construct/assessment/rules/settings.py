"""The rules about the settings of the bucket, its key and its organisation, and about what could not be read."""

from __future__ import annotations

from typing import Final

from .rule import Effect, Rule


def _warning(rule_id: str, title: str, explanation: str, fix: str, effect: Effect = Effect.WARNING) -> Rule:
    return Rule(id=rule_id, title=title, explanation=explanation, fix=fix, effect=effect)


NO_TLS: Final = _warning(
    "ICONIK007",
    "The bucket policy does not deny requests without TLS",
    "Without TLS, others on the network could read media, and the signed URLs that give access to it.",
    "Set enforce_ssl=True on the bucket, or add a Deny of s3:* for everyone, on the bucket and on its objects, with "
    'the condition "Bool": {"aws:SecureTransport": "false"}.',
)
CUT_OFF: Final = Rule(
    id="ICONIK101",
    title="RestrictPublicBuckets blocks iconik, because AWS calls the bucket policy public",
    explanation="If one statement is public, the setting blocks all accounts except yours, also accounts that other "
    "statements name. Source: S3 User Guide, Blocking public access.",
    fix="Remove or narrow the public statement. The setting can stay on.",
    effect=Effect.LOCKED_OUT,
)
PERHAPS_CUT_OFF: Final = Rule(
    id="ICONIK102",
    title="RestrictPublicBuckets may block iconik",
    explanation="If the setting is on, and AWS calls the policy public, the setting blocks all accounts except yours. "
    "One of the two is not known.",
    fix="Remove or narrow the statement for everyone.",
    effect=Effect.MAY_BE_LOCKED_OUT,
)
PUBLIC_ACL: Final = Rule(
    id="ICONIK103",
    title="The ACL of the bucket allows others",
    explanation="An ACL grants access in addition to the policy, and cannot have a condition on the tag.",
    fix='Turn ACLs off: set the object ownership to "Bucket owner enforced".',
    effect=Effect.OTHERS,
)
ACLS_ON: Final = Rule(
    id="ICONIK104",
    title="Objects can be public by their own ACLs",
    explanation="ACLs are on, and public ACLs are not ignored. The ACLs of single objects are not read.",
    fix='Turn ACLs off: set the object ownership to "Bucket owner enforced". Or block public ACLs (IgnorePublicAcls).',
    effect=Effect.OTHERS_MAY,
)
UPLOADER_OWNS: Final = _warning(
    "ICONIK105",
    "Objects that iconik uploads belong to iconik's account",
    'The object ownership is "Object writer" or "Bucket owner preferred". Other roles of your account may not be able '
    "to read what iconik wrote.",
    'Set the object ownership to "Bucket owner enforced", the default of new buckets since 2023.',
)
REQUESTER_PAYS: Final = Rule(
    id="ICONIK106",
    title="Requester Pays refuses requests that do not accept the cost",
    explanation="Requests must have the header x-amz-request-payer. No published page says that iconik sends it. "
    "Browsers with signed URLs do not send it.",
    fix="Set the payer of the bucket to the bucket owner.",
    effect=Effect.LOCKED_OUT,
)
KEY_STATE: Final = Rule(
    id="ICONIK110",
    title="Nobody can use the key",
    explanation="The key is disabled, is scheduled for deletion, has no key material, or is of a kind that S3 cannot "
    "use.",
    fix="Enable the key (aws kms enable-key) or cancel its deletion (aws kms cancel-key-deletion). S3 needs a "
    "symmetric encryption key.",
    effect=Effect.LOCKED_OUT,
)
KEY_GONE: Final = Rule(
    id="ICONIK111",
    title="The key that encrypts the bucket does not exist, or is in another region",
    explanation="S3 refuses every write, and every read of an object that this key encrypts.",
    fix="Set the default encryption to a key in the region of the bucket.",
    effect=Effect.LOCKED_OUT,
)
CONTROL_POLICY: Final = Rule(
    id="ICONIK120",
    title="A resource control policy of the organisation blocks iconik",
    explanation="A resource control policy overrides the bucket policy and the key policy. The samples that AWS "
    "publishes deny every principal that is not in the organisation.",
    fix="Ask the administrators of the organisation to add 283217727627 to the aws:PrincipalAccount exemption of the "
    "policy. The samples of AWS also exempt resources with the tag dp:exclude:identity or dp:exclude:network. To use "
    "this, tag the bucket, turn on ABAC for the bucket, and tag the key.",
    effect=Effect.LOCKED_OUT,
)
CONTROL_POLICIES_UNREAD: Final = _warning(
    "ICONIK121",
    "The resource control policies of the organisation were not read",
    "Only the management account and its delegates can read them. One of them could block iconik.",
    "Pass --organization-profile to check or audit, with a profile of the management account, or ask its "
    "administrators.",
)
CONTROL_POLICY_SEEN: Final = _warning(
    "ICONIK122",
    "Access Analyzer knows a resource control policy that applies to the bucket",
    "Access Analyzer does not say what the policy denies.",
    "Pass --organization-profile to check, with a profile of the management account, or ask its administrators whether "
    "283217727627 is exempt.",
)
HALF_EXEMPT: Final = _warning(
    "ICONIK123",
    "Only the bucket or only its key is exempt from a policy of the organisation",
    "A tag such as dp:exclude:identity exempts both only if both have it. On a bucket, the tag has an effect only with "
    "ABAC. If the key is not exempt, iconik can list objects and cannot read them.",
    "Turn on ABAC for the bucket (aws s3api put-bucket-abac), and set the same tag on bucket and key.",
)
NO_CORS: Final = _warning(
    "ICONIK140",
    "The bucket has no CORS rules, so iconik's web application cannot upload or play",
    "A browser lets iconik's pages use the bucket only if a CORS rule of the bucket allows it.",
    "Press the CORS button on the storage in iconik, which writes the rules, or write them yourself.",
)
CORS_ORIGIN: Final = _warning(
    "ICONIK141",
    "No CORS rule allows an address of iconik's web application",
    "A browser refuses the answer of the bucket, unless a CORS rule allows the address of the page.",
    "Add https://app.iconik.io, or the address of your domain, to the origins of the rules.",
)
CORS_METHODS: Final = _warning(
    "ICONIK142",
    "The CORS rule that applies to iconik lacks a method",
    "Browsers need GET and HEAD to play, and PUT and POST to upload, as far as iconik should be able to do this. S3 "
    "uses the first rule that matches the origin and the method.",
    "Add the methods to the rule.",
)
CORS_ETAG: Final = _warning(
    "ICONIK143",
    "The CORS rule that applies to iconik does not expose ETag",
    "A browser reads the ETag of each part to finish a multipart upload. Without it, large uploads run to 100 % and "
    "fail. S3 uses the first rule that matches.",
    "Add ETag to the exposed headers of the rule, or move the rule for iconik to the top.",
)
CORS_HEADERS: Final = _warning(
    "ICONIK144",
    "The CORS rule that applies to iconik does not allow the headers of uploads",
    "Uploads send headers such as Content-Type. Before the upload, the browser asks the bucket whether these are "
    "allowed.",
    "Allow the header *.",
)
CORS_BY_OTHERS: Final = _warning(
    "ICONIK145",
    "iconik cannot change the CORS rules",
    "Only one side should write the CORS rules, because each write replaces all of them. Here iconik cannot: its CORS "
    "button fails, and your rules must have what its web application needs.",
    "If iconik should write the rules, allow s3:PutBucketCORS. If you write them, add --no-cors to the command.",
    Effect.NOTE,
)
OBJECT_LOCK: Final = _warning(
    "ICONIK150",
    "Object Lock with a default retention refuses uploads without a checksum",
    "S3 then requires Content-MD5 or a checksum. An object version cannot be deleted before its retention ends.",
    "Turn on presign_md5_checksum in the settings of the storage in iconik.",
)
EXPIRES: Final = _warning(
    "ICONIK151",
    "A lifecycle rule deletes objects that iconik shows",
    "AWS does not inform iconik: the asset stays in iconik, and its file is deleted.",
    "Limit the rule to objects outside iconik by a prefix or a tag, or remove the rule.",
)
ARCHIVES: Final = _warning(
    "ICONIK152",
    "A lifecycle rule archives objects that iconik shows",
    "An archived object must be restored before it plays. iconik does that for storages of the purpose ARCHIVE.",
    "Limit the rule by a prefix or a tag, or use Glacier Instant Retrieval, which needs no restore.",
)
TIERING_ARCHIVES: Final = _warning(
    "ICONIK153",
    "Intelligent-Tiering archives objects that iconik shows",
    "Objects in its archive access tiers must be restored like Glacier objects, and AWS does not inform iconik.",
    "Leave the archive access tiers off, or limit them by a prefix or a tag.",
)
NO_VERSIONS: Final = _warning(
    "ICONIK154",
    "iconik can delete objects, and the bucket keeps no versions",
    "If iconik deletes or overwrites an object, the object cannot be recovered.",
    "Turn on versioning, or remove s3:DeleteObject from the statement and add --no-delete to the command.",
)
DOTS: Final = _warning(
    "ICONIK155",
    "The name of the bucket has dots",
    "Browsers refuse the certificate of such a bucket, and transfer acceleration refuses the name.",
    "Use a bucket without dots.",
)
NOTIFIES: Final = _warning(
    "ICONIK156",
    "The bucket sends event notifications",
    "What iconik writes and deletes also sends events.",
    "Do nothing if the receivers expect the events.",
    Effect.NOTE,
)
HAS_ACCESS_POINTS: Final = _warning(
    "ICONIK157",
    "The bucket has access points",
    "iconik uses the bucket itself, because an access point has no CORS rules that iconik could write.",
    "Enter the name of the bucket in iconik, not the name of an access point.",
    Effect.NOTE,
)
ACCELERATES: Final = _warning(
    "ICONIK158",
    "Transfer acceleration is on",
    "The storage form of iconik has a setting for it.",
    "To use it, set Use Acceleration on the storage in iconik. AWS charges for it by the GB.",
    Effect.NOTE,
)
OTHER_PARTITION: Final = Rule(
    id="ICONIK159",
    title="The bucket is outside the partition aws, for example in China or GovCloud",
    explanation="iconik's role is in the partition aws, and a role cannot be used in another partition.",
    fix="Use a bucket in a region such as eu-west-1.",
    effect=Effect.LOCKED_OUT,
)
WEAKENED: Final = _warning(
    "ICONIK161",
    "A bucket is less protected than a new bucket of IconikStorage",
    "A prop, a property injector, an aspect or an override changed a setting that protects the media.",
    "Remove the change, or acknowledge the rule, with the reason.",
)
ELSEWHERE: Final = _warning(
    "ICONIK160",
    "A resource that no storage needs allows iconik's account",
    "iconik uses buckets and their keys. A queue, a topic, a secret or a role that names its account was set up by "
    "hand.",
    "Ask who needs it. If nobody does, remove the statement.",
)
UNREAD: Final = Rule(
    id="ICONIK190",
    title="A policy or setting that decides who has access could not be read",
    explanation="Without it, it cannot be determined whether iconik or others have access.",
    fix="In a template, write the value as text, and set it without a call of the AWS API. In an account, allow the "
    "action that the finding names (iconik-construct check --print-policy prints all of them), or try again.",
    effect=Effect.UNKNOWN,
)
UNREAD_BESIDE: Final = _warning(
    "ICONIK191",
    "A setting could not be read",
    "The setting does not decide who has access. The result says nothing about the setting.",
    "Allow the action that the finding names (iconik-construct check --print-policy prints all of them), or try again.",
)
NO_BUCKET: Final = Rule(
    id="ICONIK192",
    title="The bucket does not exist",
    explanation="AWS answers that there is no bucket with this name.",
    fix="Check the name of the bucket. Check the AWS profile and the region.",
    effect=Effect.LOCKED_OUT,
)
