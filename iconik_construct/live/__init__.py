"""Reads an account with read-only calls, assesses it, and returns findings; needs boto3 (extra `live`).

AWS can refuse, be slow, or stop answering: the outcome of each call is a value.
"""
