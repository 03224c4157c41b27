"""The rules about who has access by a policy."""

from __future__ import annotations

from typing import Final

from .rule import Effect, Rule

NO_TAG: Final = Rule(
    id="ICONIK001",
    title="A statement allows iconik without a condition on the tag IconikSystemDomainId",
    explanation="iconik assumes one role for all its customers. Without the tag, every other iconik customer can point "
    "a storage at this resource (the confused deputy problem). No other condition replaces the tag: only iconik knows "
    "which values its requests have for other condition keys. A service that acts for iconik's account counts as "
    "iconik.",
    fix='Add "StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": "<your System Domain ID>"} to the Condition of '
    "the statement. Or remove the statement, and use IconikStorage, which writes it.",
    effect=Effect.OTHERS,
)
INEFFECTIVE_TAG: Final = Rule(
    id="ICONIK002",
    title="A statement allows iconik, and its condition on the tag does not require your System Domain ID",
    explanation="Only the plain operator StringEquals with ids written out requires the tag. IfExists and ForAllValues "
    "are also true without the tag. Wildcards, negations and policy variables match other domains.",
    fix="Write the condition with the operator StringEquals and your System Domain IDs as its values.",
    effect=Effect.OTHERS,
)
OTHER_DOMAIN: Final = Rule(
    id="ICONIK003",
    title="A statement allows iconik for a System Domain ID that is not yours",
    explanation="The statement allows another iconik customer. If the id is misspelt or in upper case, it allows "
    "nobody.",
    fix="Write your own System Domain ID in lower case. iconik shows the id under Admin > Settings > System Settings. "
    "If the other domain is yours too, add its id to the System Domain IDs.",
    effect=Effect.OTHERS,
)
EVERYONE: Final = Rule(
    id="ICONIK004",
    title="A statement allows everyone, and so iconik's role for every iconik customer",
    explanation="With the principal *, a condition on the tag limits nobody: the owner of a role can give it any tag.",
    fix="Name the principals. To allow everyone of a company or a network, add a condition such as "
    "aws:PrincipalOrgID, aws:SourceVpce, aws:SourceIp or aws:SourceArn. If the bucket is public on purpose, "
    "acknowledge the rule in the CDK app.",
    effect=Effect.OTHERS,
)
NOT_PRINCIPAL: Final = Rule(
    id="ICONIK005",
    title="An Allow uses NotPrincipal, and so allows everyone that it does not name",
    explanation="That includes iconik's role for every iconik customer, every other AWS account, and anonymous "
    "callers.",
    fix="Name the allowed principals in Principal. Write exceptions as a Deny.",
    effect=Effect.OTHERS,
)
TOO_WIDE: Final = Rule(
    id="ICONIK006",
    title="iconik can do more than it needs",
    explanation="iconik does not need to delete the bucket, to change its policy, lifecycle or replication, or to "
    "manage the key. Wildcards such as s3:* include these actions.",
    fix="List the actions, as IconikPermissions.read_write() does. If iconik should have these permissions, say so "
    "with --permissions. If iconik should have full access, use IconikPermissions.admin(), or allow exactly s3:* in a "
    "statement whose Sid begins with IconikAdmin.",
    effect=Effect.WARNING,
)
KEY_DENIES: Final = Rule(
    id="ICONIK008",
    title="iconik can use a bucket, but not the key that encrypts it",
    explanation="S3 answers iconik with AccessDenied for every object, although the bucket policy allows iconik. No "
    "other account can use the AWS managed key aws/s3: nobody can edit its key policy.",
    fix="Add the statement for iconik to the key policy, or give the key to IconikStorage(encryption_key=...). If the "
    "key is aws/s3, set the default encryption to a customer managed key. Then copy each object onto itself, which "
    "encrypts it with the new key.",
    effect=Effect.LOCKED_OUT,
)
UNRESOLVED: Final = Rule(
    id="ICONIK009",
    title="It cannot be determined whether others have access",
    explanation="The answer depends on a value that is not known here. What cannot be determined never counts as safe.",
    fix="Write the value itself, or give the parameter a default. For iconik's role, use StringEquals on the tag. If "
    "you have checked the value, acknowledge the rule in the CDK app, with the reason.",
    effect=Effect.OTHERS_MAY,
)
KEY_ELSEWHERE: Final = Rule(
    id="ICONIK010",
    title="The policy of the key that encrypts the bucket cannot be read here",
    explanation="If that key policy does not allow iconik, S3 answers iconik with AccessDenied for every object.",
    fix="Add the statement to the key policy (IconikStorage.key_policy_statements). Then acknowledge the rule in the "
    "CDK app.",
    effect=Effect.MAY_BE_LOCKED_OUT,
)
STAND_IN: Final = Rule(
    id="ICONIK011",
    title="The role is not iconik's",
    explanation="The owner of any other role can set any session tag, so the condition on the tag protects nothing.",
    fix="Leave iconik_role_arn out. For tests with a role of your own, acknowledge the rule, with the reason.",
    effect=Effect.WARNING,
)
DENIED: Final = Rule(
    id="ICONIK012",
    title="A Deny blocks iconik",
    explanation="A Deny overrides every Allow, in the bucket policy and in the key policy. Denies on an organisation, "
    "an account, a VPC endpoint, addresses or multi-factor authentication also block iconik, because its role is in "
    "another account.",
    fix="Exempt iconik's role in the Deny with ArnNotEquals on aws:PrincipalArn. The tag in the Allow still blocks "
    "other iconik customers.",
    effect=Effect.LOCKED_OUT,
)
NOTHING_ALLOWS: Final = Rule(
    id="ICONIK013",
    title="The policies do not allow iconik all that it should be able to do",
    explanation="iconik's role is in another account, so it needs an Allow in the policy of the resource. A statement "
    "for another role, or for a System Domain ID that is not yours or in upper case, does not allow your iconik.",
    fix="Add the statements for iconik to the policy. If iconik should do less, say so with --permissions, "
    "--prefix or --no-delete.",
    effect=Effect.LOCKED_OUT,
)
DEPENDS: Final = Rule(
    id="ICONIK014",
    title="It cannot be determined whether iconik has access",
    explanation="The condition tests something that is not known here, such as iconik's source address. Or a "
    "CloudFormation condition decides whether the policy or the statement is deployed.",
    fix="If a Deny may block iconik, exempt iconik's role in it. If the Allow or its policy has a condition, remove "
    "the condition. The tag still blocks other iconik customers.",
    effect=Effect.MAY_BE_LOCKED_OUT,
)
PARTLY: Final = Rule(
    id="ICONIK015",
    title="iconik has access to a part of the bucket only",
    explanation="The statement is limited to some objects or prefixes, and iconik should have access to more.",
    fix="If you want this limit, give it with --prefix, and set the path of the storage in iconik to the prefix. If "
    "not, remove the limit.",
    effect=Effect.LOCKED_OUT,
)
NOT_ALL: Final = Rule(
    id="ICONIK016",
    title="The bucket policy does not allow actions that iconik probably uses",
    explanation="The actions read the setting for transfer acceleration, or clean up unfinished uploads. It is "
    "inferred that iconik uses them. iconik reads and writes media without them.",
    fix="Add the statements for iconik to the policy. Or do nothing, if everything in iconik works.",
    effect=Effect.WARNING,
)
OTHER_ROLES: Final = Rule(
    id="ICONIK018",
    title="Other roles of iconik's account have access with your System Domain ID",
    explanation="The statement names iconik's whole account, or another role of it. The tag still blocks other iconik "
    "customers.",
    fix="Name iconik's role arn:aws:iam::283217727627:role/IconikS3AccessRole instead.",
    effect=Effect.NOTE,
)
ACCESS_POINT: Final = Rule(
    id="ICONIK019",
    title="Others have access through an access point of the bucket",
    explanation="The bucket policy delegates to the access points of the account, and this access point allows others.",
    fix="Add the condition on the tag to the policy of the access point, or remove the statement.",
    effect=Effect.OTHERS,
)
GRANT: Final = Rule(
    id="ICONIK020",
    title="Something other than a policy allows iconik, and has no condition on the tag",
    explanation="KMS grants, S3 access grants and shared resources cannot have a condition on the tag. Every iconik "
    "customer can use them.",
    fix="Remove the grant (for a key: aws kms revoke-grant), and allow iconik in the policy.",
    effect=Effect.OTHERS,
)
MENTIONED: Final = Rule(
    id="ICONIK021",
    title="iconik's account is mentioned, and its purpose cannot be determined",
    explanation="The account number is in a property that this library does not read as a policy.",
    fix="Check what the property does. If it gives iconik access, use a policy with the condition on the tag. "
    "Acknowledge the rule otherwise.",
    effect=Effect.WARNING,
)
EDITED: Final = Rule(
    id="ICONIK022",
    title="A statement of this library was edited",
    explanation="The statement has a Sid of this library, but not the content that this library writes. A deployment "
    "does not overwrite it, and it stays when the stack is deleted.",
    fix="Remove the statement, and deploy again.",
    effect=Effect.WARNING,
)
PLUGIN_FAILED: Final = Rule(
    id="ICONIK023",
    title="The check failed, so nothing was checked",
    explanation="The library itself failed. It does not know whether the policies are safe, so the check fails too.",
    fix="Report the error, with its message, to this project. Use the previous version until the error is fixed.",
    effect=Effect.UNKNOWN,
)
UNREADABLE: Final = Rule(
    id="ICONIK024",
    title="A template or a policy cannot be read",
    explanation="The part that cannot be read may have a statement for iconik.",
    fix="Write the policy as JSON in the template. Check that the assembly is complete: run cdk synth again.",
    effect=Effect.OTHERS_MAY,
)
WIDER: Final = Rule(
    id="ICONIK025",
    title="A change gives iconik or others more access",
    explanation="On the new side of iconik-construct diff, somebody can do more with the bucket or the key than on the "
    "old side. No other command reports this rule.",
    fix="Approve the change if you want this access. Otherwise undo it.",
    effect=Effect.OTHERS,
)
MAY_BE_WIDER: Final = Rule(
    id="ICONIK026",
    title="A change may give iconik or others more access",
    explanation="The change depends on a value that is not known, or the two sides cannot be compared. Only "
    "iconik-construct diff reports this rule.",
    fix="Compare the two sides by hand, or write the value that is not known into the template.",
    effect=Effect.OTHERS_MAY,
)
TEMPLATE_ELSEWHERE: Final = Rule(
    id="ICONIK028",
    title="Another template is not checked",
    explanation="The resource deploys a template that is not among the checked files, such as one at a URL. It may "
    "have policies that allow iconik or others.",
    fix="Check that template too: iconik-construct guard FILE. Then acknowledge the rule.",
    effect=Effect.WARNING,
)
RECORD: Final = Rule(
    id="ICONIK027",
    title="The record in the template does not match the policies in the template",
    explanation="A reviewer signs the record, so each hash in it must be the hash of the policy that is deployed. An "
    "override (add_property_override) or an edit of the template changes a policy after the record is made.",
    fix="Change the policy by its construct or by an aspect instead, or synthesize again.",
    effect=Effect.UNKNOWN,
)
