"""A Deny that keeps iconik out, its exemption, and a watch, with the real CDK CLI and the function as it is deployed.

The local AWS calls no rule when a policy is written: the function is invoked with what the rule would give it.
"""

import json
import re
from pathlib import Path

import pytest

from dev.local_aws import StepFailed

APP = Path(__file__).with_name("watching_app.py")
BUCKET = "owned-by-terraform"
BOTH = [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
OUTSIDERS = {
    "Sid": "Outsiders",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": BOTH,
    "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}},
}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.mark.proof
@pytest.mark.local_aws(minutes=0.9)
def test_a_deny_fails_the_deployment_its_exemption_does_not_and_the_watch_restores_statements(local_aws):
    s3 = local_aws.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=document(OUTSIDERS))
    env = {"WATCHED": BUCKET}

    def present():
        return json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"]

    with pytest.raises(StepFailed) as failed:
        local_aws.deploy(APP, env=env)
    reasons = [event.get("ResourceStatusReason", "") for event in local_aws.stack_events("Watched")]
    (reason,) = {text for text in reasons if "The statement 'Outsiders' denies iconik" in text}
    assert "The statement 'Outsiders' denies iconik" in str(failed.value)
    assert present() == [OUTSIDERS]

    exempted = re.search(r"put this statement in its place: (\{.*?\})(?: The log is in|$|\n)", reason).group(1)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=document(json.loads(exempted)))
    local_aws.deploy(APP, env=env)
    adopted = present()
    assert len(adopted) == 3
    outputs = local_aws.stack_outputs("Watched")
    assert [value for name, value in outputs.items() if "NotDecided" in name] == ["nothing"]

    # Terraform's next apply: its document, without what it does not know.
    s3.put_bucket_policy(Bucket=BUCKET, Policy=document(json.loads(exempted)))
    events, functions = local_aws.client("events"), local_aws.client("lambda")
    (rule,) = (one["Name"] for one in events.list_rules()["Rules"] if "Watch" in one["Name"])
    (target,) = events.list_targets_by_rule(Rule=rule)["Targets"]
    answer = functions.invoke(FunctionName=target["Arn"], Payload=target["Input"].encode())
    assert json.loads(answer["Payload"].read())["Repaired"] == 2
    assert present() == adopted

    local_aws.destroy(APP, env=env)
    assert present() == [json.loads(exempted)]
