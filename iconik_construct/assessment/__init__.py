"""Answers the questions about iconik: facts in; access matrix, findings and one verdict out.

All tools use this package, so that their answers never differ. Standard library only.
"""

from __future__ import annotations

from .assess import Assessment, assess, assess_policy
from .expected import Question
from .facts import BucketFacts
from .finding import Finding, Verdict, verdict_of

__all__ = ["Assessment", "BucketFacts", "Finding", "Question", "Verdict", "assess", "assess_policy", "verdict_of"]
