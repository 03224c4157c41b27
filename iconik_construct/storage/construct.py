"""`IconikStorage`: a bucket that is ready for iconik, and for no other iconik customer."""

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
from ..placement.place import place
from ..placement.record import Adoption, Placement
from .bucket_overrides import existing_bucket_props, keep_description_of_key, override_methods
from .bucket_props import keeps_bucket, openings, refuse_logs_without_flag
from .domain_tokens import watch_domain_tokens
from .encryption import StorageEncryption
from .finished_policies import check_when_finished
from .form import StorageForm
from .policy_checks import check_bucket_statements, watch_policies
from .prop_warnings import add_warnings, prop_warnings, warn_of_trust
from .props import StorageRequest, check_scope, created_bucket
from .region import region_of_storage

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from .bucket_prop_types import BucketProps, BucketPropsWithoutCors

__all__ = ["IconikStorage"]


class IconikStorage(StorageForm):
    """An S3 bucket, new or existing, that iconik may use with its managed credentials.

    iconik assumes one IAM role, the same for all its customers. Every statement written here therefore lets that role
    in only while its session carries the tag `IconikSystemDomainId` with your System Domain ID; no prop leaves the
    condition out. Source: iconik help, "Use iconik-managed credentials for AWS S3".

    A new bucket is the child `Default`, so an `IconikStorage` can take the place of an `s3.Bucket` of the same id
    without replacing it; a new key is the child `Key`.

    Args:
        scope: the parent construct.
        id: the construct id.
        system_domain_id: your iconik System Domain ID, or several; a UUID each, in any case. iconik shows it under
            Admin > Settings > System Settings. A CDK token is checked at synthesis; what
            only the deployment knows (a parameter, an import, Parameter Store) is up to whoever sets it.
        permissions: what iconik may do, one or several. Default: read, write and delete in the whole bucket.
        bucket_name: the name of a new bucket. Default: CloudFormation chooses one.
        encryption: how a new bucket encrypts. Default: SSE-S3, or SSE-KMS where `encryption_key` is given. For an
            existing bucket: S3_MANAGED says that it needs no key.
        encryption_key: the customer managed key. Default: with KMS or DSSE a new one, rotated and retained; for an
            existing bucket the one that the `bucket` object knows.
        cors: who writes the CORS rules. Default: iconik does.
        removal_policy: what happens to a new bucket and a new key when they leave the stack. Default: both are kept.
        bucket_props: any props of `s3.Bucket`, which win over this construct's defaults: public access blocked, TLS
            1.2, bucket owner enforced, versioned, noncurrent versions expired after 30 days, incomplete multipart
            uploads aborted after 7 days. Lifecycle rules are added to, and a rule of the same purpose wins; see
            `archive_after`. What opens the bucket or expires its data draws a warning. A bucket that is kept keeps its
            policy too.
        bucket: an existing bucket, of this app or imported, instead of a new one. Of its settings only the bucket
            policy changes.
        adoption: what to do with a bucket policy or key policy that this app does not own. Default: our statements
            are merged into it at deployment, by a custom resource.
        tolerate_denies: merge although a Deny there keeps iconik from what it is granted. Default: False; the
            deployment then fails and says which Deny, and how to exempt iconik.
        adoption_role: the role of the function that merges, for a key or a bucket whose owner must let it in by name
            beforehand; the same for all storages of a stack. Default: a new one.
        adoption_trigger: any text; when it changes, the policies are read again, and what is gone of ours is merged
            again. Default: none.
        via_s3_only: allow iconik the key only through S3 in this stack's region (`kms:ViaService`). Default: False.
        iconik_role_arn: the role to let in. Default: iconik's. For tests only: whoever owns another role decides on
            the tags of its sessions.

    Raises:
        IconikTypeError: a prop of the wrong type (a `TypeError`).
        IconikValueError: a prop with a value that cannot be or that contradicts another, or a stack in a region
            outside the partition `aws`, where iconik's role lives (a `ValueError`).
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
        self._new_key = self.create_key() if request.needs_new_key else None
        # pyright does not take jsii's Key for an IKey, for the name of one argument
        self._key = cast("kms.IKey | None", self._new_key or request.encryption_key)
        self._bucket: s3.IBucket = request.bucket or created_bucket(self.create_bucket(self._bucket_props()))
        if request.keeps_settings:
            keep_description_of_key(self, self._bucket)
        self._bucket_arn = self._bucket.bucket_arn
        self._key = self._key_in_use()
        self._placements = tuple(self._place())
        self._keep_policy()
        watch_domain_tokens(self, request.system_domain_ids)
        watch_policies(self, stack, self._placements, is_new=request.bucket is None, replaces=request.keeps_settings)
        self._warn(stack)

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
        """Make a storage in the place of an `s3.Bucket`, which keeps its settings but for iconik's statements.

        It takes the very props of the `s3.Bucket(scope, id, ...)` that it replaces, has its logical ids, and adds no
        default: no lifecycle, no CORS rules, no encryption, no Deny. The statements go into its bucket policy, which is
        made where there was none, and into the policy of its customer managed key.

        Args:
            scope: the parent construct.
            id: the construct id of the `s3.Bucket`.
            system_domain_id: as of the class.
            permissions: as of the class.
            cors: the rules of the `s3.Bucket`, or whether iconik may write them. Default: iconik writes them.
            via_s3_only: as of the class.
            iconik_role_arn: as of the class.
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

    def create_bucket(self, props: dict[str, Any]) -> s3.IBucket:
        """Make the new bucket. Override to make it by another construct; keep the id `Default`.

        Args:
            props: the finished props of `s3.Bucket`.
        """
        refuse_logs_without_flag(self, props)
        bucket = s3.Bucket(self, "Default", **props)
        request = self._request
        override_methods(
            self, bucket, props, keeps_settings=request.keeps_settings, cors_by_iconik=request.iconik_writes_cors
        )
        return bucket

    def create_key(self) -> kms.IKey | kms.Key:
        """Make the new customer managed key. Override to make it by another construct; keep the id `Key`."""
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
        """Return the key that the bucket encrypts with: a property injector or `create_bucket` may choose another."""
        chosen = self._bucket.encryption_key if self._request.bucket is None else None
        return self._key if chosen is None else chosen

    def _place(self) -> Iterator[Placement]:
        """Put the statements into the bucket policy and, with a key, into the key policy."""
        request = self._request
        in_bucket = request.bucket_statements(self._bucket_arn)
        is_new = request.bucket is None
        adopt: dict[str, Any] = {"adoption": request.adoption, "options": request.merge_options}
        yield place(self, self._bucket, in_bucket, shared=not is_new, new=is_new, **adopt)
        if self._key is not None:
            is_new = self._key is self._new_key
            yield place(self, self._key, [request.key_statement(self._region)], shared=not is_new, new=is_new, **adopt)

    def _keep_policy(self) -> None:
        """Keep the policy of a new bucket that is kept: without the Deny of requests without TLS it would be open."""
        request, policy = self._request, self._placements[0].policy
        makes_bucket = request.bucket is None and not request.keeps_settings
        if policy is not None and makes_bucket and keeps_bucket(request.removal_policy):
            cast(cdk.Resource, policy.construct).apply_removal_policy(request.removal_policy)

    def _warn(self, stack: cdk.Stack) -> None:
        """Say what is allowed and yet probably not wanted."""
        request = self._request
        warn_of_trust(self, request.system_domain_ids, request.iconik_role_arn)
        makes_bucket = request.bucket is None
        check_when_finished(
            stack,
            request.system_domain_ids,
            request.iconik_role_arn,
            bucket_arn=self._bucket_arn if makes_bucket or self.tolerates_denies else None,
            tolerate_denies=self.tolerates_denies,
            weakened_by_props=openings(request.bucket_props) if makes_bucket and not request.keeps_settings else None,
        )
        name = request.bucket_props.get("bucket_name") or (request.bucket.bucket_name if request.bucket else "")
        has_key = self._key is not None
        add_warnings(self, prop_warnings(request, name, has_key=has_key, how=self._placements[0].how))
