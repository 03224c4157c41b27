"""What iconik may do in an account, on one page for who must sign it.

Apart because a reviewer reads it without CDK: one self-contained HTML file, without script and without any request.
"""

from __future__ import annotations

from .model import Acknowledged, Function, Policy, Report, Right, Storage
from .page import page

__all__ = ["Acknowledged", "Function", "Policy", "Report", "Right", "Storage", "page"]
