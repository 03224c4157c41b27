"""Finds the tests of known faults by their names."""

import ast
from collections.abc import Iterable
from pathlib import Path

TESTS = Path(__file__).parent


def missing_tests(tests: Iterable[tuple[str, str]]) -> list[str]:
    """Return the tests that do not exist, each given by its file and by the start of its name without `test_`."""
    return [f"{file}: {name}" for file, name in tests if not any(f"test_{name}" in one for one in _names_in(file))]


def _names_in(file: str) -> list[str]:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return [each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)]
