"""Where the configuration comes from, without jsii."""

import json

import pytest

from iconik_construct.app.source import USUAL_NAMES, find_config, read_context
from iconik_construct.config.document import IconikConfigError

DOCUMENT = {"storages": {"a": {}}}


def refusal(*arguments) -> str:
    with pytest.raises(IconikConfigError) as caught:
        find_config(*arguments)
    (mistake,) = caught.value.errors
    return str(mistake)


def test_the_file_named_on_the_command_line_goes_before_the_context(tmp_path):
    (tmp_path / "mine.json").write_text(json.dumps(DOCUMENT))
    source = find_config({"storages": {"b": {}}}, "mine.json", [tmp_path])
    assert (source.document, source.path, source.root) == (DOCUMENT, tmp_path / "mine.json", "config")
    assert source.record_path == tmp_path / "mine.stacks.json"


def test_a_file_with_a_byte_order_mark_is_read(tmp_path):
    (tmp_path / "mine.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(DOCUMENT).encode())
    assert find_config(None, "mine.json", [tmp_path]).document == DOCUMENT


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (None, "must be a file that can be read (No such file or directory)"),
        (b"{'a': 1}", "must be a file of JSON in UTF-8 (Expecting property name"),
        (b"\xff\xfe", "must be a file of JSON in UTF-8 ('utf-8' codec"),
        (b"[" * 100_000, "must be a file of JSON in UTF-8 (nested too deeply)"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_mistake(tmp_path, content, rule):
    if content is not None:
        (tmp_path / "mine.json").write_bytes(content)
    assert refusal(None, "mine.json", [tmp_path]).startswith(f"'config' {rule}")


def test_the_file_that_the_call_names_goes_before_the_context_and_after_the_command_line(tmp_path):
    (tmp_path / "mine.yaml").write_text("storages: {a: {}}  # a comment")
    (tmp_path / "other.json").write_text('{"storages": {"b": {}}}')
    source = find_config({"storages": {"c": {}}}, None, [tmp_path], "mine.yaml")
    assert (source.document, source.root) == (DOCUMENT, "file")
    assert source.record_path == tmp_path / "mine.stacks.json"
    assert find_config(None, "other.json", [tmp_path], "mine.yaml").document == {"storages": {"b": {}}}


@pytest.mark.parametrize("name", USUAL_NAMES)
def test_a_file_of_the_usual_name_is_found(tmp_path, name):
    (tmp_path / name).write_text(json.dumps(DOCUMENT))
    assert find_config(None, None, [tmp_path]).path == tmp_path / name
    assert find_config({"storages": {"c": {}}}, None, [tmp_path]).path == tmp_path / "cdk.json"


def test_two_files_with_default_names_are_refused(tmp_path):
    for name in ("storages.json", "storages.yaml"):
        (tmp_path / name).write_text(json.dumps(DOCUMENT))
    text = refusal(None, None, [tmp_path])
    assert "must be only one of storages.yaml, storages.json, but this directory has several of them" in text
    assert "iconik-construct app storages.yaml" in text


def test_a_file_of_the_usual_name_beside_the_app_is_not_that_of_another_directory(tmp_path):
    (tmp_path / "storages.yaml").write_text("storages: {a: {}}")
    assert "there is no storages.yaml" in refusal(None, None, [tmp_path / "elsewhere", tmp_path])


def test_yaml_that_cannot_be_read_is_one_clear_mistake(tmp_path):
    (tmp_path / "mine.yml").write_text("a: 1\nb: [")
    assert refusal(None, None, [tmp_path], "mine.yml").startswith("'file' must be a file of YAML in UTF-8 (line 2: ")


def test_a_directory_is_no_file(tmp_path):
    assert refusal(None, ".", [tmp_path]).startswith("'config' must be a file that can be read")


def test_without_any_configuration_it_says_where_to_write_one(tmp_path):
    text = refusal(None, None, [tmp_path])
    assert '"context": {"iconik": {...}}' in text
    assert "-c config=FILE" in text


@pytest.mark.parametrize("arguments", [("storages", None), (None, {"a": 1})])
def test_a_value_where_the_other_kind_belongs_is_refused(tmp_path, arguments):
    assert "cdk synth -c config=storages.json" in refusal(*arguments, [tmp_path])


def test_the_text_of_the_context_is_read_again_so_that_repeated_keys_are_seen(tmp_path):
    (tmp_path / "cdk.json").write_text('{"context": {"iconik": {"storages": {"a": {}, "a": {}}}}}')
    source = find_config(DOCUMENT, None, [tmp_path / "elsewhere", tmp_path])
    assert source.document["storages"].repeated == ("a",)
    assert source.record_path == tmp_path / "cdk.stacks.json"


def test_a_context_outside_cdk_json_is_used(tmp_path):
    (tmp_path / "cdk.json").write_text('{"context": {"iconik": {"storages": {"other": {}}}}}')
    source = find_config(DOCUMENT, None, [tmp_path])
    assert source.document == DOCUMENT
    assert source.record_path == tmp_path / "cdk.stacks.json"


@pytest.mark.parametrize("text", [None, "{", "[]", '{"context": []}', "{}"])
def test_a_cdk_json_without_context_is_an_empty_context(tmp_path, text):
    if text is not None:
        (tmp_path / "cdk.json").write_text(text)
    assert read_context(tmp_path) == {}
