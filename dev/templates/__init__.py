"""The plain CloudFormation template, for people without the CDK; synthesized from the construct."""
