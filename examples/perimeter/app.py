"""A perimeter for an organisation: iconik uses buckets and keys only with the tag of the company's own domains."""

from __future__ import annotations

import aws_cdk as cdk

from iconik_construct import IconikPerimeter

DOMAINS = ["0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01", "a7d9e1c4-1111-4222-8333-444455556666"]

app = cdk.App()

# In the management account, or in a delegated administrator's.
stack = cdk.Stack(app, "Organisation")
IconikPerimeter(
    stack,
    "Perimeter",
    system_domain_ids=DOMAINS,
    # One account first. Then an organisational unit, "ou-abcd-12345678", then the root, "r-abcd".
    target_ids=["123456789012"],
    name="IconikPerimeter",
)

app.synth()
