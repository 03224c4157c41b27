"""What we want to allow: who, what and where, made into statements.

Standard library only, and nothing here asks another room, so that an auditor can read it on its own.
"""
