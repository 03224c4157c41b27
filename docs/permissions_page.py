"""Writes `docs/permissions.md` from the lists of actions in the package: `python -m docs.permissions_page`.

Apart from the package because a reason is for readers; whoever adds an action there must give its reason here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from iconik_construct.access.permissions import ADMIN_ACTION, CORS_WRITE_ACTION, IconikPermissions, StoragePurpose
from iconik_construct.access.s3_actions import ACCESS_CHANGING_ACTIONS
from iconik_construct.access.statements import PREFIX_CONDITION_ACTIONS

__all__ = ["PAGE", "PURPOSES", "REASONS", "Reason", "page"]

PAGE: Final = Path(__file__).with_name("permissions.md")

_READ = "read"
_EXCERPT = "read in part"
_INFERRED = "inferred"

_CREDENTIALS = "[iconik-managed credentials][credentials]"
_GRANULAR = "[granular S3 policy][granular]"
_TERRAFORM = "others' set-ups"
_API = "multipart clean-up in [iconik's API][api]"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why iconik needs an action, where that is known from, and how surely."""

    why: str
    source: str
    certainty: str


REASONS: Final[Mapping[str, Reason]] = {
    "s3:ListBucket": Reason("Scan the storage; tell a missing object from a forbidden one.", _TERRAFORM, _INFERRED),
    "s3:GetBucketLocation": Reason("Find the bucket's region, to sign requests for it.", _TERRAFORM, _INFERRED),
    "s3:GetBucketCORS": Reason("See whether a browser may upload and play.", _TERRAFORM, _INFERRED),
    "s3:PutBucketCORS": Reason(
        "Write the CORS rules that uploads and playback in the browser need. Only with `Cors.by_iconik()`.",
        _CREDENTIALS,
        _EXCERPT,
    ),
    "s3:GetAccelerateConfiguration": Reason(
        "See whether transfer acceleration can be used, a flag of iconik's storage form.", _TERRAFORM, _INFERRED
    ),
    "s3:GetObject": Reason("Play, download, transcode and transfer.", _GRANULAR, _EXCERPT),
    "s3:RestoreObject": Reason("Bring an object back from an archive tier before it is read.", _GRANULAR, _EXCERPT),
    "s3:PutObject": Reason(
        "Upload, in parts too, and straight from the browser by signed URLs; write proxies and keyframes.",
        _GRANULAR,
        _EXCERPT,
    ),
    "s3:DeleteObject": Reason("Delete the file when an asset is purged. Not with `delete=False`.", _GRANULAR, _EXCERPT),
    "s3:AbortMultipartUpload": Reason("Clean up after an upload that was given up.", _API, _INFERRED),
    "s3:ListMultipartUploadParts": Reason("Resume an upload: see which parts have arrived.", _API, _INFERRED),
    "s3:ListBucketMultipartUploads": Reason("Find the uploads that were given up.", _API, _INFERRED),
    "kms:Decrypt": Reason("Read an encrypted object, and finish a multipart upload of one.", _CREDENTIALS, _READ),
    "kms:DescribeKey": Reason("Look up the key that an object or the bucket names.", _CREDENTIALS, _READ),
    "kms:Encrypt": Reason("Named by iconik; S3 itself encrypts with data keys.", _CREDENTIALS, _READ),
    "kms:GenerateDataKey*": Reason("Write an encrypted object: S3 asks for a data key.", _CREDENTIALS, _READ),
    "kms:ReEncrypt*": Reason("Copy an object from one key to another.", _CREDENTIALS, _READ),
    "s3:*": Reason(
        "iconik's own full access policy. It also allows what iconik never needs: deleting object versions, changing "
        "lifecycle rules and replication.",
        _CREDENTIALS,
        _READ,
    ),
}

PURPOSES: Final[Mapping[StoragePurpose, str]] = {
    StoragePurpose.FILES: "Originals are uploaded, scanned, played, and deleted with a purged asset.",
    StoragePurpose.KEYFRAMES: "iconik makes them, shows them and replaces them.",
    StoragePurpose.PROXIES: "iconik makes them, plays them and replaces them.",
    StoragePurpose.EXPORTS: "Deliveries are put there for others. iconik neither lists nor reads what lies beside, "
    "and a purged asset does not take a delivery along.",
    StoragePurpose.ARCHIVE: "Assets are copied there and restored later. The last copy outlives a purged asset.",
}


def page() -> str:
    """Return the page.

    Raises:
        ValueError: an action without a reason, or a reason for an action that nobody is granted.
    """
    read, write, admin = IconikPermissions.read(), IconikPermissions.write(), IconikPermissions.admin()
    granted = {
        "the bucket": ({*read.bucket_actions, CORS_WRITE_ACTION}, {*write.bucket_actions, CORS_WRITE_ACTION}),
        "objects": (set(read.object_actions), set(write.object_actions)),
        "the key": (set(read.key_actions), set(write.key_actions)),
    }
    _check({ADMIN_ACTION}.union(*(actions for both in granted.values() for actions in both)))
    return "\n".join(
        [
            _INTRODUCTION,
            *(line for where, (reads, writes) in granted.items() for line in _granted(where, reads, writes)),
            _ADMIN,
            *_table(["action", "on", "why", "known from"], _admin(admin)),
            _PURPOSES,
            *_table(["purpose", "iconik may", "why"], _purposes()),
            _prefixes({action for actions in granted["the bucket"] for action in actions}),
            _refused(),
            _SOURCES,
        ]
    )


def _granted(where: str, reads: set[str], writes: set[str]) -> Iterator[str]:
    """One table for what stands on one kind of resource: on a phone, four columns are what fits."""
    yield f"\n## On {where}\n"
    rows = [[f"`{one}`", _roles(one in reads, one in writes), *_reason(one)] for one in sorted(reads | writes)]
    yield from _table(["action", "granted by", "why", "known from"], rows)


def _roles(reads: object, writes: object) -> str:
    return " and ".join(name for name, granted in (("read", reads), ("write", writes)) if granted)


def _check(granted: set[str]) -> None:
    missing, idle = sorted(granted - set(REASONS)), sorted(set(REASONS) - granted)
    if missing:
        raise ValueError(f"no reason is given for {', '.join(missing)}")
    if idle:
        raise ValueError(f"a reason is given for {', '.join(idle)}, which nobody is granted")


def _reason(action: str) -> tuple[str, str]:
    reason = REASONS[action]
    return reason.why, f"{reason.source}: {reason.certainty}"


def _admin(admin: IconikPermissions) -> Iterator[Sequence[str]]:
    for where, actions in (("the bucket and its objects", admin.bucket_actions), ("the key", admin.key_actions)):
        for action in actions:
            yield [f"`{action}`", where, *_reason(action)]


def _purposes() -> Iterator[Sequence[str]]:
    for purpose in StoragePurpose:
        found = IconikPermissions.for_purpose(purpose).object_actions
        names = {"read": "s3:GetObject", "write": "s3:PutObject", "delete": "s3:DeleteObject"}
        yield [f"`{purpose.name}`", ", ".join(name for name, it in names.items() if it in found), PURPOSES[purpose]]


def _prefixes(on_bucket: set[str]) -> str:
    limited = _names(on_bucket & PREFIX_CONDITION_ACTIONS)
    others = _names(on_bucket - PREFIX_CONDITION_ACTIONS)
    return f"""
## Prefixes

With prefixes, the actions on objects are allowed for `BUCKET/prefix*` only, and {limited} only while the listing asks
for a prefix inside. AWS has no prefix condition for the others on the bucket: {others}. So
`s3:ListBucketMultipartUploads` shows the keys of uploads under way in the whole bucket, though not what is in them.
A key policy knows no prefixes: it is the bucket policy that keeps iconik from the objects outside. A key that encrypts
more than the bucket is better narrowed by `via_s3_only=True`: iconik then uses it through S3 in that region alone.
"""


def _refused() -> str:
    return f"""## What is not granted

As far as anything shows, iconik does not need object versions, tags, ACLs, the notification configuration or the bucket
policy. `extra_bucket_actions` and `extra_object_actions` take any S3 action on buckets or objects, named one by one,
except those that change who may access the bucket: {_names(ACCESS_CHANGING_ACTIONS)}.
"""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _names(actions: Iterable[str]) -> str:
    return ", ".join(f"`{action}`" for action in sorted(actions))


_INTRODUCTION = f"""<!-- Written by docs/permissions_page.py. Do not edit; run: python -m docs.permissions_page -->

# Permissions

Every action that `IconikPermissions` grants, always under the condition on your System Domain ID, and why iconik needs
it. *Granted by* names the methods: `read()` for iconik's role Read storage, `write()` for Write storage, and
`read_write()` for both. *Known from* says where it is read that iconik asks for the action, and how surely:

- *{_READ}*: iconik names it on that page.
- *{_EXCERPT}*: the same, but only part of the page could be read.
- *{_INFERRED}*: not iconik's word. It follows from what iconik does, or from how others have set it up: a public
  Terraform repository that cites iconik's page and repeats its object actions exactly.

iconik names actions and does not explain them one by one: the reasons are this project's words. So is the division of
the key's actions: iconik's page names all five for everybody, and that reading alone needs no more than `kms:Decrypt`
and `kms:DescribeKey` is inferred.
"""

_ADMIN = """
## Admin

What iconik's page prints as full access. It cannot be limited to prefixes.
"""

_PURPOSES = """
## By purpose

`IconikPermissions.for_purpose(...)` grants what a storage of that purpose needs. The purposes are those of iconik's
storage form; which permissions each needs is inferred.
"""

_SOURCES = """
[credentials]: https://app.iconik.io/help/pages/admin/storage/editing/aws_s3_managed_credentials
[granular]: https://app.iconik.io/help/pages/admin/storage/adding/aws_s3
[api]: https://app.iconik.io/docs/
"""

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
