"""The ways out that docs/adopting.md names, of a stack that got stuck, with the real CDK CLI on the local AWS.

"Delete again" is not among them: where a custom resource cannot be deleted, the local AWS deletes its function all the
same, so that nothing is left to ask. CloudFormation keeps what a resource that it could not delete depends on.
"""

import json
import time
from pathlib import Path

import pytest

from dev.local_aws import StepFailed

APP = Path(__file__).with_name("adopting_app.py")
DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"


class Stuck:
    """A bucket made by hand, and the stack that adopts it."""

    def __init__(self, aws, name, bucket):
        self.aws, self.name, self.bucket = aws, name, bucket
        self.s3, self.cloudformation = aws.client("s3"), aws.client("cloudformation")
        self.s3.create_bucket(Bucket=self.bucket)
        self.deploy(write=False)

    def env(self, *, write):
        return {"ADOPTING": json.dumps([{"name": self.name, "bucket": self.bucket, "domain": DOMAIN, "write": write}])}

    def deploy(self, *, write):
        self.aws.deploy(APP, env=self.env(write=write))

    def destroy(self):
        self.aws.destroy(APP, env=self.env(write=False))

    def policy(self):
        return self.s3.get_bucket_policy(Bucket=self.bucket)["Policy"]

    def write(self, policy):
        self.s3.put_bucket_policy(Bucket=self.bucket, Policy=policy)

    def events(self):
        return self.aws.stack_events(self.name)

    def status(self, *, after):
        """Wait until the stack is no longer in one status, and return the next; None when it is gone."""
        for _ in range(120):
            try:
                [stack] = self.cloudformation.describe_stacks(StackName=self.name)["Stacks"]
            except self.cloudformation.exceptions.ClientError:
                return None
            if stack["StackStatus"] not in after:
                return stack["StackStatus"]
            time.sleep(0.5)
        pytest.fail(f"the stack stays {after}")

    def custom_resource(self):
        (found,) = {each["LogicalResourceId"] for each in self.events() if "Merge" in each["LogicalResourceId"]}
        return found


@pytest.mark.proof
@pytest.mark.local_aws(minutes=0.8)
def test_a_rollback_goes_on_once_our_statement_is_restored_and_a_delete_without_what_refuses(local_aws):
    stuck = Stuck(local_aws, "Stuck", "a-policy-that-others-edit")
    adopted = stuck.policy()
    stuck.write(adopted.replace("s3:GetObject", "s3:*", 1))
    with pytest.raises(StepFailed):
        stuck.deploy(write=True)
    assert stuck.events()[0]["ResourceStatus"] == "UPDATE_ROLLBACK_FAILED"
    assert any("somebody wrote or changed it" in each.get("ResourceStatusReason", "") for each in stuck.events())

    stuck.write(adopted)
    stuck.cloudformation.continue_update_rollback(StackName=stuck.name)
    assert stuck.status(after={"UPDATE_ROLLBACK_IN_PROGRESS"}) == "UPDATE_ROLLBACK_COMPLETE"
    assert json.loads(stuck.policy()) == json.loads(adopted)

    # A field that stands in the policy twice: the function can write it for nobody without loss.
    unreadable = '{"Id": "a", "Id": "b", ' + adopted.lstrip("{")
    stuck.write(unreadable)
    with pytest.raises(StepFailed):
        stuck.destroy()
    assert stuck.events()[0]["ResourceStatus"] == "DELETE_FAILED"
    assert any("occurs twice in one object" in each.get("ResourceStatusReason", "") for each in stuck.events())

    stuck.cloudformation.delete_stack(StackName=stuck.name, RetainResources=[stuck.custom_resource()])
    assert stuck.status(after={"DELETE_FAILED", "DELETE_IN_PROGRESS"}) is None
    # The statements are the owner's to take out.
    assert stuck.policy() == unreadable


@pytest.mark.proof
@pytest.mark.local_aws(minutes=1.3)
def test_a_rollback_without_the_bucket_goes_on_without_the_custom_resource(local_aws):
    stuck = Stuck(local_aws, "Bereft", "a-bucket-that-others-delete")
    stuck.s3.delete_bucket_policy(Bucket=stuck.bucket)
    stuck.s3.delete_bucket(Bucket=stuck.bucket)
    with pytest.raises(StepFailed):
        stuck.deploy(write=True)
    assert stuck.events()[0]["ResourceStatus"] == "UPDATE_ROLLBACK_FAILED"
    assert any(
        "does not exist or is about to be deleted" in each.get("ResourceStatusReason", "") for each in stuck.events()
    )

    stuck.cloudformation.continue_update_rollback(StackName=stuck.name, ResourcesToSkip=[stuck.custom_resource()])
    assert stuck.status(after={"UPDATE_ROLLBACK_IN_PROGRESS"}) == "UPDATE_ROLLBACK_COMPLETE"

    # There is nothing to take the statements out of.
    stuck.destroy()
    assert stuck.status(after={"DELETE_IN_PROGRESS"}) is None
