"""Reads and checks the whole file of storages before anything is built.

It does not import jsii, so that a file can be checked without a deployment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ..access.trust import is_token
from ..documents.text import walk
from .errors import FoundError, IconikConfigError, error_at, read_model
from .models import Document, Storage

__all__ = ["Config", "IconikConfigError", "Storage", "parse_config"]

_WRAPPING: Final = "iconik"


@dataclass(frozen=True, slots=True)
class Config:
    """The whole file.

    Attributes:
        storages: the storages, in the order of the file.
        stack_name: the start of the stacks' names.
        record: whether a file records the stack of each storage.
        guardrail: whether the finished templates are checked.
    """

    storages: tuple[Storage, ...]
    stack_name: str
    record: bool
    guardrail: bool

    @property
    def system_domain_ids(self) -> tuple[str, ...]:
        """The System Domain IDs with access to the storages, sorted, without duplicates."""
        return tuple(sorted({domain for storage in self.storages for domain in storage.system_domain_id}))


def parse_config(document: Any, root: str = "iconik") -> Config:
    """Return the configuration of a document, which can be wrapped in `iconik` as in `cdk.json`.

    Args:
        document: the parsed JSON or YAML.
        root: the name of the document in errors about the whole of it.

    Raises:
        IconikConfigError: the document has errors. The exception lists all of them.
    """
    if isinstance(document, dict) and document.keys() - {"$schema"} == {_WRAPPING}:
        document = document[_WRAPPING]
    unwritable = list(_unwritable(document))
    if unwritable:
        # Text that no template can contain would make later checks fail.
        read_model(Any, document, root, unwritable)
    parsed: Document = read_model(Document, document, root)
    shared = parsed.shared()
    storages = tuple(storage.resolved(key, shared) for key, storage in parsed.storages.items())
    return Config(storages, parsed.stack_name, parsed.record, parsed.guardrail)


def _unwritable(document: Any) -> Iterator[FoundError]:
    for place, value in walk(document):
        texts = [text for text in (value, *(value if isinstance(value, dict) else ())) if isinstance(text, str)]
        if isinstance(value, str) and is_token(value):
            yield error_at(place, "must have no CDK token, which only code can make", "Write the value itself.")
        elif any("\ud800" <= character <= "\udfff" for text in texts for character in text):
            yield error_at(place, "must be text that UTF-8 can encode", "Remove the lone surrogate.")
