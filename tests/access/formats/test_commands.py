"""The script of AWS CLI commands: run by a shell, against policies as they may be there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from reading import read_json

from iconik_construct.access.formats import FORMATS, HandedOver
from iconik_construct.access.permissions import IconikPermissions
from iconik_construct.access.statements import bucket_statements, key_statement

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
KEY = "arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"
FOREIGN = {"Sid": "Theirs", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::media/x/*"}

# Stands where the AWS CLI does: answers with the policy that is there, and keeps what is put.
AWS = """\
#!/bin/sh
case "$2" in
  get-*) cat "$THERE/$2.json" ;;
  put-*) for last; do :; done; cat "${last#file://}" > "$THERE/$2.put"; echo "$@" >> "$THERE/calls" ;;
esac
"""

# jq as a library, with as much of its command as the script uses.
JQ = f"""\
#!{sys.executable}
import json, sys, jq
if sys.argv[1] == "--slurpfile":
    _, _, name, values, program, given = sys.argv
    known = {{name: [json.load(open(values))]}}
else:
    _, program, given = sys.argv
    known = {{}}
print(json.dumps(jq.compile(program, args=known).input_text(open(given).read()).first(), indent=2))
"""


def handed_over(prefix: str = "masters/") -> HandedOver:
    permissions = [IconikPermissions.read_write(prefix)]
    return HandedOver(
        bucket_name="media",
        bucket=tuple(bucket_statements(permissions, [DOMAIN], "arn:aws:s3:::media")),
        key_arn=KEY,
        key=(key_statement(permissions, [DOMAIN]),),
    )


def run(folder: Path, given: HandedOver, bucket_policy: dict[str, Any]) -> dict[str, Any]:
    """Return what the script puts as bucket policy and key policy."""
    (folder / "bin").mkdir()
    for name, program in {"aws": AWS, "jq": JQ}.items():
        (folder / "bin" / name).write_text(program)
        (folder / "bin" / name).chmod(0o755)
    (folder / "get-bucket-policy.json").write_text(json.dumps(bucket_policy))
    (folder / "get-key-policy.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": FOREIGN}))
    environment = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "THERE": str(folder)}
    done = subprocess.run(
        ["/bin/sh"],
        input=FORMATS["cli"](given),
        cwd=folder,
        env=environment,
        text=True,
        capture_output=True,
        check=True,
    )
    assert done.stderr == ""
    return {kind: json.loads((folder / f"put-{kind}-policy.put").read_text()) for kind in ("bucket", "key")}


@pytest.mark.parametrize("prefix", ["masters/", "it's $(touch evil) `touch evil`/", "END\n/", '"\\n\\"/'])
def test_everything_there_stays_and_iconiks_statements_come_after_it(tmp_path: Path, prefix: str) -> None:
    given = handed_over(prefix)
    put = run(tmp_path, given, {"Version": "2012-10-17", "Id": "Ours", "Statement": [FOREIGN]})
    ours = read_json(FORMATS["json"](given))
    assert put["bucket"] == {"Version": "2012-10-17", "Id": "Ours", "Statement": [FOREIGN, *ours["bucket"]]}
    assert put["key"] == {"Version": "2012-10-17", "Statement": [FOREIGN, *ours["key"]]}
    assert not (tmp_path / "evil").exists()


def test_running_it_again_changes_nothing(tmp_path: Path) -> None:
    given = handed_over()
    there = {"Version": "2012-10-17", "Statement": [FOREIGN, *given.bucket]}
    assert run(tmp_path, given, there)["bucket"] == there


def test_bucket_and_key_are_those_that_were_named(tmp_path: Path) -> None:
    run(tmp_path, handed_over(), {"Version": "2012-10-17", "Statement": []})
    first, second = (tmp_path / "calls").read_text().splitlines()
    assert first == "s3api put-bucket-policy --bucket media --policy file://bucket-policy-with-iconik.json"
    assert second == (
        f"kms put-key-policy --key-id {KEY} --policy-name default --policy file://key-policy-with-iconik.json"
    )
