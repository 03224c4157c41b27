"""Writes `docs/check.md` from the IAM policy that `check` needs: `python -m docs.check_page`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from iconik_construct.live.calls import minimal_policy

__all__ = ["PAGE", "page"]

PAGE: Final = Path(__file__).with_name("check.md")


def page() -> str:
    """Return the page."""
    policy = json.dumps(minimal_policy("acme-media-masters"), indent=2)
    return "\n".join([_INTRODUCTION, "```json", policy, "```", "", _READING])


_INTRODUCTION = """<!-- Written by docs/check_page.py. Do not edit; run: python -m docs.check_page -->

# Check a bucket

`iconik-construct check` reads a live bucket, and says who has access and why. It works for every bucket, whoever made
it: Terraform, the console, another stack. It makes read-only calls only.

## From AccessDenied to the statement

```shell
pip install 'iconik-construct[live]'
iconik-construct check acme-media-masters --system-domain-id 0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01
```

```text
NOT OK: iconik lacks access that its permissions grant.

acme-media-masters, account 123456789012, region eu-west-1
iconik for 0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01
no key; name the keys of older objects with --key-arn

                          yours  other domain  no tag  other role  everyone
list the objects          no     no            no      no          no
read objects              no     no            no      no          no
restore archived objects  no     no            no      no          no
write objects             no     no            no      no          no
upload in parts           no     no            no      no          no
delete objects            no     no            no      no          no
look up settings          no     no            no      no          no
change CORS               no     no            no      no          no

The answer is right assuming that aws:PrincipalOrgID o-abcdefghij is not the
organisation of iconik or of a stranger.

ERROR ICONIK012: A Deny blocks iconik
  the bucket policy: the statement 'OnlyOurOrganisation' denies iconik
  s3:GetAccelerateConfiguration, s3:GetBucketCORS, s3:GetBucketLocation,
  s3:ListBucket, s3:ListBucketMultipartUploads, s3:PutBucketCORS and 6 more
  Fix: Exempt iconik's role in the Deny with ArnNotEquals on aws:PrincipalArn.
  The tag in the Allow still blocks other iconik customers.

Run the command again with --fix to print the policies that correct this.
```

The first line is the answer. The columns of the table are iconik for your domain, iconik for other customers, iconik's
role without the tag, other roles of iconik's account, and everyone. *depends*: a value decides that is not known, and a
finding names it. *partly*: some of the actions, or some of the objects. *no\\**: the bucket policy allows iconik, and
the key policy does not. A row in brackets is something that iconik should not do.

Below the table are other AWS accounts that the policies name, with the statement. They do not change the answer: you
may want them. Then come the assumptions on which the answer rests, and the findings. [Rules](rules.md) explains each
finding. Errors come first. They make the exit code 1.

## Correct the policies

`--fix` prints each whole policy that corrects the findings: before, after, the statements that go and come, and AWS CLI
commands that put it:

```shell
iconik-construct check acme-media-masters --system-domain-id 0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01 --fix
```

- Statements that allow iconik without the tag, or for another domain, are replaced.
- Denies that block iconik get an exemption for iconik's role.
- Statements for everyone stay: their owner must decide.
- Settings have commands too: ACLs, CORS rules, Requester Pays, versioning, a disabled key, a grant.
- What no command corrects is listed at the end, each finding with what to do: statements for everyone, policies of
  access points, resource control policies.

Read the difference before you run a command. If a stack or Terraform owns the policy, change the policy there.
Otherwise the next run of that tool overwrites your change. Then check again: exit code 0 means that iconik has
access, and no other iconik customer and no stranger has.

## Compare with a signed record

`report --json` writes the record of what somebody signed, of an assembly before the deployment or of the account.
`--signed` names each statement that differs from the record, and the exit code is 1:

```shell
iconik-construct check acme-media-masters --system-domain-id 0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01 --signed signed.json
```

The order of statements and values, Sids, blanks, and one value or a list of one do not count. The names of the bucket
and the key, the number of the account and the region are left out of the hashes, because a template does not know
them. A statement with another value that only the deployment knows *cannot be determined*, and so cannot a policy into
which an app only merges. Both make the exit code 1.

## Options

The command needs Python 3.10 or newer. It comes with the whole library, and so with `aws-cdk-lib`: install it into a
virtual environment, which takes about 500 MB.

| option | |
| --- | --- |
| `--permissions`, `--prefix`, `--no-delete`, `--no-cors` | what iconik should be able to do |
| `--profile`, `--region`, `--endpoint-url` | as in the AWS CLI |
| `--key-arn` | a key that older objects are encrypted with, beside the bucket's own |
| `--organization-profile` | a profile of the management account, to read resource control policies |
| `--fix` | print the policies that correct the findings |
| `--json` | print JSON, in the form of [results.schema.json](results.schema.json) |
| `--print-policy` | print the IAM policy that the command needs, and ask nothing |
| `--signed FILE` | compare the policies with the record that `report --json` wrote; see below |
| `--aws-proof` | also ask Access Analyzer, for which AWS charges; see below |

| exit code | |
| --- | --- |
| 0 | iconik has access, and no other iconik customer and no stranger has |
| 1 | that is not so, or it cannot be determined |
| 2 | the command was called wrongly |
| 3 | AWS could not be asked: no credentials, no network |

## What it reads

What could not be read is a finding of its own, with the action that is missing. This is all that the command asks
for, as `iconik-construct check acme-media-masters --print-policy` prints it:
"""

_READING = """With `--aws-proof` the command also needs `access-analyzer:CheckNoNewAccess`. AWS's own reasoner then
answers whether the statements for iconik and for everyone allow more than iconik's role with the tag. AWS charges for
each call. Written from AWS's description and not tried on AWS.

Service control policies are not read: they apply to principals of the organisation, and iconik's role is not one of
them. Presigned URLs that iconik gives to browsers act as the same role. ACLs of single objects are not read.
"""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
