"""The values of a storage's keys in the configuration file, each read on its own. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from ..access.permissions import StoragePurpose
from ..access.trust import parse_system_domain_ids, refuse_other_partition
from ..errors import IconikTypeError, IconikValueError
from ..landing.record import Adoption
from ..storage.bucket_names import parse_bucket_name
from ..storage.cors import Cors
from .json_document import Place
from .permissions import parse_permissions_at
from .registration import parse_registration

__all__ = ["ENCRYPTIONS", "PARSERS", "REMOVAL_POLICIES", "SHARED_KEYS", "parse_values"]

ENCRYPTIONS: Final = ("S3_MANAGED", "KMS", "DSSE")
"""The names of `StorageEncryption`, which is not imported: its room needs jsii."""
REMOVAL_POLICIES: Final = ("RETAIN", "DESTROY")

SHARED_KEYS: Final = ("account", "cors", "region", "registration", "system_domain_id")
"""What may also stand at the top of the file, for every storage that does not say otherwise."""

_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}")
_BUCKET_ARN: Final = "arn:aws:s3:::"
# Buckets made in us-east-1 before March 2018 may have such names; new ones may not.
_EXISTING_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,254}")
_KEY_ARN = re.compile(r"arn:aws:kms:(?P<region>[a-z0-9-]+):[0-9]{12}:key/[A-Za-z0-9-]+")


def parse_values(given: Mapping[str, Place]) -> dict[str, Any]:
    """Return the parsed values of known keys; what is mistaken is None, and collected."""
    return {key: PARSERS[key](place) for key, place in given.items()}


def _system_domain_id(place: Place) -> tuple[str, ...] | None:
    if isinstance(place.value, list):
        before = len(place.mistakes)
        for item in place.items("") or ():
            item.parsed(_one_system_domain_id)
        if len(place.mistakes) > before:
            return None
    return place.parsed(parse_system_domain_ids)


def _one_system_domain_id(value: Any) -> None:
    parse_system_domain_ids((value,))


def _bucket(place: Place) -> dict[str, str | None]:
    example = 'Write {"name": "acme-masters"} for a new bucket, {"adopt": "acme-masters"} for an existing one.'
    given = place.fields(("adopt", "name"), example)
    if given is None:
        return {}
    if len(given) != 1 and len(place.value) == len(given):
        place.refuse("must have either 'name' or 'adopt'", example)
    return {
        "bucket_name": given["name"].parsed(parse_bucket_name) if "name" in given else None,
        "adopt": given["adopt"].parsed(_existing_bucket) if "adopt" in given else None,
    }


def _existing_bucket(value: Any) -> str:
    way_out = "Write the bucket's name, or its ARN such as arn:aws:s3:::acme-masters."
    if not isinstance(value, str):
        raise IconikTypeError("adopt", "must be a string", got=value, way_out=way_out)
    name = value.removeprefix(_BUCKET_ARN)
    if not _EXISTING_BUCKET.fullmatch(name):
        raise IconikValueError(
            "adopt", "must be the name or the ARN of a bucket in the partition 'aws'", got=value, way_out=way_out
        )
    return name


def _cors(place: Place) -> Cors | None:
    if isinstance(place.value, Mapping):
        before = len(place.mistakes)
        given = place.fields(("origins",), _CORS) or {}
        if "origins" not in given:
            place.missing("origins", "must be given", _CORS)
            return None
        for item in given["origins"].items(_CORS) or ():
            item.parsed(_one_origin)
        return given["origins"].parsed(Cors.by_template) if len(place.mistakes) == before else None
    choice = place.choice(("BY_ICONIK", "BY_TEMPLATE"))
    return None if choice is None else Cors.by_iconik() if choice == "BY_ICONIK" else Cors.by_template()


_CORS: Final = 'Write "BY_ICONIK", "BY_TEMPLATE" or {"origins": ["https://app.iconik.io"]}.'


def _one_origin(value: Any) -> None:
    Cors.by_template([value])


def _matching(pattern: re.Pattern[str], rule: str, way_out: str) -> Callable[[Place], str | None]:
    def parse(place: Place) -> str | None:
        text = place.text(rule, way_out)
        if text is not None and not pattern.fullmatch(text):
            place.refuse(rule, way_out)
            return None
        return text

    return parse


def _region(place: Place) -> str | None:
    text = _matching(_REGION, "must be an AWS region", "Write one such as 'eu-west-1', or leave it out.")(place)
    if text is not None:
        place.parsed(refuse_other_partition)
    return text


def _chosen(choices: Iterable[str]) -> Callable[[Place], str | None]:
    names = tuple(choices)
    return lambda place: place.choice(names)


def _member(kind: Any) -> Callable[[Place], Any]:
    def parse(place: Place) -> Any:
        name = place.choice(tuple(kind.__members__))
        return None if name is None else kind[name]

    return parse


PARSERS: Final[Mapping[str, Callable[[Place], Any]]] = {
    "account": _matching(
        _ACCOUNT, "must be an AWS account id, a string of 12 digits", "Write it in quotes, or leave it out."
    ),
    "adoption": _member(Adoption),
    "bucket": _bucket,
    "cors": _cors,
    "encryption": _chosen(ENCRYPTIONS),
    "encryption_key_arn": _matching(
        _KEY_ARN,
        "must be the ARN of a KMS key in the partition 'aws', not of an alias",
        "Write one such as arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab.",
    ),
    "name": lambda place: place.text("must be a string", "Say how iconik shall show the storage."),
    "path": lambda place: place.text("must be a string", "Leave it out for the whole bucket."),
    "permissions": parse_permissions_at,
    "purpose": _member(StoragePurpose),
    "region": _region,
    "registration": parse_registration,
    "removal_policy": _chosen(REMOVAL_POLICIES),
    "system_domain_id": _system_domain_id,
    "via_s3_only": lambda place: place.flag("Leave it out for false."),
}
"""How the value of each key of a storage is read."""
