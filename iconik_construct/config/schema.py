"""Makes the JSON Schema of the file from the models."""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from .models import Document

__all__ = ["schema", "schema_text"]


class _Schema(GenerateJsonSchema):
    """pydantic's schema without the titles that it makes from names, and without the defaults.

    A default means 'left out' here, and a file cannot write it.
    """

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - for none
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        return {key: value for key, value in super().model_schema(schema).items() if key != "title"}


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the file of storages, of the draft 2020-12."""
    made = Document.model_json_schema(schema_generator=_Schema)
    return {"$schema": GenerateJsonSchema.schema_dialect, "title": "Storages of iconik-construct", **made}


def schema_text() -> str:
    """Return the schema as text, the same for the same models."""
    return json.dumps(schema(), indent=2) + "\n"
