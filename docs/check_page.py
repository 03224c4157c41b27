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

`iconik-construct check` reads a bucket in your AWS account, and shows who has access and why. It works for every
bucket, whether the CDK, Terraform or a person made it. It makes read-only calls and changes nothing.

## From AccessDenied to the statement

You need:

- Python 3.10 or newer, and about 500 MB of disk: the library needs `aws-cdk-lib`
- AWS credentials of the account that owns the bucket. `aws sts get-caller-identity` shows the account
- your System Domain ID: Admin > Settings > System Settings in iconik. It is also in the bucket policy, in the condition
  on `aws:PrincipalTag/IconikSystemDomainId`

Until the first release is on PyPI, `pip install iconik-construct` fails. Use
`pip install 'iconik-construct[live] @ git+https://github.com/iconik-construct/iconik-construct'` instead.

```shell
python3 -m venv .venv
. .venv/bin/activate
pip install 'iconik-construct[live]'
iconik-construct check acme-media-masters --system-domain-id 0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01
```

The command expects that iconik can read, write and delete in the whole bucket. If iconik should be able to do less or
more, add `--permissions`, `--prefix`, `--no-delete` or `--no-cors`.

```text
NOT OK: iconik lacks access that it should have.

acme-media-masters, account 123456789012, region eu-west-1
iconik for 0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01
no KMS key. If older objects have one, name it with --key-arn

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
organisation of iconik or of an account that no policy names.

ERROR ICONIK012: A Deny blocks iconik
  the bucket policy: the statement 'OnlyOurOrganisation' denies iconik
  s3:GetAccelerateConfiguration, s3:GetBucketCORS, s3:GetBucketLocation,
  s3:ListBucket, s3:ListBucketMultipartUploads, s3:PutBucketCORS and 6 more
  Fix: Exempt iconik's role in the Deny with ArnNotEquals on aws:PrincipalArn.
  The tag in the Allow still blocks other iconik customers.

Run the command again with --fix to print the policies that correct this.
Rules: https://iconik-construct.github.io/iconik-construct/latest/rules.html
```

The first line is the answer. `no KMS key` means that the bucket does not encrypt with SSE-KMS or DSSE-KMS.

| column | caller |
| --- | --- |
| yours | iconik for your domain |
| other domain | iconik for another customer |
| no tag | iconik's role in a session without the tag |
| other role | other roles of iconik's account |
| everyone | anonymous callers, and AWS accounts that no policy names |

The cells have these values:

- *yes*, *no*: the policies allow it, or do not allow it.
- *depends*: the answer depends on the object, or on a value that is not known. A finding names the prefix or the value.
  A date in the future also gives *depends*: the access ends then, or a Deny begins.
- *partly*: some of the actions of the row.
- *no\\**: the bucket policy allows iconik, but iconik cannot use the key.

A row in brackets is about something that iconik should not be able to do.

Below the table are the other AWS accounts that the policies allow, each with the statement. They do not change the
answer: you may want them. Then come the assumptions of the answer, and the findings, errors first. With an error, the
exit code is 1. [Rules](rules.md) explains each finding.

## Correct the policies

`--fix` prints how to correct the policies. It changes nothing itself:

```shell
iconik-construct check acme-media-masters --system-domain-id 0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01 --fix
```

The output is a list of steps in the order in which you do them. For each policy, a step has the rules that it corrects,
the difference as JSON, the whole policy before and after, and the AWS CLI command that writes the corrected policy:

- Statements that allow iconik without the tag, or for another domain, are replaced.
- Denies that block iconik get an exemption for iconik's role.
- Statements for everyone are not changed. Their owner must decide, so the command lists them.
- For some settings there are commands too: ACLs, CORS rules, Requester Pays, versioning, a disabled key, a grant.
- The end of the output lists what no command corrects, and what to do: statements for everyone, policies of access
  points, resource control policies.

1. Find out who owns the policy. If a stack or Terraform owns it, change the policy there. Otherwise the next run of
   that tool overwrites your change.
2. Read the difference. Then run the printed commands.
3. Run `check` again, until the exit code is 0.

## Compare with a signed record

`iconik-construct report --json signed.json` writes a record of what a reviewer signs: [A page to sign](report.md).
`check --signed` compares the account with this record. It names each statement that differs. Then the exit code is 1:

```shell
iconik-construct check acme-media-masters --system-domain-id 0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01 --signed signed.json
```

The file can also be a template, if the app uses
[`IconikGuardrail(record=app)`](guardrail.md#record-what-was-accepted), which writes the record into the template. Take
the template from `cdk.out`, or from the account:

```shell
aws cloudformation get-template --stack-name Media > deployed.json
iconik-construct check acme-media-masters --system-domain-id 0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01 --signed deployed.json
```

The command compares only the buckets and keys that the record names. If the policies of a template do not
match the record in it, the template is refused with exit code 2.

These differences do not count: the order of statements and values, Sids, blanks, a list of one value instead of the
value, and the version of the policy for a statement without a variable. The name of the bucket, the key, the account
and the region are not in the hashes, because a template does not know them. Other values that only the deployment knows
cannot be compared, such as a parameter in a statement. Nor can the policy of an [adopted bucket](adopting.md#merge),
which is not in the template. The result is then *cannot be determined*, and the exit code is 1.

## Options

| option | |
| --- | --- |
| `--system-domain-id` | your System Domain ID. May be repeated |
| `--permissions` | `read`, `write`, `read_write` (default), `admin`, or a [purpose](permissions.md#by-purpose) |
| `--prefix` | only below this prefix. May be repeated |
| `--no-delete` | iconik should not delete |
| `--no-cors` | you write the CORS rules, not iconik |
| `--iconik-role-arn` | the role that iconik assumes. Default: iconik's |
| `--profile`, `--region`, `--endpoint-url` | as in the AWS CLI |
| `--key-arn` | a key that encrypts older objects, in addition to the bucket's own |
| `--organization-profile` | a profile of the management account, to read resource control policies |
| `--signed FILE` | compare the policies with a record of `report --json` or of a template; see above |
| `--fix` | print the policies that correct the findings |
| `--json` | print JSON, in the form of [results.schema.json](results.schema.json) |
| `--print-policy` | print the IAM policy that the command needs, and make no call |
| `--aws-proof` | also ask Access Analyzer, which costs money; see below |

| exit code | |
| --- | --- |
| 0 | iconik has access. No other iconik customer has, and no AWS account that no policy names |
| 1 | iconik lacks access, or others have access, or one of the two cannot be determined |
| 2 | wrong call, such as an option that does not exist |
| 3 | AWS could not be asked: no credentials, no network |

## What it reads

If something cannot be read, a finding names the missing action. `iconik-construct check acme-media-masters
--print-policy` prints all permissions that the command needs:
"""

_READING = """`--aws-proof` also needs `access-analyzer:CheckNoNewAccess`. With this option, AWS Access Analyzer also
answers whether the statements for iconik and for everyone allow more than iconik's role with the tag. AWS charges for
each call. The option is written from AWS's description and was not tried on AWS.

The command does not read the ACLs of single objects, nor S3 Access Grants, which can give a role access to prefixes
([ICONIK020](rules.md#iconik020) in templates). `aws s3control list-access-grants` lists the grants of a region. The
command does not read service control policies, which do not apply to iconik's role. The column *yours* also holds for
the presigned URLs that iconik gives to browsers.
"""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
