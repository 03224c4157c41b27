"""The JSON of `check` and `audit` is as the committed schema says."""

import json
from pathlib import Path

import jsonschema
import pytest
from situations import ACCOUNT, DOMAIN, NAME, REGION, SITUATIONS, World

from iconik_construct.cli.main import main

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "results.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "name", ["no condition", "a key with a Deny", "an ACL for everyone", "only somebody else's statement"]
)
def test_a_result_and_a_line_fit_the_schema(aws, capsys, name):
    SITUATIONS[name][0](World(aws))

    main(["check", NAME, "--system-domain-id", DOMAIN, "--json", "--fix"])
    shown = json.loads(capsys.readouterr().out)
    main(["audit", "--system-domain-id", DOMAIN, "--regions", REGION, "--json", "--workers", "1", "--storage", NAME])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    jsonschema.validate(shown, SCHEMA)
    assert (shown["version"], shown["verdict"]) == (1, "not_good")
    assert lines
    for line in lines:
        jsonschema.validate(line, SCHEMA)
        assert line["account"] == ACCOUNT


def test_the_schema_refuses_another_form():
    for wrong in (
        {},
        {"version": 2, "verdict": "good", "findings": []},
        {"version": 1, "verdict": "fine", "findings": []},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, SCHEMA)
