"""One stack with a retained bucket and a function, as the tests of the local AWS want it.

The environment variable SAMPLE, JSON, says the stack's name and the function's code.
"""

import json
import os

import aws_cdk as cdk
from aws_cdk import aws_lambda, aws_s3

options = json.loads(os.environ["SAMPLE"])
app = cdk.App()
stack = cdk.Stack(app, options["stack"], analytics_reporting=False)
bucket = aws_s3.Bucket(stack, "Bucket", removal_policy=cdk.RemovalPolicy.RETAIN)
cdk.CfnOutput(stack, "BucketName", value=bucket.bucket_name)
cdk.CfnOutput(stack, "Greeting", value=app.node.try_get_context("greeting") or "none")
if "code" in options:
    function = aws_lambda.Function(
        stack,
        "Function",
        runtime=aws_lambda.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=aws_lambda.Code.from_inline(options["code"]),
    )
    cdk.CfnOutput(stack, "FunctionName", value=function.function_name)
app.synth()
