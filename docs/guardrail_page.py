"""Writes `docs/guardrail.md` from the policies that the guardrail reads: `python -m docs.guardrail_page`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from iconik_construct.templates.grants import GRANTS
from iconik_construct.templates.policies import LOCATIONS

__all__ = ["PAGE", "as_markdown", "page"]

PAGE: Final = Path(__file__).with_name("guardrail.md")


def page() -> str:
    """Return the page."""
    lines = [_INTRODUCTION, *(f"| `{kind}` | `{place}` |" for kind, place in sorted(LOCATIONS.items()))]
    lines += ["| this library's custom resources | the statements they merge |", _ELSEWHERE]
    lines += (f"| `{kind}` | {', '.join(f'`{name}`' for name in names)} |" for kind, names in sorted(GRANTS.items()))
    return "\n".join([*lines, _READING])


def as_markdown(text: str) -> str:
    """Keep Markdown from reading asterisks and angle brackets in a rule's words."""
    return text.replace("*", r"\*").replace("<", r"\<")


_INTRODUCTION = """<!-- Written by docs/guardrail_page.py. Do not edit; run: python -m docs.guardrail_page -->

# Guardrail

`IconikStorage` cannot write a policy without the tag, but the rest of an app can. `IconikGuardrail` reads every
template that the app synthesizes, whoever wrote the constructs, and fails the synthesis if a policy allows iconik's
role without the tag. [Rules](rules.md) explains each finding:

```python
import aws_cdk as cdk
from iconik_construct import IconikGuardrail, IconikStorage

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"

app = cdk.App()
cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=[DOMAIN]))
IconikStorage(cdk.Stack(app, "Media"), "Masters", system_domain_id=DOMAIN)
app.synth()
```

On the app it reads all stages and nested stacks, on a `cdk.Stage` those of that stage. A finding names the
construct, the place in its template, the rule and the fix.

## Acknowledging a finding

As any finding of CDK's validations, on the construct or on any construct above it, with a reason that stays in the
validation report:

```python
import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from iconik_construct import IconikGuardrail

app = cdk.App()
cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=["0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"]))
website = s3.Bucket(
    cdk.Stack(app, "Website"),
    "Pages",
    public_read_access=True,
    block_public_access=s3.BlockPublicAccess.BLOCK_ACLS_ONLY,
)
cdk.Validations.of(website).acknowledge(
    cdk.Acknowledgment(id="iconik-guardrail::ICONIK004", reason="A public website, with nothing of iconik's in it.")
)
app.synth()
```

## What is read

| resource | property |
| --- | --- |"""

_ELSEWHERE = """
In these, everything is reported: who names iconik without the tag, everyone, and what cannot be told.

In **every other resource**, of whatever type, each mapping with an `Effect` and a `Principal` is judged too, and so is
JSON text that holds one: policies of secrets, registries, domains, tables, logs. There only what *names* iconik without
the tag is refused; everyone, and what cannot be told, is left to those who know the service. A custom resource, such as
CDK's `AwsCustomResource`, is read for the policies in its calls, and for calls such as `createGrant` that name iconik.
An ACL for everyone is refused where the bucket turns ACLs on. And these let somebody in without a policy:

| resource | property |
| --- | --- |"""

_READING = """
Read is every template that the app synthesizes: of stacks, stages and nested stacks, of products of the Service
Catalog, of stack sets, by text or by file, and every other file asset that is a template in JSON. One in YAML that
names iconik's account is `ICONIK009`. Identity policies are not read: they say what a principal of your own account
may do, and let nobody in. A nested stack whose template is a URL somewhere else is not synthesized and not read.
Macros are not run: what an `Fn::Transform` or a macro of yours writes is `ICONIK009`.

## The CDK CLI looks at the stacks that a command selects

Only at those. In an app of stages `cdk synth` selects none, prints "Successfully synthesized" and exits with 0, while
`validation-report.json` says failure; `cdk deploy "Test/*"` passes when only Production breaks a rule. `python app.py`,
pytest and `cdk synth '**'` look at all:

```shell
cdk synth '**' --quiet
```

is the line for CI. To have every command refuse, whichever stacks it selects, make `assert_guardrail` the last line of
`app.py`, in place of `app.synth()`: it synthesizes, applies the same rules and acknowledgements to every stack, and the
app ends with an error that no command passes. In tests it takes an app, an assembly or a directory such as `cdk.out`:

```python
import aws_cdk as cdk
from iconik_construct import IconikStorage
from iconik_construct.testing import assert_guardrail

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"

app = cdk.App()
for name in ("Test", "Production"):
    IconikStorage(cdk.Stack(cdk.Stage(app, name), "Media"), "Masters", system_domain_id=DOMAIN)
assert_guardrail(app, system_domain_ids=[DOMAIN])
```

## A refusal

```text
- ICONIK001 at Production/Media/B/Policy/Resource (BPolicy3F02723E, Properties.PolicyDocument.Statement.1): An Allow
  lets iconik in without a condition on the tag IconikSystemDomainId: the statement 1 lets in
  arn:aws:iam::283217727627:role/IconikS3AccessRole
  Add "StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": "<your System Domain ID>"} to the statement's Condition,
  or let IconikStorage write the statement. Or acknowledge it as 'iconik-guardrail::ICONIK001'.
```

## How it is read

- **Iconik** is its role, its sessions, and anything else of its account: as an ARN, as an account id, inside
  `Fn::Join`, `Fn::Sub` and lists, and by `aws:PrincipalArn`, `aws:PrincipalAccount` or `kms:CallerAccount` under the
  principal `*`. `IconikGuardrail(iconik_role_arn=...)` adds a stand-in of yours; iconik's own account stays watched.
- **The tag** counts only under the plain operator `StringEquals`, with ids from the list as its values. The key's name
  is compared without its case, as AWS does. `ForAnyValue:StringEquals` and `StringEqualsIgnoreCase` are refused
  although they would keep others out: one spelling, which a reader can check at a glance. Further conditions beside it
  narrow the statement and are welcome.
- **Verdicts** are the [judge's](reference.md#judge), the same that the tests and the proof ask.
- **Everyone** (`*`) includes iconik's role, whatever the tag: anybody can tag a role of his own. Conditions that
  iconik's requests cannot meet keep it out: another account, role or organisation, a VPC or VPC endpoint, addresses (no
  wider than /8, or /16 for IPv6), a service (`aws:SourceArn`, `aws:SourceAccount`, `aws:PrincipalIsAWSService`), the
  access points of an account. A wildcard narrows only behind an id that is written out in full, a negation only where
  it matches iconik's role itself. What a caller chooses, such as a prefix, a header or a tag of his own role, keeps
  nobody out.
- **Each statement** is decided by itself. Where its principal and its conditions hang on the same conditions of the
  template, each of their answers is gone through, for up to three of them; beyond, `ICONIK009` says so.
- **`NotPrincipal`** in an Allow is refused even if it names iconik, and even beside the tag.
- **A Deny** allows nobody. A Deny that blocks iconik is [ICONIK012](rules.md#iconik012).
- **Values** are evaluated as far as the templates of the app tell: parameters stand for their default or their allowed
  values, a mapping for all rows that can be meant, exports, outputs of other stacks, cross-region references and
  parameters of nested stacks for what the app gives them. An empty default is none. Both sides of every condition are
  tried.
- **Unresolved** is what only the deployment knows: parameters without a default, the parameter store, dynamic
  references, attributes of
  custom resources, of provisioned products and of other applications, macros, exports of other apps, canonical user
  ids and unique ids such as
  `AROA...`. Where such a value decides, `ICONIK009` says so. It is never taken for safe.
- **TLS** is asked of bucket policies in the app: by a Deny that covers what iconik may use, or by iconik's own
  statement with `"Bool": {"aws:SecureTransport": "true"}`. A policy that statements are merged into at deployment is
  not known here; one taken over with `Adoption.TAKE_OVER` holds nothing but iconik's statements, so `ICONIK007` fires
  until you add the Deny.
- **Keys** are looked up wherever the app has them, by reference, alias or ARN. Reading needs `kms:Decrypt`, writing
  `kms:GenerateDataKey`, for every domain that the bucket lets in.
"""

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
