"""`IconikStorage` and the mixins: their props, and the storage as iconik's form wants it.

May ask `access` and `placement`.
"""
