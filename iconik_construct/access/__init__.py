"""Defines what iconik may do, and writes the policy statements for it.

It imports only the standard library and nothing from other packages, so that an auditor can read it on its own.
"""
