"""A shell script of AWS CLI commands that puts the statements beside those that are there.

`put-bucket-policy` and `put-key-policy` replace the whole policy. So the script begins with what is there, merges into
a copy, and leaves it to the owner to look at the difference before it is put.
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
"""The jq program that adds the statements of `$iconik` to a policy; one with the same Sid is replaced."""

_BUCKET_WITHOUT_POLICY: Final = """\
# A bucket without a policy answers NoSuchBucketPolicy. For that answer and no other, begin with an empty one:
#   echo '{"Version": "2012-10-17", "Statement": []}' > bucket-policy.json
"""


def write(handed_over: HandedOver) -> str:
    """Return the script, to be read and run step by step."""
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
    # No line of JSON is the word that ends the document, and its quotes keep the shell from reading it.
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
