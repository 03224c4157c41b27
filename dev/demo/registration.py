"""Registers the sample's storages with the deployed function, in a stand-in for iconik.

No real iconik is called: the demo replaces the registrations of a configuration by its own.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from dev.local_aws import LocalAws
from dev.local_aws.environment import TOP
from dev.proof.policy_engine import PolicyEngine
from dev.standin import Account, IconikStandin
from dev.standin.deployed import DeployedAccess
from iconik_construct.app.source import read_file
from iconik_construct.config.document import IconikConfigError, Storage, parse_config
from iconik_construct.placement.record import Adoption
from iconik_construct.storage.settings import FLAGS, allowed_flags

__all__ = ["DemoIconik"]

_RECORD = ".stacks.json"
_LONGEST_KEY = 30


class DemoIconik:
    """The stand-in during the demo. It checks each bucket against the currently deployed policies."""

    def __init__(self, aws: LocalAws) -> None:
        self._aws = aws
        self._running = ExitStack()
        self._wanted: list[Storage] = []

    def __enter__(self) -> DemoIconik:
        engine = self._running.enter_context(PolicyEngine())
        self._iconik = self._running.enter_context(IconikStandin(attempt=DeployedAccess(self._aws, engine)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.__exit__(kind, error, trace)

    def with_registration(self, config_file: Path | None) -> Path | None:
        """Return a copy of the configuration whose storages are registered in the stand-in.

        A configuration with errors is returned unchanged: the app reports them.
        """
        original = config_file.resolve() if config_file else None
        source = original or TOP / "cdk.json"
        try:
            document = read_file(source, source.name)
            document = document if original else document["context"]["iconik"]
            document = {**document, "storages": {key: {**item} for key, item in document["storages"].items()}}
            self._register(document)
            parse_config(document)
        except (IconikConfigError, OSError, ValueError, TypeError, KeyError, AttributeError):
            self._wanted = []
            return original
        copy = self._aws.workdir / "registered.json"
        copy.write_text(json.dumps(document), encoding="utf-8")
        record = source.with_suffix(_RECORD)
        if record.exists():
            copy.with_suffix(_RECORD).write_bytes(record.read_bytes())
        return copy

    def text(self) -> str:
        """Return the registered storages, one per line."""
        return "\n".join(self._lines()) or "  nothing"

    def mistakes_after_destroy(self) -> list[str]:
        """Return the errors after the stacks are deleted: every storage must have been registered, and be inactive."""
        errors = [f"the stand-in for iconik: {complaint}" for complaint in self._iconik.complaints]
        for wanted in self._wanted:
            storages = self._registered(wanted)
            if len(storages) != 1:
                errors.append(f"{wanted.key}: registered in iconik {len(storages)} times instead of once.")
            errors += [
                f"{wanted.key}: still {storage['status']} in iconik, although its stack is gone."
                for storage in storages
                if storage["status"] != "INACTIVE"
            ]
        return errors

    def _register(self, document: dict[str, Any]) -> None:
        document.pop("registration", None)
        for item in document["storages"].values():
            item.pop("registration", None)
        for wanted in parse_config(document).storages:
            handed_over = wanted.adopt is not None and wanted.adoption is Adoption.HAND_OVER
            if handed_over or not any(allowed_flags(wanted.permissions, wanted.path).values()):
                continue
            if any((wanted.name, wanted.system_domain_id) == (it.name, it.system_domain_id) for it in self._wanted):
                continue  # iconik would take the second for the first
            self._wanted.append(wanted)
            document["storages"][wanted.key]["registration"] = {
                "credentials": self._secret(wanted),
                "base_url": self._iconik.base_url,
            }

    def _secret(self, wanted: Storage) -> str:
        """Return the secret with the token of the storage's system domain, made in the storage's region."""
        account = Account(
            app_id=f"demo-{secrets.token_hex(4)}",
            auth_token=secrets.token_hex(16),
            system_domain_id=wanted.system_domain_id[0],
        )
        self._iconik.accounts.append(account)
        name = f"iconik/{wanted.key}"
        value = json.dumps({"app_id": account.app_id, "auth_token": account.auth_token})
        self._aws.client("secretsmanager", wanted.region).create_secret(Name=name, SecretString=value)
        return name

    def _lines(self) -> Iterator[str]:
        width = min(max((len(wanted.key) for wanted in self._wanted), default=0), _LONGEST_KEY)
        for wanted in self._wanted:
            for storage in self._registered(wanted):
                claimed = " ".join(flag for flag in FLAGS if storage["settings"][flag])
                yield f"  {wanted.key[:width]:<{width}} {storage['id']} {storage['status']} {claimed}"

    def _registered(self, wanted: Storage) -> list[dict[str, Any]]:
        storages = self._iconik.storages.of(wanted.system_domain_id[0]).values()
        return [storage for storage in storages if storage["name"] == wanted.name]
