"""Writes `docs/deployed.md` from synthesized templates: `python -m docs.deployed_page`.

A reviewer compares this page with a deployed stack. It is generated, because a list of rights that is written by hand
is soon wrong.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secrets

from iconik_construct import IconikRegistration, IconikStorage, StorageEncryption

__all__ = ["PAGE", "page"]

PAGE: Final = Path(__file__).with_name("deployed.md")
_DOMAIN: Final = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
_WRITER: Final = Path(__file__).parents[1] / "iconik_construct" / "placement" / "handler" / "writer"
_KEY: Final = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_PSEUDO: Final = {"AWS::Partition": "aws", "AWS::Region": "REGION", "AWS::AccountId": "ACCOUNT", "AWS::URLSuffix": "…"}


def page() -> str:
    """Return the page.

    Raises:
        ValueError: a role has rights in a place that the page does not show.
    """
    new, adopted = _new(), _adopted()
    functions = list(_functions(adopted))
    return "\n".join(
        [
            _INTRODUCTION,
            *_policy("The bucket policy", new, "AWS::S3::BucketPolicy", "PolicyDocument"),
            *_policy("The key policy", new, "AWS::KMS::Key", "KeyPolicy"),
            _OWN_ACCOUNT,
            _FUNCTIONS.format(new=len(list(_functions(new))) or "no", count=len(functions)),
            *(line for function in functions for line in _rights(*function)),
            _AFTER,
            *_writer(),
        ]
    )


def _new() -> Mapping[str, Any]:
    app = cdk.App()
    stack = cdk.Stack(app, "Media")
    IconikStorage(stack, "Masters", system_domain_id=_DOMAIN, encryption=StorageEncryption.KMS)
    return _template(app)


def _adopted() -> Mapping[str, Any]:
    app = cdk.App()
    stack = cdk.Stack(app, "Media")
    storage = IconikStorage(
        stack,
        "Masters",
        system_domain_id=_DOMAIN,
        bucket=s3.Bucket.from_bucket_name(stack, "Bucket", "acme-media-masters"),
        encryption_key=kms.Key.from_key_arn(stack, "Key", _KEY),
    )
    token = secrets.Secret.from_secret_complete_arn(
        stack, "Token", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:iconik-token-a1B2c3"
    )
    IconikRegistration(stack, "Registration", storage=storage, name="Masters", credentials=token)
    return _template(app)


def _template(app: cdk.App) -> Mapping[str, Any]:
    resources: Mapping[str, Any] = app.synth().get_stack_by_name("Media").template["Resources"]
    return resources


def _policy(title: str, resources: Mapping[str, Any], kind: str, prop: str) -> Iterator[str]:
    [found] = [one["Properties"][prop] for one in resources.values() if one["Type"] == kind]
    yield f"## {title}\n"
    yield f"```json\n{json.dumps(_readable(found, resources), indent=2)}\n```\n"


_PERMISSIONS = {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}


def _functions(resources: Mapping[str, Any]) -> Iterator[tuple[str, str, list[Mapping[str, Any]]]]:
    """Yield each function: its description, its runtime, and the statements of its role."""
    for resource in resources.values():
        if resource["Type"] == "AWS::Lambda::Function":
            role = resource["Properties"]["Role"]["Fn::GetAtt"][0]
            if elsewhere := {"ManagedPolicyArns", "Policies"} & set(resources[role]["Properties"]):
                raise ValueError(f"{role} has rights that this page does not show: {', '.join(sorted(elsewhere))}")
            statements = [
                statement
                for one in resources.values()
                if one["Type"] in {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}
                and {"Ref": role} in one["Properties"]["Roles"]
                for statement in one["Properties"]["PolicyDocument"]["Statement"]
            ]
            readable = [_readable(statement, resources) for statement in statements]
            yield resource["Properties"]["Description"], resource["Properties"]["Runtime"], readable


def _rights(description: str, runtime: str, statements: list[Mapping[str, Any]]) -> Iterator[str]:
    yield f"### {description.replace(' (Media/', ': ').rstrip(')')}\n"
    yield f"Runtime `{runtime}`. Its role has only these rights, and no AWS managed policy:\n"
    yield "| may | on |"
    yield "| --- | --- |"
    for statement in statements:
        actions, resources = (_listed(statement[part]) for part in ("Action", "Resource"))
        yield f"| {'<br>'.join(f'`{one}`' for one in actions)} | {'<br>'.join(resources)} |"
    yield ""


def _writer() -> Iterator[str]:
    files = sorted(_WRITER.glob("*.py"))
    lines = {path: path.read_text(encoding="utf-8").count("\n") for path in files}
    yield _WRITER_INTRODUCTION.format(lines=sum(lines.values()))
    yield "| file | lines | SHA-256 |"
    yield "| --- | --- | --- |"
    for path in files:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        yield f"| `{path.name}` | {lines[path]} | `{digest}` |"
    yield ""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _readable(value: Any, resources: Mapping[str, Any]) -> Any:
    """Return a template's value with each reference replaced by what it refers to."""
    if isinstance(value, list):
        return [_readable(one, resources) for one in value]
    if not isinstance(value, Mapping):
        return value
    if "Fn::Join" in value:
        between, parts = value["Fn::Join"]
        return between.join(str(_readable(part, resources)) for part in parts)
    name = value.get("Ref") or (value.get("Fn::GetAtt") or [None])[0]
    if name is None:
        return {key: _readable(one, resources) for key, one in value.items()}
    if name in _PSEUDO:
        return _PSEUDO[name]
    return _KINDS[resources[name]["Type"]]


_KINDS: Final = {
    "AWS::S3::Bucket": "arn:aws:s3:::BUCKET",
    "AWS::Logs::LogGroup": "its log group",
    "AWS::Lambda::Function": "the stack's function above",
}

_INTRODUCTION = f"""<!-- Written by docs/deployed_page.py. Do not edit; run: python -m docs.deployed_page -->

# What is deployed

This page is for a security reviewer. It shows the two whole policies of a new storage with a key. Then it shows every
function that this library can run in your account, with each right of its role. The System Domain ID of the example is
`{_DOMAIN}`. [Permissions](permissions.md) has the reason for each action.
"""

_FUNCTIONS = """
## Functions and their rights

A new storage deploys {new} functions, unless a prop of `s3.Bucket` needs one, such as `auto_delete_objects`. A storage
whose bucket and key are in a template of your app, [`TAKE_OVER`](adopting.md#take-over) and
[`HAND_OVER`](adopting.md#hand-over) deploy none either.

[`MERGE`](adopting.md#merge), which adds the statements to an existing policy, deploys two functions for each stack: one
of this library, and one of the CDK's provider framework, which calls the first.
[`IconikRegistration`](registration.md) also deploys two, so a stack has at most {count}, for any number of storages.
[`IconikWatch`](adopting.md#when-another-owner-rewrites-the-policy) invokes the merge function by EventBridge rules, and
adds no right to its role. With `adoption_role=`, your role gets the rights of the merge function.

The rights below are for the bucket `acme-media-masters`, its key, and a secret. The heading is the description that the
function has in the Lambda console.
"""

_OWN_ACCOUNT = """
The first statement of the key policy is the CDK's default. It names your own account, and lets your IAM policies decide
who in the account can use and manage the key. The other account that the policies name is iconik's, `283217727627`.
"""

_AFTER = """
- `s3:DeleteBucketPolicy` is used when the storage is removed, if the policy would then have no statement.
- `s3:PutBucketPolicy` and `kms:PutKeyPolicy` write the whole policy: AWS has no call that adds one statement.
- `…:*` after a function means every version of the function.
- The two functions of a pair share a log group, which keeps logs for a month. Only the Lambda service can assume the
  roles.
"""

_WRITER_INTRODUCTION = """
## The code that can change a policy

All code that can change a policy is in the directory `iconik_construct/placement/handler/writer`: {lines} lines. Its
files import only each other, boto3 and the standard library. The code in the directory `advice` decides what a policy
means for iconik. This code cannot write a policy. It can only refuse a write. A test compares the table with the files.

To compare your installed version, run `sha256sum` on these files in the directory that
`python -c "import iconik_construct; print(iconik_construct.__path__[0])"` prints. For the deployed code, see the
SHA-256 of each function on the [page to sign](report.md).
"""

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
