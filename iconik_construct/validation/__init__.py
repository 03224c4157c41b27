"""What the guardrail and the check of finished policies share: CDK's validation plugins, read and answered.

A plugin never raises: the CDK CLI takes an exception for a pass.
"""

from __future__ import annotations

from .plugin_context import app_of
from .violations import failure, report_of

__all__ = ["app_of", "failure", "report_of"]
