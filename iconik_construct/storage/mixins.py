"""Gives iconik access to a bucket or key of another construct: `bucket.with_(IconikBucketAccess(...))`.

Unlike `IconikStorage`, the mixins make and configure nothing: they add statements to policies of this app.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final, Literal

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from constructs import IConstruct

from ..access.cors import Cors, refuse_own_origins
from ..access.permissions import IconikPermissions, parse_permissions
from ..access.regions import refuse_other_partition
from ..access.statements import Statement, bucket_statements, key_statement
from ..access.trust import ICONIK_ROLE_ARN, parse_iconik_role_arn, parse_system_domain_ids
from ..assessment import Question
from ..errors import IconikTypeError, IconikValueError
from ..placement.locate import policy_of_made_bucket
from ..placement.policy_in_app import PolicyInApp, policy_of_key, without_class
from ..placement.policy_lookup import BUCKETS, KEYS
from ..placement.record import Placement, PlacementKind
from ..validation.domain_tokens import watch_domain_tokens
from .finished_policies import check_when_finished
from .policy_checks import watch_policies
from .prop_warnings import warn_of_trust
from .removed_statements import KnownPolicy

__all__ = ["IconikBucketAccess", "IconikKeyAccess"]

_SUFFIX_LENGTH: Final = 8


class IconikBucketAccess(cdk.Mixin):
    """Gives iconik access to a bucket of this app, L1 or L2: `bucket.with_(IconikBucketAccess(...))`.

    `cdk.Mixins.of(scope).apply(...)` gives access to every bucket below the scope. The statements are added to the
    bucket policy, which can be an L1; if there is none, a bucket policy is made. Applying the mixin again changes
    nothing. The key of an encrypted bucket needs `IconikKeyAccess` too. Nothing else of the bucket changes.

    Args:
        system_domain_id: your iconik System Domain ID, or several.
        permissions: what iconik may do, one or several. Default: read, write and delete in the whole bucket.
        cors: the writer of the CORS rules. Default: iconik may write them. With `Cors.by_template()` iconik may not.
            The mixin changes no rules, so origins are refused.
        iconik_role_arn: the role to allow. Default: iconik's.

    Raises:
        IconikTypeError: a prop of the wrong type (a `TypeError`).
        IconikValueError: a prop with an impossible value (a `ValueError`).
        RuntimeError: the bucket is imported, so this app does not own its policy, or is in another partition. jsii
            keeps only the message of an error in a mixin.
    """

    def __init__(
        self,
        *,
        system_domain_id: str | Sequence[str],
        permissions: IconikPermissions | Sequence[IconikPermissions] = IconikPermissions.read_write(),  # noqa: B008 - frozen
        cors: Cors = Cors.by_iconik(),  # noqa: B008 - frozen
        iconik_role_arn: str = ICONIK_ROLE_ARN,
    ) -> None:
        self._system_domain_ids = parse_system_domain_ids(system_domain_id)
        self._permissions = parse_permissions(permissions)
        self._iconik_role_arn = parse_iconik_role_arn(iconik_role_arn)
        if not isinstance(cors, Cors):
            fix = "Use Cors.by_iconik() or Cors.by_template()."
            raise IconikTypeError("cors", "must be a Cors", got=cors, fix=fix)
        refuse_own_origins(cors)
        self._cors_by_iconik = cors.is_by_iconik
        super().__init__()

    def supports(self, construct: IConstruct) -> bool:
        """Return whether the construct is a bucket: L1, L2, imported, or a bare `CfnResource`."""
        return isinstance(construct, BUCKETS) or _is_l2(construct, "bucket_arn") or _is_bare(construct, BUCKETS)

    def apply_to(self, construct: IConstruct) -> None:
        """Add the statements to the bucket's policy."""
        bucket = _l1_of(construct, BUCKETS)
        if bucket is None:
            raise _refused("bucket", construct)
        refuse_other_partition(cdk.Stack.of(bucket).region)
        suffix = _suffix(self._statements("bucket", ""))
        _add(bucket, "bucket", policy_of_made_bucket(bucket), self._statements(bucket.attr_arn, suffix))
        watch_domain_tokens(bucket, self._system_domain_ids)
        warn_of_trust(bucket, self._system_domain_ids, self._iconik_role_arn)
        question = Question(
            self._system_domain_ids,
            permissions=self._permissions,
            cors_by_iconik=self._cors_by_iconik,
            role_arn=self._iconik_role_arn,
        )
        known = KnownPolicy(bucket.attr_arn, question)
        check_when_finished(cdk.Stack.of(bucket), self._system_domain_ids, self._iconik_role_arn, policy=known)

    def _statements(self, bucket_arn: str, suffix: str) -> list[dict[str, Any]]:
        return bucket_statements(
            self._permissions,
            self._system_domain_ids,
            bucket_arn,
            cors_by_iconik=self._cors_by_iconik,
            iconik_role_arn=self._iconik_role_arn,
            sid_suffix=suffix,
        )


class IconikKeyAccess(cdk.Mixin):
    """Gives iconik access to a customer managed key of this app, L1 or L2, also a replica.

    Use `key.with_(IconikKeyAccess(...))`. `cdk.Mixins.of(scope).apply(...)` gives access to every key below the scope.
    Applying the mixin again changes nothing.

    Args:
        system_domain_id: your iconik System Domain ID, or several.
        permissions: what iconik may do with the bucket that the key encrypts. Reading needs fewer actions.
            Default: read, write and delete.
        via_s3_only: allow iconik the key only through S3 in this stack's region (`kms:ViaService`). Default: False.
        iconik_role_arn: the role to allow. Default: iconik's.

    Raises:
        IconikTypeError: a prop of the wrong type (a `TypeError`).
        IconikValueError: a prop with an impossible value (a `ValueError`).
        RuntimeError: the key is imported, so this app does not own its policy, or is in another partition. jsii keeps
            only the message of an error in a mixin.
    """

    def __init__(
        self,
        *,
        system_domain_id: str | Sequence[str],
        permissions: IconikPermissions | Sequence[IconikPermissions] = IconikPermissions.read_write(),  # noqa: B008 - frozen
        via_s3_only: bool = False,
        iconik_role_arn: str = ICONIK_ROLE_ARN,
    ) -> None:
        self._system_domain_ids = parse_system_domain_ids(system_domain_id)
        self._permissions = parse_permissions(permissions)
        self._iconik_role_arn = parse_iconik_role_arn(iconik_role_arn)
        if not isinstance(via_s3_only, bool):
            raise IconikTypeError("via_s3_only", "must be a bool", got=via_s3_only, fix="Leave it out for False.")
        self._via_s3_only = via_s3_only
        super().__init__()

    def supports(self, construct: IConstruct) -> bool:
        """Return whether the construct is a key: L1, L2, imported, or a bare `CfnResource`. An alias is not a key."""
        if isinstance(construct, (kms.Alias, kms.CfnAlias)):
            return False
        return isinstance(construct, KEYS) or _is_l2(construct, "key_arn") or _is_bare(construct, KEYS)

    def apply_to(self, construct: IConstruct) -> None:
        """Add the statement to the key's policy."""
        key = _l1_of(construct, KEYS)
        if key is None:
            raise _refused("key", construct)
        region = cdk.Stack.of(key).region
        refuse_other_partition(region)
        suffix = _suffix([self._statement("region", "")])
        _add(key, "key", policy_of_key(key), [self._statement(region, suffix)])
        watch_domain_tokens(key, self._system_domain_ids)
        warn_of_trust(key, self._system_domain_ids, self._iconik_role_arn)
        check_when_finished(cdk.Stack.of(key), self._system_domain_ids, self._iconik_role_arn)

    def _statement(self, region: str, suffix: str) -> dict[str, Any]:
        return key_statement(
            self._permissions,
            self._system_domain_ids,
            via_service=f"s3.{region}.amazonaws.com" if self._via_s3_only else None,
            iconik_role_arn=self._iconik_role_arn,
            sid_suffix=suffix,
        )


def _is_l2(construct: IConstruct, arn: str) -> bool:
    # The L2 of an imported key has no Python class of its own, so its attributes are checked, not its type. A missing
    # attribute causes no call to jsii.
    return hasattr(construct, "add_to_resource_policy") and hasattr(construct, arn)


def _is_bare(construct: IConstruct, l1: tuple[type[Any], ...]) -> bool:
    """Return whether the construct is a resource of that type without its class. Its policy cannot be found."""
    return type(construct) is cdk.CfnResource and construct.cfn_resource_type in {
        each.CFN_RESOURCE_TYPE_NAME for each in l1
    }


def _l1_of(construct: Any, l1: tuple[type[Any], ...]) -> Any:
    """Return the L1 of an L1, of its L2, or of an L2 made from an L1; None for an imported construct."""
    candidates = [construct, construct.node.default_child]
    if construct.node.id.startswith("@FromCfn"):
        candidates.append(construct.node.scope)
    return next((candidate for candidate in candidates if isinstance(candidate, l1)), None)


def _add(
    construct: cdk.CfnResource,
    resource: Literal["bucket", "key"],
    policy: PolicyInApp,
    statements: Sequence[Statement],
) -> None:
    policy.check()
    policy.add(statements)
    placement = Placement(resource, PlacementKind.OWNED, tuple(statements), policy)
    watch_policies(construct, cdk.Stack.of(construct), [placement], is_new=False)


def _suffix(statements: Sequence[dict[str, Any]]) -> str:
    """Return the end of the Sids. Equal access has equal Sids, so it is added once. Other access has other Sids."""
    text = json.dumps(statements, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_SUFFIX_LENGTH].upper()


def _refused(resource: str, construct: IConstruct) -> IconikTypeError | IconikValueError:
    if isinstance(construct, cdk.CfnResource):
        kind = construct.cfn_resource_type.replace("AWS::S3::", "s3.Cfn").replace("AWS::KMS::", "kms.Cfn")
        return without_class(resource, construct, kind)
    fix = (
        "Use IconikStorage(bucket=...), which merges the statements into a policy of another owner."
        if resource == "bucket"
        else "Use IconikStorage(bucket=..., encryption_key=...), which merges the statement into a key policy of "
        "another owner."
    )
    return IconikValueError(
        resource, f"must be of this app, but {construct.node.path} is imported: its policy is not in this app", fix=fix
    )
