"""Checks whether a stack can change a policy outside the app: known, in its account and region, with a function."""

from __future__ import annotations

from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from ..access.trust import is_token
from ..errors import IconikValueError
from .ids import outermost, shown
from .locate import External
from .policy_lookup import stable_text

__all__ = ["refuse_other_account_or_region", "refuse_unmergeable", "refuse_without_assets", "warn_of_role"]


def refuse_unmergeable(stack: cdk.Stack, target: External, role: iam.IRole | None) -> None:
    """Refuse a policy that a custom resource of the stack cannot merge into.

    Args:
        stack: the stack of the custom resource.
        target: the bucket or key.
        role: the role that the caller gives to the function.

    Raises:
        IconikValueError: the key is only an alias; the name can change without a change of the app, or has a wildcard;
            the stack accepts no files; the bucket or key is known to be in another account or region; or the role
            cannot get the permissions.
    """
    text = stable_text(stack, target.name)
    _refuse_alias(target, text or target.name)
    _refuse_changing(stack, target, text)
    refuse_without_assets(
        stack,
        "adoption",
        "must not be Adoption.MERGE",
        fix="Use the DefaultStackSynthesizer in a bootstrapped account, or Adoption.HAND_OVER.",
    )
    refuse_other_account_or_region(stack, target)
    if role is not None:
        _refuse_role(stack, role)


def warn_of_role(scope: Construct, role: iam.IRole) -> None:
    """Warn about a role of a known account in a stack of unknown account: only the deployment can compare them."""
    stack, account = cdk.Stack.of(scope), role.env.account
    if is_token(stack.account) and not is_token(account):
        cdk.Validations.of(scope).add_warning(
            "iconik-construct:AdoptionRoleAccount",
            f"The adoption_role {role.node.path} is in the account {account}, and the account of the stack "
            f"{stack.node.path} is not known at synthesis. In another account, the deployment fails. Give the stack "
            f"env=cdk.Environment(account='{account}', region=...).",
        )


def refuse_other_account_or_region(stack: cdk.Stack, target: External) -> None:
    """Refuse a bucket or key that is known to be in another account or region than the stack.

    Values that are unknown at synthesis are checked at deployment, before anything is written.

    Raises:
        IconikValueError: as above.
    """
    env = target.construct.env
    for part, there, here in (("account", env.account, stack.account), ("region", env.region, stack.region)):
        if not is_token(there) and not is_token(here) and there != here:
            raise IconikValueError(
                "adoption",
                f"must be Adoption.HAND_OVER for the {target.resource} {shown(target.name)}: it is in the {part} "
                f"{there} and this stack in {here}, and a policy can be written only from its own account and region",
                fix="With Adoption.HAND_OVER the stack gives the statements to the owner of the policy. Or move the "
                f"storage to a stack in the {part} {there}.",
            )


def refuse_without_assets(stack: cdk.Stack, prop: str, rule: str, *, fix: str) -> None:
    """Refuse a function in a stack whose synthesizer accepts no files: the function's code could not be deployed.

    Args:
        stack: the stack of the function.
        prop: the prop that needs the function.
        rule: the beginning of the rule for the prop.
        fix: the other choices.

    Raises:
        IconikValueError: as above.
    """
    deployed = outermost(stack)
    if isinstance(deployed.synthesizer, cdk.BootstraplessSynthesizer):
        raise IconikValueError(
            prop,
            f"{rule} in the stack {deployed.node.path}: it needs the code of a Lambda function, and a "
            "BootstraplessSynthesizer accepts no files",
            fix=fix,
        )


def _refuse_alias(target: External, text: str) -> None:
    _, is_alias, name = text.partition(":alias/")
    if target.resource == "key" and is_alias:
        raise IconikValueError(
            "encryption_key",
            f"must be a key, not the alias {shown(f'alias/{name}')}, because statements are merged into its policy: "
            "AWS gives key policies only by key id",
            fix="Import the key itself, with kms.Key.from_key_arn(...), or with kms.Key.from_lookup(..., "
            "alias_name=...) in a stack with an account and a region.",
        )


def _refuse_changing(stack: cdk.Stack, target: External, text: str | None) -> None:
    """Refuse a name or an ARN that can change without a change of the app, or a name of several.

    The permission to change the policy would change with it: CloudFormation first updates the function's role. Then
    the function could not remove the statements from the former policy.
    """
    prop = "bucket" if target.resource == "bucket" else "encryption_key"
    if text is not None and set("*?") & set(text):
        rule = f"must be one {target.resource}, because its policy is merged into, and its name has a wildcard"
        raise IconikValueError(prop, rule, got=text, fix="Write the whole name.")
    if text is None:
        raise IconikValueError(
            prop,
            "must be known at synthesis, because its policy is merged into, but it comes from a parameter, an import "
            "or another value of the deployment: if that changes, iconik's statements stay in the former policy",
            got=stack.resolve(target.name),
            fix="Write the name or the ARN itself, look it up at synthesis (such as "
            "ssm.StringParameter.value_from_lookup), or use Adoption.HAND_OVER.",
        )


def _refuse_role(stack: cdk.Stack, role: iam.IRole) -> None:
    """Refuse a role to which the stack cannot attach the permissions of the function.

    The CDK attaches nothing to such a role, and reports success.
    """
    owner = cdk.Stack.of(role)
    if owner is not stack:
        raise IconikValueError(
            "adoption_role",
            f"must be in the stack {stack.node.path}, but {role.node.path} is in the stack {owner.node.path}: each of "
            "the two stacks would wait for the other",
            fix="Import it in the storage's stack: iam.Role.from_role_arn(stack, 'AdoptionRole', role.role_arn).",
        )
    if isinstance(role, iam.Role):
        return
    # The CDK has no method for this check, so a policy of a temporary stack is attached and inspected.
    temporary = cdk.Stack(env=cdk.Environment(account=stack.account, region=stack.region))
    probe = iam.Policy(temporary, "Probe")
    role.attach_inline_policy(probe)
    if not temporary.resolve(cast(iam.CfnPolicy, probe.node.default_child).roles):
        raise IconikValueError(
            "adoption_role",
            f"must be a role to which this stack can attach a policy, but {role.node.path} is of another account, or "
            "was imported with mutable=False, or is without_policy_updates()",
            fix="Give a role of the stack's account that the stack may add permissions to, or leave 'adoption_role' "
            "out.",
        )
