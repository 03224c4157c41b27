"""The file of storages, read and checked as a whole before anything is built.

Apart from the app because it must be right without a deployment: no jsii.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ..access.trust import is_token
from ..errors import IconikValueError
from .mistakes import IconikConfigError, Refusal, read_model
from .models import Document
from .storage import StorageConfig
from .text import walk

__all__ = ["Config", "IconikConfigError", "StorageConfig", "parse_config"]

DEFAULT_STACK_NAME: Final = "Iconik"
_WRAPPING: Final = "iconik"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole file.

    Attributes:
        storages: in the order of the file.
        stack_name: what the names of the stacks begin with.
        record: whether it is recorded which stack holds which storage.
        guardrail: whether the finished templates are judged.
    """

    storages: tuple[StorageConfig, ...]
    stack_name: str = DEFAULT_STACK_NAME
    record: bool = False
    guardrail: bool = True

    @property
    def system_domain_ids(self) -> tuple[str, ...]:
        """Whose iconik the storages let in, sorted, each once."""
        return tuple(sorted({domain for storage in self.storages for domain in storage.system_domain_id}))


def parse_config(document: Any, root: str = "iconik") -> Config:
    """Return the configuration that a document holds, be it wrapped in `iconik` as in `cdk.json` or not.

    Args:
        document: what was read from JSON or YAML.
        root: what the document is called where a mistake concerns the whole of it.

    Raises:
        IconikConfigError: the document has mistakes; all of them are listed.
    """
    if isinstance(document, dict) and document.keys() - {"$schema"} == {_WRAPPING}:
        document = document[_WRAPPING]
    unwritable = list(_unwritable(document))
    if unwritable:
        # What cannot be written into a template would make the rules stumble.
        read_model(Any, document, root, unwritable)
    found: Document = read_model(Document, document, root)
    shared = found.shared()
    given = {name: value for name, value in found.written().items() if name in ("stack_name", "record", "guardrail")}
    return Config(storages=tuple(storage.config(key, shared) for key, storage in found.storages.items()), **given)


def _unwritable(document: Any) -> Iterator[Refusal]:
    for place, value in walk(document):
        keys = [key for key in value if isinstance(key, str)] if isinstance(value, dict) else []
        if isinstance(value, str) and is_token(value):
            rule = "must hold no CDK token, which only code can make"
            yield place, IconikValueError("", rule, fix="Write the value itself.")
        elif any(
            "\ud800" <= character <= "\udfff" for text in (*keys, value) if isinstance(text, str) for character in text
        ):
            rule = "must be text that UTF-8 can hold"
            yield place, IconikValueError("", rule, fix="Take out the lone surrogate.")
