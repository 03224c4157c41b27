"""Keeps one storage in iconik in the requested state: creates, adopts, changes or withdraws it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from .checks import STORAGES, Verification, verify_storage, wait_until_verified
from .client import IconikClient
from .errors import AnswerLostError, IconikApiError, RegistrationError
from .holders import Holders
from .request import RegistrationRequest

__all__ = ["Registered", "Registrar"]

logger = logging.getLogger(__name__)

_ADOPTED: Final = "/adopted"
_CREATE_ATTEMPTS: Final = 3
_LOOK_AGAIN_SECONDS: Final = 2.0
_PAGE: Final = 100
_SECRETS: Final = frozenset({"access_key", "secret_key", "session_token"})


class Registered:
    """A storage in iconik, in the answer to CloudFormation.

    Args:
        storage_id: iconik's id.
        adopted: whether it existed before. Then it is never removed, only set INACTIVE.
        verification: the results of iconik's checks.
    """

    def __init__(self, storage_id: str, *, adopted: bool, verification: Verification) -> None:
        self.storage_id = storage_id
        self.physical_id = f"{storage_id}{_ADOPTED}" if adopted else storage_id
        self.verification = verification


class Registrar:
    """Handles a request with a client.

    Args:
        request: the wanted state.
        client: calls iconik.
        remaining: returns the seconds that remain for waiting.
        holders: the registrations that use a storage.
        sleep: waits the given seconds.
    """

    def __init__(
        self,
        request: RegistrationRequest,
        client: IconikClient,
        *,
        remaining: Callable[[], float],
        holders: Holders,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._request = request
        self._holders = holders
        self._client = client
        self._remaining = remaining
        self._sleep = sleep

    def register(self) -> Registered:
        """Create the storage, or adopt the storage with its name and its bucket."""
        self._check_system_domain()
        existing = self._find()
        verification = self._verified()
        if existing is None:
            storage_id = self._create()
            try:
                self._holders.hold(storage_id, created=True)
            except RegistrationError:
                # CloudFormation sends no Delete for a Create that failed.
                self._client.delete(f"{STORAGES}{storage_id}/")
                raise
            return self._registered(storage_id, adopted=False, verification=verification)
        storage_id = _id_of(existing)
        # A registration with another construct id or in another stack created this storage.
        created = any(self._holders.others(storage_id).values())
        # First, so that the Delete of the former registration finds it.
        self._holders.hold(storage_id, created=created)
        self._patch(existing)
        return self._registered(storage_id, adopted=not created, verification=verification)

    def update(self, physical_id: str) -> Registered:
        """Change different fields. A storage that no longer exists in iconik is created again."""
        self._check_system_domain()
        storage_id, adopted = physical_id.removesuffix(_ADOPTED), physical_id.endswith(_ADOPTED)
        current = self._get(storage_id)
        if current is None:
            logger.info("Storage %s does not exist in iconik: registering again", storage_id)
            return self.register()
        if _bucket_of(current) != self._request.bucket:
            raise RegistrationError(
                f"The storage {storage_id} is on the bucket {_bucket_of(current)} and cannot move to "
                f"{self._request.bucket}: iconik would look for its files there. Give the IconikRegistration another "
                "construct id, so that a second storage is created."
            )
        self._refuse_name_of_another(storage_id)
        verification = self._verified()
        self._holders.hold(storage_id, created=not adopted)
        self._patch(current)
        return self._registered(storage_id, adopted=adopted, verification=verification)

    def withdraw(self, physical_id: str) -> None:
        """Set the storage INACTIVE, or remove it.

        A storage that another registration uses is not changed, nor one that does not exist or is on another bucket.
        """
        storage_id, adopted = physical_id.removesuffix(_ADOPTED), physical_id.endswith(_ADOPTED)
        removed = self._request.removed_on_delete and not adopted
        try:
            self._holders.release(storage_id)
            if self._holders.others(storage_id):
                logger.info("Another registration uses the storage %s: not changed", storage_id)
                return
            current = self._get(storage_id)
            if current is None or _bucket_of(current) != self._request.bucket:
                logger.info("Storage %s is not in iconik, or on another bucket: not changed", storage_id)
            elif removed:
                self._client.delete(f"{STORAGES}{storage_id}/")
            else:
                self._client.patch(f"{STORAGES}{storage_id}/", {"status": "INACTIVE"})
        except RegistrationError as error:
            if removed:
                raise
            # The storage stays in iconik anyway, so an expired token must not block the deletion of the stack.
            logger.warning("Storage %s is not changed in iconik: %s", storage_id, error)

    def _check_system_domain(self) -> None:
        answer = self._client.get("/settings/v1/system/current/")
        token_domain = str(answer.get("system_domain_id", "") if isinstance(answer, dict) else "").lower()
        wanted = tuple(item.lower() for item in self._request.system_domain_ids)
        if token_domain not in wanted:
            raise RegistrationError(
                "The token in the secret belongs to the iconik system domain "
                f"{self._client.redacted(token_domain) or '?'}, but the policies allow {', '.join(wanted)}. Nothing "
                "was registered, because the storage would be in the wrong domain. Put a token of the right domain "
                "into the secret, or correct system_domain_id."
            )

    def _verified(self) -> Verification:
        return wait_until_verified(
            self._client,
            self._request.storage,
            self._request.required_checks,
            remaining=self._remaining,
            sleep=self._sleep,
        )

    def _find(self) -> dict[str, Any] | None:
        """Return the storage of this name on this bucket.

        Raises:
            RegistrationError: the name belongs to a storage on another bucket, or to several.
        """
        named = self._all_named()
        here = [item for item in named if item.get("method") == "S3" and _bucket_of(item) == self._request.bucket]
        if len(here) > 1:
            ids = ", ".join(sorted(map(_id_of, here)))
            raise RegistrationError(
                f"iconik has {len(here)} storages named {self._request.name!r} on {self._request.bucket}: {ids}. "
                "Rename all but the storage of this stack."
            )
        if named and not here:
            raise RegistrationError(
                f"iconik has a storage named {self._request.name!r} already, {_id_of(named[0])}, on "
                f"{_bucket_of(named[0]) or 'no bucket'} and not on {self._request.bucket}. Choose another name."
            )
        return here[0] if here else None

    def _refuse_name_of_another(self, storage_id: str) -> None:
        others = [_id_of(item) for item in self._all_named() if _id_of(item) != storage_id]
        if others:
            raise RegistrationError(
                f"iconik has another storage named {self._request.name!r}, {others[0]}. Choose another name."
            )

    def _all_named(self) -> list[dict[str, Any]]:
        """Return the storages of exactly this name. iconik's filter can return more."""
        ids: list[str] = []
        page, pages = 1, 1
        while page <= pages:
            answer = self._client.get(STORAGES, name=self._request.name, page=page, per_page=_PAGE)
            ids.extend(_id_of(item) for item in answer["objects"] if item["name"] == self._request.name)
            page, pages = page + 1, int(answer["pages"])
        # Each is read separately: it is not known whether a list contains all settings.
        return [storage for storage in map(self._get, ids) if storage is not None]

    def _create(self) -> str:
        """Create the storage once. After a lost answer, check whether it was created."""
        failure: RegistrationError | None = None
        for _ in range(_CREATE_ATTEMPTS):
            try:
                return _id_of(self._client.create(STORAGES, self._request.storage))
            except AnswerLostError as error:
                failure = error
            except IconikApiError as error:
                # After a lost answer, "that name is taken" can mean the storage that was just created.
                if failure is None:
                    raise
                failure = error
            self._sleep(_LOOK_AGAIN_SECONDS)
            created = self._find()
            if created is not None:
                return _id_of(created)
        raise failure or AssertionError("every attempt returns or fails")

    def _get(self, storage_id: str) -> dict[str, Any] | None:
        try:
            storage: dict[str, Any] = self._client.get(f"{STORAGES}{storage_id}/")
        except IconikApiError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise
        return storage

    def _patch(self, current: Mapping[str, Any]) -> None:
        """Set the different fields, and no others, so that manual settings in iconik stay."""
        wanted = {"status": "ACTIVE", **self._request.storage}
        kept = {key: value for key, value in current["settings"].items() if value is not None and key not in _SECRETS}
        wanted["settings"] = {**kept, **wanted["settings"]}
        changed = {key: value for key, value in wanted.items() if current.get(key) != value}
        if changed:
            self._client.patch(f"{STORAGES}{_id_of(current)}/", changed)

    def _registered(self, storage_id: str, *, adopted: bool, verification: Verification) -> Registered:
        """Verify again for the record, because iconik may have written its CORS rules."""
        try:
            verification = verify_storage(self._client, storage_id)
        except RegistrationError as error:
            logger.warning("Storage %s is registered; its second verification failed: %s", storage_id, error)
        return Registered(storage_id, adopted=adopted, verification=verification)


def _id_of(storage: Mapping[str, Any]) -> str:
    try:
        return str(UUID(storage["id"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise AnswerLostError("iconik's answer has no storage id.") from None


def _bucket_of(storage: Mapping[str, Any]) -> str:
    return str(storage.get("settings", {}).get("bucket", ""))
