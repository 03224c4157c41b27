"""The file of storages, read and checked as a whole before anything is built.

Apart from the app because it must be right without a deployment: no jsii.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ..access.trust import is_token
from ..documents.text import walk
from ..errors import IconikValueError
from .errors import FoundError, IconikConfigError, read_model
from .models import Document, Storage

__all__ = ["Config", "IconikConfigError", "Storage", "parse_config"]

_WRAPPING: Final = "iconik"


@dataclass(frozen=True, slots=True)
class Config:
    """The whole file.

    Attributes:
        storages: in the order of the file.
        stack_name: what the names of the stacks begin with.
        record: whether it is recorded which stack holds which storage.
        guardrail: whether the finished templates are judged.
    """

    storages: tuple[Storage, ...]
    stack_name: str
    record: bool
    guardrail: bool

    @property
    def system_domain_ids(self) -> tuple[str, ...]:
        """Whose iconik has access to the storages, sorted, each once."""
        return tuple(sorted({domain for storage in self.storages for domain in storage.system_domain_id}))


def parse_config(document: Any, root: str = "iconik") -> Config:
    """Return the configuration that a document holds, be it wrapped in `iconik` as in `cdk.json` or not.

    Args:
        document: what was read from JSON or YAML.
        root: what the document is called where an error concerns the whole of it.

    Raises:
        IconikConfigError: the document has errors; all of them are listed.
    """
    if isinstance(document, dict) and document.keys() - {"$schema"} == {_WRAPPING}:
        document = document[_WRAPPING]
    unwritable = list(_unwritable(document))
    if unwritable:
        # What cannot be written into a template would make the rules stumble.
        read_model(Any, document, root, unwritable)
    found: Document = read_model(Document, document, root)
    shared = found.shared()
    storages = tuple(storage.resolved(key, shared) for key, storage in found.storages.items())
    return Config(storages, found.stack_name, found.record, found.guardrail)


def _unwritable(document: Any) -> Iterator[FoundError]:
    for place, value in walk(document):
        texts = [text for text in (value, *(value if isinstance(value, dict) else ())) if isinstance(text, str)]
        if isinstance(value, str) and is_token(value):
            rule = "must hold no CDK token, which only code can make"
            yield place, IconikValueError("", rule, fix="Write the value itself.")
        elif any("\ud800" <= character <= "\udfff" for text in texts for character in text):
            rule = "must be text that UTF-8 can hold"
            yield place, IconikValueError("", rule, fix="Take out the lone surrogate.")
