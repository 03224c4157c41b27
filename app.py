"""The sample app."""
