"""The JSON Schema of the file: what an editor knows of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from wrong_files import WRONG_BY_READING, WRONG_BY_SCHEMA

from iconik_construct.config.document import IconikConfigError, parse_config
from iconik_construct.config.schema import schema, schema_text
from iconik_construct.documents.yaml_text import read_yaml

TOP = Path(__file__).resolve().parents[2]
FILE = TOP / "docs" / "storages.schema.json"
VALIDATOR = Draft202012Validator(schema())


def right_files() -> Iterator[Any]:
    """Every file of storages that the project shows."""
    yield pytest.param(json.loads((TOP / "cdk.json").read_text())["context"]["iconik"], id="cdk.json")
    for path in sorted(TOP.glob("examples/*/storages.*")):
        yield pytest.param(read_yaml(path.read_text()), id=f"{path.parent.name}/{path.name}")
    for path in sorted(TOP.glob("docs/*.md")):
        for language, text in re.findall(r"^```(json|yaml)\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL):
            document = json.loads(text) if language == "json" else read_yaml(text)
            if "storages" in document:
                yield pytest.param(document, id=f"{path.name} {language}")


def test_the_committed_schema_is_that_of_the_models():
    assert FILE.read_text() == schema_text(), "write it anew: iconik-construct schema > docs/storages.schema.json"


def test_the_command_prints_it():
    command = [sys.executable, "-m", "iconik_construct", "schema"]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=True)  # noqa: S603 - our own command
    assert done.stdout == schema_text()


def test_it_is_a_schema():
    Draft202012Validator.check_schema(schema())


def test_every_key_is_described():
    found = schema()
    objects = [found, *found["$defs"].values()]
    plain = {name for item in objects for name, key in item.get("properties", {}).items() if "description" not in key}
    assert plain == set()
    assert sum(len(item.get("properties", {})) for item in objects) > 50


@pytest.mark.parametrize("document", list(right_files()))
def test_it_accepts_every_file_that_the_project_shows(document: Any):
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []
    assert parse_config(document).storages


def test_a_file_may_name_its_schema():
    document = {**WRONG_BY_READING["via S3 without a key"], "$schema": "./storages.schema.json"}
    document["storages"] = {"masters": {}}
    assert VALIDATOR.is_valid(document)
    assert parse_config(document).storages


@pytest.mark.parametrize("document", WRONG_BY_SCHEMA.values(), ids=WRONG_BY_SCHEMA)
def test_it_refuses_what_reading_refuses(document: Any):
    with pytest.raises(IconikConfigError):
        parse_config(document)
    assert not VALIDATOR.is_valid(document)


@pytest.mark.parametrize("document", WRONG_BY_READING.values(), ids=WRONG_BY_READING)
def test_some_mistakes_are_found_by_reading_only(document: Any):
    with pytest.raises(IconikConfigError):
        parse_config(document)
    assert VALIDATOR.is_valid(document)
