"""What the judge needs: the standard library, and nothing of this package."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOM = Path(__file__).parents[2] / "iconik_construct" / "judge"

LOADED = """
import sys
import iconik_construct.judge
assert not {"aws_cdk", "constructs", "jsii", "boto3", "ipaddress"} & set(sys.modules)
"""


def test_the_judge_knows_nothing_of_iconik():
    reached = [
        (path.name, [alias.name for alias in node.names])
        for path in sorted(ROOM.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level > 1
    ]
    assert reached == []


def test_everything_else_is_the_standard_library():
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert {alias.name.partition(".")[0] for alias in node.names} <= sys.stdlib_module_names
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                assert str(node.module).partition(".")[0] in sys.stdlib_module_names


def test_a_cold_start_loads_nothing_that_only_some_conditions_need():
    subprocess.run([sys.executable, "-c", LOADED], cwd=ROOM.parents[1], check=True)  # noqa: S603
