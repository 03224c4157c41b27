"""Writes a shell script of AWS CLI commands that adds the statements to existing policies.

`put-bucket-policy` and `put-key-policy` replace the whole policy. So the script reads the existing policy, merges into
a copy, and shows the difference to the owner before the owner puts the copy.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from typing import Final

from ..statements import Statement
from .handed_over import HandedOver

__all__ = ["MERGE", "write"]

MERGE: Final = (
    '.Statement |= ((if type == "array" then . else [.] end)'
    " | map(select(.Sid as $sid | $iconik[0] | all(.Sid != $sid))) + $iconik[0])"
)
"""The jq program that adds the statements of `$iconik` to a policy. It replaces statements with the same Sid."""

_BUCKET_WITHOUT_POLICY: Final = """\
# A bucket without a policy answers NoSuchBucketPolicy. For that answer and no other, begin with an empty one:
#   echo '{"Version": "2012-10-17", "Statement": []}' > bucket-policy.json
"""


def write(handed_over: HandedOver) -> str:
    """Return the script. The owner reads it and runs it step by step."""
    bucket = shlex.quote(handed_over.bucket_name)
    parts = [
        _steps(
            "bucket",
            handed_over.bucket,
            get=f"aws s3api get-bucket-policy --bucket {bucket} --query Policy --output text",
            put=f"aws s3api put-bucket-policy --bucket {bucket} --policy",
            remark=_BUCKET_WITHOUT_POLICY,
        )
    ]
    if handed_over.key_arn is not None:
        key = f"--key-id {shlex.quote(handed_over.key_arn)} --policy-name default"
        parts.append(
            _steps(
                "key",
                handed_over.key,
                get=f"aws kms get-key-policy {key} --query Policy --output text",
                put=f"aws kms put-key-policy {key} --policy",
            )
        )
    return "\n".join(parts)


def _steps(resource: str, statements: Sequence[Statement], *, get: str, put: str, remark: str = "") -> str:
    # No line of JSON is equal to the end marker. The quotes of the marker keep the shell from expanding the text.
    return f"""\
# The {resource} policy. Run with the rights of the {resource}'s owner; jq is needed.
{get} > {resource}-policy.json
{remark}cat > iconik-{resource}-statements.json <<'END'
{json.dumps(list(statements), indent=2)}
END
jq --slurpfile iconik iconik-{resource}-statements.json \\
  {shlex.quote(MERGE)} \\
  {resource}-policy.json > {resource}-policy-with-iconik.json
jq . {resource}-policy.json | diff - {resource}-policy-with-iconik.json
# Is only iconik added? Then:
{put} file://{resource}-policy-with-iconik.json
{get}
"""
