"""Lists the functions in the templates: their code, role and rights."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Final

from ..judge.text import joined, shown
from ..templates.intrinsics import Scope, possible_values
from ..templates.template import App, Template, mapping, properties_of
from ..templates.values import resource_of
from .differences import plain_of, text_of
from .model import Function, Right
from .uploads import file_at

__all__ = ["functions_of", "roles_of_functions"]

_POLICIES: Final = ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::RolePolicy")
_HASH: Final = re.compile(r"[0-9a-f]{64}")


def functions_of(app: App, folder: Path, name_of: Callable[[str, Template], str]) -> tuple[Function, ...]:
    """Return every function of an app, ordered by name.

    Args:
        app: the app.
        folder: the assembly, which has the assets.
        name_of: returns the name of a resource for a reader.
    """
    functions = []
    for template in app.templates:
        scope = Scope(app, template)
        for logical_id, resource in template.resources.items():
            if resource.get("Type") != "AWS::Lambda::Function":
                continue
            properties = properties_of(resource)
            handler = ", ".join(map(shown, possible_values(properties.get("Handler"), scope)))
            roles = possible_values(properties.get("Role"), scope)
            rights, managed = _rights(app, set(map(resource_of, roles)))
            facts = [("Handler", handler or "none")]
            if not all(_is_of_app(app, *resource_of(role)) for role in roles):
                facts.append(("Rights", "not read: the role is not in this app"))
            functions.append(
                Function(
                    name=name_of(logical_id, template),
                    runtime=", ".join(map(shown, possible_values(properties.get("Runtime"), scope))),
                    facts=tuple(facts),
                    code=_code_of(properties.get("Code"), scope, template, folder),
                    role=", ".join(map(shown, roles)),
                    rights=rights,
                    managed_policies=managed,
                )
            )
    return tuple(sorted(functions, key=lambda function: function.name))


def roles_of_functions(app: App) -> frozenset[tuple[str, str]]:
    """Return the roles whose rights are shown with a function, each by its template and its logical id."""
    return frozenset(
        resource_of(role)
        for template in app.templates
        for resource in template.resources.values()
        if resource.get("Type") == "AWS::Lambda::Function"
        for role in possible_values(properties_of(resource).get("Role"), Scope(app, template))
    )


def _is_of_app(app: App, path: str, logical_id: str) -> bool:
    return any(each.path == path and logical_id in each.resources for each in app.templates)


def _rights(app: App, roles: AbstractSet[tuple[str, str]]) -> tuple[tuple[Right, ...], tuple[str, ...]]:
    rights: list[Right] = []
    managed: list[str] = []
    for template in app.templates:
        scope = Scope(app, template)
        for logical_id, resource in template.resources.items():
            kind, properties = resource.get("Type"), properties_of(resource)
            if kind == "AWS::IAM::Role" and (template.path, logical_id) in roles:
                managed += map(shown, possible_values(properties.get("ManagedPolicyArns"), scope))
                inline = properties.get("Policies", [])
                for each in inline if isinstance(inline, list) else []:
                    rights += _rights_of(mapping(each).get("PolicyDocument"), scope)
            elif kind in _POLICIES and not roles.isdisjoint(
                map(resource_of, possible_values(properties.get("Roles", properties.get("RoleName")), scope))
            ):
                rights += _rights_of(properties.get("PolicyDocument"), scope)
    return tuple(rights), tuple(managed)


def _rights_of(document: Any, scope: Scope) -> Iterator[Right]:
    statements = mapping(document).get("Statement", [])
    for each in statements if isinstance(statements, list) else [statements]:
        if isinstance(each, Mapping):
            condition = each.get("Condition")
            yield Right(
                actions=_listed(each, "Action", scope),
                resources=_listed(each, "Resource", scope),
                effect=", ".join(map(shown, possible_values(each.get("Effect"), scope))),
                condition="" if condition is None else text_of(plain_of(condition, scope)),
            )


def _listed(statement: Mapping[str, Any], name: str, scope: Scope) -> tuple[str, ...]:
    named = tuple(map(shown, possible_values(statement.get(name), scope)))
    return (*named, *(f"all but {shown(each)}" for each in possible_values(statement.get(f"Not{name}"), scope)))


def _code_of(code: Any, scope: Scope, template: Template, folder: Path) -> str:
    """Return the hash of the code, computed from the bytes of the asset."""
    given = mapping(code)
    inline = joined(*possible_values(given.get("ZipFile"), scope))
    if inline:
        return f"SHA-256 {hashlib.sha256(shown(inline).encode('utf-8', 'surrogatepass')).hexdigest()}"
    named = ", ".join(shown(each) for name in ("S3Key", "ImageUri") for each in possible_values(given.get(name), scope))
    directories = (Path(template.path).parent, folder)
    asset = _image_of(given, *directories) if "ImageUri" in given else file_at(given, scope, *directories)
    if asset:
        return f"SHA-256 {_hash_of(asset)}, asset {named}"
    rest = {name: plain_of(value, scope) for name, value in given.items() if name not in {"S3Key", "ImageUri"}}
    return f"{named or 'unknown'}: the asset was not read{f', {text_of(rest)}' if rest else ''}"


def _image_of(code: Mapping[str, Any], *directories: Path) -> Path | None:
    for directory in dict.fromkeys(directories):
        for name in _HASH.findall(json.dumps(code)):
            for asset in sorted(directory.glob(f"asset.{name}*")):
                return asset
    return None


def _hash_of(asset: Path) -> str:
    """Return the SHA-256 of a file, or of every file of a folder with its name."""
    digest = hashlib.sha256()
    files = sorted(each for each in asset.rglob("*") if each.is_file()) if asset.is_dir() else [asset]
    for each in files:
        digest.update(f"{each.relative_to(asset) if asset.is_dir() else each.name}\n".encode())
        digest.update(each.read_bytes())
    return digest.hexdigest()
