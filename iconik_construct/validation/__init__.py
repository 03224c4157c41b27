"""Implements what the CDK's validation plugins have in common: the guardrail and the check of finished policies.

A plugin never raises, because the CDK CLI treats an exception as a pass.
"""

from __future__ import annotations

from .plugin_context import app_of
from .violations import failure, report_of

__all__ = ["app_of", "failure", "report_of"]
