"""Apps with assets of every kind, and synthesizers that write them in different ways."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import aws_s3_deployment as s3_deployment
from aws_cdk import aws_servicecatalog as servicecatalog
from aws_cdk import aws_stepfunctions as stepfunctions
from aws_cdk import custom_resources, pipelines, triggers
from constructs import Construct

ENVIRONMENT = cdk.Environment(account="123456789012", region="us-east-1")

SYNTHESIZERS: dict[str, Callable[[], cdk.IStackSynthesizer]] = {
    "default": cdk.DefaultStackSynthesizer,
    "own bucket and repository": lambda: cdk.DefaultStackSynthesizer(
        file_assets_bucket_name="acme-artifacts", image_assets_repository_name="acme-images"
    ),
    "own qualifier and prefixes": lambda: cdk.DefaultStackSynthesizer(
        qualifier="acme", bucket_prefix="media/abc", docker_tag_prefix="media-"
    ),
    "CLI credentials": lambda: cdk.CliCredentialsStackSynthesizer(file_assets_bucket_name="acme-${AWS::Region}"),
    "legacy": cdk.LegacyStackSynthesizer,
}

WITHOUT_ASSETS: dict[str, Callable[[], cdk.IStackSynthesizer]] = {"bootstrapless": cdk.BootstraplessSynthesizer}
"""Synthesizers that refuse assets."""


def function(scope: Construct, code: Path, name: str = "Function", **props: Any) -> lambda_.Function:
    return lambda_.Function(
        scope,
        name,
        code=lambda_.Code.from_asset(str(code)),
        handler="index.handler",
        runtime=lambda_.Runtime.PYTHON_3_13,
        **props,
    )


def _versions(stack: cdk.Stack, code: Path) -> None:
    made = function(stack, code)
    lambda_.Alias(stack, "Alias", alias_name="live", version=made.current_version)
    cdk.CfnOutput(stack, "Arn", value=made.current_version.function_arn)
    role = iam.Role(stack, "Caller", assumed_by=iam.AccountRootPrincipal())  # type: ignore[arg-type]
    made.current_version.grant_invoke(role)


def _images(stack: cdk.Stack, code: Path) -> None:
    lambda_.DockerImageFunction(stack, "Image", code=lambda_.DockerImageCode.from_image_asset(str(code)))
    task = ecs.FargateTaskDefinition(stack, "Task")
    task.add_container("Container", image=ecs.ContainerImage.from_asset(str(code)))


def _layer(stack: cdk.Stack, code: Path) -> None:
    layer = lambda_.LayerVersion(stack, "Layer", code=lambda_.Code.from_asset(str(code)))
    function(stack, code, layers=[layer])


def _nested(stack: cdk.Stack, code: Path) -> None:
    nested = cdk.NestedStack(stack, "Nested")
    _versions(nested, code)
    function(cdk.NestedStack(nested, "Deeper"), code)


def _site(stack: cdk.Stack, code: Path) -> None:
    bucket = cdk.aws_s3.Bucket(stack, "Site")
    s3_deployment.BucketDeployment(
        stack, "Deployment", sources=[s3_deployment.Source.asset(str(code))], destination_bucket=bucket
    )


def _instance(stack: cdk.Stack, **props: Any) -> ec2.Instance:
    vpc = ec2.Vpc.from_vpc_attributes(
        stack, "Vpc", vpc_id="vpc-1", availability_zones=["us-east-1a"], private_subnet_ids=["subnet-1"]
    )
    return ec2.Instance(
        stack,
        "Instance",
        vpc=vpc,
        instance_type=ec2.InstanceType("t3.micro"),
        machine_image=ec2.MachineImage.generic_linux({"us-east-1": "ami-1"}),
        vpc_subnets=ec2.SubnetSelection(subnets=list(vpc.private_subnets)),
        **props,
    )


def _user_data(stack: cdk.Stack, code: Path) -> None:
    instance = _instance(stack, user_data_causes_replacement=True)
    asset = s3_assets.Asset(stack, "Setup", path=str(code / "index.py"))
    path = instance.user_data.add_s3_download_command(bucket=asset.bucket, bucket_key=asset.s3_object_key)
    instance.user_data.add_execute_file_command(file_path=path)
    asset.grant_read(instance.role)
    cdk.CfnOutput(stack, "Id", value=instance.instance_id)


def _init(stack: cdk.Stack, code: Path) -> None:
    init = ec2.CloudFormationInit.from_elements(ec2.InitSource.from_asset("/opt/media", str(code)))
    _instance(stack, init=init)


def _custom_resource(stack: cdk.Stack, code: Path) -> None:
    provider = custom_resources.Provider(stack, "Provider", on_event_handler=function(stack, code))
    cdk.CustomResource(stack, "Custom", service_token=provider.service_token)
    triggers.Trigger(stack, "Trigger", handler=function(stack, code, "Triggered"))


def _api(stack: cdk.Stack, code: Path) -> None:
    apigateway.LambdaRestApi(stack, "Api", handler=function(stack, code).current_version)
    apigateway.SpecRestApi(
        stack, "Specified", api_definition=apigateway.ApiDefinition.from_asset(str(code / "index.py"))
    )


def _two_stacks(stack: cdk.Stack, code: Path) -> None:
    made = function(stack, code)
    other = cdk.Stack(stack.node.scope, "Other", env=ENVIRONMENT)
    cdk.CfnOutput(other, "Arn", value=made.current_version.function_arn)


def _edge(stack: cdk.Stack, code: Path) -> None:
    europe = cdk.Stack(stack.node.scope, "Europe", env=cdk.Environment(account=ENVIRONMENT.account, region="eu-west-1"))
    edge = cloudfront.experimental.EdgeFunction(
        europe,
        "Edge",
        code=lambda_.Code.from_asset(str(code)),
        handler="index.handler",
        runtime=lambda_.Runtime.PYTHON_3_13,
    )
    cdk.CfnOutput(europe, "Arn", value=edge.current_version.function_arn)


def _build(stack: cdk.Stack, code: Path) -> None:
    asset = s3_assets.Asset(stack, "Source", path=str(code))
    source = codebuild.Source.s3(bucket=asset.bucket, path=asset.s3_object_key)
    codebuild.Project(stack, "Build", source=source)


def _product(stack: cdk.Stack, code: Path) -> None:
    product = servicecatalog.ProductStack(stack, "Product")
    cdk.CfnOutput(product, "Code", value=(code / "index.py").read_text(encoding="utf-8"))
    servicecatalog.CloudFormationProduct(
        stack,
        "Catalog",
        owner="media",
        product_name="storage",
        product_versions=[
            servicecatalog.CloudFormationProductVersion(
                cloud_formation_template=servicecatalog.CloudFormationTemplate.from_product_stack(product)
            )
        ],
    )


def _state_machine(stack: cdk.Stack, code: Path) -> None:
    stepfunctions.StateMachine(
        stack, "Machine", definition_body=stepfunctions.DefinitionBody.from_file(str(code / "index.py"))
    )
    asset = s3_assets.Asset(stack, "Configuration", path=str(code))
    function(stack, code, environment={"BUCKET": asset.s3_bucket_name, "KEY": asset.s3_object_key})


def _pipeline(stack: cdk.Stack, code: Path) -> None:
    source = pipelines.CodePipelineSource.connection(
        "acme/media", "main", connection_arn="arn:aws:codestar-connections:us-east-1:123456789012:connection/x"
    )
    pipeline = pipelines.CodePipeline(
        stack, "Pipeline", synth=pipelines.ShellStep("Synth", input=source, commands=["cdk synth"])
    )
    stage = cdk.Stage(stack, "Production", env=ENVIRONMENT)
    product = cdk.Stack(stage, "Media")
    _versions(product, code)
    _images(product, code)
    pipeline.add_stage(stage)


APPS: dict[str, Callable[[cdk.Stack, Path], Any]] = {
    "function": function,
    "version": _versions,
    "image": _images,
    "layer": _layer,
    "nested stack": _nested,
    "site": _site,
    "user data": _user_data,
    "init": _init,
    "custom resource": _custom_resource,
    "API": _api,
    "two stacks": _two_stacks,
    "edge function": _edge,
    "build": _build,
    "product": _product,
    "state machine": _state_machine,
    "pipeline": _pipeline,
}


def stacks(app: str, synthesizer: str, code: Path) -> list[cdk.Stack]:
    """Return the stacks of an app, with code from a folder: nested ones too, products in a catalog not."""
    root = cdk.App()
    stack = cdk.Stack(root, "Stack", env=ENVIRONMENT, synthesizer=SYNTHESIZERS[synthesizer]())
    APPS[app](stack, code)
    found = [one for one in root.node.find_all() if isinstance(one, cdk.Stack)]
    return [one for one in found if not isinstance(one, servicecatalog.ProductStack)]


def code(directory: Path, text: str) -> Path:
    """Return a folder with code that differs by the text."""
    folder = directory / text
    folder.mkdir()
    (folder / "index.py").write_text(f"# {text}", encoding="utf-8")
    (folder / "Dockerfile").write_text(f"FROM scratch\n# {text}", encoding="utf-8")
    return folder
