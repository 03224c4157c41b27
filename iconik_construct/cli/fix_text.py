"""Writes the fix of an assessment as text and as JSON: policies before and after, and AWS CLI commands."""

from __future__ import annotations

import argparse
import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ..access.cors import CORS_EXPOSED_HEADERS, CORS_METHODS, ICONIK_ORIGINS
from ..access.statements import BUCKET_POLICY_LIMIT, KEY_POLICY_LIMIT, size_in_bytes
from ..assessment import BucketFacts, Finding, rules
from ..assessment.fact import value_of
from ..assessment.facts import KeyFacts
from ..assessment.fix import Fixes, PolicyFix
from ..assessment.sentences import summary
from ..judge.text import shown
from .assessment_text import finding_as_text
from .text import folded, printable, wrapped

__all__ = ["fixes_as_json", "fixes_as_text"]

_LIMITS: Final = {"bucket": BUCKET_POLICY_LIMIT, "key": KEY_POLICY_LIMIT}


def fixes_as_json(fixes: Fixes, options: argparse.Namespace) -> dict[str, Any]:
    """Return the fix as JSON."""
    return {
        "fixes": [
            {
                "policy": shown(fix.where),
                "resource": shown(fix.arn),
                "before": fix.before,
                "after": fix.after,
                "difference": _difference(fix),
                "commands": list(_put(fix, options)),
            }
            for fix in fixes.policies
        ],
        "commands": list(_setting_commands(fixes, options)),
        "left": [finding.as_json() for finding in fixes.after.findings],
    }


def fixes_as_text(fixes: Fixes, options: argparse.Namespace) -> Iterator[str]:
    """Yield the lines of the fix: the steps in the order in which a reader does them."""
    left = [each for each in fixes.after.findings if each.id not in _COMMANDS and each.severity != "note"]
    has_error = any(finding.severity == "error" for finding in left)
    step = 0
    if not fixes.policies:
        yield "The commands here change no policy." if has_error else "No policy needs a change."
    else:
        owned = "If a stack or Terraform owns a policy, change it there: its next run overwrites your change here."
        yield from wrapped(owned, "")
    for step, fix in enumerate(fixes.policies, 1):
        yield from ("", printable(f"{step}. Write {shown(fix.where)}"))
        yield from _policy_as_text(fix, options)
    if commands := list(_setting_commands(fixes, options)):
        step += 1
        yield from ("", f"{step}. Change the settings", "", *commands)
    if left:
        step += 1
        yield from ("", f"{step}. Correct by hand what no command corrects")
        for finding in left:
            yield from ("", *finding_as_text(finding, "  "))
    if step:
        yield ""
        expected = "" if has_error else f" Expected: {_expected(fixes)}"
        yield from wrapped(f"{step + 1}. Run the check again.{expected}", "")


def _policy_as_text(fix: PolicyFix, options: argparse.Namespace) -> Iterator[str]:
    for rule in fix.corrects:
        yield from wrapped(f"{rule.id}: {rule.title}", "   ")
    yield from ("", "Difference:", folded(_difference(fix)))
    yield from ("", "Before:", "There is no policy." if fix.before is None else folded(fix.before))
    if size_in_bytes(fix.after) > _LIMITS[fix.kind]:
        yield from ("", f"The new policy is larger than AWS allows: {_LIMITS[fix.kind]:,} bytes. Shorten it first.")
    yield from ("", "After, with the command that writes it:", *_put(fix, options))


def _difference(fix: PolicyFix) -> dict[str, Any]:
    return {"removed": fix.removed, "added": fix.added}


def _expected(fixes: Fixes) -> str:
    decisive = any(finding.severity == "error" for finding in fixes.after.findings)
    return "OK." if decisive else summary(fixes.after)


def _put(fix: PolicyFix, options: argparse.Namespace) -> Iterator[str]:
    """Yield the lines of a shell script that writes the policy."""
    file, arn = f"{fix.kind}-policy.json", shown(fix.arn)
    # No line of JSON is equal to the end marker. The quotes of the marker keep the shell from expanding the text.
    yield f"cat > {file} <<'END'"
    yield folded(fix.after)
    yield "END"
    if fix.kind == "bucket":
        call = ["s3api", "put-bucket-policy", "--bucket", arn.rpartition(":")[2]]
    else:
        call = ["kms", "put-key-policy", "--key-id", arn, "--policy-name", "default"]
    yield _aws([*call, "--policy", f"file://{file}"], options, arn)


def _aws(call: list[str], options: argparse.Namespace, arn: str) -> str:
    parts = arn.split(":")
    region = parts[3] if len(parts) > 3 and parts[3] else options.region  # noqa: PLR2004 - the region of an ARN
    for name, value in (("--region", region), ("--profile", options.profile), ("--endpoint-url", options.endpoint_url)):
        if value:
            call = [*call, name, value]
    return shlex.join(["aws", *call])


def _setting_commands(fixes: Fixes, options: argparse.Namespace) -> Iterator[str]:
    """Yield the commands that correct settings, without duplicates."""
    seen: dict[str, None] = {}
    facts = fixes.after.facts
    for finding in fixes.after.findings:
        for call, arn in _COMMANDS[finding.id](facts, finding) if finding.id in _COMMANDS else ():
            seen[_aws(call, options, arn)] = None
    yield from seen


_Call = tuple[list[str], str]
"""The arguments of the AWS CLI, and the ARN of the bucket or key."""


def _on_bucket(facts: BucketFacts, operation: str, option: str, value: Any) -> _Call:
    text = value if isinstance(value, str) else json.dumps(value)
    return ["s3api", operation, "--bucket", shown(facts.name), option, text], shown(facts.arn)


def _on_key(key: KeyFacts, operation: str, *more: str) -> _Call:
    return ["kms", operation, "--key-id", shown(key.arn), *more], shown(key.arn)


def _owner_pays(facts: BucketFacts, _: Finding) -> Iterator[_Call]:
    payer = {"Payer": "BucketOwner"}
    yield _on_bucket(facts, "put-bucket-request-payment", "--request-payment-configuration", payer)


def _versions_on(facts: BucketFacts, _: Finding) -> Iterator[_Call]:
    yield _on_bucket(facts, "put-bucket-versioning", "--versioning-configuration", {"Status": "Enabled"})


def _acls_off(facts: BucketFacts, _: Finding) -> Iterator[_Call]:
    yield _on_bucket(facts, "put-bucket-acl", "--acl", "private")
    enforced = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    yield _on_bucket(facts, "put-bucket-ownership-controls", "--ownership-controls", enforced)


def _cors(facts: BucketFacts, _: Finding) -> Iterator[_Call]:
    """Write a rule for iconik before the rules of others: S3 applies the first rule that matches."""
    rule = {
        "ID": "iconik",
        "AllowedOrigins": list(ICONIK_ORIGINS),
        "AllowedMethods": list(CORS_METHODS),
        "AllowedHeaders": ["*"],
        "ExposeHeaders": list(CORS_EXPOSED_HEADERS),
    }
    others = [
        each for each in (value_of(facts.settings.cors) or {}).get("CORSRules") or () if each.get("ID") != "iconik"
    ]
    yield _on_bucket(facts, "put-bucket-cors", "--cors-configuration", {"CORSRules": [rule, *others]})


def _key_on(facts: BucketFacts, _: Finding) -> Iterator[_Call]:
    for key in facts.keys:
        state = key.metadata.get("KeyState")
        if state == "PendingDeletion":
            yield _on_key(key, "cancel-key-deletion")
        if state in {"PendingDeletion", "Disabled"}:
            yield _on_key(key, "enable-key")


def _revoke(facts: BucketFacts, finding: Finding) -> Iterator[_Call]:
    for key in facts.keys:
        for grant in value_of(key.grants) or ():
            if str(grant.get("GrantId")) in shown(finding.text):
                yield _on_key(key, "revoke-grant", "--grant-id", str(grant.get("GrantId")))


_COMMANDS: Final[Mapping[str, Callable[[BucketFacts, Finding], Iterator[_Call]]]] = {
    rules.NO_CORS.id: _cors,
    rules.CORS_ORIGIN.id: _cors,
    rules.CORS_METHODS.id: _cors,
    rules.CORS_ETAG.id: _cors,
    rules.CORS_HEADERS.id: _cors,
    rules.PUBLIC_ACL.id: _acls_off,
    rules.ACLS_ON.id: _acls_off,
    rules.UPLOADER_OWNS.id: _acls_off,
    rules.REQUESTER_PAYS.id: _owner_pays,
    rules.KEY_STATE.id: _key_on,
    rules.GRANT.id: _revoke,
    rules.NO_VERSIONS.id: _versions_on,
}
"""The commands that correct a setting, by the id of its rule."""
