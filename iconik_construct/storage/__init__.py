"""`IconikStorage` and the mixins, their props, and the storage in the form of iconik's API.

Imports `access` and `placement`.
"""
