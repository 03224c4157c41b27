"""Reads the props of `s3.Bucket` in the installed CDK and writes them as a `TypedDict`.

A type checker and an editor then see a misspelt prop, which `**props: Any` hides.
"""

from __future__ import annotations

import ast
import inspect
import re
from importlib import import_module, metadata
from pathlib import Path
from typing import Final

from aws_cdk import aws_s3 as s3

__all__ = ["FILE", "bucket_props", "source", "version_of"]

FILE: Final = Path(__file__).resolve().parents[2] / "iconik_construct/storage/bucket_prop_types.py"
_MODULES: Final = {"cdk": "aws_cdk", "iam": "aws_cdk.aws_iam", "kms": "aws_cdk.aws_kms", "s3": "aws_cdk.aws_s3"}
_OF_OTHER_MODULE: Final = re.compile(r"_aws_(\w+)_[0-9a-f]{8}\.(\w+)")
_HEAD: Final = '''\
"""The props of the CDK's `s3.Bucket`, for type checkers and editors. Written by `python -m dev.typed_props`.

Made from aws-cdk-lib {version}. With an older version some of these props do not exist: `s3.Bucket` refuses them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3

    from .encryption import StorageEncryption

__all__ = ["BucketProps", "BucketPropsWithoutCors"]


class BucketPropsWithoutCors(TypedDict, total=False):
    """All props but `cors`, which `IconikStorage.in_place_of_bucket` has as a prop of its own."""

{fields}

class BucketProps(BucketPropsWithoutCors, total=False):
    """All props of `s3.Bucket`."""

{cors}'''


def bucket_props() -> dict[str, str]:
    """Return each prop of the installed `s3.Bucket`, and its type as source text."""
    parameters = list(inspect.signature(s3.Bucket.__init__).parameters.values())[3:]
    return {parameter.name: _prop(parameter.name, parameter.annotation) for parameter in parameters}


def source() -> str:
    """Return the whole file."""
    props = bucket_props()
    cors = props.pop("cors")
    fields = "".join(f"    {name}: {kind}\n" for name, kind in props.items())
    return _HEAD.format(version=metadata.version("aws-cdk-lib"), fields=fields, cors=f"    cors: {cors}\n")


def version_of(text: str) -> str:
    """Return the version of `aws-cdk-lib` that a written file was made from."""
    found = re.search(r"aws-cdk-lib ([0-9.]+[0-9])", text)
    assert found, "the file names no version"  # noqa: S101 - written by this module
    return found[1]


def _prop(name: str, annotation: str) -> str:
    kind = _rendered(ast.parse(annotation, mode="eval").body)
    # This library takes its own names besides.
    return f"StorageEncryption | {kind}" if name == "encryption" else kind


def _rendered(node: ast.expr) -> str:
    """Return a type of jsii's generated code as Python 3.10 writes it, with the modules' names in the written file."""
    if isinstance(node, ast.Constant):
        return _of_cdk(str(node.value))
    if isinstance(node, ast.Attribute):
        return "float" if node.attr == "Number" else node.attr
    assert isinstance(node, ast.Subscript), ast.dump(node)  # noqa: S101 - a new form must be looked at
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    kinds = [_rendered(part) for part in parts]
    match _rendered(node.value):
        case "Optional":
            return f"{kinds[0]} | None"
        case "Union":
            return " | ".join(kinds)
        case "Dict":
            return f"dict[{', '.join(kinds)}]"
        case other:
            return f"{other}[{', '.join(kinds)}]"


def _of_cdk(name: str) -> str:
    """Return the type under the name that users import; an interface together with the class that implements it."""
    found = _OF_OTHER_MODULE.fullmatch(name)
    module, kind = ("s3", name) if found is None else (found[1], found[2])
    assert module in _MODULES, f"import the module of {name} in the written file"  # noqa: S101 - as above
    known = vars(import_module(_MODULES[module]))
    is_interface = re.match("I[A-Z]", kind) is not None
    # For pyright a class of jsii does not implement its interface, as an argument has another name.
    both = [kind, kind[1:]] if is_interface and kind[1:] in known else [kind]
    return " | ".join(f"{module}.{each}" for each in both)
