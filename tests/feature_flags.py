"""The feature flags that CDK recommends for a new app, as the installed aws-cdk-lib has them."""

from __future__ import annotations

import json
import tarfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any


def recommended_feature_flags() -> dict[str, Any]:
    """Return the context that `cdk init` would write. Read from the package: jsii is not started."""
    package = find_spec("aws_cdk")
    assert package is not None
    assert package.submodule_search_locations
    (archive,) = Path(package.submodule_search_locations[0], "_jsii").glob("aws-cdk-lib@*.jsii.tgz")
    with tarfile.open(archive, "r|gz") as members:
        for member in members:
            if member.name == "package/recommended-feature-flags.json":
                content = members.extractfile(member)
                assert content is not None
                flags: dict[str, Any] = json.load(content)
                return flags
    raise LookupError(f"{archive} holds no recommended feature flags")
