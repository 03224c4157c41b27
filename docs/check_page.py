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

`iconik-construct check` reads a live bucket, and shows who has access and why. It works for every bucket, also one of
Terraform, the console or another stack. It makes read-only calls only.

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
role without the tag, other roles of iconik's account, and everyone. The cells:

- *depends*: the answer depends on a value that is not known. A finding names it. A date in the future is such a value:
  access that ends, or a Deny that begins, is not a lasting answer.
- *partly*: some of the actions, or some of the objects.
- *no\\**: the bucket policy allows iconik, and the key policy does not.
- A row in brackets: iconik should not be able to do this.

Below the table are other AWS accounts in the policies, with the statement. They do not change the answer, because you
may want them. The assumptions of the answer follow, then the findings, errors first. Errors cause exit code 1.
[Rules](rules.md) explains each finding.

## Correct the policies

`--fix` prints each corrected policy as a whole, before and after, the removed and added statements, and the AWS CLI
commands that write it:

```shell
iconik-construct check acme-media-masters --system-domain-id 0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01 --fix
```

- Statements that allow iconik without the tag, or for another domain, are replaced.
- Denies that block iconik get an exemption for iconik's role.
- Statements for everyone stay. The command lists them, because their owner must decide.
- Settings have commands too: ACLs, CORS rules, Requester Pays, versioning, a disabled key, a grant.
- The end of the output lists what no command corrects, and what to do: statements for everyone, policies of access
  points, resource control policies.

Read the difference before you run a command. If a stack or Terraform owns the policy, change the policy there.
Otherwise the next run of that tool overwrites your change. Then run `check` again, until the exit code is 0.

## Compare with a signed record

`report --json` writes the record of what somebody signed, of an assembly before the deployment or of the account.
`--signed` names each statement that differs from the record, and the exit code is 1:

```shell
iconik-construct check acme-media-masters --system-domain-id 0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01 --signed signed.json
```

`FILE` can also be a template in JSON that carries the record, because the app has
[`IconikGuardrail(record=app)`](guardrail.md#record-what-was-accepted). Take it from `cdk.out`, or from the
account:

```shell
aws cloudformation get-template --stack-name Media > deployed.json
iconik-construct check acme-media-masters --system-domain-id 0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01 --signed deployed.json
```

Only the buckets that the record names are compared. A template whose policies are not those of its record is refused
with exit code 2.

The order of statements and values, Sids, blanks, and one value or a list of one do not count. The names of the bucket
and the key, the number of the account and the region are left out of the hashes, because a template does not know
them. A statement with another value that only the deployment knows *cannot be determined*, and so cannot a policy into
which an app only merges. Both make the exit code 1.

## Options

The command needs Python 3.10 or newer. Install it into a virtual environment: with `aws-cdk-lib`, which the library
needs, it takes about 500 MB.

| option | |
| --- | --- |
| `--permissions`, `--prefix`, `--no-delete`, `--no-cors` | what iconik should be able to do |
| `--profile`, `--region`, `--endpoint-url` | as in the AWS CLI |
| `--key-arn` | a key that encrypts older objects, besides the bucket's own |
| `--organization-profile` | a profile of the management account, to read resource control policies |
| `--signed FILE` | compare the policies with a record of `report --json` or of a template; see above |
| `--fix` | print the policies that correct the findings |
| `--json` | print JSON, in the form of [results.schema.json](results.schema.json) |
| `--print-policy` | print the IAM policy that the command needs, and make no calls |
| `--aws-proof` | also ask Access Analyzer, which costs money; see below |

| exit code | |
| --- | --- |
| 0 | iconik has access. No other iconik customer and no stranger has access |
| 1 | that is not true, or it cannot be determined |
| 2 | wrong call |
| 3 | AWS could not be asked: no credentials, no network |

## What it reads

If something cannot be read, a finding names the missing action. `iconik-construct check acme-media-masters
--print-policy` prints all permissions that the command needs:
"""

_READING = """`--aws-proof` also needs `access-analyzer:CheckNoNewAccess`. AWS's own reasoner then answers whether the
statements for iconik and for everyone allow more than iconik's role with the tag. AWS charges for each call. This is
written from AWS's description and was not tried on AWS.

Not read: ACLs of single objects, and service control policies, which do not apply to iconik's role. Presigned URLs that
iconik gives to browsers act as the same role.
"""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
