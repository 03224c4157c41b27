"""What the stand-in remembers: the storages of each system domain, and what AWS would let iconik do."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


class RefusedError(Exception):
    """iconik's answer is an error."""

    def __init__(self, status: int, errors: list[str] | dict[str, str]) -> None:
        super().__init__(str(errors))
        self.status = status
        self.errors = errors


@dataclass(frozen=True, kw_only=True)
class Access:
    """What iconik finds when it tries the bucket."""

    cors: bool = True
    read: bool = True
    write: bool = True
    delete: bool = True

    @property
    def any(self) -> bool:
        """Whether iconik reaches the bucket at all."""
        return self.read or self.write or self.delete


Try = Callable[[Mapping[str, Any], str], Access]
"""Takes the S3 settings and the system domain id, and says what AWS lets iconik do."""


@dataclass(kw_only=True)
class Storages:
    """The storages, by system domain and id."""

    attempt: Try
    by_domain: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def of(self, domain: str) -> dict[str, dict[str, Any]]:
        """Return the storages of one system domain."""
        return self.by_domain.setdefault(domain, {})

    def page(self, domain: str, name: str, page: int, per_page: int) -> dict[str, Any]:
        """Return one page; the name is looked for as a part, so that callers compare it themselves."""
        found = [storage for storage in self.of(domain).values() if name in storage["name"]]
        pages = -(-len(found) // per_page)
        chosen = found[(page - 1) * per_page : page * per_page]
        return {"objects": chosen, "page": page, "pages": pages, "per_page": per_page, "total": len(found)}

    def create(self, domain: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create a storage; its name must be new in the system domain."""
        self._check_name(domain, body["name"])
        storage = {"id": str(uuid.uuid4()), "default": False, "version": 1, "status": "ACTIVE", **body}
        self.of(domain)[storage["id"]] = storage
        return storage

    def get(self, domain: str, storage_id: str) -> dict[str, Any]:
        """Return a storage of this system domain."""
        try:
            return self.of(domain)[storage_id]
        except KeyError:
            raise RefusedError(404, [f"Storage {storage_id} not found"]) from None

    def patch(self, domain: str, storage_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Change fields of a storage; `settings` are replaced as a whole."""
        storage = self.get(domain, storage_id)
        if body.get("name", storage["name"]) != storage["name"]:
            self._check_name(domain, body["name"])
        storage.update(body, version=storage["version"] + 1)
        return storage

    def delete(self, domain: str, storage_id: str) -> None:
        """Forget a storage."""
        self.get(domain, storage_id)
        del self.of(domain)[storage_id]

    def access(self, domain: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Answer the verification of access."""
        reached = self.attempt(settings, domain).any
        return {"access_check": reached, "error_message": "" if reached else "Access Denied"}

    def permissions(self, domain: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Answer the verification of permissions."""
        found = self.attempt(settings, domain)
        checks = {"cors": found.cors, "read_access": found.read}
        checks |= {"write_access": found.write, "delete_access": found.delete}
        texts = {f"{check}_error": "" if good else f"Access Denied ({check})" for check, good in checks.items()}
        return {**checks, **texts, "error_message": "" if all(checks.values()) else "Not all checks passed"}

    def _check_name(self, domain: str, name: str) -> None:
        if any(storage["name"] == name for storage in self.of(domain).values()):
            raise RefusedError(400, {"name": f"A storage named {name} exists already"})
