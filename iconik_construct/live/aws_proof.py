"""Lets AWS prove, with its own reasoner, that the statements for iconik allow only its role with the tag.

This was not tried on AWS: the form of question and answer is botocore's. AWS charges for each call.
"""

from __future__ import annotations

import json
from typing import Any

from ..access.trust import ICONIK_ACCOUNT_ID, PRINCIPAL_TAG
from ..assessment.assess import Assessment
from ..assessment.fact import Unknown, value_of
from ..assessment.facts import statements_of
from ..judge.text import joined, shown
from .asking import Aws
from .calls import PROOF

__all__ = ["prove", "question"]


def question(assessment: Assessment) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the policy to check, and the reference whose access it must not exceed.

    The policy has the statements that allow everyone or name iconik's account. Statements for other principals do not
    concern iconik.
    """
    bucket, assessed = assessment.facts, assessment.question
    present = [
        statement
        for statement in statements_of(value_of(bucket.policy))
        if statement.get("Effect") == "Allow"
        and (ICONIK_ACCOUNT_ID in json.dumps(statement) or '"*"' in json.dumps(statement.get("Principal")))
    ]
    reference = {
        "Effect": "Allow",
        "Principal": {"AWS": assessed.role_arn},
        "Action": "s3:*",
        "Resource": [bucket.arn, joined(bucket.arn, "/*")],
        "Condition": {"StringEquals": {PRINCIPAL_TAG: list(assessed.system_domain_ids)}},
    }
    version = "2012-10-17"
    return {"Version": version, "Statement": present}, {"Version": version, "Statement": [reference]}


def prove(aws: Aws, assessment: Assessment) -> dict[str, str]:
    """Return `result`, PASS, FAIL or NOT ASKED, and AWS's `message`."""
    new, reference = question(assessment)
    if not new["Statement"]:
        return {"result": "NOT ASKED", "message": "No statement allows iconik or everyone."}
    region = assessment.facts.region
    outcome = aws.ask(
        PROOF,
        None if region is None else shown(region),
        newPolicyDocument=json.dumps(new),
        existingPolicyDocument=json.dumps(reference),
        policyType="RESOURCE_POLICY",
    )
    if isinstance(outcome, Unknown):
        return {"result": "NOT ASKED", "message": f"{outcome.action}: {outcome.says}"}
    answer = value_of(outcome) or {}
    reasons = "; ".join(str(reason.get("description", "")) for reason in answer.get("reasons") or ())
    return {
        "result": str(answer.get("result", "NOT ASKED")),
        "message": f"{answer.get('message', '')} {reasons}".strip(),
    }
