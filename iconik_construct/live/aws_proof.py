"""Has AWS prove, by its own reasoner, that the statements for iconik let in its role with the tag and nobody else.

Not tried on AWS by us: the shape of question and answer is botocore's. AWS charges for each call.
"""

from __future__ import annotations

import json
from typing import Any

from ..access.trust import ICONIK_ACCOUNT_ID, PRINCIPAL_TAG
from ..assessment.assess import Assessment
from ..assessment.fact import Unknown, value_of
from ..assessment.facts import statements_of
from .asking import Aws
from .calls import PROOF

__all__ = ["prove", "question"]


def question(assessment: Assessment) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the policy in question, and the reference whose access it must not exceed.

    In question are the statements that allow everyone, or that name iconik's account: what others are let in by is
    none of iconik's.
    """
    bucket, asked = assessment.facts, assessment.question
    present = [
        one
        for one in statements_of(value_of(bucket.policy))
        if one.get("Effect") == "Allow"
        and (ICONIK_ACCOUNT_ID in json.dumps(one) or '"*"' in json.dumps(one.get("Principal")))
    ]
    reference = {
        "Effect": "Allow",
        "Principal": {"AWS": asked.role_arn},
        "Action": "s3:*",
        "Resource": [bucket.arn, f"{bucket.arn}/*"],
        "Condition": {"StringEquals": {PRINCIPAL_TAG: list(asked.system_domain_ids)}},
    }
    version = "2012-10-17"
    return {"Version": version, "Statement": present}, {"Version": version, "Statement": [reference]}


def prove(aws: Aws, assessment: Assessment) -> dict[str, str]:
    """Return `result`, PASS, FAIL or NOT ASKED, and AWS's `message`."""
    new, reference = question(assessment)
    if not new["Statement"]:
        return {"result": "NOT ASKED", "message": "No statement lets in iconik or everyone."}
    outcome = aws.ask(
        PROOF,
        assessment.facts.region,
        newPolicyDocument=json.dumps(new),
        existingPolicyDocument=json.dumps(reference),
        policyType="RESOURCE_POLICY",
    )
    if isinstance(outcome, Unknown):
        return {"result": "NOT ASKED", "message": f"{outcome.action}: {outcome.says}"}
    answer = value_of(outcome) or {}
    reasons = "; ".join(str(one.get("description", "")) for one in answer.get("reasons") or ())
    return {
        "result": str(answer.get("result", "NOT ASKED")),
        "message": f"{answer.get('message', '')} {reasons}".strip(),
    }
