"""Print what checkov finds and the page does not have, and the other way round: `python -m dev.scanners CHECKOV`.

checkov pins versions of boto3 that the tests cannot use, so it runs from an environment of its own.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secrets

from iconik_construct import IconikRegistration, IconikStorage, StorageEncryption

_PAGE: Final = Path(__file__).parents[2] / "docs/scanners.md"
_DOMAIN: Final = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
_KEY: Final = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_ROW: Final = re.compile(r"^\| `(?P<rule>CKV\w+)` \| (?P<type>[\w:]+) in (?P<cases>[a-z, ]+) \|", re.MULTILINE)

Finding = tuple[str, str, str]
"""A case, a rule, and the type of the resource."""


def _adopted(stack: cdk.Stack) -> None:
    IconikStorage(
        stack,
        "Masters",
        system_domain_id=_DOMAIN,
        bucket=s3.Bucket.from_bucket_name(stack, "Bucket", "acme-media-masters"),
        encryption_key=kms.Key.from_key_arn(stack, "Key", _KEY),
    )


def _registered(stack: cdk.Stack) -> None:
    storage = IconikStorage(stack, "Masters", system_domain_id=_DOMAIN)
    token = secrets.Secret.from_secret_name_v2(stack, "Token", "iconik/token")
    IconikRegistration(stack, "Registration", storage=storage, name="Masters", credentials=token)


def _muted(stack: cdk.Stack) -> None:
    """Synthesize a storage with the snippet of the page that mutes a finding."""
    [snippet] = re.findall(r"```python\n(.*?)```", _PAGE.read_text(encoding="utf-8"), re.DOTALL)
    lines = [line for line in snippet.splitlines() if not line.startswith(("app", "stack"))]
    exec("\n".join(lines), {"stack": stack})  # noqa: S102 - our own docs


_CASES: Final[Mapping[str, Callable[[cdk.Stack], object]]] = {
    "create": lambda stack: IconikStorage(stack, "Masters", system_domain_id=_DOMAIN),
    "kms": lambda stack: IconikStorage(stack, "Masters", system_domain_id=_DOMAIN, encryption=StorageEncryption.KMS),
    "adopt": _adopted,
    "register": _registered,
    "muted": _muted,
}


def main(checkov: str) -> int:
    """Return 1 if checkov and the page differ."""
    named = {
        (case, row["rule"], row["type"])
        for row in _ROW.finditer(_PAGE.read_text(encoding="utf-8"))
        for case in row["cases"].split(", ")
    }
    found = {finding for case, make in _CASES.items() for finding in _scan(checkov, case, make)}
    for text, findings in (("found, and not in the page", found - named), ("in the page, not found", named - found)):
        for finding in sorted(findings):
            print(f"{text}: {' '.join(finding)}")  # noqa: T201
    print(f"{len(found)} findings of checkov in {len(_CASES)} templates")  # noqa: T201
    return 0 if found and found == named else 1


def _scan(checkov: str, case: str, make: Callable[[cdk.Stack], object]) -> Iterator[Finding]:
    with tempfile.TemporaryDirectory() as folder:
        app = cdk.App(outdir=folder)
        make(cdk.Stack(app, "Stack"))
        template = app.synth().get_stack_by_name("Stack").template_full_path
        command = [checkov, "-f", template, "--framework", "cloudformation", "--skip-download", "-o", "json"]
        done = subprocess.run(command, capture_output=True, text=True)  # noqa: PLW1510, S603 - exits 1 if it finds something
        report = json.loads(done.stdout)
        for check in report["results"]["failed_checks"]:
            yield case, check["check_id"], check["resource"].partition(".")[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
