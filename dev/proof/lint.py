"""Runs the linters of the field over templates and policies.

Apart from the engine because a misspelt action or operator is no wrong verdict: it silently never matches.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .templates import REGION

__all__ = ["TemplateLint", "policy_findings"]

Statement = Mapping[str, Any]


class TemplateLint:
    """cfn-lint over templates, in a process of its own, so that it runs beside the engine."""

    def __init__(self, templates: Sequence[Path]) -> None:
        command = [str(Path(sys.executable).with_name("cfn-lint")), "--regions", REGION, "--format", "parseable", "--"]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and templates
            [*command, *map(str, templates)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def findings(self) -> list[str]:
        """Wait for the end and return what was found, one line each."""
        output, _ = self._process.communicate()
        found = output.splitlines()
        if self._process.returncode and not found:
            raise RuntimeError(f"cfn-lint ended with {self._process.returncode} and said nothing")
        return found


def policy_findings(policies: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what parliament finds in the policies, each statement once, however many policies have it."""
    statements = {json.dumps(one, sort_keys=True): one for policy in policies for one in policy["Statement"]}
    return [finding for statement in statements.values() for finding in _findings(statement)]


def _findings(statement: Statement) -> Iterator[str]:
    # Imported here: it takes half a second, which every collection of tests would pay.
    import parliament  # type: ignore[import-untyped] # noqa: PLC0415

    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    for finding in parliament.analyze_policy_string(document).findings:
        text = f"{finding.issue}: {finding.detail}"
        if not _is_meant(statement, finding.issue, text):
            yield f"{text} in {json.dumps(statement)}"


def _is_meant(statement: Statement, issue: str, text: str) -> bool:
    """Tell whether parliament complains about what AWS asks for or CDK writes."""
    everything = statement["Action"] == "s3:*"
    return (
        # In a key policy "*" is the key itself.
        (issue == "RESOURCE_STAR" and all(action.startswith("kms:") for action in _list(statement["Action"])))
        # s3:* holds actions on access points and jobs; here it is meant for one bucket.
        or (issue == "RESOURCE_MISMATCH" and everything)
        # CDK's statement against old TLS versions: parliament knows no number but an integer, and two of all S3 actions
        # have no such key.
        or (everything and statement["Effect"] == "Deny" and "s3:TlsVersion" in text)
    )


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
