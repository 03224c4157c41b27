"""Reads CloudFormation assemblies, templates, intrinsic functions, policies and keys, as facts for the assessment.

Starts neither jsii nor Node.
"""
