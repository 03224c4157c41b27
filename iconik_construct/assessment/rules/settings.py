"""The rules about the settings of the bucket, its key and its organisation, and about what could not be read."""

from __future__ import annotations

from typing import Final

from .rule import Effect, Rule


def _warning(rule_id: str, title: str, explanation: str, fix: str, effect: Effect = Effect.WARNING) -> Rule:
    return Rule(id=rule_id, title=title, explanation=explanation, fix=fix, effect=effect)


NO_TLS: Final = _warning(
    "ICONIK007",
    "The bucket policy does not deny requests without TLS",
    "Media, and the signed URLs that open it, could be read on the network.",
    "Set enforce_ssl=True on the bucket, or add a Deny of s3:* for everyone, on the bucket and on its objects, with "
    'the condition "Bool": {"aws:SecureTransport": "false"}.',
)
CUT_OFF: Final = Rule(
    id="ICONIK101",
    title="RestrictPublicBuckets blocks iconik, because AWS calls the bucket policy public",
    explanation="If one statement is public, the setting blocks every other account, also accounts that other "
    "statements name. Source: S3 User Guide, Blocking public access.",
    fix="Remove or narrow the public statement. The setting can stay on.",
    effect=Effect.LOCKED_OUT,
)
PERHAPS_CUT_OFF: Final = Rule(
    id="ICONIK102",
    title="RestrictPublicBuckets may block iconik",
    explanation="A statement allows everyone. If AWS calls the policy public, the setting blocks every other account.",
    fix="Remove or narrow the statement for everyone.",
    effect=Effect.MAY_BE_LOCKED_OUT,
)
PUBLIC_ACL: Final = Rule(
    id="ICONIK103",
    title="The ACL of the bucket allows others",
    explanation="An ACL grants access beside the policy, and has no condition on the tag.",
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
    explanation="Nothing published says that iconik sends the header x-amz-request-payer. Browsers with signed URLs do "
    "not send it.",
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
    explanation="S3 refuses every write, and every read of objects under that key.",
    fix="Set the default encryption to a key in the region of the bucket.",
    effect=Effect.LOCKED_OUT,
)
CONTROL_POLICY: Final = Rule(
    id="ICONIK120",
    title="A resource control policy of the organisation blocks iconik",
    explanation="It overrides the bucket policy and the key policy. The policies that AWS publishes deny every "
    "principal that is not in the organisation.",
    fix="Ask the administrators of the organisation to add 283217727627 to the aws:PrincipalAccount exemption of the "
    "policy. The samples of AWS also exempt resources with the tag dp:exclude:identity or dp:exclude:network: tag the "
    "bucket, turn on ABAC for it, and tag the key.",
    effect=Effect.LOCKED_OUT,
)
CONTROL_POLICIES_UNREAD: Final = _warning(
    "ICONIK121",
    "The resource control policies of the organisation were not read",
    "Only the management account and its delegates can read them. One of them could block iconik.",
    "Pass --organization-profile with a profile of the management account, or ask its administrators.",
)
CONTROL_POLICY_SEEN: Final = _warning(
    "ICONIK122",
    "Access Analyzer knows a resource control policy that applies to the bucket",
    "It does not say what the policy denies.",
    "Pass --organization-profile with a profile of the management account, or ask its administrators whether "
    "283217727627 is exempt.",
)
HALF_EXEMPT: Final = _warning(
    "ICONIK123",
    "A tag that exempts from policies of the organisation applies to one half of the storage only",
    "A tag of a bucket counts only with ABAC, and the key needs the tag too. Otherwise iconik can list objects and "
    "cannot read them.",
    "Turn on ABAC for the bucket (aws s3api put-bucket-abac), and set the same tag on bucket and key.",
)
NO_CORS: Final = _warning(
    "ICONIK140",
    "The bucket has no CORS rules, so iconik's web application cannot upload or play",
    "Browsers ask the bucket whether iconik's pages may use it.",
    "Press the CORS button on the storage in iconik, which writes the rules, or write them yourself.",
)
CORS_ORIGIN: Final = _warning(
    "ICONIK141",
    "No CORS rule allows an address of iconik's web application",
    "Browsers refuse what is not for the origin of their page.",
    "Add https://app.iconik.io, or the address of your domain, to the origins of the rules.",
)
CORS_METHODS: Final = _warning(
    "ICONIK142",
    "The CORS rule that applies to iconik lacks a method",
    "Browsers need GET and HEAD to play, PUT and POST to upload. S3 uses the first rule that matches the origin and "
    "the method.",
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
    "Uploads send headers such as Content-Type, and browsers ask for them first.",
    "Allow the header *.",
)
CORS_BY_OTHERS: Final = _warning(
    "ICONIK145",
    "iconik cannot change the CORS rules",
    "One writer should set the CORS rules, because each write replaces all of them. Here the writer is not iconik: its "
    "CORS button fails, and the rules must have what its web application needs.",
    "If iconik should write the rules, allow s3:PutBucketCORS. If not, say so with --no-cors.",
    Effect.NOTE,
)
OBJECT_LOCK: Final = _warning(
    "ICONIK150",
    "Object Lock with a default retention refuses uploads without a checksum",
    "S3 then requires Content-MD5 or a checksum, and an object cannot be deleted or replaced before its time.",
    "Turn on presign_md5_checksum in the settings of the storage in iconik.",
)
EXPIRES: Final = _warning(
    "ICONIK151",
    "A lifecycle rule deletes objects that iconik shows",
    "iconik is not informed: the asset stays, and its file is deleted.",
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
    "Objects in its archive access tiers must be restored like Glacier objects, and iconik is not informed.",
    "Leave the archive access tiers off, or limit them by a prefix or a tag.",
)
NO_VERSIONS: Final = _warning(
    "ICONIK154",
    "iconik can delete objects, and the bucket keeps no versions",
    "What is purged or overwritten in iconik cannot be recovered.",
    "Turn on versioning, or remove the right to delete (--no-delete).",
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
    "iconik uses the bucket itself: through an access point it could not set CORS rules.",
    "Enter the name of the bucket in iconik, not the name of an access point.",
    Effect.NOTE,
)
ACCELERATES: Final = _warning(
    "ICONIK158",
    "Transfer acceleration is on",
    "The storage form of iconik has a setting for it.",
    "Set Use Acceleration on the storage in iconik if you want it. It costs.",
    Effect.NOTE,
)
OTHER_PARTITION: Final = Rule(
    id="ICONIK159",
    title="The bucket is outside the partition aws",
    explanation="No IAM role is valid in another partition.",
    fix="Use a bucket in a region such as eu-west-1.",
    effect=Effect.LOCKED_OUT,
)
WEAKENED: Final = _warning(
    "ICONIK161",
    "A bucket is less protected than IconikStorage makes it",
    "A prop, a property injector, an aspect or an override changed a setting that protects the media.",
    "Remove the change, or acknowledge the rule and state the reason.",
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
    title="A fact that decides could not be read",
    explanation="Without it, it cannot be determined whether iconik or others have access.",
    fix="Allow the action that the finding names (iconik-construct check --print-policy prints all of them), or try "
    "again.",
    effect=Effect.UNKNOWN,
)
UNREAD_BESIDE: Final = _warning(
    "ICONIK191",
    "A setting could not be read",
    "It does not decide who has access, and nothing is said about it.",
    "Allow the action that the finding names (iconik-construct check --print-policy prints all of them), or try again.",
)
NO_BUCKET: Final = Rule(
    id="ICONIK192",
    title="The bucket does not exist",
    explanation="AWS says so, to this account, in this region.",
    fix="Check the spelling and the profile.",
    effect=Effect.LOCKED_OUT,
)
