"""Writes `docs/cost.md` from synthesized templates: `python -m docs.cost_page`.

The resources are counted in the templates, so that a new resource cannot be missing from the page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secrets

from iconik_construct import (
    Adoption,
    IconikPerimeter,
    IconikRegistration,
    IconikStorage,
    IconikWatch,
    StorageEncryption,
)

__all__ = ["FREE", "PAGE", "PRICED", "page"]

PAGE: Final = Path(__file__).with_name("cost.md")
_DOMAIN: Final = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
_KEY: Final = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_METRICS_OF_A_WATCH: Final = 3
_METRIC: Final = 0.30

PRICED: Final[Mapping[str, tuple[str, float]]] = {
    "AWS::KMS::Key": ("KMS key", 1.00),
    "AWS::CloudWatch::Alarm": ("alarm", 0.10),
}
"""The types of resources with a fixed price: the name, and US dollars a month in us-east-1."""
FREE: Final = frozenset(
    {
        "AWS::CloudFormation::WaitConditionHandle",
        "AWS::Events::Rule",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::Function",
        "AWS::Lambda::Permission",
        "AWS::Logs::LogGroup",
        "AWS::Organizations::Policy",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
    }
)
"""The types without a fixed price: they cost nothing, or only by use."""


def page() -> str:
    """Return the page.

    Raises:
        ValueError: a resource type of which the page does not know the price.
    """
    return "\n".join([_INTRODUCTION, *_table(), _USE])


def _table() -> Iterator[str]:
    yield "| what you deploy | what costs money | USD a month |"
    yield "| --- | --- | ---: |"
    for name, make in _CASES.items():
        stack = cdk.Stack(cdk.App(), "Stack")
        make(stack)
        yield _row(name, _types(stack))


def _row(name: str, types: Counter[str]) -> str:
    unknown = sorted(kind for kind in types if kind not in {*PRICED, *FREE} and not kind.startswith("Custom::"))
    if unknown:
        raise ValueError(f"no price is known for {', '.join(unknown)}")
    priced = [(*PRICED[kind], count) for kind, count in sorted(types.items()) if kind in PRICED]
    parts = [f"{count} {label}{'s' if count > 1 else ''}" for label, _, count in priced]
    fixed = sum(price * count for _, price, count in priced)
    if "AWS::CloudWatch::Alarm" in types:
        parts.append(f"{_METRICS_OF_A_WATCH} metrics")
        fixed += _METRICS_OF_A_WATCH * _METRIC
    if functions := types["AWS::Lambda::Function"]:
        parts.append(f"{functions} Lambda functions: see the price by use")
    return f"| {name} | {', '.join(parts) or 'none'} | {fixed:.2f} |"


def _types(stack: cdk.Stack) -> Counter[str]:
    app = cdk.App.of(stack)
    if not isinstance(app, cdk.App):
        raise TypeError(f"{stack.node.path} is in no app")
    template: Mapping[str, Any] = app.synth().get_stack_by_name(stack.stack_name).template
    return Counter(resource["Type"] for resource in template["Resources"].values())


def _adopted(stack: cdk.Stack, adoption: Adoption = Adoption.MERGE) -> IconikStorage:
    key = kms.Key.from_key_arn(stack, "Key", _KEY) if adoption is not Adoption.TAKE_OVER else None
    return IconikStorage(
        stack,
        "Masters",
        system_domain_id=_DOMAIN,
        bucket=s3.Bucket.from_bucket_name(stack, "Bucket", "acme-media-masters"),
        encryption_key=key,
        encryption=None if key else StorageEncryption.S3_MANAGED,
        adoption=adoption,
    )


def _registered(stack: cdk.Stack) -> None:
    storage = IconikStorage(stack, "Masters", system_domain_id=_DOMAIN)
    token = secrets.Secret.from_secret_name_v2(stack, "Token", "iconik/token")
    IconikRegistration(stack, "Registration", storage=storage, name="Masters", credentials=token)


_CASES: Final[Mapping[str, Callable[[cdk.Stack], object]]] = {
    "a new storage, SSE-S3": lambda stack: IconikStorage(stack, "Masters", system_domain_id=_DOMAIN),
    "a new storage, SSE-KMS or DSSE-KMS": lambda stack: IconikStorage(
        stack, "Masters", system_domain_id=_DOMAIN, encryption=StorageEncryption.KMS
    ),
    "an existing bucket and key, [`MERGE`](adopting.md#merge)": _adopted,
    "the same with an [`IconikWatch`](adopting.md#when-another-owner-rewrites-the-policy)": lambda stack: IconikWatch(
        stack, "Watch", storages=[_adopted(stack)]
    ).alarm(),
    "an existing bucket, [`TAKE_OVER`](adopting.md#take-over)": lambda stack: _adopted(stack, Adoption.TAKE_OVER),
    "an existing bucket and key, [`HAND_OVER`](adopting.md#hand-over)": lambda stack: _adopted(
        stack, Adoption.HAND_OVER
    ),
    "a new storage with an [`IconikRegistration`](registration.md)": _registered,
    "an [`IconikPerimeter`](organisations.md#require-the-tag-in-every-account)": lambda stack: IconikPerimeter(
        stack, "Perimeter", system_domain_ids=[_DOMAIN], target_ids=["123456789012"]
    ),
}

_INTRODUCTION = """<!-- Written by docs/cost_page.py. Do not edit; run: python -m docs.cost_page -->

# Cost

This page lists the AWS cost of each way to deploy a storage. The cost of your media itself is not included. The library
is free of charge. The resources are counted in synthesized templates. The prices are list prices of US East
(N. Virginia) in 2026. They were **not verified** for this release: check them with the
[AWS Pricing Calculator](https://calculator.aws/).

## Fixed price
"""

_USE = """
A statement in a policy costs nothing. So `in_place_of_bucket`, a mixin, and `IconikStorage(bucket=…)` with a bucket of
your own app add nothing to your bill. All storages of a stack share the functions, and several storages can share a
key.

## Price by use

| what | list price | how much to expect |
| --- | --- | --- |
| KMS requests | $0.03 for 10,000 | with `KMS` few: S3 uses a bucket key. With `DSSE` at least one for each object |
| KMS key rotation | $1.00 a month more after each of the first two rotations, not after later ones | one a year |
| noncurrent versions | the price of their storage class | all that was overwritten or deleted in the last 30 days |
| incomplete multipart uploads | the price of their storage class | at most the last 7 days |
| Lambda | $0.20 for a million calls, $0.0000167 for a GB-second | less than a cent a month, see below |
| CloudWatch Logs | $0.50 for a GB | a few kB for each run, kept for a month |
| Parameter Store | free up to 4,096 characters, else $0.05 a month | two for each merged policy and each registration |
| a secret of Secrets Manager, for registration | $0.40 a month | one token, which you create |
| data transfer to the internet | from $0.09 for a GB | all media that is read: usually the largest part |
| CloudTrail data events | $0.10 for 100,000 | only if you turn them on, see [Organisations](organisations.md) |
| Access Analyzer | for each call | only with [`check --aws-proof`](check.md#options) |

The functions run for seconds to a few minutes at each deployment that changes an existing bucket's statements or a
registration. A watch runs them once a day, and after each foreign write of the policy.

## Reduce the cost

- Use one key for several storages: `encryption_key=`. Then set `via_s3_only=True`, so that iconik can use the key only
  through S3.
- [Archive](create.md#lifecycle-and-archiving) media after some days. AWS charges at least 90 days in the Glacier
  classes, and 180 in `DEEP_ARCHIVE`.
- Keep noncurrent versions for fewer days, with a lifecycle rule in `bucket_props`. You can then restore less.
- Leave S3 Transfer Acceleration off, if you do not need it. AWS charges for it by the GB.
"""

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
