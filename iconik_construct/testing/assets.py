"""Finds the hashes of assets: in the manifests of an assembly, and in known places of a template.

A hash of 64 digits alone does not identify an asset: a user's own `S3Key` has the same form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

__all__ = ["HASH", "hashes_in_assembly", "hashes_in_template"]

HASH: Final = r"[0-9a-f]{64}"

_WHOLE: Final = rf"(?<![0-9a-f]){HASH}(?![0-9a-f])"
# The bucket and the repository that `cdk bootstrap` makes. "aws-cdk/assets" is the repository for legacy stacks.
_BOOTSTRAPPED: Final = r"cdk-[a-z0-9]+-(?:container-)?assets-"
_IN_TEXT: Final = (
    re.compile(rf"{_BOOTSTRAPPED}[^\s'\"]*?[/:]({_WHOLE})"),
    re.compile(rf"aws-cdk/assets:({_WHOLE})"),
    re.compile(rf"AssetParameters({HASH})"),
    # The commands of a pipeline that publish assets.
    re.compile(rf'cdk-assets [^\n]*?publish \\*"({_WHOLE})'),
)
_BUCKETS_AND_KEYS: Final = {"S3Bucket": "S3Key", "Bucket": "Key", "SourceBucketNames": "SourceObjectKeys"}
_ASSET_PATH: Final = "aws:asset:path"


def hashes_in_assembly(directory: Path) -> frozenset[str]:
    """Return the hashes of the assets that an assembly and the assemblies inside it publish."""
    hashes: set[str] = set()
    for manifest in directory.rglob("*.assets.json"):
        published = json.loads(manifest.read_text(encoding="utf-8"))
        for assets in (published.get("files", {}), published.get("dockerImages", {})):
            destinations = [asset.get("destinations") for asset in assets.values()]
            hashes.update(re.findall(HASH, json.dumps([list(assets), *destinations])))
    return frozenset(hashes)


def hashes_in_template(template: Mapping[str, Any]) -> frozenset[str]:
    """Return the hashes that are assets according to their place in the template.

    These places are the bootstrapped bucket or repository, a parameter of the legacy synthesizer, the metadata of an
    asset, and a pipeline's command that publishes the asset.
    """
    return frozenset(_found(template))


def _found(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for bucket, key in _BUCKETS_AND_KEYS.items():
            if re.search(_BOOTSTRAPPED, _flat(value.get(bucket))):
                yield from re.findall(_WHOLE, _flat(value.get(key)))
        if _ASSET_PATH in value:
            yield from re.findall(rf"asset\.({HASH})", _flat(value[_ASSET_PATH]))
        for name, item in value.items():
            yield from _in_text(str(name))
            yield from _found(item)
    elif isinstance(value, list):
        # The parts of a text that `Fn::Join` joins.
        yield from _in_text(_flat(value))
        for item in value:
            yield from _found(item)
    elif isinstance(value, str):
        yield from _in_text(value)


def _in_text(text: str) -> Iterator[str]:
    for form in _IN_TEXT:
        yield from form.findall(text)


def _flat(value: Any) -> str:
    """Return the text of a value and of its parts, without a separator."""
    if isinstance(value, Mapping):
        return "".join(map(_flat, value.values()))
    if isinstance(value, list):
        return "".join(map(_flat, value))
    return value if isinstance(value, str) else ""
