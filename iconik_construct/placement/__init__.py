"""Where a statement takes effect: in a policy of this app, merged into another's, taken over, or handed over.

May ask `access`; only what builds constructs comes in here.
"""
