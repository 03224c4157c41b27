"""Writes `docs/guardrail.md` from the policies that the guardrail reads: `python -m docs.guardrail_page`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from iconik_construct.templates.grants import GRANTS
from iconik_construct.templates.policies import LOCATIONS

__all__ = ["PAGE", "page"]

PAGE: Final = Path(__file__).with_name("guardrail.md")


def page() -> str:
    """Return the page."""
    lines = [_INTRODUCTION, *(f"| `{kind}` | `{place}` |" for kind, place in sorted(LOCATIONS.items()))]
    lines += ["| custom resources of this library | the statements that they merge |", _ELSEWHERE]
    lines += (f"| `{kind}` | {', '.join(f'`{name}`' for name in names)} |" for kind, names in sorted(GRANTS.items()))
    return "\n".join([*lines, _READING])


_INTRODUCTION = """<!-- Written by docs/guardrail_page.py. Do not edit; run: python -m docs.guardrail_page -->

# Guardrail

`IconikGuardrail` reads every template that an app synthesizes, from constructs of any author. It stops the synthesis if
a policy allows iconik's role without the tag, allows everyone, or certainly blocks iconik. [Rules](rules.md) explains
each finding.

```python
import aws_cdk as cdk
from iconik_construct import IconikGuardrail, IconikStorage

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"

app = cdk.App()
cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=[DOMAIN]))
IconikStorage(cdk.Stack(app, "Media"), "Masters", system_domain_id=DOMAIN)
app.synth()
```

On the app, the guardrail reads all stages and nested stacks. On a `cdk.Stage`, it reads that stage.

## Refuse every command

The CDK CLI applies a plugin only to the stacks that a command selects. In an app of stages, `cdk synth` selects none
and exits with 0. `cdk deploy "Test/*"` passes if only Production breaks a rule. In CI, select all stacks:

```shell
cdk synth '**' --quiet
```

To make every command fail, write `assert_guardrail` in place of `app.synth()`. It applies the same rules and
acknowledgements to every stack. In tests it takes an app, a stage, an assembly, or a directory such as `cdk.out`:

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

A finding names the construct, the place in the template, the rule and the fix:

```text
- ICONIK001 at Production/Media/B/Policy/Resource (BPolicy3F02723E, Properties.PolicyDocument.Statement.1):
  A statement allows iconik without a condition on the tag IconikSystemDomainId: statement 2 allows
  arn:aws:iam::283217727627:role/IconikS3AccessRole s3:GetObject without the tag
  Add "StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": "<your System Domain ID>"} to the Condition of the
  statement, or let IconikStorage write the statement. Or acknowledge it as 'iconik-guardrail::ICONIK001'. See
  https://iconik-construct.github.io/iconik-construct/latest/rules/#iconik001.
```

## Acknowledge a finding

Acknowledge a finding on the construct, or on a construct above it. The reason is written into the validation report:

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
    cdk.Acknowledgment(id="iconik-guardrail::ICONIK004", reason="A public website without media of iconik.")
)
app.synth()
```

## Record what was accepted

With `record=app`, each template that holds a policy of a storage carries in its `Metadata` what was accepted:

```python
import aws_cdk as cdk
from iconik_construct import IconikGuardrail, IconikStorage

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"

app = cdk.App()
cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=[DOMAIN], record=app))
storage = IconikStorage(cdk.Stack(app, "Media"), "Masters", system_domain_id=DOMAIN)
cdk.Validations.of(storage).acknowledge(
    cdk.Acknowledgment(id="iconik-guardrail::ICONIK006", reason="Ticket SEC-1: iconik manages the lifecycle.")
)
template = app.synth().get_stack_by_name("Media").template
print(template["Metadata"]["iconik-construct"]["storages"][0]["acknowledged"])
```

The record has a `version` (1) and `storages`. A storage is an `IconikStorage`, or a bucket or key with one of the
mixins. Each has:

- `name`: its construct path.
- `acknowledged`: the `id` and the `reason` of each acknowledgement of this library's rules on the storage, around it
  or in it, whether or not the rule finds anything. `Annotations.acknowledge_warning` keeps no reason, and is not
  recorded.
- `policies`: for each policy that the app owns the `title`, `logical_id` and `sha256`. The hash is of the policy after
  all aspects, as JSON with sorted keys and without blanks. A policy into which an app only merges has no hash.

An override (`add_property_override`) changes a policy after the record, and is [ICONIK027](rules.md#iconik027).
[`check --signed`](check.md#compare-with-a-signed-record) compares the account with the record. `record` can also be a
stage or a stack. A plugin does not know its app, so write the app and not `True`. Without `record` the templates stay
as they are, byte for byte.

## What is read

In these policies, every statement is checked: for iconik, for everyone, and for principals that are not known.

| resource | property |
| --- | --- |"""

_ELSEWHERE = """
**In every other resource**, only statements that name iconik are checked. A statement is any mapping with an `Effect`
and a principal, also in JSON text, and in JSON text within JSON text. A grant or a call that names iconik is
[ICONIK020](rules.md#iconik020): in these properties, and in calls such as `createGrant` of custom resources, state
machines, schedules and Systems Manager documents. An access grant whose grantee is not known is
[ICONIK009](rules.md#iconik009).

| resource | property |
| --- | --- |"""

_READING = """
**To name iconik** is to write iconik's account number as the principal or grantee, as the account of an ARN, or in a
condition, or to write a pattern that matches iconik's role. If a property mentions the account number in any other
way, [ICONIK021](rules.md#iconik021) warns, for example for inline code, a build specification or a replication. Tags,
descriptions, identity policies, parameters, secrets and environments of functions give nobody access and are not
reported.

The templates are those of stacks, stages, nested stacks, stack sets, Service Catalog products, and every other file
asset that is a template in JSON. Not read are identity policies, and nested stacks and modules with a template from
elsewhere. What a macro writes, and a resource without a readable type, is [ICONIK009](rules.md#iconik009).

## How statements are judged

- **iconik** is its role, the sessions of the role, and everything else of its account.
  `IconikGuardrail(iconik_role_arn=...)` adds a role of your own for tests.
- **The tag** counts only with the operator `StringEquals` and your ids as its values. Further conditions beside
  the tag narrow the statement.
- **Everyone** (`*`) includes iconik's role. The tag does not help there, because everybody can tag their own role. A
  condition on an organisation, an account, a VPC endpoint, a few addresses or a service limits the statement. A
  condition on what a caller can choose, such as a prefix or a header, does not.
- **`NotPrincipal`** in an Allow is refused.
- **A Deny** that certainly blocks iconik is [ICONIK012](rules.md#iconik012). One that may block iconik is a warning.
- **Keys** are found by reference, alias or ARN in the whole app. Reading needs `kms:Decrypt`, writing
  `kms:GenerateDataKey`.
- **TLS**: a Deny of plain HTTP must cover what iconik may use. Otherwise [ICONIK007](rules.md#iconik007) warns.

## How values are read

- A parameter is its default or its allowed values. An empty default is no value.
- A mapping is each row that can apply. Of a condition, both branches are checked. A bucket whose name depends on a
  parameter or the region is checked under each name.
- Exports, outputs of other stacks, cross-region references and parameters of nested stacks are followed in the app.
- Not known are parameters without a default, the parameter store, dynamic references, attributes of custom resources,
  exports of other apps, canonical user ids and unique ids (`AROA...`). If such a value decides, the finding is
  [ICONIK009](rules.md#iconik009). What is not known is never taken for safe.
- In a policy written as JSON text, a key that occurs twice is refused: only one of the two counts.
"""

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
