"""The rows of `check` are what iam-simulate says, on policies that were read back."""

import itertools
import json
import random
from collections import Counter

import pytest
from situations import ACCOUNT, ARN, BLOCK, DOMAIN, EXAMPLE, NAME, OTHER, ROLE, SITUATIONS, TAG, World

from iconik_construct.cli.main import main

ACTIONS = {"list": "s3:ListBucket", "read": "s3:GetObject", "write": "s3:PutObject", "delete": "s3:DeleteObject"}
FOREIGN = "arn:aws:iam::777788889999:role/"
CALLERS = {
    "your domain": [(ROLE, DOMAIN)],
    "another domain": [(ROLE, OTHER), (ROLE, EXAMPLE), (ROLE, "11111111-2222-4333-8444-555555555555")],
    "no tag": [(ROLE, None)],
    "everyone": [(f"{FOREIGN}Anybody", DOMAIN), (f"{FOREIGN}IconikS3AccessRole", DOMAIN)],
}
CERTAIN = {"aws:SecureTransport": "true", "aws:MultiFactorAuthPresent": "false", "aws:PrincipalOrgID": "o-zzzzzzzzzz"}
DIFFERING = {
    "aws:Referer": (None, "https://acme.example/x"),
    "s3:prefix": ("", "masters/x"),
    "s3:x-amz-server-side-encryption": (None, "AES256"),
    "s3:ExistingObjectTag/scan": ("good", "bad"),
    "aws:SourceIp": ("198.51.100.7", "203.0.113.7"),
}
"""What a request may have, and nobody knows of iconik's."""
OF_ACTION = {"s3:prefix": "list", "s3:x-amz-server-side-encryption": "write", "s3:ExistingObjectTag/scan": "read"}


def requests(policy, use, column):
    """Return the requests of a caller, in every form that a request can have."""
    from dev.proof.policy_engine import Request  # noqa: PLC0415

    keys = [key for key in DIFFERING if OF_ACTION.get(key, use) == use]
    values = [DIFFERING[key] for key in keys]
    if column != "your domain":
        # Others are at no address that a policy can mean.
        values = [each[:1] if key == "aws:SourceIp" else each for key, each in zip(keys, values, strict=True)]
    resources = [ARN] if use == "list" else [f"{ARN}/x", f"{ARN}/masters/x", f"{ARN}/secret/x"]
    for (principal, tag), resource, *chosen in itertools.product(CALLERS[column], resources, *values):
        context = {**CERTAIN, **{key: value for key, value in zip(keys, chosen, strict=True) if value is not None}}
        yield Request(
            policy=policy,
            kind="s3",
            principal=principal,
            action=ACTIONS[use],
            resource=resource,
            context=context if tag is None else {**context, TAG: tag},
            account=ACCOUNT,
        )


@pytest.mark.proof
def test_yes_and_no_agree_with_a_policy_engine_on_policies_that_were_read_back(aws, capsys):
    """150 random policies of foreign Denies, foreign Allows and ours: no wrong cell, and few that need not depend."""
    from dev.proof.policy_engine import PolicyEngine  # noqa: PLC0415

    world = World(aws)
    pool = []
    for name, (spoil, _) in SITUATIONS.items():
        if "key" not in name and name != "no policy":
            spoil(world)
            pool += json.loads(world.s3.get_bucket_policy(Bucket=NAME)["Policy"])["Statement"]
    # Settings of the bucket, which no policy engine knows.
    world.s3.put_public_access_block(Bucket=NAME, PublicAccessBlockConfiguration=dict.fromkeys(BLOCK, False))
    rng = random.Random(7)  # noqa: S311 - makes policies, keeps no secret
    found = Counter()
    with PolicyEngine() as engine:
        for _ in range(150):
            aws.answers.clear()
            chosen = rng.sample(pool, rng.randint(1, 4))
            world.policy(*({**one, "Sid": f"S{number}"} for number, one in enumerate(chosen)))
            main(["check", NAME, "--system-domain-id", DOMAIN, "--json"])
            shown = json.loads(capsys.readouterr().out)
            policy = json.loads(world.s3.get_bucket_policy(Bucket=NAME)["Policy"])
            for row, column in itertools.product(shown["table"], CALLERS):
                if row["use"] in ACTIONS:
                    answer = row["callers"][column]["answer"]
                    allowed = {each.allowed for each in engine.verdicts(list(requests(policy, row["use"], column)))}
                    kind = _kind(answer, allowed, column)
                    assert kind != "wrong", json.dumps(
                        [policy, row["use"], column, row["callers"][column], str(allowed)]
                    )
                    found[kind] += 1
    cells = sum(found.values())
    print(  # noqa: T201 - for make prove
        f"check: {cells:,} cells against iam-simulate, 0 wrong, {found['needless']} need not depend "
        f"({found['needless'] / cells:.1%})"
    )
    assert cells == 150 * len(ACTIONS) * len(CALLERS)
    assert found["needless"] <= cells / 100


def _kind(answer, allowed, column):
    if answer == "depends":
        # For another caller one allowed form is a yes already; which form is known, it chooses.
        return "needless" if len(allowed) == 1 else "depends"
    fits = {
        "no": allowed == {False},
        "partly": allowed == {True, False},
        "yes": allowed == {True} if column == "your domain" else True in allowed,
    }[answer]
    return "right" if fits else "wrong"
