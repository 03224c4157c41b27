"""The JSON Schema of the file, made of the models."""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from .models import Document

__all__ = ["schema", "schema_text"]


class _Schema(GenerateJsonSchema):
    """pydantic's schema without the defaults: they stand for 'left out' here, and a file cannot write that."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the file of storages, of the draft 2020-12."""
    made = _untitled(Document.model_json_schema(schema_generator=_Schema))
    return {"$schema": GenerateJsonSchema.schema_dialect, "title": "Storages of iconik-construct", **made}


def schema_text() -> str:
    """Return the schema as text, the same for the same models."""
    return json.dumps(schema(), indent=2) + "\n"


def _untitled(value: Any) -> Any:
    """Return the schema without the titles that pydantic makes of the names of classes and fields."""
    if isinstance(value, list):
        return [_untitled(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _untitled(item) for key, item in value.items() if not (key == "title" and isinstance(item, str))}
