"""`IconikStorage`: a bucket for your iconik domain. Other iconik customers have no access."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ..access.cors import Cors
from ..access.permissions import IconikPermissions
from ..access.regions import refuse_other_partition
from ..access.trust import ICONIK_ROLE_ARN
from ..assessment import Question
from ..placement.place import CheckedPlacement, check_placement
from ..placement.record import Adoption, PlacementKind
from ..validation.domain_tokens import watch_domain_tokens
from ..validation.scope import check_scope, removed_on_error
from .bucket_overrides import existing_bucket_props, keep_description_of_key, override_methods
from .bucket_props import created_bucket, keeps_bucket, openings
from .bucket_refusals import refusals_of_cdk
from .encryption import StorageEncryption, created_key
from .finished_policies import check_when_finished
from .form import StorageForm, region_of_storage
from .policy_checks import check_bucket_statements, watch_policies
from .prop_warnings import add_warnings, prop_warnings, warn_of_trust
from .props import StorageRequest
from .removed_statements import KnownPolicy

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from .bucket_prop_types import BucketProps, BucketPropsWithoutCors

__all__ = ["IconikStorage"]


class IconikStorage(StorageForm):
    """An S3 bucket, new or existing, that iconik can use with its managed credentials.

    iconik assumes one IAM role for all its customers. So every statement here allows that role only if its session has
    the tag `IconikSystemDomainId` with your System Domain ID. No prop removes the condition. Source: iconik help, "Use
    iconik-managed credentials for AWS S3".

    A new bucket is the child `Default`, so an `IconikStorage` can replace an `s3.Bucket` of the same id without
    replacing the bucket. A new key is the child `Key`.

    Args:
        scope: the parent construct.
        id: the construct id.
        system_domain_id: your iconik System Domain ID, or several. Each is a UUID, in any case. iconik shows it under
            Admin > Settings > System Settings. A CDK token is checked at synthesis. A value that is known only at
            deployment (a parameter, an import, Parameter Store) is not checked.
        permissions: what iconik may do, one or several. Default: read, write and delete in the whole bucket.
        bucket_name: the name of a new bucket. Default: CloudFormation chooses a name.
        encryption: the encryption of a new bucket. Default: SSE-S3, or SSE-KMS if `encryption_key` is given. For an
            existing bucket, S3_MANAGED means that it needs no key.
        encryption_key: the customer managed key. Default: with KMS or DSSE a new key, rotated and retained; for an
            existing bucket the key of the `bucket` object.
        cors: the writer of the CORS rules. Default: iconik. Origins are for the rules of a new bucket only.
        removal_policy: what happens to a new bucket and a new key when they leave the stack. Default: both are kept.
        bucket_props: any props of `s3.Bucket`. They replace this construct's defaults: public access blocked, TLS 1.2,
            bucket owner enforced, versioned, noncurrent versions deleted after 30 days, incomplete multipart uploads
            aborted after 7 days. Lifecycle rules are added, and your rule replaces a default of the same purpose; see
            `archive_after`. Props that weaken the bucket or delete its data cause a warning. If the bucket is kept, its
            policy is kept too.
        bucket: an existing bucket, of this app or imported, instead of a new one. Only its bucket policy changes.
        adoption: what to do with a bucket policy or key policy that this app does not own. Default: a custom resource
            merges the statements of this library into it at deployment.
        tolerate_denies: merge although a Deny in that policy blocks iconik. Default: False. The deployment then fails;
            the error names the Deny and the exemption for iconik.
        adoption_role: the role of the merge function, if the owner of a key or a bucket must allow it by name before
            the deployment. All storages of a stack need the same role. Default: a new one.
        adoption_trigger: any text. When it changes, the policies are read again, and missing statements of this library
            are added again. Default: none.
        via_s3_only: allow iconik the key only through S3 in this stack's region (`kms:ViaService`). Default: False.
        iconik_role_arn: the role to allow. Default: iconik's. For tests only: the owner of any other role can set any
            session tag.

    Raises:
        IconikTypeError: a prop of the wrong type (a `TypeError`).
        IconikValueError: a prop with an impossible value, props that contradict each other, or a stack in a region
            outside the partition `aws`, which has no role of iconik (a `ValueError`).
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the name CDK gives it
        *,
        system_domain_id: str | Sequence[str],
        permissions: IconikPermissions | Sequence[IconikPermissions] = IconikPermissions.read_write(),  # noqa: B008 - frozen
        bucket_name: str | None = None,
        encryption: StorageEncryption | None = None,
        encryption_key: kms.IKey | kms.Key | None = None,
        cors: Cors = Cors.by_iconik(),  # noqa: B008 - frozen
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
        bucket_props: BucketProps | None = None,
        bucket: s3.IBucket | s3.Bucket | None = None,
        adoption: Adoption = Adoption.MERGE,
        tolerate_denies: bool = False,
        adoption_role: iam.IRole | iam.Role | None = None,
        adoption_trigger: str | None = None,
        via_s3_only: bool = False,
        iconik_role_arn: str = ICONIK_ROLE_ARN,
    ) -> None:
        check_scope(scope, id)
        request = StorageRequest.parse(
            system_domain_id=system_domain_id,
            permissions=permissions,
            bucket_name=bucket_name,
            encryption=encryption,
            encryption_key=encryption_key,
            cors=cors,
            removal_policy=removal_policy,
            bucket_props=bucket_props,
            bucket=bucket,
            adoption=adoption,
            tolerate_denies=tolerate_denies,
            adoption_role=adoption_role,
            adoption_trigger=adoption_trigger,
            via_s3_only=via_s3_only,
            iconik_role_arn=iconik_role_arn,
        )
        stack = scope if isinstance(scope, cdk.Stack) else cdk.Stack.of(scope)
        region = region_of_storage(stack, request.bucket, request.encryption_key)
        refuse_other_partition(region)
        check_bucket_statements(request)

        super().__init__(scope, id)
        self._request, self._region = request, region
        with removed_on_error(self):
            self._make(request, stack)

    @classmethod
    def in_place_of_bucket(
        cls,
        scope: Construct,
        id: str,  # noqa: A002 - the name CDK gives it
        *,
        system_domain_id: str | Sequence[str],
        permissions: IconikPermissions | Sequence[IconikPermissions] = IconikPermissions.read_write(),  # noqa: B008 - frozen
        cors: Cors | Sequence[s3.CorsRule] = Cors.by_iconik(),  # noqa: B008 - frozen
        via_s3_only: bool = False,
        iconik_role_arn: str = ICONIK_ROLE_ARN,
        bucket_props: BucketProps | None = None,
        **props: Unpack[BucketPropsWithoutCors],
    ) -> Self:
        """Replace an `s3.Bucket` by a storage, with the same settings and the statements for iconik.

        It takes the props of the `s3.Bucket(scope, id, ...)` that it replaces, has the same logical ids, and adds no
        defaults: no lifecycle, CORS rules, encryption or Deny. The statements are added to its bucket policy, which is
        made if there is none, and to the policy of its customer managed key.

        Args:
            scope: the parent construct.
            id: the construct id of the `s3.Bucket`.
            system_domain_id: see the class.
            permissions: see the class.
            cors: the rules of the `s3.Bucket`, or whether iconik may write them. Default: iconik writes them.
            via_s3_only: see the class.
            iconik_role_arn: see the class.
            bucket_props: the props of the `s3.Bucket`, as a mapping.
            props: the same, as keyword arguments.

        Raises:
            IconikTypeError: a prop of the wrong type (a `TypeError`).
            IconikValueError: a prop that `s3.Bucket` does not have, `public_read_access`, or the AWS managed key, which
                iconik can never use (a `ValueError`).
        """
        return cls(
            scope,
            id,
            system_domain_id=system_domain_id,
            permissions=permissions,
            cors=cors if isinstance(cors, Cors) else Cors.by_iconik(),
            via_s3_only=via_s3_only,
            iconik_role_arn=iconik_role_arn,
            bucket_props=cast("BucketProps", existing_bucket_props(id, bucket_props, props, cors)),
        )

    def _make(self, request: StorageRequest, stack: cdk.Stack) -> None:
        self._new_key = created_key(self.create_key()) if request.needs_new_key else None
        # pyright does not accept jsii's Key as an IKey, because one argument has another name
        self._key = cast("kms.IKey | None", self._new_key or request.encryption_key)
        self._bucket: s3.IBucket = request.bucket or created_bucket(self.create_bucket(self._bucket_props()))
        if request.keeps_settings:
            keep_description_of_key(self, self._bucket)
        self._bucket_arn = self._bucket.bucket_arn
        self._key = self._key_in_use()
        self._placements = tuple(checked.apply() for checked in list(self._check_placements()))
        self._keep_policy()
        watch_domain_tokens(self, request.system_domain_ids)
        watch_policies(self, stack, self._placements, is_new=request.bucket is None, replaces=request.keeps_settings)
        self._warn(stack)

    def create_bucket(self, props: dict[str, Any]) -> s3.IBucket:
        """Make the new bucket. Override this to use another construct, and keep the id `Default`.

        Args:
            props: the finished props of `s3.Bucket`.
        """
        request = self._request
        with refusals_of_cdk(self, props, "in_place_of_bucket" if request.keeps_settings else "bucket_props"):
            bucket = s3.Bucket(self, "Default", **props)
        override_methods(
            self, bucket, props, keeps_settings=request.keeps_settings, cors_by_iconik=request.iconik_writes_cors
        )
        return bucket

    def create_key(self) -> kms.IKey | kms.Key:
        """Make the new customer managed key. Override this to use another construct, and keep the id `Key`."""
        return kms.Key(
            self,
            "Key",
            description="Media that iconik works on",
            enable_key_rotation=True,
            removal_policy=self._request.removal_policy,
        )

    def _bucket_props(self) -> dict[str, Any]:
        key = {} if self._key is None else {"encryption_key": self._key}
        return {**self._request.bucket_props, **key}

    def _key_in_use(self) -> kms.IKey | None:
        """Return the bucket's key. A property injector or `create_bucket` can choose another one.

        Of an alias that the app makes, return the key: an alias has no policy.
        """
        chosen = self._bucket.encryption_key if self._request.bucket is None else None
        key = self._key if chosen is None else chosen
        return key.alias_target_key if isinstance(key, kms.Alias) else key

    def _check_placements(self) -> Iterator[CheckedPlacement]:
        """Check that the statements can be put into the bucket policy and, with a key, into the key policy."""
        request = self._request
        in_bucket = request.bucket_statements(self._bucket_arn)
        is_new = request.bucket is None
        adopt: dict[str, Any] = {"adoption": request.adoption, "options": request.merge_options}
        yield check_placement(self, self._bucket, in_bucket, shared=not is_new, new=is_new, **adopt)
        if self._key is not None:
            is_new = self._key is self._new_key
            yield check_placement(
                self, self._key, [request.key_statement(self._region)], shared=not is_new, new=is_new, **adopt
            )

    def _keep_policy(self) -> None:
        """Keep the policy of a new bucket that is kept, because it denies requests without TLS."""
        request, policy = self._request, self._placements[0].policy
        makes_bucket = request.bucket is None and not request.keeps_settings
        if policy is not None and makes_bucket and keeps_bucket(request.removal_policy):
            cast(cdk.Resource, policy.construct).apply_removal_policy(request.removal_policy)

    def _check_when_finished(self, stack: cdk.Stack) -> None:
        """Register the policies for the check of the finished templates."""
        request = self._request
        in_bucket, *in_keys = self._placements
        question = Question(
            request.system_domain_ids,
            permissions=request.permissions,
            cors_by_iconik=request.iconik_writes_cors,
            role_arn=request.iconik_role_arn,
        )
        makes_bucket = request.bucket is None and not request.keeps_settings
        bucket = KnownPolicy(
            self._bucket_arn,
            question,
            tolerate_denies=self.tolerates_denies,
            weakened_by_props=openings(request.bucket_props) if makes_bucket else None,
        )
        is_known = in_bucket.how is not PlacementKind.HANDED_OVER or self.tolerates_denies
        # The policy can be in another stack. Only that stack has the same names for it. The question takes time.
        may_be_elsewhere = request.bucket is not None or type(self).create_bucket is not IconikStorage.create_bucket
        policy = in_bucket.policy if may_be_elsewhere else None
        check_when_finished(
            stack if policy is None else policy.stack,
            request.system_domain_ids,
            request.iconik_role_arn,
            policy=bucket if is_known else None,
        )
        if self._key is not None and any(each.how is PlacementKind.MERGED for each in in_keys):
            key = KnownPolicy(self._key.key_arn, question, is_of_key=True, tolerate_denies=self.tolerates_denies)
            check_when_finished(stack, request.system_domain_ids, request.iconik_role_arn, policy=key)

    def _warn(self, stack: cdk.Stack) -> None:
        """Add warnings about allowed but probably unwanted props."""
        request = self._request
        warn_of_trust(self, request.system_domain_ids, request.iconik_role_arn)
        self._check_when_finished(stack)
        name = request.bucket_props.get("bucket_name") or (request.bucket.bucket_name if request.bucket else "")
        has_key = self._key is not None
        add_warnings(self, prop_warnings(request, name, has_key=has_key, how=self._placements[0].how))
