"""Keeps one storage in iconik in the requested state: creates, adopts, changes or withdraws it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

from .answers import Storage, bucket_of, find_storage, id_of, storages_named
from .checks import STORAGES, Verification, verify_storage, wait_until_verified
from .client import IconikClient
from .errors import AnswerLostError, IconikApiError, RegistrationError
from .holders import Holders
from .request import RegistrationRequest

__all__ = ["Registered", "Registrar", "storage_id_of"]

logger = logging.getLogger(__name__)

_ADOPTED: Final = "/adopted"
_CREATE_ATTEMPTS: Final = 3
_LOOK_AGAIN_SECONDS: Final = 2.0
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


def storage_id_of(physical_id: str) -> str:
    """Return iconik's id of the storage in a physical id."""
    return physical_id.removesuffix(_ADOPTED)


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
        if existing is None:
            self._refuse_second_storage()
            verification = self._verified()
            storage_id = self._create()
            try:
                self._holders.hold(storage_id, created=True)
            except RegistrationError as error:
                raise self._undone(storage_id, error) from None
            return self._registered(storage_id, adopted=False, verification=verification)
        verification = self._verified()
        storage_id = id_of(existing)
        users = self._holders.users(storage_id)
        # A registration created this storage: with another construct id, in another stack, or in an earlier try.
        created = any(users.values())
        try:
            # First, so that the Delete of the former registration finds it.
            self._holders.hold(storage_id, created=created)
            self._patch(existing)
        except RegistrationError:
            if self._holders.claim not in users:
                self._release_after_failure(storage_id)
            raise
        return self._registered(storage_id, adopted=not created, verification=verification)

    def update(self, physical_id: str) -> Registered:
        """Change different fields. A storage that no longer exists in iconik is created again."""
        self._check_system_domain()
        storage_id, adopted = storage_id_of(physical_id), physical_id.endswith(_ADOPTED)
        current = find_storage(self._client, storage_id)
        if current is None or current.get("status") == "INACTIVE":
            self._refuse_withdrawn(storage_id)
        if current is None:
            logger.info("Storage %s does not exist in iconik: registering again", storage_id)
            return self.register()
        if bucket_of(current) != self._request.bucket:
            raise RegistrationError(
                f"The storage {storage_id} is on the bucket {bucket_of(current)} and cannot move to "
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
        Registrations in other accounts and Regions are not known.
        """
        storage_id, adopted = storage_id_of(physical_id), physical_id.endswith(_ADOPTED)
        removed = self._request.removed_on_delete and not adopted
        try:
            self._holders.release(storage_id)
            if self._holders.others(storage_id):
                logger.info("Another registration uses the storage %s: not changed", storage_id)
                return
            current = find_storage(self._client, storage_id)
            if current is None or bucket_of(current) != self._request.bucket:
                logger.info("Storage %s is not in iconik, or on another bucket: not changed", storage_id)
                return
            if removed:
                self._client.delete(f"{STORAGES}{storage_id}/")
            else:
                self._client.patch(f"{STORAGES}{storage_id}/", {"status": "INACTIVE"})
        except RegistrationError as error:
            if removed:
                raise
            # The storage stays in iconik anyway, so an expired token must not block the deletion of the stack.
            logger.warning("Storage %s is not changed in iconik: %s", storage_id, error)

    def _undone(self, storage_id: str, error: RegistrationError) -> RegistrationError:
        """Delete a storage that was just created, and return the error. CloudFormation sends no Delete for it."""
        self._release_after_failure(storage_id)
        try:
            self._client.delete(f"{STORAGES}{storage_id}/")
        except RegistrationError as second:
            try:
                self._client.patch(f"{STORAGES}{storage_id}/", {"status": "INACTIVE"})
            except RegistrationError:
                logger.exception("Storage %s is left ACTIVE in iconik", storage_id)
            return RegistrationError(
                f"{error} The storage {storage_id} was created before this error, and is left in iconik ({second}). "
                "Delete it there."
            )
        return error

    def _release_after_failure(self, storage_id: str) -> None:
        try:
            self._holders.release(storage_id)
        except RegistrationError:
            logger.exception("The parameters that record this registration may be left")

    def _refuse_second_storage(self) -> None:
        """Refuse a Create whose registration has a storage of another name: a late copy after a rename."""
        for storage_id in self._holders.storages():
            storage = find_storage(self._client, storage_id)
            if storage is not None and bucket_of(storage) == self._request.bucket:
                raise RegistrationError(
                    f"This registration has the storage {storage_id} already, named {storage['name']!r}, so no storage "
                    f"{self._request.name!r} was created. If you want that name, rename the storage in iconik, and "
                    "deploy again."
                )

    def _refuse_withdrawn(self, storage_id: str) -> None:
        """Refuse to activate a storage again that a Delete of this registration has left or deleted."""
        if self._holders.claim not in self._holders.users(storage_id):
            raise RegistrationError(
                f"The storage {storage_id} is INACTIVE in iconik or does not exist, and no parameter records that this "
                "registration uses it: its Delete came first. Nothing was changed. If the registration is still "
                "deployed, set the storage ACTIVE in iconik, or give the IconikRegistration another construct id."
            )

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

    def _find(self) -> Storage | None:
        """Return the storage of this name on this bucket.

        Raises:
            RegistrationError: the name belongs to a storage on another bucket, or to several.
        """
        named = storages_named(self._client, self._request.name)
        here = [item for item in named if item.get("method") == "S3" and bucket_of(item) == self._request.bucket]
        if len(here) > 1:
            ids = ", ".join(sorted(map(id_of, here)))
            raise RegistrationError(
                f"iconik has {len(here)} storages named {self._request.name!r} on {self._request.bucket}: {ids}. "
                "Rename all but the storage of this stack."
            )
        if named and not here:
            raise RegistrationError(
                f"iconik has a storage named {self._request.name!r} already, {id_of(named[0])}, on "
                f"{bucket_of(named[0]) or 'no bucket'} and not on {self._request.bucket}. Choose another name."
            )
        return here[0] if here else None

    def _refuse_name_of_another(self, storage_id: str) -> None:
        others = [id_of(item) for item in storages_named(self._client, self._request.name) if id_of(item) != storage_id]
        if others:
            raise RegistrationError(
                f"iconik has another storage named {self._request.name!r}, {others[0]}. Choose another name."
            )

    def _create(self) -> str:
        """Create the storage once. After a lost answer, check whether it was created."""
        failure: RegistrationError | None = None
        for _ in range(_CREATE_ATTEMPTS):
            try:
                return id_of(self._client.create(STORAGES, self._request.storage))
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
                return id_of(created)
        raise failure or AssertionError("every attempt returns or fails")

    def _patch(self, current: Storage) -> None:
        """Set the different fields, and no others, so that manual settings in iconik stay."""
        wanted = {"status": "ACTIVE", **self._request.storage}
        kept = {key: value for key, value in current["settings"].items() if value is not None and key not in _SECRETS}
        wanted["settings"] = {**kept, **wanted["settings"]}
        changed = {key: value for key, value in wanted.items() if current.get(key) != value}
        if changed:
            self._client.patch(f"{STORAGES}{id_of(current)}/", changed)

    def _registered(self, storage_id: str, *, adopted: bool, verification: Verification) -> Registered:
        """Verify again for the record, because iconik may have written its CORS rules."""
        try:
            verification = verify_storage(self._client, storage_id)
        except RegistrationError as error:
            logger.warning("Storage %s is registered; its second verification failed: %s", storage_id, error)
        return Registered(storage_id, adopted=adopted, verification=verification)
