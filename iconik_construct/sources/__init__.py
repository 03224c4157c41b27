"""Reads files of any tool, and converts each into CloudFormation templates for the rules.

The rules know only that form. Needs neither the CDK nor Node nor boto3.
"""
