"""Reads files that any tool wrote, and turns each into CloudFormation templates, which the rules are about.

Apart from the rules because these judge one form only. Needs neither the CDK nor Node nor boto3.
"""
