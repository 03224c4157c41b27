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

`IconikGuardrail` is a validation plugin of the CDK. It reads every template of an app, also those of constructs that
are not from this library. It stops the synthesis in these cases:

- A policy allows iconik's role without the tag, or allows everyone.
- iconik cannot use something that its statements allow: a Deny blocks it, or the key policy does not allow it.
- It cannot be determined whether others have access, or the guardrail itself failed.

Other findings are warnings, which do not stop the synthesis: for example, that a condition *may* block iconik.
[Rules](rules.md) explains each finding.

```python
import aws_cdk as cdk
from iconik_construct import IconikGuardrail, IconikStorage

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"

app = cdk.App()
cdk.Validations.of(app).add_plugins(IconikGuardrail(system_domain_ids=[DOMAIN]))
IconikStorage(cdk.Stack(app, "Media"), "Masters", system_domain_id=DOMAIN)
app.synth()
```

Added to the app, the guardrail reads all stages and nested stacks. Added to a `cdk.Stage`, it reads that stage. The CDK
calls no plugin of a stage that is in a stack, as in CDK Pipelines: add the guardrail to the app.

## Check all stacks in every command

The CDK CLI applies a plugin only to the stacks that a command selects. If all stacks of an app are in stages,
`cdk synth` selects no stack, checks nothing and exits with 0. `cdk deploy "Test/*"` does not check the stage
Production. In CI, select all stacks:

```shell
cdk synth '**' --quiet
```

To check all stacks in every command, write `assert_guardrail(app, …)` in place of `app.synth()`. Then an error in any
stack makes every command fail. The rules and the acknowledgements are the same. In tests, `assert_guardrail` takes an
app, a stage, an assembly, or a directory such as `cdk.out`:

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
  statement. Or remove the statement, and use IconikStorage, which writes it. Or acknowledge it as
  'iconik-guardrail::ICONIK001'. See https://iconik-construct.github.io/iconik-construct/latest/rules.html#iconik001.
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

The CDK writes an acknowledgement into the assembly only if it is on a stack or on a construct in a stack. One on the
app, on a stage or on another construct above the stack counts for the plugin and for `assert_guardrail(app, …)`. It
does not count for [`guard`](ci.md), nor for `assert_guardrail` with an assembly or a directory.

## Record what was accepted

With `record=app`, CDK writes a record of the acknowledgements into the `Metadata` of each template that has a policy of
a storage:

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
- `acknowledged`: the `id` and the `reason` of each acknowledgement of a rule of this library. These are the
  acknowledgements on the storage, on a construct above it, or on a construct inside it. They are recorded even if the
  rule has no finding. `Annotations.acknowledge_warning` keeps no reason, and is not recorded.
- `policies`: the `title`, the `logical_id` and the `sha256` of each policy that a template of the app owns. The hash is
  of the policy after all aspects, as JSON with sorted keys and without blanks. The policy of an
  [adopted bucket or key](adopting.md#merge) is not in a template, so it has no hash.

An override (`add_property_override`) changes the policy after the record is made. The guardrail reports this as
[ICONIK027](rules.md#iconik027). [`check --signed`](check.md#compare-with-a-signed-record) compares the account with the
record. `record` can also be a stage or a stack. Write the app itself and not `True`: the CDK does not tell a plugin its
app. Without `record`, the guardrail does not change the templates.

## What is read

The guardrail checks every statement of these policies. It asks whether the statement allows iconik, everyone, or a
principal that is not known at synthesis.

| resource | property |
| --- | --- |"""

_ELSEWHERE = """
**In every other resource**, the guardrail checks only statements that name iconik. Any mapping with an `Effect` and a
principal counts as a statement, also inside JSON text, at any depth.

Custom resources, state machines, schedules and Systems Manager documents can call `deleteBucketPolicy`, `putBucketAcl`,
`putBucketEncryption`, `putKeyPolicy`, `disableKey` or a similar action. Then the policy or setting of that bucket or
key is not known, and the guardrail warns ([ICONIK190](rules.md#iconik190)).

Some resources give access without a policy. The guardrail reports [ICONIK020](rules.md#iconik020) if one of these
properties names iconik. It does the same for calls such as `createGrant` in custom resources, state machines, schedules
and Systems Manager documents. If the grantee of an access grant is not known, the finding is
[ICONIK009](rules.md#iconik009).

| resource | property |
| --- | --- |"""

_READING = """
A statement or a property **names iconik** if it has iconik's account number as the principal or grantee, as the account
of an ARN, or in a condition. A pattern that matches iconik's role also names iconik. If a property mentions the account
number in any other way, [ICONIK021](rules.md#iconik021) warns. Examples are inline code, a build specification, user
data in base64, commands of `AWS::CloudFormation::Init`, or a replication. Tags, descriptions, identity policies,
parameters, secrets, environments of functions, and filters of logs and events give nobody access and are not reported.

The guardrail reads the templates of stacks, stages, nested stacks, stack sets and Service Catalog products, and every
other file asset that is a template in JSON or YAML. YAML needs the extra `guard`. A template that cannot be read is
[ICONIK024](rules.md#iconik024). The guardrail does not read identity policies. A nested stack, stack set, product or
module whose template is not an asset of the app is the warning [ICONIK028](rules.md#iconik028). If a template uses a
macro, or a resource has no readable type, others may have access: [ICONIK009](rules.md#iconik009).

## How statements are judged

- **iconik** is its role, the sessions of the role, and everything else of its account.
  `IconikGuardrail(iconik_role_arn=...)` adds a role of your own for tests.
- **The tag** counts only with the operator `StringEquals` and your ids as its values. More conditions in the same
  statement are allowed: they only make the statement narrower.
- **Everyone** (`*`) includes iconik's role. A condition on the tag does not limit such a statement, because the owner
  of any role can give it this tag. A condition on an organisation, an account, a VPC endpoint, a service, or fewer
  addresses than a /7 network of IPv4 (a /15 of IPv6) limits the statement. A condition on something that the caller
  chooses, such as a prefix, a header or an address inside a VPC, does not.
- **`NotPrincipal`** in an Allow is refused.
- **A Deny** that blocks iconik in every case is [ICONIK012](rules.md#iconik012). A Deny that may block iconik is a
  warning.
- **Keys** are found by reference, alias or ARN in the whole app. An alias is that of the own stack; without one, every
  key of the Region and account that has it. Reading needs `kms:Decrypt`, writing `kms:GenerateDataKey`.
- **Names**: if a template does not name a bucket or key, a literal name in its policy can be its own. A Deny by such a
  name is a warning. In the policy of a key, an Allow for iconik by such a name is a warning too. A condition on the
  encryption context (`kms:EncryptionContext:aws:s3:arn`) with the literal name of a bucket counts in the same way.
- **TLS**: a Deny of plain HTTP must cover all actions and objects that iconik may use. Otherwise
  [ICONIK007](rules.md#iconik007) warns.

## How values are read

- For a parameter, the guardrail uses its default value or its allowed values. An empty default counts as not known.
- For a mapping, it checks the values of all rows that can apply. If the name of a bucket depends on a parameter or the
  region, it checks the bucket with each name.
- For a condition, it checks both branches, in each combination with other conditions that a value of a parameter makes
  possible.
- It follows exports, outputs of other stacks, cross-region references and parameters of nested stacks in the app. An
  export, an output or an alias belongs to one Region and account. If the app has it only in another stage, and the
  Regions and accounts are not known, the value can also be another one: then it counts as not known too.
- These values are not known: parameters without a default, Parameter Store, dynamic references, attributes of custom
  resources, exports of other apps, canonical user ids and unique ids (`AROA...`). If the answer depends on such a
  value, the finding is [ICONIK009](rules.md#iconik009). A value that is not known never counts as safe.
- A policy written as JSON text is refused if an object has the same key twice: AWS uses only one of the two.
"""

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
