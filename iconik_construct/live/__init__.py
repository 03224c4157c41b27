"""Reads an account with read-only calls, asks the judge, and says what it found; needs boto3 (extra `live`).

Apart because here AWS is asked, and AWS may refuse, be slow, or be gone in between: each call's outcome is a value.
"""
