"""Writes iconik's access in an account on one page, for a reviewer to sign.

A reviewer reads it without the CDK: one self-contained HTML file, without scripts and requests.
"""

from __future__ import annotations

from .model import Acknowledged, Function, Policy, Report, Right, Storage
from .page import page

__all__ = ["Acknowledged", "Function", "Policy", "Report", "Right", "Storage", "page"]
