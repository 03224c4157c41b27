"""Writes `docs/compatibility.md` from what is declared and tried: `python -m docs.compatibility_page`.

Apart from the page because a floor that is raised in one place only would make the page a lie.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

__all__ = ["PAGE", "page"]

PAGE: Final = Path(__file__).with_name("compatibility.md")
_TOP: Final = Path(__file__).parents[1]


def page() -> str:
    """Return the page.

    Raises:
        ValueError: `pyproject.toml`, `noxfile.py` or `package.json` no longer says what the page is made from.
    """
    project = (_TOP / "pyproject.toml").read_text(encoding="utf-8")
    tools = json.loads((_TOP / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    matrix = _matrix()
    rows = [
        ["Python", _one(r'requires-python = "(.+?)"', project), ", ".join(matrix["python"])],
        *([name, floor, "the lowest and the newest"] for name, floor in _dependencies(project)),
        ["Node, for jsii and the CDK CLI", "as jsii needs it", ", ".join(matrix["node"])],
        ["feature flags of the CDK", "any", "all off, and all on: the resources are the same"],
        ["CDK CLI", "2.x", tools["aws-cdk"]],
    ]
    lines = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([_INTRODUCTION, "| what | declared | tried |", "| --- | --- | --- |", *lines, _AFTER])


def _dependencies(project: str) -> Iterator[tuple[str, str]]:
    listed = _one(r"\ndependencies = \[\n(.*?)\n\]", project)
    for name, rule in re.findall(r'"([a-z-]+)([<>=][^"]+)"', listed):
        yield f"`{name}`", rule


def _matrix() -> dict[str, list[str]]:
    """The parameters of nox's session `cell`, read and not run: nox is not needed to read the docs."""
    tree = ast.parse((_TOP / "noxfile.py").read_text(encoding="utf-8"))
    [cell] = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "cell"]
    found: dict[str, list[str]] = {}
    for call in (node for node in cell.decorator_list if isinstance(node, ast.Call)):
        for keyword in call.keywords:
            found[str(keyword.arg)] = ast.literal_eval(keyword.value)
        if call.args:
            name, values = (ast.literal_eval(argument) for argument in call.args)
            found[name] = values
    if not {"python", "node", "cdk"} <= set(found):
        raise ValueError(f"noxfile.py: the session 'cell' has the parameters {sorted(found)}")
    return found


def _one(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.DOTALL)
    if found is None:
        raise ValueError(f"pyproject.toml holds no {pattern!r}")
    return found[1]


_INTRODUCTION = """<!-- Written by docs/compatibility_page.py. Do not edit; run: python -m docs.compatibility_page -->

# Works with

The tests run on the lowest and on the newest version of each dependency. A release raises a lowest version only if the
library uses a newer feature. `make matrix` installs the built wheel, and runs the tests in every combination of the
table. Every run of continuous integration includes two combinations.
"""

_AFTER = """
## Known limits of old releases

- Before `aws-cdk-lib` 2.271, an acknowledgement on one construct counts for the whole app: a finding that somebody
  accepted for one bucket is no longer reported for any bucket. So 2.271.0 is the lowest supported version.
- Before `aws-cdk-lib` 2.270, synthesis can hang in the CDK's own validation of templates (aws-cdk#38425).
- Before `aws-cdk-lib` 2.262, an app that a validation plugin refuses exits with 0 (aws-cdk#27575).
- `assert_guardrail` raises an error in Python. It needs no plugin, and it gives the same result in every release.

The CDK CLI stays on 2.x: 3.0 refuses the assembly that `aws-cdk-lib` 2.x writes. The library calls no command line
tool, reads no environment variable and sets no feature flag. [The CLI's version](cli-version.md) explains the message
"Cloud assembly schema version mismatch".

| extra | for | brings |
| --- | --- | --- |
| `iconik-construct[app]` | [the file of storages](configuration.md) | pydantic, PyYAML |
| `iconik-construct[guard]` | [`guard`](ci.md) and [`diff`](diff.md) of YAML files | PyYAML |
| `iconik-construct[live]` | commands that read an account, such as [`check`](check.md) | boto3 |
| `iconik-construct[report]` | [the page to sign](report.md) | Jinja2 |
| `iconik-construct[testing]` | [snapshot tests](testing.md) | syrupy |
"""

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
