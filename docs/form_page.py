"""Writes `docs/form.md` from what `IconikStorage.settings()` returns: `python -m docs.form_page`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from iconik_construct.access.permissions import IconikPermissions
from iconik_construct.storage.settings import FLAGS, OPTIONAL_SETTINGS, allowed_flags, storage_settings

__all__ = ["FIELDS", "PAGE", "page"]

PAGE: Final = Path(__file__).with_name("form.md")

FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "name": ("Name", "any name that is unique in your domain"),
    "purpose": ("Purpose", "as in the output, such as Files"),
    "bucket": ("Bucket", "the name of the bucket, from the output"),
    "region": ("Region", "the region of the bucket, from the output"),
    "endpoint": ("Endpoint", "the address from the output. If iconik has filled in the same address, leave it"),
    "path": ("Path", "as in the output: empty for the whole bucket, or a folder such as `masters/`"),
    "read": ("Read", "as in the output"),
    "write": ("Write", "as in the output"),
    "delete": ("Delete", "as in the output. iconik then deletes the file of a purged asset"),
    "scan": ("Enable Scan", "as in the output"),
    "use_acceleration": ("Use Acceleration", 'only with `bucket_props={"transfer_acceleration": True}`'),
}
"""The fields of the API, their names in iconik's form, and what to enter."""

_CASES: Final[Mapping[str, tuple[IconikPermissions, str]]] = {
    "`read()`": (IconikPermissions.read(), ""),
    "`write()`": (IconikPermissions.write(), ""),
    "`read_write()`, the default": (IconikPermissions.read_write(), ""),
    "`read_write(delete=False)`": (IconikPermissions.read_write(delete=False), ""),
    "`admin()`": (IconikPermissions.admin(), ""),
    '`read_write("masters/")`, path `masters/`': (IconikPermissions.read_write("masters/"), "masters/"),
    '`read_write("masters/")`, no path': (IconikPermissions.read_write("masters/"), ""),
}


def page() -> str:
    """Return the page.

    Raises:
        ValueError: `settings()` has a field that the page does not explain, or the page explains a field too many.
    """
    body = storage_settings(
        bucket="acme-media-masters", region="eu-west-1", permissions=[IconikPermissions.read_write()], name="Masters"
    )
    fields = {**body, **body["settings"]}
    found = set(fields) - {"settings", "method"}
    if found != set(FIELDS):
        raise ValueError(f"the page and settings() differ in {', '.join(sorted(found ^ set(FIELDS)))}")
    return "\n".join(
        [
            _INTRODUCTION,
            "```json",
            json.dumps(body, indent=2),
            "```",
            _STEPS,
            "| field in iconik's form | in the output | enter |",
            "| --- | --- | --- |",
            *(f"| {label} | `{name}` | {value} |" for name, (label, value) in FIELDS.items()),
            _FLAGS,
            *_flags(),
            _MORE.format(more=", ".join(f"`{name}`" for name in sorted(set(OPTIONAL_SETTINGS) - set(FLAGS)))),
        ]
    )


def _flags() -> Iterator[str]:
    yield "| permissions | tick |"
    yield "| --- | --- |"
    for name, (permissions, path) in _CASES.items():
        flags: Mapping[str, Any] = allowed_flags([permissions], path)
        ticked = ", ".join(FIELDS[flag][0] for flag in FLAGS if flags[flag])
        yield f"| {name} | {ticked or 'none: iconik can use nothing. Enter the path'} |"


_INTRODUCTION = """<!-- Written by docs/form_page.py. Do not edit; run: python -m docs.form_page -->

# iconik's storage form

This page is for the person who adds the bucket to iconik. You need iconik's roles Admin (*Owner* in newer domains),
Read storage and Write storage. You need no AWS rights, only one output of the stack, which the engineer gives you. The
engineer adds the output with one line, `storage.output_settings(name="Masters")`. `cdk deploy` prints the output. Its
name is the storage's construct id, `Settings` and a hash: `MastersSettings1DD10D78`. The output is JSON and holds no
secret:
"""

_STEPS = """
## Add the storage

1. In iconik, open Admin > Settings > Storages and add an *Amazon S3* storage. If the bucket already has a storage in
   iconik, edit that storage: its assets belong to its id.
2. Choose *iconik-managed credentials*. Enter no access key.
3. Fill in the form:
"""

_FLAGS = """
4. Save. If the template does not write the CORS rules, press the CORS button (older pages), so that iconik writes them.
5. Press *Verify* on the storage's *Settings* page (newer pages), or run
   [`iconik-construct verify`](registration.md#verify).
6. Upload, play and delete a test file.

If a check fails, see [Troubleshooting](troubleshooting.md). The form's fields are those of iconik's help pages of
2025. The steps were not tried in a live iconik.

## Which flags to tick

Tick only flags that are `true` in the output. A flag is true only if the policies allow it everywhere below the path:
"""

_MORE = """
The *Primary Team* of the user who adds the storage decides who sees the scanned assets.

## Other fields

`settings()` and `output_settings()` also take these fields of iconik's API: {more}, `description`, `status`. iconik's
form may show them under other names.
"""

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
