"""Plans and states of Terraform that are odd, incomplete or wrong: none passes, and none ends with a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iconik_construct.cli.main import main
from tests.guardrail.building import DOMAIN, ROLE

READS = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::media/*"}
BAD = json.dumps({"Version": "2012-10-17", "Statement": [READS]})
TAG = {"StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": DOMAIN}}
TLS = {
    **READS,
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
GOOD = json.dumps({"Version": "2012-10-17", "Statement": [{**READS, "Condition": TAG}, TLS]})
OWN = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [OWN]})


def resource(address: str, /, **values: Any) -> dict[str, Any]:
    kind, name = address.split(".")[-2:]
    more = {name: values.pop(name) for name in ("deposed_key", "index", "mode") if name in values}
    return {"address": address, "mode": "managed", "type": kind, "name": name.split("[")[0], "values": values, **more}


def change(address: str, /, *actions: str, unknown: Any = None, **after: Any) -> dict[str, Any]:
    found = {"actions": list(actions), "before": None, "after": after, "after_unknown": unknown or {}}
    return {**resource(address), "change": found}


def plan(*resources: Any, changes: Any = (), expressions: Any = None, **more: Any) -> dict[str, Any]:
    configured = [
        {"address": address, "mode": "managed", "expressions": found} for address, found in (expressions or {}).items()
    ]
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.5",
        "planned_values": {"root_module": {"resources": list(resources)}},
        "resource_changes": list(changes),
        "configuration": {"root_module": {"resources": configured}},
        **more,
    }


def policy(document: Any, address: str = "aws_s3_bucket_policy.p", **more: Any) -> dict[str, Any]:
    return resource(address, bucket="media", policy=document, **more)


def nested(depth: int) -> dict[str, Any]:
    module: dict[str, Any] = {"resources": [policy(BAD)]}
    for _ in range(depth):
        module = {"child_modules": [module]}
    return plan(planned_values={"root_module": module})


def unknown(kind: str, prop: str, /, **known: Any) -> dict[str, Any]:
    """A resource of which one attribute is known only after the apply."""
    address = f"{kind}.x"
    return plan(resource(address, **known), changes=[change(address, "create", unknown={prop: True}, **known)])


def guard(body: Any, folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Return the exit code, the verdict or the one line of the error, and the ids of the findings."""
    path = folder / "plan.json"
    path.write_text(body if isinstance(body, str) else json.dumps(body), encoding="utf-8")
    code = main(["guard", str(path), "--system-domain-id", DOMAIN, "--format", "json"])
    said = capsys.readouterr()
    if code == 2:
        assert (said.out, said.err.count("\n")) == ("", 1)
        return 2, said.err, ""
    found = json.loads(said.out)
    return code, found["verdict"], " ".join(sorted({each["id"] for each in found["findings"]}))


REFUSED: dict[str, tuple[Any, str]] = {
    "prior_state only": ({**plan(), "planned_values": None, "prior_state": {"values": {}}}, "no planned_values"),
    "no root module": (plan(planned_values={"root_module": None}), "'root_module' is not an object"),
    "another format": (plan(policy(BAD), format_version="2.0"), "of the format 2.0"),
    "before 0.12": (plan(policy(BAD), terraform_version="0.11.14"), "before 0.12"),
    "an error": (plan(errored=True), "ended with an error"),
    "deferred": (plan(deferred_changes=[{"reason": "provider_config_unknown"}]), "deferred changes"),
    "of one target": (plan(complete=False), "not complete"),
    "a change without values": (
        plan(changes=[change("aws_s3_bucket_policy.p", "create", policy=BAD)]),
        "without values",
    ),
    "an update without values": (plan(changes=[change("aws_s3_bucket_policy.p", "update")]), "without values"),
    "an address twice": (plan(policy(BAD), policy(GOOD)), "planned twice"),
    "values that are a list": (plan({**policy(BAD), "values": []}), "'values' is not an object"),
    "all unknown": (
        plan(resource("aws_s3_bucket_policy.p"), changes=[change("aws_s3_bucket_policy.p", "create", unknown=True)]),
        "'after_unknown' is not an object",
    ),
    "modules without end": (
        '{"format_version": "1.0", "planned_values": {"root_module": '
        + '{"child_modules": [' * 20_000
        + "]}" * 20_000
        + "}}",
        "nested too deeply",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_plan_is_refused(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body, said = REFUSED[name]
    code, line, _ = guard(body, tmp_path, capsys)
    assert code == 2
    assert said in line


NOT_KNOWN: dict[str, dict[str, Any]] = {
    "bucket policy": unknown("aws_s3_bucket_policy", "policy", bucket="media"),
    "bucket policy that nothing says": plan(resource("aws_s3_bucket_policy.p", bucket="media")),
    "bucket policy without values": plan({**policy(BAD), "values": None}),
    "empty bucket policy": plan(policy("")),
    "bucket policy that is no JSON": plan(policy("${data.x.json}")),
    "key policy": unknown("aws_kms_key_policy", "policy", key_id="k"),
    "trust": unknown("aws_iam_role", "assume_role_policy"),
    "topic policy": unknown("aws_sns_topic_policy", "policy"),
    "policy of a topic itself": plan(
        resource("aws_sns_topic.x"),
        changes=[change("aws_sns_topic.x", "create", unknown={"policy": True})],
        expressions={"aws_sns_topic.x": {"policy": {"references": ["var.policy"]}}},
    ),
    "access point policy": unknown("aws_s3control_access_point_policy", "policy"),
    "multi-region access point policy": unknown("aws_s3control_multi_region_access_point_policy", "details"),
    "grantee of a key": unknown("aws_kms_grant", "grantee_principal", operations=["Decrypt"]),
    "grantee of objects": unknown("aws_s3control_access_grant", "grantee", permission="READ"),
    "awscc": unknown("awscc_s3_bucket_policy", "policy_document", bucket="media"),
    "awscc of S3 Express": unknown("awscc_s3express_bucket_policy", "policy_document", bucket="media"),
}


@pytest.mark.parametrize("name", NOT_KNOWN)
def test_what_is_not_known_cannot_be_determined(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert guard(NOT_KNOWN[name], tmp_path, capsys) == (1, "unknown", "ICONIK009")


ALLOWED: dict[str, dict[str, Any]] = {
    "a module": plan(
        planned_values={
            "root_module": {
                "child_modules": [
                    {"resources": [policy(BAD, "module.a[0].aws_s3_bucket_policy.p")], "address": "module.a[0]"}
                ]
            }
        }
    ),
    "200 modules": nested(200),
    "count": plan(
        policy(GOOD, "aws_s3_bucket_policy.p[0]", index=0), policy(BAD, "aws_s3_bucket_policy.p[1]", index=1)
    ),
    "for_each": plan(policy(BAD, 'aws_s3_bucket_policy.p["a"]', index="a")),
    "no-op": plan(policy(BAD), changes=[change("aws_s3_bucket_policy.p", "no-op", policy=BAD)]),
    "an object that was replaced": plan(policy(BAD, deposed_key="1"), policy(GOOD)),
    "no mode": plan({name: value for name, value in policy(BAD).items() if name != "mode"}),
    "an object in place of text": plan(policy({"Statement": [READS]})),
    "a bucket's own policy": plan(resource("aws_s3_bucket.b", bucket="media", policy=BAD)),
    "two policies of a bucket": plan(policy(GOOD), policy(BAD, "aws_s3_bucket_policy.q")),
    "two policies of a key": plan(
        resource("aws_kms_key.k", key_id="k", arn="arn:aws:kms:eu-west-1:123456789012:key/k"),
        resource("aws_kms_key_policy.a", key_id="k", policy=BAD),
        resource("aws_kms_key_policy.b", key_id="k", policy=GOOD),
    ),
    "an access point": plan(resource("aws_s3_access_point.a", bucket="media", name="a", policy=BAD)),
    "a multi-region access point": plan(
        resource("aws_s3control_multi_region_access_point_policy.a", details=[{"name": "m", "policy": BAD}])
    ),
    "a queue itself": plan(resource("aws_sqs_queue.q", policy=BAD)),
    "awscc": plan(resource("awscc_s3_bucket_policy.p", bucket="media", policy_document=BAD)),
    "an unknown resource": plan(resource("aws_of_tomorrow.x", nested=[{"text": BAD}])),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_a_policy_is_found_wherever_a_plan_has_it(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, verdict, ids = guard(ALLOWED[name], tmp_path, capsys)
    assert (code, verdict) == (1, "not_good")
    assert "ICONIK001" in ids


@pytest.mark.parametrize(
    "body",
    [
        plan(changes=[change("aws_s3_bucket_policy.p", "delete")]),
        plan(changes=[change("aws_s3_bucket_policy.p", "forget")]),
        plan(policy(GOOD), changes=[{**change("aws_s3_bucket_policy.p", "delete"), "deposed": "1"}]),
        plan(
            resource("aws_iam_role.r", assume_role_policy=TRUST),
            resource("aws_kms_grant.g", operations=["Decrypt"]),
            changes=[change("aws_kms_grant.g", "create", unknown={"grantee_principal": True})],
            expressions={
                "aws_kms_grant.g": {"grantee_principal": {"references": ["aws_iam_role.r.arn", "aws_iam_role.r"]}}
            },
        ),
        plan(
            resource("aws_sqs_queue.q"),
            changes=[change("aws_sqs_queue.q", "create", unknown={"policy": True})],
            expressions={"aws_sqs_queue.q": {"name": {"constant_value": "q"}}},
        ),
    ],
    ids=["deleted", "forgotten", "replaced", "a grant to a role of the plan", "a queue with the default policy"],
)
def test_what_gives_nobody_access_is_no_finding(body: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert guard(body, tmp_path, capsys) == (0, "good", "")
