"""`IconikRegistration`: registers a storage in iconik after iconik has verified its access."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from ..access.permissions import StoragePurpose
from ..access.trust import is_token
from ..errors import IconikTypeError, IconikValueError
from ..placement.ids import adoption_scope
from ..placement.preconditions import refuse_without_assets
from ..placement.provider import warn_if_kept
from ..storage.construct import IconikStorage
from ..storage.settings import FLAGS
from ..validation.durations import seconds_of
from ..validation.scope import check_scope
from .base_url import DEFAULT_BASE_URL, checked_base_url
from .handler.request import HOLDERS
from .provider import SERVICE_TIMEOUT, handler_role, service_token, wait_for_turn

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..storage.settings import OptionalSettings

__all__ = ["IconikRegistration", "RegistrationVerification"]

_LONGEST_SETTLING: Final = 8
_REMOVALS: Final = {cdk.RemovalPolicy.RETAIN: "RETAIN", cdk.RemovalPolicy.DESTROY: "DESTROY"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationVerification:
    """The results of iconik's checks of the storage: the strings "true" and "false", known at deployment.

    Attributes:
        cors: whether browsers can use the bucket.
        read: whether iconik can read.
        write: whether iconik can write.
        delete: whether iconik can delete.
    """

    cors: str
    read: str
    write: str
    delete: str


class IconikRegistration(Construct):
    """The storage in iconik, created by the stack after iconik has verified that it can use the bucket.

    **Experimental**: written from iconik's published API and tested against a stand-in, never against a live iconik.
    The API has no field that selects iconik-managed credentials. This library assumes that leaving out
    both keys selects them.

    On creation, a Lambda function reads App-ID and Auth-Token from Secrets Manager. It refuses a token of a system
    domain that the policies do not allow. It has iconik verify access and permissions until they pass, and then creates
    the storage. An existing storage of that name is adopted on the same bucket, and refused on another bucket. An
    update changes what differs and verifies again. A rename keeps the storage.

    Args:
        scope: the parent construct.
        id: the construct id.
        storage: the storage to register.
        credentials: a secret with `{"app_id": "…", "auth_token": "…"}`, an application token of iconik. A function that
            may read only this secret reads it at deployment. It is in the Region of the stack.
        name: the storage's name in iconik, unique in a system domain.
        purpose: what iconik uses the storage for. Default: files.
        base_url: the address of your iconik. Default: `https://app.iconik.io`.
        path: the key prefix at which the storage begins. Default: the whole bucket.
        removal_policy: RETAIN keeps the storage in iconik and sets it INACTIVE when this construct is deleted. DESTROY
            deletes it, unless it existed before. The bucket is not changed. Default: RETAIN.
        settle_time: how long S3 and IAM may take until iconik has access, up to 8 minutes. Default: 5 minutes.
        more: further fields of iconik's storage or S3 settings, as for `IconikStorage.settings`.

    Raises:
        IconikTypeError: a prop of the wrong type.
        IconikValueError: a `base_url` without TLS, a secret value as plain text, a `path` below which iconik can use
            nothing, a `settle_time` that is not whole seconds, a secret of another Region, a stack whose synthesizer
            accepts no files, or what `IconikStorage.settings` refuses.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the name CDK gives it
        *,
        storage: IconikStorage,
        credentials: secretsmanager.ISecret,
        name: str,
        purpose: StoragePurpose = StoragePurpose.FILES,
        base_url: str = DEFAULT_BASE_URL,
        path: str = "",
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
        settle_time: cdk.Duration | None = None,
        **more: Unpack[OptionalSettings],
    ) -> None:
        check_scope(scope, id)
        if not isinstance(storage, IconikStorage):
            raise IconikTypeError("storage", "must be an IconikStorage", got=storage, fix="Give the construct itself.")
        _check_credentials(credentials)
        checked_base_url(base_url)
        removal = _checked_removal(removal_policy)
        seconds = _checked_settling(settle_time)
        stack = cdk.Stack.of(scope)
        fix = "Use the DefaultStackSynthesizer in a bootstrapped account, or register by hand with storage.settings()."
        refuse_without_assets(stack, "scope", "must not be", fix=fix)
        _refuse_other_region(stack, credentials)
        body = {"status": "ACTIVE", **storage.settings(name=name, purpose=purpose, path=path, **more)}
        _check_useful(body["settings"], storage)

        super().__init__(scope, id)
        permission = self._allow_handler_to_read(stack, credentials)
        self._resource = cdk.CustomResource(
            self,
            "Default",
            service_token=service_token(stack),
            service_timeout=SERVICE_TIMEOUT,
            resource_type="Custom::IconikRegistration",
            properties={
                "BaseUrl": base_url,
                "CredentialsArn": credentials.secret_arn,
                "SystemDomainIds": list(storage.system_domain_ids),
                # As text, because CloudFormation makes strings of all booleans and numbers.
                "Storage": stack.to_json_string(body),
                "PoliciesDigest": _digest(stack, storage),
                "RemovalPolicy": removal,
                "CorsRequired": not storage.cors.is_by_iconik,
                "SettleSeconds": seconds,
            },
        )
        self._resource.node.add_dependency(permission)
        warn_if_kept(self._resource, "the storage stays ACTIVE in iconik")
        wait_for_turn(stack, self._resource)
        self._wait_for_policies(storage)

    @property
    def storage_id(self) -> str:
        """Iconik's id of the storage, known at deployment."""
        return self._resource.get_att_string("StorageId")

    @property
    def verification(self) -> RegistrationVerification:
        """The results of iconik's checks at the last deployment of this construct."""
        attribute = self._resource.get_att_string
        return RegistrationVerification(
            cors=attribute("Cors"), read=attribute("Read"), write=attribute("Write"), delete=attribute("Delete")
        )

    def _allow_handler_to_read(self, stack: cdk.Stack, credentials: secretsmanager.ISecret) -> iam.Policy:
        """Allow the handler to read this secret. `Secret.grant_read` would add `secretsmanager:DescribeSecret`."""
        # The ARN of a secret that is imported by name has no six random characters at its end.
        arn = credentials.secret_full_arn or f"{credentials.secret_arn}-??????"
        statements = [iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[arn])]
        holders = stack.format_arn(service="ssm", resource="parameter", resource_name=f"{HOLDERS[1:]}/*")
        calls = ["ssm:DeleteParameters", "ssm:GetParametersByPath", "ssm:PutParameter"]
        statements.append(iam.PolicyStatement(actions=calls, resources=[holders]))
        key = credentials.encryption_key
        if key is not None:
            through = {"StringEquals": {"kms:ViaService": f"secretsmanager.{stack.region}.amazonaws.com"}}
            statements.append(iam.PolicyStatement(actions=["kms:Decrypt"], resources=[key.key_arn], conditions=through))
        # A separate policy, because the deletion of the custom resource needs it.
        return iam.Policy(self, "Permission", statements=statements, roles=[handler_role(stack)])

    def _wait_for_policies(self, storage: IconikStorage) -> None:
        """Depend on the bucket, the key and their policies. At removal, the registration is deleted first."""
        after: list[Any] = [storage, storage.bucket]
        if storage.encryption_key is not None:
            after.append(storage.encryption_key)
        # Also after adoptions that are added later: together they would be more functions than a new account runs.
        after += map(adoption_scope, dict.fromkeys((cdk.Stack.of(storage), cdk.Stack.of(self))))
        self._resource.node.add_dependency(*after)


def _digest(stack: cdk.Stack, storage: IconikStorage) -> str:
    """Return a text that changes with the policies, so that iconik verifies again."""
    resolved = stack.resolve([list(placement.statements) for placement in storage.placements])
    return hashlib.sha256(json.dumps(resolved, sort_keys=True).encode()).hexdigest()[:16]


def _check_credentials(credentials: object) -> None:
    fix = "Use secretsmanager.Secret.from_secret_name_v2(...) or from_secret_complete_arn(...)."
    if isinstance(credentials, (str, cdk.SecretValue)):
        # A token typed into the prop must not be repeated in the error.
        raise IconikTypeError("credentials", "must be a secret of Secrets Manager, not its value", fix=fix)
    if not hasattr(credentials, "secret_arn"):
        raise IconikTypeError("credentials", "must be a secret of Secrets Manager", got=credentials, fix=fix)


def _refuse_other_region(stack: cdk.Stack, credentials: secretsmanager.ISecret) -> None:
    """Refuse a secret that the function cannot find. One of another account can have a policy that allows it."""
    there, here = credentials.env.region, stack.region
    if there != here and not is_token(there) and not is_token(here):
        raise IconikValueError(
            "credentials",
            f"must be in the region of the stack, {here}",
            got=credentials.secret_arn,
            fix="Create the secret there too, or replicate it: aws secretsmanager replicate-secret-to-regions.",
        )


def _checked_removal(removal_policy: object) -> str:
    try:
        return _REMOVALS[cast(cdk.RemovalPolicy, removal_policy)]
    except (KeyError, TypeError):
        raise IconikValueError(
            "removal_policy",
            "must be RETAIN or DESTROY",
            got=removal_policy,
            fix="RETAIN leaves the storage in iconik, inactive; DESTROY removes it.",
        ) from None


def _checked_settling(settle_time: object) -> int:
    fix = "Leave it out for 5 minutes: policies take seconds to become effective."
    if settle_time is None:
        return 5 * 60
    seconds = seconds_of(settle_time, "settle_time", fix)
    if seconds % 1 or seconds > _LONGEST_SETTLING * 60:
        rule = f"must be whole seconds, at most {_LONGEST_SETTLING} minutes"
        raise IconikValueError("settle_time", rule, got=f"{seconds:g} seconds", fix=fix)
    return int(seconds)


def _check_useful(settings: dict[str, Any], storage: IconikStorage) -> None:
    if not any(settings[flag] for flag in FLAGS):
        prefixes = sorted({prefix for item in storage.permissions for prefix in item.prefixes})
        raise IconikValueError(
            "path",
            "must be where iconik may read, write or delete everything",
            got=settings["path"],
            fix=f"The prefixes of the permissions are {', '.join(map(repr, prefixes))}.",
        )
