"""Writes `docs/check.md` from the rules of the command `check`: `python -m docs.check_page`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from docs.guardrail_page import as_markdown
from iconik_construct.live.calls import minimal_policy
from iconik_construct.live.rules import RULES, Level, Rule

__all__ = ["PAGE", "page"]

PAGE: Final = Path(__file__).with_name("check.md")

_LEVELS: Final = {
    Level.ERROR: "An error: exit code 1.",
    Level.UNKNOWN: "Not known: exit code 3 where nothing else is wrong.",
    Level.WARNING: "A warning.",
    Level.NOTE: "A note.",
}


def page() -> str:
    """Return the page."""
    policy = json.dumps(minimal_policy("acme-media-masters"), indent=2)
    lines = [_INTRODUCTION, "```json", policy, "```", "", _READING, "## The findings", ""]
    return "\n".join([*lines, *(line for rule in RULES for line in _section(rule))])


def _section(rule: Rule) -> Iterator[str]:
    yield f"### {rule.id}"
    yield ""
    yield f"**{as_markdown(rule.text)}.** {_LEVELS[rule.level]}"
    yield ""
    yield f"- **Why**: {as_markdown(rule.reason)}"
    yield f"- **Way out**: {as_markdown(rule.fix)}"
    yield ""


_INTRODUCTION = """<!-- Written by docs/check_page.py. Do not edit; run: python -m docs.check_page -->

# Check a bucket

Templates say what should be. What decides is what stands in the account: a policy that Terraform wrote, a key that
somebody changed, a Deny of the security team. `iconik-construct check` reads a bucket, made by anybody, with all that
lies around it, and says who gets in. It makes read-only calls only.

## From AccessDenied to the statement at fault

```shell
pip install 'iconik-construct[live]'
iconik-construct check acme-media-masters --system-domain-id 0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01
```

Before the first release is on PyPI, install from the repository: `pip install 'iconik-construct[live] @ git+https://github.com/iconik-construct/iconik-construct'`.

```text
acme-media-masters, account 123456789012, region eu-west-1
iconik for 0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01
without a key; where objects have a former one, name it by --key-arn

                          yours  other domain  no tag  other role  everyone
list the objects          no     no            no      no          no
read objects              no     no            no      no          no
restore archived objects  no     no            no      no          no
write objects             no     no            no      no          no
upload in parts           no     no            no      no          no
delete objects            no     no            no      no          no
look up settings          no     no            no      no          no
change CORS               no     no            no      no          no

ERROR CHECK002: A Deny keeps iconik out
  the bucket policy: 'OnlyOurOrganisation' keeps iconik from s3:ListBucket,
  s3:GetObject, s3:RestoreObject, s3:PutObject, s3:AbortMultipartUpload,
  s3:ListMultipartUploadParts and 6 more
  Exempt iconik's role in the Deny, as the statement that the finding prints
  does with ArnNotEquals on aws:PrincipalArn. The tag in the Allow keeps other
  customers of iconik out all the same.
  To put in the place of that statement in the bucket policy:
  {
    "Sid": "OnlyOurOrganisation",
    ...
```

The columns are iconik for your domain, iconik for another customer's, iconik's role without the tag, another role of
iconik's account, and everyone. *depends* is an answer of its own: something that nobody here knows decides, and the
finding says what. *partly* is some of the row's actions, or some of the objects; *no\\** says that the bucket policy
lets iconik and the key does not. A row in brackets is something that iconik is not meant to do. Findings marked ERROR
come first, and make the exit code 1; those marked WARNING say what works less well than people expect.

Put the printed statement where it says. A policy is replaced as a whole: fetch it, edit a copy, `after.json`, and put
that back:

```shell
aws s3api get-bucket-policy --bucket acme-media-masters --query Policy --output text > before.json
aws s3api put-bucket-policy --bucket acme-media-masters --policy file://after.json
```

```shell
aws kms get-key-policy --key-id 1234abcd-12ab-34cd-56ef-1234567890ab --query Policy --output text > before.json
aws kms put-key-policy --key-id 1234abcd-12ab-34cd-56ef-1234567890ab --policy file://after.json
```

Where a stack or Terraform owns the policy, change it there, or its next run takes your change away. Then check again:
exit code 0 means that iconik gets in and no stranger does.

The command needs Python 3.10 or newer. It comes with the whole library, and so with `aws-cdk-lib`: install it into a
virtual environment, which takes about 500 MB.

| option | |
| --- | --- |
| `--permissions`, `--prefix`, `--no-delete`, `--no-cors` | what iconik is meant to do. Default: all but administer |
| `--profile`, `--region` | as in the AWS CLI |
| `--key-arn` | a key that older objects are encrypted with, beside the bucket's own |
| `--organization-profile` | of the organisation's management account, which alone may read resource control policies |
| `--json` | everything, for a program: `findings[].paste` holds the statements, `paste_is` where they go |
| `--print-policy` | the IAM policy that the command needs, without asking anything |
| `--aws-proof` | also asks Access Analyzer, for which AWS charges; see below |

| exit code | |
| --- | --- |
| 0 | iconik gets in and no stranger does |
| 1 | iconik does not, or a stranger does, or that cannot be told |
| 2 | the command was called wrongly |
| 3 | AWS could not be asked what decides |

## What it may read

What could not be read is a finding of its own, with the action that is missing; nothing is guessed. This is all that
the command asks for, as `iconik-construct check acme-media-masters --print-policy` prints it:
"""

_READING = """With `--aws-proof` also `access-analyzer:CheckNoNewAccess`: AWS's own reasoner is asked whether the
statements for iconik and for everyone allow more than iconik's role with the tag. AWS charges for each call. Written
from AWS's description and not tried on AWS.

Service control policies are not read: they bind the organisation's own principals, and iconik's role is none of them.
Presigned URLs that iconik hands to browsers act as the same role. Object ACLs are not asked, object by object.
"""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
