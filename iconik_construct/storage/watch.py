"""`IconikWatch`: notices when another owner of a policy keeps iconik out, and puts taken out statements back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

import aws_cdk as cdk
from constructs import Construct

from ..errors import IconikTypeError, IconikValueError
from ..placement.handler.metric import DIMENSION, MISSING, NAMESPACE
from ..placement.merging import merge_of, policy_properties
from ..placement.record import Placement, PlacementKind
from ..placement.size_estimate import largest_text
from .construct import IconikStorage
from .props import check_scope

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch

__all__ = ["IconikWatch"]

_LONGEST_INPUT: Final = 8_192
"""Characters of a target's input. Source: Amazon EventBridge API Reference, "Target"."""
_MOST_POLICIES: Final = 50
"""Each rule is named in the function's own policy, which has 20 kB."""


class IconikWatch(Construct):
    """Looks at the policies into which a stack's storages are merged, and finds out when iconik no longer gets in.

    A policy that this app does not own is rewritten by its owner: Terraform's next apply, another stack, a hand in the
    console. Our statements are gone then, or a new Deny keeps iconik out, and neither `cdk deploy` nor `cdk drift` sees
    it. The same function that merged looks again whenever CloudTrail reports that the policy was written (management
    events, which every account has in CloudTrail's event history; EventBridge gets them where a trail is on), and once
    in a period in any case.

    With `repair` it merges what is gone, at most three times in 24 hours for each policy: then two owners fight, and it
    only tells. A statement of ours that somebody has edited is told and not touched, and so is a Deny, unless the
    storage has `tolerate_denies`. Only storages that are given are watched, and of them only what is merged.

    Args:
        scope: the parent construct, in the stack of the storages.
        id: the construct id.
        storages: what to watch; at least one policy of them is merged.
        repair: whether to merge again what is gone. Default: True.
        every: how often to look in any case, from a minute to a year, in whole minutes. Default: a day.

    Raises:
        IconikTypeError: a prop of the wrong type (a `TypeError`).
        IconikValueError: no storage, none that is merged, one of another stack, more than 50 policies, statements that
            do not fit into the rule, or a period that cannot be (a `ValueError`).
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the name CDK gives it
        *,
        storages: Sequence[IconikStorage],
        repair: bool = True,
        every: cdk.Duration | None = None,
    ) -> None:
        check_scope(scope, id)
        stack = cdk.Stack.of(scope)
        merged = list(_merged(_parse_storages(storages), stack))
        if not isinstance(repair, bool):
            raise IconikTypeError("repair", "must be a bool", got=repair, fix="Leave it out for True.")
        minutes = _parse_every(every)
        _refuse_too_much(merged, stack)

        super().__init__(scope, id)
        self._name = cdk.Names.unique_id(self)
        self._watch(stack, merged, repair=repair, minutes=minutes)

    @property
    def missing(self) -> cloudwatch.Metric:
        """How much is missing for iconik to get in: the largest count within five minutes.

        The statements that are gone or edited, and each Deny that keeps iconik from what it is granted, in all policies
        of the watch as each was last looked at. What cannot be read counts as gone. The function writes it with each
        look, in the embedded metric format, as `Missing` of the namespace `IconikConstruct` with the dimension `Watch`;
        beside it `Repaired`.
        """
        from aws_cdk import aws_cloudwatch as cloudwatch  # noqa: PLC0415 - half a second that no other storage needs

        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=MISSING,
            dimensions_map={DIMENSION: self._name},
            statistic="Maximum",
            period=cdk.Duration.minutes(5),
        )

    def alarm(
        self,
        id: str = "Alarm",  # noqa: A002 - as above
        **props: Any,
    ) -> cloudwatch.Alarm:
        """Make an alarm on `missing`: it goes off when a look finds what it does not repair.

        Args:
            id: the construct id, below the watch. Default: `Alarm`.
            props: further props of `cloudwatch.Metric.create_alarm`, which win over this method's: threshold 1, one
                period, and no data is no change.
        """
        from aws_cdk import aws_cloudwatch as cloudwatch  # noqa: PLC0415 - as above

        given = {
            "alarm_description": "In a policy that somebody else owns, iconik's statements are missing or denied",
            "comparison_operator": cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            "evaluation_periods": 1,
            "threshold": 1,
            # A look is a moment in a day: what was found then stands until the next.
            "treat_missing_data": cloudwatch.TreatMissingData.IGNORE,
            **props,
        }
        return self.missing.create_alarm(self, id, **given)

    def _watch(self, stack: cdk.Stack, merged: Sequence[_Merged], *, repair: bool, minutes: int) -> None:
        # Imported here: they load parts of the CDK that no other storage needs.
        from aws_cdk import aws_events as events  # noqa: PLC0415
        from aws_cdk import aws_events_targets as targets  # noqa: PLC0415
        from aws_cdk import aws_iam as iam  # noqa: PLC0415
        from aws_cdk import aws_ssm as ssm  # noqa: PLC0415

        from ..placement.adoption_provider import adoption_function, adoption_role  # noqa: PLC0415

        memory = ssm.StringParameter(
            self,
            "Repairs",
            description="Which policy was repaired when, and what is wrong; written by the function, not by the stack",
            string_value="{}",
        )
        rights = iam.Policy(
            self,
            "Permission",
            statements=[
                iam.PolicyStatement(actions=["ssm:GetParameter", "ssm:PutParameter"], resources=[memory.parameter_arn])
            ],
        )
        role = adoption_role(stack)
        role.attach_inline_policy(rights)
        for each in merged:
            event = {
                "IconikWatch": self._name,
                "Repair": "true" if repair else "false",
                "Memory": memory.parameter_name,
                "Every": str(60 * minutes),
                "ResourceProperties": each.properties(stack),
            }
            rule = events.Rule(
                self,
                each.construct_id,
                description=f"Looks whether iconik's statements are still in the policy of a {each.placement.resource}",
                schedule=events.Schedule.rate(cdk.Duration.minutes(minutes)),
                event_pattern=events.EventPattern(
                    detail_type=["AWS API Call via CloudTrail"], detail=each.written_by_others(role.role_arn)
                ),
            )
            given = events.RuleTargetInput.from_object(event)
            target = targets.LambdaFunction(adoption_function(stack), event=given)
            rule.add_target(cast(events.IRuleTarget, target))
            # It goes before the statements do, or it would put them back.
            rule.node.add_dependency(merge_of(stack, each.kind, each.target))


class _Merged:
    """One policy into which one storage is merged."""

    def __init__(self, storage: IconikStorage, placement: Placement, place: str) -> None:
        self.storage = storage
        self.placement = placement
        self.construct_id = f"{place}{self.kind}"

    @property
    def is_bucket(self) -> bool:
        return self.placement.resource == "bucket"

    def properties(self, stack: cdk.Stack) -> dict[str, Any]:
        """Return what the custom resource that merges is given."""
        statements = {each["Sid"]: each for each in self.placement.statements}
        tolerated = {"TolerateDenies": dict.fromkeys(statements, "true")} if self.storage.tolerates_denies else {}
        return {**policy_properties(stack, self.kind, self.target), "Statements": statements, **tolerated}

    def written_by_others(self, role_arn: str) -> dict[str, Any]:
        """Return what CloudTrail shows of a write of the policy that is not the function's own.

        Its own are left out because it may just be taking out what the rule does not yet know to be unwanted.
        """
        issuer = ("userIdentity", "sessionContext", "sessionIssuer", "arn")
        if self.is_bucket:
            service, names, named = "s3", ["DeleteBucketPolicy", "PutBucketPolicy"], {"bucketName": [self.target]}
        else:
            service, names, named = "kms", ["PutKeyPolicy"], {"keyId": [self.target, self.target.rpartition("/")[2]]}
        return {
            "eventSource": [f"{service}.amazonaws.com"],
            "eventName": names,
            "requestParameters": named,
            # Users and the root user have no role behind them.
            "$or": [_nested(issuer, [{"anything-but": role_arn}]), _nested(issuer, [{"exists": False}])],
        }

    @property
    def kind(self) -> str:
        return self.placement.resource.capitalize()

    @property
    def target(self) -> str:
        if self.is_bucket:
            return self.storage.bucket.bucket_name
        # A placement in a key policy has a key.
        return str(cast(Any, self.storage.encryption_key).key_arn)


def _nested(path: Sequence[str], value: Any) -> dict[str, Any]:
    for name in reversed(path):
        value = {name: value}
    return cast("dict[str, Any]", value)


def _parse_storages(value: object) -> list[IconikStorage]:
    fix = "Write storages=[storage]."
    if isinstance(value, (str, IconikStorage)) or not isinstance(value, Sequence):
        raise IconikTypeError("storages", "must be a sequence of IconikStorage", got=value, fix=fix)
    for each in value:
        if not isinstance(each, IconikStorage):
            raise IconikTypeError("storages", "must hold IconikStorage only", got=each, fix=fix)
    if not value:
        raise IconikValueError("storages", "must hold at least one storage", got=value, fix=fix)
    return list(dict.fromkeys(value))


def _parse_every(value: object) -> int:
    """Return the minutes between two looks."""
    if value is None:
        return 24 * 60
    fix = "Write cdk.Duration.days(1) or cdk.Duration.hours(6)."
    minute, year = 60, 365 * 24 * 60 * 60
    if not isinstance(value, cdk.Duration):
        raise IconikTypeError("every", "must be a cdk.Duration", got=value, fix=fix)
    seconds = value.to_seconds(integral=False)
    if seconds % minute or not minute <= seconds <= year:
        raise IconikValueError(
            "every", "must be whole minutes, from one to a year", got=f"{seconds:g} seconds", fix=fix
        )
    return int(seconds // minute)


def _merged(storages: Sequence[IconikStorage], stack: cdk.Stack) -> Iterator[_Merged]:
    """Yield the policies into which the storages are merged."""
    found = False
    for number, storage in enumerate(storages):
        if cdk.Stack.of(storage) != stack:
            raise IconikValueError(
                "storages",
                f"must be of the watch's own stack {stack.node.path}, but {storage.node.path} is not: the function "
                "that merged looks again, and each stack has its own",
                fix="Make an IconikWatch in the stack of each storage.",
            )
        for placement in storage.placements:
            if placement.how is PlacementKind.MERGED:
                found = True
                yield _Merged(storage, placement, f"Storage{number}")
    if not found:
        raise IconikValueError(
            "storages",
            "must hold at least one storage that is merged into a policy which this app does not own; what a template "
            "of this app holds, CloudFormation puts back itself",
            got=[storage.node.path for storage in storages],
            fix="Leave the watch out. What was handed over is looked at with `iconik-construct check`.",
        )


def _refuse_too_much(merged: Sequence[_Merged], stack: cdk.Stack) -> None:
    if len(merged) > _MOST_POLICIES:
        raise IconikValueError(
            "storages",
            f"must have at most {_MOST_POLICIES} merged policies, a bucket's and a key's each counted",
            got=f"{len(merged)} policies",
            fix="Make several watches, each in a stack of its own.",
        )
    for each in merged:
        size = len(json.dumps(largest_text(stack.resolve(each.properties(stack))))) + _LONGEST_INPUT // 16
        if size > _LONGEST_INPUT:
            raise IconikValueError(
                "storages",
                f"must have statements that fit into the input of a rule, {_LONGEST_INPUT:,} characters, but those of "
                f"{each.storage.node.path} for the {each.placement.resource} take up to {size:,}",
                fix="Use fewer or shorter prefixes, or a common parent prefix.",
            )
