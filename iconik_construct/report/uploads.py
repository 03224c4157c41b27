"""Reads which files of an assembly are uploaded to which place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..judge.text import MarkedText
from ..templates.intrinsics import Scope, possible_values
from ..templates.template import mapping

__all__ = ["file_at"]


def file_at(code: Mapping[str, Any], scope: Scope, *directories: Path) -> Path | None:
    """Return the file or folder that is uploaded to an object of S3, or None.

    Args:
        code: `S3Bucket` and `S3Key`, and no other element that selects the object.
        scope: the scope of their values.
        directories: the directories with lists of assets.
    """
    places = [set(possible_values(code.get(name), scope)) for name in ("S3Bucket", "S3Key")]
    if set(code) != {"S3Bucket", "S3Key"} or not all(places):
        return None
    for directory in dict.fromkeys(directories):
        for path, bucket, key in _uploads(directory, scope):
            if places == [bucket, key] and (directory / path).exists():
                return directory / path
    return None


def _uploads(directory: Path, scope: Scope) -> Iterator[tuple[str, set[MarkedText], set[MarkedText]]]:
    for listed in sorted(directory.glob("*.assets.json")):
        try:
            files = mapping(json.loads(listed.read_text(encoding="utf-8"))).get("files")
        except (OSError, ValueError, RecursionError):
            continue
        for asset in map(mapping, mapping(files).values()):
            path = mapping(asset.get("source")).get("path")
            for place in map(mapping, mapping(asset.get("destinations")).values()):
                names = [possible_values({"Fn::Sub": place.get(name)}, scope) for name in ("bucketName", "objectKey")]
                if isinstance(path, str):
                    yield path, set(names[0]), set(names[1])
