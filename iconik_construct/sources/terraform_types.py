"""The types of Terraform's AWS provider that decide about access by one policy or one grant, and their attributes.

Source: the AWS provider's documentation, versions 3 to 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..templates.policies import LOCATIONS

__all__ = ["BLOCKS", "RENAMED"]

_POLICIES: Final[Mapping[str, str]] = {
    "aws_s3_access_point": "AWS::S3::AccessPoint",
    "aws_s3_bucket_policy": "AWS::S3::BucketPolicy",
    "aws_s3control_access_point_policy": "AWS::S3::AccessPoint",
    "aws_s3control_bucket_policy": "AWS::S3Outposts::BucketPolicy",
    "aws_s3control_multi_region_access_point_policy": "AWS::S3::MultiRegionAccessPointPolicy",
    "aws_s3control_object_lambda_access_point_policy": "AWS::S3ObjectLambda::AccessPointPolicy",
    "aws_sns_topic": "AWS::SNS::TopicPolicy",
    "aws_sns_topic_policy": "AWS::SNS::TopicPolicy",
    "aws_sqs_queue": "AWS::SQS::QueuePolicy",
    "aws_sqs_queue_policy": "AWS::SQS::QueuePolicy",
}


def _holding_policy(kind: str, attribute: str) -> tuple[str, Mapping[str, str]]:
    return kind, {"bucket": "Bucket", "name": "Name", attribute: LOCATIONS[kind]}


RENAMED: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    **{name: _holding_policy(kind, "policy") for name, kind in _POLICIES.items()},
    "aws_iam_role": _holding_policy("AWS::IAM::Role", "assume_role_policy"),
    "aws_kms_alias": ("AWS::KMS::Alias", {"name": "AliasName", "target_key_id": "TargetKeyId"}),
    # These give access without a policy. Only the named grantees matter here.
    "aws_kms_grant": (
        "AWS::S3::AccessGrant",
        {"grantee_principal": "Grantee", "key_id": "KeyId", "operations": "Operations", "constraints": "Constraints"},
    ),
    "aws_s3control_access_grant": (
        "AWS::S3::AccessGrant",
        {
            "grantee": "Grantee",
            "permission": "Permission",
            "access_grants_location_id": "AccessGrantsLocationId",
            "access_grants_location_configuration": "AccessGrantsLocationConfiguration",
            "s3_prefix_type": "S3PrefixType",
        },
    ),
    # A stack of a plan has the text of its template, as a stack set of CloudFormation does.
    **dict.fromkeys(
        ("aws_cloudformation_stack", "aws_cloudformation_stack_set"),
        (
            "AWS::CloudFormation::StackSet",
            {"parameters": "Parameters", "template_body": "TemplateBody", "template_url": "TemplateURL"},
        ),
    ),
    "aws_cloudwatch_event_permission": (
        "AWS::Events::EventBusPolicy",
        {"action": "Action", "condition": "Condition", "principal": "Principal"},
    ),
    "aws_lakeformation_permissions": (
        "AWS::LakeFormation::PrincipalPermissions",
        {"permissions": "Permissions", "principal": "Principal"},
    ),
    "aws_lambda_layer_version_permission": (
        "AWS::Lambda::LayerVersionPermission",
        {"action": "Action", "organization_id": "OrganizationId", "principal": "Principal"},
    ),
    "aws_lambda_permission": (
        "AWS::Lambda::Permission",
        {
            "action": "Action",
            "principal": "Principal",
            "principal_org_id": "PrincipalOrgID",
            "source_account": "SourceAccount",
            "source_arn": "SourceArn",
        },
    ),
    "aws_network_interface_permission": (
        "AWS::EC2::NetworkInterfacePermission",
        {"aws_account_id": "AwsAccountId", "permission": "Permission"},
    ),
    "aws_ram_principal_association": (
        "AWS::RAM::ResourceShare",
        {"principal": "Principals", "resource_share_arn": "ResourceShareArn"},
    ),
    "aws_redshift_endpoint_authorization": ("AWS::Redshift::EndpointAuthorization", {"account": "Account"}),
    "aws_servicecatalog_portfolio_share": ("AWS::ServiceCatalog::PortfolioShare", {"principal_id": "AccountId"}),
    "aws_servicecatalog_principal_portfolio_association": (
        "AWS::ServiceCatalog::PortfolioPrincipalAssociation",
        {"principal_arn": "PrincipalARN"},
    ),
    "aws_vpc_endpoint_service": (
        "AWS::EC2::VPCEndpointServicePermissions",
        {"allowed_principals": "AllowedPrincipals"},
    ),
    "aws_vpc_endpoint_service_allowed_principal": (
        "AWS::EC2::VPCEndpointServicePermissions",
        {"principal_arn": "AllowedPrincipals"},
    ),
}


BLOCKS: Final = {
    "public_access_block_configuration": "PublicAccessBlockConfiguration",
    "vpc_configuration": "VpcConfiguration",
}
"""The blocks of an access point."""
