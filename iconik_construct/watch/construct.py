"""`IconikWatch`: reports when another owner of a policy blocks iconik, and restores removed statements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, cast

import aws_cdk as cdk
from constructs import Construct

from ..errors import IconikTypeError, IconikValueError
from ..placement.handler.metric import CHECKS, DIMENSION, MISSING, NAMESPACE
from ..placement.merging import merge_of, policy_properties
from ..storage.construct import IconikStorage
from ..validation.durations import seconds_of
from ..validation.scope import check_scope, removed_on_error
from .policies import WatchedPolicy, refuse_too_long, watched_policies

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch

__all__ = ["IconikWatch"]

_MOST_POLICIES: Final = 50
"""The limit for a stack: each rule is in the function's policy, which can have 20 kB."""
_MOST_RULES: Final = 300
"""The limit of an event bus in a new account. Source: Amazon EventBridge User Guide, "Quotas"."""
_HOUR: Final = 60
_ADDRESS_LENGTH: Final = 16


class IconikWatch(Construct):
    """Checks the policies that a stack's storages are merged into, and reports if iconik loses access.

    The owner of such a policy can rewrite it: by Terraform's next apply, another stack, or a person in the console.
    Then the statements of this library are missing, or a new Deny blocks iconik. `cdk deploy` and `cdk drift` do not
    detect this. The merge function checks each policy after each write in CloudTrail (management events, which
    EventBridge gets if a trail is on), and at least once in each period.

    With `repair` it restores missing statements, at most three times in 24 hours for each policy. After that it only
    reports, because two owners overwrite each other. It reports, and does not change, an edited statement of this
    library and, without `tolerate_denies`, a Deny. It also reports statements that allow other iconik customers, a key
    that cannot be used, and `RestrictPublicBuckets` if it blocks iconik.

    Args:
        scope: the parent construct, in the stack of the storages.
        id: the construct id.
        storages: the storages to watch. At least one of their policies is merged.
        repair: whether to restore missing statements. Default: True.
        every: the longest time between checks, from one minute to six days, in whole minutes. Default: one day.

    Raises:
        IconikTypeError: a prop of the wrong type (a `TypeError`).
        IconikValueError: no storage, none that is merged, one of another stack, more than 50 policies in a stack or 300
            on a bus, a rule that is too long, or an impossible period (a `ValueError`).
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
        merged = watched_policies(storages, stack)
        if not isinstance(repair, bool):
            raise IconikTypeError("repair", "must be a bool", got=repair, fix="Leave it out for True.")
        minutes = _parse_every(every)
        _refuse_too_much(merged, stack)

        super().__init__(scope, id)
        # Contains the stack's name, because the same template can be deployed twice in an account.
        self._name = f"{cdk.Aws.STACK_NAME}-{cdk.Names.unique_id(self)}"
        self._minutes = minutes
        self._rules = len(merged)
        with removed_on_error(self):
            self._watch(stack, merged, repair=repair)

    @property
    def missing(self) -> cloudwatch.Metric:
        """The number of problems: the largest count within five minutes.

        The count includes each missing or edited statement, each Deny and setting that blocks iconik, and each
        statement that allows other iconik customers, in all policies of the watch at their last check. A policy that
        could not be checked counts as a problem. Zero does not prove access: other settings, such as the encryption,
        ACLs and grants, are not read. `iconik-construct check` reads them. The function writes the metric with each
        check, in the embedded metric format, as `Missing` of the namespace `IconikConstruct` with the dimension
        `Watch`, together with `Repaired` and `Checks`.
        """
        return self._metric(MISSING, "Maximum", cdk.Duration.minutes(5))

    def alarm(
        self,
        id: str = "Alarm",  # noqa: A002 - as above
        **props: Any,
    ) -> cloudwatch.Alarm:
        """Make an alarm on `missing`: a check found a problem that it did not repair, or the check failed.

        Two more alarms have the same actions, also actions that you add later to the first one. `…Silent`: no policy
        was checked for longer than `every`; missing data is breaching. `…Errors`: the function failed. CloudWatch must
        be allowed to perform the actions for all three alarms. This is the case for SNS topics.

        Args:
            id: the construct id, below the watch. Default: `Alarm`.
            props: further props of `cloudwatch.Metric.create_alarm`, which replace this method's: threshold 1 and one
                period. Missing data does not change the first alarm: its value is valid until the next check.
        """
        from aws_cdk import aws_cloudwatch as cloudwatch  # noqa: PLC0415 - as above

        from ..placement.adoption_provider import adoption_function  # noqa: PLC0415 - as above

        at_least = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
        given = {
            "alarm_description": "In a policy of another owner, iconik's access is missing or denied, others have "
            "access, or the policy could not be checked",
            "comparison_operator": at_least,
            "evaluation_periods": 1,
            "threshold": 1,
            "treat_missing_data": cloudwatch.TreatMissingData.IGNORE,
            **props,
        }
        first = self.missing.create_alarm(self, id, **given)
        period = _HOUR if self._minutes >= _HOUR else 1
        periods = -(-self._minutes // period) + 1
        silent = self._metric(CHECKS, "Sum", cdk.Duration.minutes(period)).create_alarm(
            self,
            f"{id}Silent",
            alarm_description="No policy was checked in time: nobody knows whether iconik still has access",
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=periods,
            datapoints_to_alarm=periods,
            threshold=1,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )
        function = adoption_function(cdk.Stack.of(self))
        errors = function.metric_errors(period=cdk.Duration.minutes(5), statistic="Sum").create_alarm(
            self,
            f"{id}Errors",
            alarm_description="The function that checks and merges policies failed: its log says why",
            comparison_operator=at_least,
            evaluation_periods=1,
            threshold=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        for other in (silent, errors):
            _share_actions(first, other)
        return first

    def _metric(self, name: str, statistic: str, period: cdk.Duration) -> cloudwatch.Metric:
        from aws_cdk import aws_cloudwatch as cloudwatch  # noqa: PLC0415 - half a second that no other storage needs

        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=name,
            dimensions_map={DIMENSION: self._name},
            statistic=statistic,
            period=period,
        )

    def _watch(self, stack: cdk.Stack, merged: Sequence[WatchedPolicy], *, repair: bool) -> None:
        # Imported here, because they load parts of the CDK that no other storage needs.
        from aws_cdk import aws_events as events  # noqa: PLC0415
        from aws_cdk import aws_events_targets as targets  # noqa: PLC0415

        from ..placement.adoption_provider import adoption_function, adoption_role  # noqa: PLC0415

        role = adoption_role(stack)
        merges = [cast(cdk.CfnResource, merge_of(stack, each.kind, each.target).node.default_child) for each in merged]
        logical_ids = [stack.resolve(each.logical_id) for each in merges]
        planned: list[tuple[WatchedPolicy, dict[str, Any], dict[str, Any]]] = []
        for each, logical_id in zip(merged, logical_ids, strict=True):
            event = {
                "IconikWatch": self._name,
                "Repair": "true" if repair else "false",
                "Every": str(60 * self._minutes),
                "Policy": policy_properties(stack, each.kind, each.target),
                "StackId": stack.stack_id,
                "LogicalResourceId": logical_id,
                "Resources": logical_ids,
            }
            pattern = each.written_by_others(role.role_arn)
            refuse_too_long(event, pattern, stack)
            planned.append((each, event, pattern))
        for (each, event, pattern), merge in zip(planned, merges, strict=True):
            merge.add_property_override(f"Watches.{self.node.addr[:_ADDRESS_LENGTH]}", self._name)
            rule = events.Rule(
                self,
                each.construct_id,
                description=f"Checks whether iconik has its access by the policy of a {each.placement.resource}",
                schedule=events.Schedule.rate(cdk.Duration.minutes(self._minutes)),
                event_pattern=events.EventPattern(detail_type=["AWS API Call via CloudTrail"], detail=pattern),
            )
            given = events.RuleTargetInput.from_object(event)
            target = targets.LambdaFunction(adoption_function(stack), event=given)
            rule.add_target(cast(events.IRuleTarget, target))
            # A check counts the problems in all policies of the watch, so it is created after all of them.
            rule.node.add_dependency(*merges)


def _share_actions(first: cloudwatch.Alarm, other: cloudwatch.Alarm) -> None:
    """Give an alarm the actions of another alarm, also later ones: the lists are written at synthesis."""
    target, first_alarm = cast("cloudwatch.CfnAlarm", other.node.default_child), first.node.default_child
    source = cast("cloudwatch.CfnAlarm", first_alarm)
    target.alarm_actions = source.alarm_actions
    target.ok_actions = source.ok_actions
    target.insufficient_data_actions = source.insufficient_data_actions


def _refuse_too_much(merged: Sequence[WatchedPolicy], stack: cdk.Stack) -> None:
    watches = [each for each in stack.node.root.node.find_all() if isinstance(each, IconikWatch)]
    here = len(merged) + sum(each._rules for each in watches if cdk.Stack.of(each) is stack)
    if here > _MOST_POLICIES:
        raise IconikValueError(
            "storages",
            f"must have at most {_MOST_POLICIES} merged policies in a stack, counting bucket and key policies",
            got=f"{here} policies",
            fix="Make several watches, each in a stack of its own.",
        )
    on_bus = len(merged) + sum(each._rules for each in watches if cdk.Stack.of(each).environment == stack.environment)
    if on_bus > _MOST_RULES:
        raise IconikValueError(
            "storages",
            f"must have at most {_MOST_RULES} merged policies in an account and region: each needs a rule of the "
            "default event bus",
            got=f"{on_bus} policies",
            fix="Watch fewer storages, or put some of them into another account.",
        )


def _parse_every(value: object) -> int:
    """Return the minutes between two checks."""
    if value is None:
        return 24 * 60
    fix = "Write cdk.Duration.days(1) or cdk.Duration.hours(6)."
    # CloudWatch looks back seven days, and the alarm waits one hour longer than the period.
    minute, longest = 60, 6 * 24 * 60 * 60
    seconds = seconds_of(value, "every", fix)
    if seconds % minute or not minute <= seconds <= longest:
        raise IconikValueError(
            "every", "must be whole minutes, from one minute to six days", got=f"{seconds:g} seconds", fix=fix
        )
    return int(seconds // minute)
