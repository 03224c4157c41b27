"""What the tools that read templates say: `guard` and the kit of a template each, and of one app all others."""

from __future__ import annotations

import contextlib
import io
import json
import re
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from iconik_construct.cli.main import main
from iconik_construct.testing import assert_iconik_access
from tests.agreement.cases import DOMAIN, PERMISSIONS, Case
from tests.agreement.forms import template_of, verdict_of_ids

__all__ = ["by_guard", "by_kit", "command", "verdicts_of_template"]

_RULE: Final = re.compile(r"\((ICONIK\d{3}): ")


def command(*arguments: str) -> tuple[int, str]:
    """Run a command of the package in this process, and return its exit code and what it prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
        code = main([*arguments, "--system-domain-id", DOMAIN])
    return code, printed.getvalue()


def by_guard(cases: Iterable[Case], folder: Path) -> dict[str, str]:
    """Return the verdict of `guard` on the template of each case."""
    return {case.name: _guarded(template_of(case), folder) for case in cases}


def by_kit(cases: Iterable[Case]) -> dict[str, str]:
    """Return the verdict of `assert_iconik_access` on the template of each case.

    The kit also fails where iconik can do more than it should. That does not change the verdict.
    """
    return {case.name: verdict_of_ids(_differences(template_of(case))) for case in cases}


def verdicts_of_template(body: dict[str, Any], folder: Path) -> tuple[str, str]:
    """Return the verdicts of `guard` and of the kit on one template."""
    return _guarded(body, folder), verdict_of_ids(_differences(body))


def _guarded(body: dict[str, Any], folder: Path) -> str:
    file = folder / "it.template.json"
    file.write_text(json.dumps(body), encoding="utf-8")
    code, text = command("guard", str(file), "--format", "json")
    answer: dict[str, Any] = json.loads(text)
    # What may block iconik is a warning of guard, and no error.
    assert (code == 1) == any(each["severity"] == "error" for each in answer["findings"])
    assert code == 0 or answer["verdict"] != "good"
    return str(answer["verdict"])


def _differences(body: dict[str, Any]) -> list[str]:
    """Return the rule of each difference that the kit names."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert_iconik_access(body, system_domain_id=DOMAIN, permissions=PERMISSIONS, bucket="Media")
    except AssertionError as error:
        lines = str(error).splitlines()[1:]
    else:
        return []
    ids = [one for line in lines for one in _RULE.findall(line)]
    assert len(ids) == len(lines) > 0, lines
    return ids
