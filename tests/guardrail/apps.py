"""Apps with a guardrail, a bucket that it must refuse, and what it says of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from iconik_construct import IconikGuardrail
from tests.guardrail.building import DOMAIN, ROLE, SECOND_DOMAIN

__all__ = ["careless_bucket", "findings", "guarded"]


def guarded(**context: Any) -> cdk.App:
    app = cdk.App(context=context)
    cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=[DOMAIN.upper(), SECOND_DOMAIN]))
    return app


def careless_bucket(scope: cdk.Stack, name: str = "Careless", role_arn: str = ROLE) -> s3.Bucket:
    """A bucket that lets iconik in without the tag, made without this library."""
    bucket = s3.Bucket(scope, name, enforce_ssl=True)
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["s3:GetObject"], resources=[bucket.arn_for_objects("*")], principals=[iam.ArnPrincipal(role_arn)]
        )
    )
    return bucket


def findings(app: cdk.App) -> list[tuple[str, str]]:
    """Synthesize and return rule and construct path of each finding of the guardrail, whether or not it is refused."""
    refused = False
    try:
        app.synth()
    except RuntimeError:
        refused = True
    report = Path(app.outdir, "validation-report.json")
    plugins = json.loads(report.read_text())["pluginReports"] if report.exists() else []
    ours = [one for one in plugins if one["pluginName"] == "iconik-guardrail"]
    found = [
        (violation["ruleName"], construct["constructPath"])
        for plugin in ours
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    ]
    assert refused == any(one["conclusion"] == "failure" for one in ours)
    return sorted(found)
