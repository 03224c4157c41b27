"""The page of permissions says what the package grants."""

from __future__ import annotations

import pytest

from docs import permissions_page
from docs.permissions_page import PAGE, PURPOSES, REASONS, page
from iconik_construct.access.permissions import READ_OBJECT_ACTIONS, StoragePurpose


def test_the_page_is_what_the_package_grants_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "stale: run python -m docs.permissions_page"


def test_every_purpose_has_its_reason() -> None:
    assert set(PURPOSES) == set(StoragePurpose)


def test_an_action_without_a_reason_makes_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    [action, *_] = READ_OBJECT_ACTIONS
    monkeypatch.setattr(permissions_page, "REASONS", {name: REASONS[name] for name in REASONS if name != action})
    with pytest.raises(ValueError, match=f"no reason is given for {action}"):
        page()


def test_a_reason_for_what_nobody_is_granted_makes_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permissions_page, "REASONS", {**REASONS, "s3:GetObjectAcl": REASONS["s3:GetObject"]})
    with pytest.raises(ValueError, match="s3:GetObjectAcl, which nobody is granted"):
        page()
