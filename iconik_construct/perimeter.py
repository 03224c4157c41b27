"""`IconikPerimeter`: requires the tag from iconik's role in every account of an organisation."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_organizations as organizations
from constructs import Construct

from .access.perimeter import (
    PERIMETER_DESCRIPTION,
    PERIMETER_NAME,
    PERIMETER_TYPE,
    parse_policy_name,
    parse_target_ids,
    perimeter_policy,
)
from .access.trust import parse_system_domain_ids
from .validation.domain_tokens import warn_of_ids, watch_domain_tokens
from .validation.scope import check_scope

__all__ = ["IconikPerimeter"]


class IconikPerimeter(Construct):
    """A resource control policy: iconik can use buckets and keys only with the tag of one of your domains.

    It denies iconik's role every action of S3 and KMS on resources of the target accounts, unless the session has the
    tag of a listed System Domain ID. No bucket policy and no key policy can override the Deny. The policy gives nobody
    access, and affects no other caller: neither your own roles nor other vendors.

    Deploy it in the organisation's management account, or in an account that is a delegated administrator for
    resource control policies. The policy does not apply to resources of the management account.

    The policy has space for about 120 System Domain IDs. It was not tried on AWS.

    Args:
        scope: the parent construct.
        id: the construct id.
        system_domain_ids: the domains that may use buckets and keys. A CDK token is checked at synthesis.
        target_ids: the roots (`r-…`), organisational units (`ou-…`) and accounts to attach the policy to. Begin with
            one account.
        name: the name of the policy, unique among the resource control policies of the organisation. Default:
            `IconikPerimeter`.

    Raises:
        IconikTypeError: a prop of the wrong type (a `TypeError`).
        IconikValueError: an id that is not a UUID, too many ids for 5,120 characters, a target that is not a root, unit
            or account, or a name that AWS refuses (a `ValueError`).
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the name CDK gives it
        *,
        system_domain_ids: Sequence[str],
        target_ids: Sequence[str],
        name: str | None = None,
    ) -> None:
        check_scope(scope, id)
        ids = parse_system_domain_ids(system_domain_ids, "system_domain_ids")
        policy = perimeter_policy(ids)
        targets = parse_target_ids(target_ids)
        checked_name = parse_policy_name(PERIMETER_NAME if name is None else name)

        super().__init__(scope, id)
        watch_domain_tokens(self, ids)
        warn_of_ids(self, ids)
        self._policy = organizations.CfnPolicy(
            self,
            "Resource",
            name=checked_name,
            description=PERIMETER_DESCRIPTION,
            type=PERIMETER_TYPE,
            # An object, because CloudFormation detects no drift of a policy in a string.
            content=policy,
            target_ids=list(targets),
        )

    @property
    def policy_id(self) -> str:
        """The id of the policy, `p-…`; a CDK token."""
        return self._policy.attr_id
