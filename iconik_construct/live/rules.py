"""What `check` can find: what each finding means, why it matters, the way out. `docs/check.md` says the same."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

__all__ = ["RULES", "Level", "Rule"]


class Level(Enum):
    """What a finding means for the answer."""

    ERROR = "error"
    """iconik does not get in, or somebody else does, or that cannot be told: exit code 1."""
    UNKNOWN = "unknown"
    """Something that decides could not be read: exit code 3, unless an error makes it 1."""
    WARNING = "warning"
    """iconik gets in, and something will not work as people expect."""
    NOTE = "note"
    """Something to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of finding.

    Attributes:
        id: what it is called by.
        text: what it means, in one sentence.
        reason: why it matters.
        fix: the way out.
        level: what it means for the answer.
    """

    id: str
    text: str
    reason: str
    fix: str
    level: Level = Level.ERROR


NOTHING_ALLOWS: Final = Rule(
    id="CHECK001",
    text="Nothing in the bucket policy allows iconik something that it is meant to do",
    reason="iconik's role is of another account, so only an Allow in the bucket policy lets it in. A statement that "
    "names another role, or a System Domain ID that is not yours or in upper case, lets nobody of yours in.",
    fix="Add the statements that the finding prints to the bucket policy. Where a statement nearly fits, the finding "
    "names the part that does not. If iconik is meant to do less, say so: --permissions, --prefix, --no-delete.",
)
DENIED: Final = Rule(
    id="CHECK002",
    text="A Deny keeps iconik out",
    reason="A Deny wins over every Allow, in the bucket's policy and in the key's. Denies on an organisation, an "
    "account (kms:CallerAccount), a VPC endpoint, addresses or multi-factor authentication mean people, and hit "
    "iconik, which comes from outside.",
    fix="Exempt iconik's role in the Deny, as the statement that the finding prints does with ArnNotEquals on "
    "aws:PrincipalArn. The tag in the Allow keeps other customers of iconik out all the same.",
)
DEPENDS: Final = Rule(
    id="CHECK003",
    text="Whether iconik gets in depends on something that is not known here",
    reason="The condition asks something of the request, such as its source address or a header, that nobody but "
    "iconik knows.",
    fix="Exempt iconik's role from the Deny, as the statement that the finding prints does, or take the condition out "
    "of the Allow; the tag is what keeps others out.",
)
PARTLY: Final = Rule(
    id="CHECK004",
    text="iconik gets into a part of the bucket only",
    reason="The statement is limited to some objects or some prefixes, and iconik is meant to reach more.",
    fix="If the limit is meant, say so with --prefix and set the storage's path in iconik to it. If not, take it out "
    "of the statement.",
)
OTHERS: Final = Rule(
    id="CHECK005",
    text="Somebody else of iconik gets in",
    reason="iconik assumes one role for all its customers. Without the tag of your System Domain ID every one of them "
    "could point a storage of theirs at this bucket: the confused deputy problem.",
    fix="Put the condition on the tag into the statement, as the one that the finding prints has it.",
)
EVERYONE: Final = Rule(
    id="CHECK006",
    text="Everyone gets in, and so everybody of iconik",
    reason="The statement lets in whoever asks. The tag is no help beside the principal *, because anybody can give a "
    "role of his own any tag.",
    fix="Name the principals in the statement, or narrow it with a condition that strangers cannot meet, such as "
    "aws:PrincipalOrgID.",
)
OTHERS_DEPEND: Final = Rule(
    id="CHECK007",
    text="Whether somebody else gets in depends on something that is not known here",
    reason="The condition asks something that a caller may choose or that nobody here knows. What cannot be told is "
    "never taken for safe.",
    fix="Name the principals, and for iconik's role use StringEquals on the tag with your System Domain ID.",
)
EXAMPLE: Final = Rule(
    id="CHECK008",
    text="The System Domain ID of the example on iconik's help page gets in",
    reason="It is somebody else's domain: the statement was pasted and the id not replaced.",
    fix="Write your own System Domain ID, shown in iconik under Admin > Settings > System Settings.",
)
TOO_MUCH: Final = Rule(
    id="CHECK009",
    text="iconik may do more than it is meant to do",
    reason="What is not needed is not missed until it is misused: deletes, above all.",
    fix="List the actions that are meant, or say what is meant with --permissions.",
    level=Level.WARNING,
)
CUT_OFF: Final = Rule(
    id="CHECK010",
    text="RestrictPublicBuckets keeps iconik out, because AWS calls the bucket policy public",
    reason="As soon as one statement is public, the setting blocks every other account, also those that other "
    "statements name. Source: S3 User Guide, Blocking public access.",
    fix="Remove or narrow the public statement. The setting itself may stay on.",
)
ACL_LETS_IN: Final = Rule(
    id="CHECK011",
    text="The bucket's ACL lets somebody else in",
    reason="An ACL grants beside the policy, and knows no tag.",
    fix='Turn ACLs off: set the object ownership to "Bucket owner enforced".',
)
ACLS_ON: Final = Rule(
    id="CHECK012",
    text="Objects can be public by ACLs of their own",
    reason="ACLs are on and public ones are not ignored. Whether an object has one is not asked here, object by "
    "object.",
    fix='Turn ACLs off: set the object ownership to "Bucket owner enforced". Or block public ACLs (IgnorePublicAcls).',
)
UPLOADER_OWNS: Final = Rule(
    id="CHECK013",
    text="What iconik uploads belongs to iconik's account",
    reason='The object ownership is "Object writer" or "Bucket owner preferred": other roles of your account may find '
    "that they cannot read what iconik wrote.",
    fix='Set the object ownership to "Bucket owner enforced", the default of new buckets since 2023.',
    level=Level.WARNING,
)
REQUESTER_PAYS: Final = Rule(
    id="CHECK014",
    text="Requester Pays refuses requests that do not offer to pay",
    reason="Nothing published says that iconik sends the header x-amz-request-payer, and browsers with signed URLs "
    "do not.",
    fix="Set the bucket's payer to the bucket owner.",
)
ACCESS_POINT: Final = Rule(
    id="CHECK015",
    text="An access point of the bucket lets somebody else in",
    reason="The bucket policy leaves the decision to the account's access points, and this one's policy is open.",
    fix="Put the condition on the tag into the access point's policy, or take the statement out.",
)
KEY_IS_AWS: Final = Rule(
    id="CHECK020",
    text="The bucket encrypts with the AWS managed key aws/s3, which never lets another account in",
    reason="Listing works, reading and writing do not: nobody can edit the policy of that key.",
    fix="Set the default encryption to a customer managed key or to SSE-S3, and copy the objects over themselves, so "
    "that they are encrypted anew.",
)
KEY_FORGETS: Final = Rule(
    id="CHECK021",
    text="Nothing in the key policy lets iconik use the key",
    reason="Listing works, reading and writing do not: S3 asks the key on behalf of whoever reads or writes.",
    fix="Add the statement that the finding prints to the key policy.",
)
KEY_STATE: Final = Rule(
    id="CHECK022",
    text="The key cannot be used by anybody",
    reason="It is disabled, about to be deleted, or has no key material.",
    fix="Enable it (aws kms enable-key) or cancel its deletion (aws kms cancel-key-deletion).",
)
KEY_GONE: Final = Rule(
    id="CHECK023",
    text="The key that the bucket encrypts with does not exist, or is of another region",
    reason="S3 refuses every write, and every read of what that key encrypted.",
    fix="Set the default encryption to a key of the bucket's region.",
)
KEY_GRANT: Final = Rule(
    id="CHECK024",
    text="A grant on the key lets in iconik's role, whatever its tag",
    reason="A grant knows no condition on the tag: with it every customer of iconik may use the key.",
    fix="Retire the grant (aws kms revoke-grant), and let iconik in by the key policy.",
)
CONTROL_POLICY: Final = Rule(
    id="CHECK030",
    text="A resource control policy of the organisation keeps iconik out",
    reason="It wins over the bucket policy and the key policy. AWS's published ones deny every principal that is not "
    "of the organisation.",
    fix="Have the organisation's administrators add 283217727627 to the policy's aws:PrincipalAccount exemption. "
    "AWS's samples also exempt resources tagged dp:exclude:identity or dp:exclude:network: tag the bucket, turn on "
    "ABAC for it, and tag the key.",
)
CONTROL_POLICIES_UNREAD: Final = Rule(
    id="CHECK031",
    text="The organisation's resource control policies were not looked at",
    reason="Only the management account and its delegates may read them. One of them could keep iconik out.",
    fix="Pass --organization-profile with a profile of the management account, or ask its administrators.",
    level=Level.WARNING,
)
CONTROL_POLICY_SEEN: Final = Rule(
    id="CHECK032",
    text="Access Analyzer knows of a resource control policy that applies to the bucket",
    reason="It does not say what the policy denies.",
    fix="Pass --organization-profile with a profile of the management account, or ask its administrators whether "
    "283217727627 is exempt.",
    level=Level.WARNING,
)
HALF_EXEMPT: Final = Rule(
    id="CHECK033",
    text="A tag that exempts from the organisation's policies counts for a half of the storage only",
    reason="A tag of a bucket counts only with ABAC on, and the key needs the tag as well: the half of it is a "
    "storage that lists and cannot read.",
    fix="Turn on ABAC for the bucket (aws s3api put-bucket-abac), and put the same tag on bucket and key.",
    level=Level.WARNING,
)
NO_CORS: Final = Rule(
    id="CHECK040",
    text="The bucket has no CORS rules, so iconik's web application cannot upload or play",
    reason="Browsers ask the bucket whether iconik's pages may use it.",
    fix="Press the CORS button on the storage in iconik, which writes the rules, or write them yourself.",
    level=Level.WARNING,
)
CORS_ORIGIN: Final = Rule(
    id="CHECK041",
    text="No CORS rule names an address of iconik's web application",
    reason="Browsers refuse what is not for their page's origin.",
    fix="Add https://app.iconik.io, or the address that your domain uses, to the rules' origins.",
    level=Level.WARNING,
)
CORS_METHODS: Final = Rule(
    id="CHECK042",
    text="The CORS rules for iconik leave out a method",
    reason="Browsers need GET and HEAD to play, PUT and POST to upload.",
    fix="Add the methods to the rule.",
    level=Level.WARNING,
)
CORS_ETAG: Final = Rule(
    id="CHECK043",
    text="The CORS rules for iconik do not expose ETag",
    reason="A browser must read each part's ETag to finish a multipart upload: large uploads run to 100 % and fail.",
    fix="Add ETag to the rule's exposed headers.",
    level=Level.WARNING,
)
CORS_HEADERS: Final = Rule(
    id="CHECK044",
    text="The CORS rules for iconik allow no headers",
    reason="Uploads send headers such as Content-Type, and browsers ask for them beforehand.",
    fix="Allow the header *.",
    level=Level.WARNING,
)
CORS_BY_OTHERS: Final = Rule(
    id="CHECK045",
    text="The CORS rules are not iconik's to change",
    reason="Whoever sets CORS rules replaces all of them, so there should be one writer. Here it is not iconik: its "
    "CORS button will fail, and what its web application needs must be among the rules.",
    fix="If iconik is to write them, allow it s3:PutBucketCORS. If not, say so with --no-cors.",
    level=Level.NOTE,
)
NOT_ALL: Final = Rule(
    id="CHECK046",
    text="The bucket policy leaves out what iconik probably asks for",
    reason="These actions look up whether acceleration is on, and clean up after uploads that were given up. That "
    "iconik takes them is inferred from what it does; it reads and writes media without them.",
    fix="Add the statements that the finding prints, or leave it where all works.",
    level=Level.WARNING,
)
OBJECT_LOCK: Final = Rule(
    id="CHECK050",
    text="Object Lock with a default retention refuses uploads without a checksum",
    reason="S3 asks Content-MD5 or a checksum of each upload then, and an object cannot be deleted or replaced before "
    "its time.",
    fix="Turn on presign_md5_checksum in the storage's settings in iconik.",
    level=Level.WARNING,
)
EXPIRES: Final = Rule(
    id="CHECK051",
    text="A lifecycle rule deletes objects that iconik shows",
    reason="iconik is not told: the asset stays, its file is gone.",
    fix="Limit the rule to what is not in iconik, by a prefix or a tag, or take it out.",
    level=Level.WARNING,
)
ARCHIVES: Final = Rule(
    id="CHECK052",
    text="A lifecycle rule archives objects that iconik shows",
    reason="An archived object must be restored before it plays; iconik does that for storages of the purpose ARCHIVE.",
    fix="Limit the rule by a prefix or a tag, or use Glacier Instant Retrieval, which needs no restore.",
    level=Level.WARNING,
)
TIERING_ARCHIVES: Final = Rule(
    id="CHECK053",
    text="Intelligent-Tiering archives objects that iconik shows",
    reason="Its archive access tiers must be restored like Glacier, and iconik is not told.",
    fix="Leave the archive access tiers off, or limit them by a prefix or a tag.",
    level=Level.WARNING,
)
NO_VERSIONS: Final = Rule(
    id="CHECK054",
    text="iconik may delete objects, and the bucket keeps no versions",
    reason="What is purged in iconik, or overwritten, is gone for good.",
    fix="Turn on versioning, or leave the delete out (--no-delete).",
    level=Level.WARNING,
)
DOTS: Final = Rule(
    id="CHECK055",
    text="The bucket's name has dots",
    reason="Browsers refuse the certificate of a bucket with dots in its name, and transfer acceleration refuses the "
    "name.",
    fix="Use a bucket without dots.",
    level=Level.WARNING,
)
NOTIFIES: Final = Rule(
    id="CHECK056",
    text="The bucket sends event notifications",
    reason="What iconik writes and deletes sends events as well, to whoever listens.",
    fix="Nothing, if the listeners expect it.",
    level=Level.NOTE,
)
HAS_ACCESS_POINTS: Final = Rule(
    id="CHECK057",
    text="The bucket has access points",
    reason="iconik uses the bucket itself: through an access point it could not set CORS rules.",
    fix="Type the bucket's name into iconik, not that of an access point.",
    level=Level.NOTE,
)
ACCELERATES: Final = Rule(
    id="CHECK058",
    text="Transfer acceleration is on",
    reason="iconik's form has a flag for it.",
    fix="Set Use Acceleration on the storage in iconik if it is to be used; it costs.",
    level=Level.NOTE,
)
OTHER_PARTITION: Final = Rule(
    id="CHECK059",
    text="The bucket is outside the partition aws",
    reason="No IAM role is valid in another partition, iconik's neither.",
    fix="Use a bucket in a region such as eu-west-1.",
)
ELSEWHERE: Final = Rule(
    id="CHECK060",
    text="A resource that no storage needs lets iconik's account in",
    reason="iconik works on buckets and their keys; a queue, a topic or a secret that names its account is something "
    "that somebody set up by hand.",
    fix="Ask who needs it. If nobody does, take the statement out.",
    level=Level.WARNING,
)
EDITED: Final = Rule(
    id="CHECK061",
    text="Somebody edited a statement of this library's",
    reason="It has one of our Sids and a content that we never write: a deployment refuses to touch it, and it stays "
    "when the stack goes.",
    fix="Take it out, and deploy again.",
)
UNREAD: Final = Rule(
    id="CHECK090",
    text="Something that decides could not be read",
    reason="Without it nobody can say whether iconik, or somebody else, gets in.",
    fix="Allow the action that the finding names (iconik-construct check --print-policy prints all of them), or ask "
    "again.",
    level=Level.UNKNOWN,
)
UNREAD_BESIDE: Final = Rule(
    id="CHECK091",
    text="Something could not be read",
    reason="It does not decide who gets in, but nothing is said about it.",
    fix="Allow the action that the finding names (iconik-construct check --print-policy prints all of them), or ask "
    "again.",
    level=Level.WARNING,
)
NO_BUCKET: Final = Rule(
    id="CHECK092",
    text="There is no such bucket",
    reason="AWS says so, to this account, in this region.",
    fix="Look at the spelling, and at the profile.",
)

RULES: Final = tuple(found for found in list(vars().values()) if isinstance(found, Rule))
