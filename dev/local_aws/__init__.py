"""A local AWS for the demo and the tests: started, deployed to with the real CDK CLI, read back, thrown away.

Development only, never shipped.

    with LocalAws() as aws:
        aws.deploy("path/to/cdk.out")
        aws.client("s3").get_bucket_policy(Bucket=aws.stack_outputs("Media")["BucketName"])
"""

from .cloud import LocalAws
from .commands import Completed, StepFailed

__all__ = ["Completed", "LocalAws", "StepFailed"]
