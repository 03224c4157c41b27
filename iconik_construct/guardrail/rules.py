"""The rules: what each refuses, why, and the way out. `docs/guardrail.md` says the same, and a test compares them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

__all__ = [
    "EVERYONE",
    "INEFFECTIVE_TAG",
    "KEY_ELSEWHERE",
    "KEY_FORGETS",
    "NOT_PRINCIPAL",
    "NO_TAG",
    "NO_TLS",
    "OTHER_DOMAIN",
    "RULES",
    "STAND_IN",
    "TOO_WIDE",
    "UNRESOLVED",
    "Rule",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    Attributes:
        id: what a violation and its acknowledgement are called by.
        text: what is wrong, in one sentence.
        reason: why it is wrong.
        fix: what to write instead.
        severity: an error refuses the synthesis, a warning does not.
    """

    id: str
    text: str
    reason: str
    fix: str
    severity: Literal["error", "warning"] = "error"

    @property
    def docs(self) -> str:
        """Where the rule is explained."""
        return f"docs/guardrail.md#{self.id.lower()}"


NO_TAG: Final = Rule(
    id="ICONIK001",
    text="An Allow lets iconik in without a condition on the tag IconikSystemDomainId",
    reason="iconik assumes one role for all its customers. Without the tag every one of them could point a storage of "
    "theirs at this resource: the confused deputy problem.",
    fix='Add "StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": "<your System Domain ID>"} to the statement\'s '
    "Condition, or let IconikStorage write the statement.",
)
INEFFECTIVE_TAG: Final = Rule(
    id="ICONIK002",
    text="An Allow for iconik has a condition on the tag that does not pin your System Domain ID",
    reason="Only the plain operator StringEquals with ids written out pins the tag. IfExists and ForAllValues also "
    "hold where the tag is missing; wildcards, negations and policy variables hold for other domains as well.",
    fix="Write the condition with the operator StringEquals and your System Domain IDs as its values.",
)
OTHER_DOMAIN: Final = Rule(
    id="ICONIK003",
    text="An Allow for iconik names a System Domain ID that is not in the guardrail's list",
    reason="It lets in somebody else's iconik domain, or, misspelt or in upper case, nobody at all.",
    fix="Write your own System Domain ID, shown in iconik under Admin > Settings > System Settings, in lower case; or "
    "add the id to IconikGuardrail(system_domain_ids=[...]).",
)
EVERYONE: Final = Rule(
    id="ICONIK004",
    text="An Allow lets in everyone, and so iconik's role for every iconik customer",
    reason="The tag is no help beside the principal *, because anybody can give a role of his own any tag.",
    fix="Name the principals. Where everyone of a company, network or service is meant, say so with a condition such "
    "as aws:PrincipalOrgID, aws:SourceVpce, aws:SourceIp or aws:SourceArn. A bucket that is public on purpose is "
    "acknowledged.",
)
NOT_PRINCIPAL: Final = Rule(
    id="ICONIK005",
    text="An Allow uses NotPrincipal and so lets in everyone whom it does not name",
    reason="That includes iconik's role for every iconik customer, every other AWS account, and anonymous callers.",
    fix="Name in Principal who may come in, and put exceptions into a Deny.",
)
TOO_WIDE: Final = Rule(
    id="ICONIK006",
    text="An Allow for iconik gives the bucket or the key away, or is iconik's role Admin without saying so",
    reason="s3:* and wildcards like it also delete the bucket and change its policy, lifecycle and replication, kms:* "
    "also deletes the key. iconik needs none of that for uploads, playback, scans and deletes.",
    fix="List the actions, as IconikPermissions.read_write() does. Where iconik's role Admin is meant, use "
    "IconikPermissions.admin(), or allow exactly s3:* in a statement whose Sid begins with IconikAdmin.",
)
NO_TLS: Final = Rule(
    id="ICONIK007",
    text="iconik may use a bucket whose policy does not deny requests without TLS",
    reason="Media, and the signed URLs that open it, could be read on the way.",
    fix="Set enforce_ssl=True on the bucket, or add a Deny of s3:* for everyone, on the bucket and on its objects, "
    'with the condition "Bool": {"aws:SecureTransport": "false"}.',
)
KEY_FORGETS: Final = Rule(
    id="ICONIK008",
    text="iconik may use a bucket, but not the key that encrypts it",
    reason="S3 answers iconik with AccessDenied for every object, although the bucket policy allows it. The AWS "
    "managed key aws/s3 never lets another account in.",
    fix="Give the key to IconikStorage(encryption_key=...), which adds the statement to the key policy; replace aws/s3 "
    "with a customer managed key.",
)
UNRESOLVED: Final = Rule(
    id="ICONIK009",
    text="The templates do not tell whether iconik is kept out",
    reason="A value that decides is known only at deployment. What cannot be resolved is never taken for safe.",
    fix="Write the value out, or give the parameter a default. If you have checked what it is at deployment, "
    "acknowledge the rule on the construct and say so in the reason.",
)
KEY_ELSEWHERE: Final = Rule(
    id="ICONIK010",
    text="iconik may use a bucket whose key is not in this app, so its key policy cannot be read",
    reason="If that key policy does not let iconik in, S3 answers iconik with AccessDenied for every object.",
    fix="Have the key's owner add the statement (IconikStorage.key_policy_statements), then acknowledge the rule.",
    severity="warning",
)

STAND_IN: Final = Rule(
    id="ICONIK011",
    text="The guardrail is told of a role that is not iconik's",
    reason="Whoever owns a role decides on the tags of its sessions, and can give them your System Domain ID. For such "
    "a role the condition on the tag protects nothing.",
    fix="Leave iconik_role_arn out. For tests against a role of your own, acknowledge this on the app and say so.",
    severity="warning",
)

RULES: Final = (
    NO_TAG,
    INEFFECTIVE_TAG,
    OTHER_DOMAIN,
    EVERYONE,
    NOT_PRINCIPAL,
    TOO_WIDE,
    NO_TLS,
    KEY_FORGETS,
    UNRESOLVED,
    KEY_ELSEWHERE,
    STAND_IN,
)
