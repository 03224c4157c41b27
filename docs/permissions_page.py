"""Writes `docs/permissions.md` from the lists of actions in the package: `python -m docs.permissions_page`.

The reasons are apart from the package because only readers need them. Each new action of the package needs one here.
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

_READ = "listed"
_EXCERPT = "listed, page read in part"
_INFERRED = "inferred"

_CREDENTIALS = "[iconik-managed credentials][credentials]"
_GRANULAR = "[granular S3 policy][granular]"
_TERRAFORM = "a public Terraform repository"
_API = "multipart clean-up in [iconik's API][api]"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why iconik needs an action, the source, and its certainty."""

    why: str
    source: str
    certainty: str


REASONS: Final[Mapping[str, Reason]] = {
    "s3:ListBucket": Reason("Scan the storage. Distinguish a missing object from a denied one.", _TERRAFORM, _INFERRED),
    "s3:GetBucketLocation": Reason("Find the bucket's region, to sign requests.", _TERRAFORM, _INFERRED),
    "s3:GetBucketCORS": Reason("Check whether browsers can upload and play.", _TERRAFORM, _INFERRED),
    "s3:PutBucketCORS": Reason(
        "Write the CORS rules for uploads and playback in the browser. Only with `Cors.by_iconik()`.",
        _CREDENTIALS,
        _EXCERPT,
    ),
    "s3:GetAccelerateConfiguration": Reason(
        "Check whether transfer acceleration is on, a flag of iconik's storage form.", _TERRAFORM, _INFERRED
    ),
    "s3:GetObject": Reason("Play, download, transcode and transfer.", _GRANULAR, _EXCERPT),
    "s3:RestoreObject": Reason("Restore an object from an archive class before it is read.", _GRANULAR, _EXCERPT),
    "s3:PutObject": Reason(
        "Upload, also in parts and from the browser by signed URLs. Write proxies and keyframes.",
        _GRANULAR,
        _EXCERPT,
    ),
    "s3:DeleteObject": Reason("Delete the file when an asset is purged. Not with `delete=False`.", _GRANULAR, _EXCERPT),
    "s3:AbortMultipartUpload": Reason("Clean up after an abandoned upload.", _API, _INFERRED),
    "s3:ListMultipartUploadParts": Reason("Resume an upload: list the parts that have arrived.", _API, _INFERRED),
    "s3:ListBucketMultipartUploads": Reason("Find abandoned uploads.", _API, _INFERRED),
    "kms:Decrypt": Reason("Read an encrypted object. Complete its multipart upload.", _CREDENTIALS, _READ),
    "kms:DescribeKey": Reason("Look up the key of an object or of the bucket.", _CREDENTIALS, _READ),
    "kms:Encrypt": Reason(
        "Granted because iconik's list has it. S3 itself encrypts with data keys.",
        _CREDENTIALS,
        _READ,
    ),
    "kms:GenerateDataKey*": Reason("Write an encrypted object: S3 requests a data key.", _CREDENTIALS, _READ),
    "kms:ReEncrypt*": Reason("Copy an object from one key to another.", _CREDENTIALS, _READ),
    "s3:*": Reason(
        "iconik's own full access policy. It also allows what iconik never needs: to delete object versions, and to "
        "change lifecycle rules and replication.",
        _CREDENTIALS,
        _READ,
    ),
}

PURPOSES: Final[Mapping[StoragePurpose, str]] = {
    StoragePurpose.FILES: "Originals are uploaded, scanned, played, and deleted with a purged asset.",
    StoragePurpose.KEYFRAMES: "iconik makes, shows and replaces keyframes.",
    StoragePurpose.PROXIES: "iconik makes, plays and replaces proxies.",
    StoragePurpose.EXPORTS: "iconik writes deliveries for other systems. It lists and reads no objects. A delivery "
    "stays when its asset is purged.",
    StoragePurpose.ARCHIVE: "Assets are copied there and restored later. The last copy stays when an asset is purged.",
}


def page() -> str:
    """Return the page.

    Raises:
        ValueError: an action without a reason, or a reason for an action that is not granted.
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
    """Yield one table for each kind of resource: a phone shows four columns at most."""
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

With prefixes, the actions on objects are allowed only for `BUCKET/prefix*`. {limited} is allowed only for a listing
inside a prefix. AWS has no prefix condition for the other actions on the bucket: {others}. So
`s3:ListBucketMultipartUploads` shows the object names of uploads in progress in the whole bucket, but not their
content. A key policy has no prefixes: only the bucket policy blocks iconik from other objects. If a KMS key encrypts
more than the bucket, set `via_s3_only=True`. iconik can then use the key only through S3 in that region.
"""


def _refused() -> str:
    return f"""## What is not granted

No source shows that iconik needs object versions, tags, ACLs, the notification configuration or the bucket policy.
If your iconik needs more, name each action, without wildcards:
`IconikPermissions(roles={{StorageRole.READ}}, extra_object_actions=["s3:GetObjectTagging"])`. `extra_bucket_actions`
does the same for actions on the bucket. Every S3 action on buckets or objects is accepted, except those that change who
has access to the bucket: {_names(ACCESS_CHANGING_ACTIONS)}.
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

`permissions=` of `IconikStorage` takes one of these, or a list of them:

```python
from iconik_construct import IconikPermissions

IconikPermissions.read_write()  # the default: the whole bucket
IconikPermissions.read_write("masters/", "proxies/")  # only below these prefixes
IconikPermissions.read_write(delete=False)  # iconik cannot delete objects
[IconikPermissions.read(), IconikPermissions.write("exports/")]  # read everything, write below one prefix
```

The tables list all actions that `IconikPermissions` grants, with the reason for each. Every statement has the condition
on your System Domain ID. *Granted by* names the method: `read()` is what iconik calls Read storage, `write()` is Write
storage, and `read_write()` is both. *Known from* gives the source, and how certain it is:

- *{_READ}*: the linked page of iconik lists the action.
- *{_EXCERPT}*: the linked page lists the action, but this project could read only part of the page.
- *{_INFERRED}*: iconik does not list the action. The need for the action follows from what iconik does, or from a
  public Terraform repository. That repository cites iconik's page and repeats its object actions exactly.

iconik lists actions and does not explain each one. The reasons here are the words of this project. iconik's page lists
all five key actions for every role. `read()` grants only `kms:Decrypt` and `kms:DescribeKey`. It is inferred
that reading needs no other key action.
"""

_ADMIN = """
## Admin

`admin()` allows the same as the full access policy on iconik's help page. It cannot be limited to prefixes.
"""

_PURPOSES = """
## By purpose

`IconikPermissions.for_purpose(...)` grants what a storage of that purpose needs. iconik's storage form has these
purposes. The permissions that each needs are inferred.
"""

_SOURCES = """
[credentials]: https://app.iconik.io/help/pages/admin/storage/editing/aws_s3_managed_credentials
[granular]: https://app.iconik.io/help/pages/admin/storage/adding/aws_s3
[api]: https://app.iconik.io/docs/
"""

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
