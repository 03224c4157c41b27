"""Puts statements into policies: into a policy of this app, merged into another owner's, taken over, or handed over.

Imports `access`. Only code that builds constructs is here.
"""
