"""What a reader copies from README and docs works."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import hcl2
import pytest
from code_blocks import Block, blocks
from shell_commands import check, commands

from iconik_construct.config.document import parse_config
from iconik_construct.documents.yaml_text import read_yaml

# Shown, not run: output or a sketch.
SHOWN = {"text"}
CHECKED = {"python", "json", "yaml", "shell", "hcl"}


def each(*languages: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("block", blocks(*languages), ids=lambda block: block.place)


def test_every_block_says_its_language():
    unknown = [f"{block.place} {block.language!r}" for block in blocks() if block.language not in SHOWN | CHECKED]
    assert unknown == []


def test_there_are_blocks_in_each_language_that_is_checked():
    assert {block.language for block in blocks()} >= CHECKED


@each("python")
def test_a_python_block_runs(block: Block, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    code = compile(block.text, block.place, "exec")
    exec(code, {"__name__": "__main__"})  # noqa: S102 - our own docs


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_the_code_by_hand_makes_what_the_one_line_makes(page: str):
    one_line, by_hand = [block for block in blocks("python") if block.place.startswith(f"{page}:")][:2]
    assert "IconikStorage" not in by_hand.text
    assert resources_of(by_hand) == resources_of(one_line)


def resources_of(block: Block) -> Any:
    """Return the resources of the block's stack by their types, without what names them to a reader."""
    names: dict[str, Any] = {}
    exec(compile(block.text, block.place, "exec"), names)  # noqa: S102 - our own docs
    resources = names["app"].synth().get_stack_by_name("Media").template["Resources"]
    text = json.dumps({resource["Type"]: resource for resource in resources.values()})
    for name, resource in resources.items():
        text = text.replace(name, resource["Type"])
    return json.loads(text, object_hook=_without_names)


def _without_names(part: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key not in {"Sid", "Id", "Description", "Metadata"}}


@each("hcl")
def test_a_terraform_block_parses(block: Block):
    assert hcl2.loads(block.text)


@each("json")
def test_a_json_block_is_json_and_a_configuration_is_accepted(block: Block):
    document = json.loads(block.text)
    if "storages" in document:
        assert parse_config(document).storages


@each("yaml")
def test_a_yaml_block_is_a_configuration_that_is_accepted(block: Block):
    # The recipes for CI are run by `test_ci_page`.
    assert block.place.startswith("docs/ci.md") or parse_config(read_yaml(block.text)).storages


@each("shell")
def test_a_shell_block_could_run(block: Block):
    for words in commands(block.text):
        check(words)


@pytest.mark.parametrize(
    "command",
    [
        "make tea",
        "pip install iconik-constructs",
        "npx aws-cdk@3.0.0 deploy",
        "cdk deploy --everything",
        "cdk undeploy",
        "aws s3api get-bucket-polity --bucket media",
        "aws s3api get-bucket-policy --buckets media",
        "curl https://example.com",
        "python -m iconik_construct verity",
    ],
)
def test_a_command_that_does_not_exist_is_found(command: str):
    (words,) = commands(command)
    with pytest.raises((AssertionError, KeyError)):
        check(words)
