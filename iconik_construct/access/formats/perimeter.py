"""Writes the perimeter of an organisation in the language of its owner."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from ..perimeter import PERIMETER_DESCRIPTION, PERIMETER_TYPE, Perimeter
from .cloudformation import mapping_lines
from .terraform import quoted_for_terraform

__all__ = ["PERIMETER_FORMATS"]


def _json(perimeter: Perimeter) -> str:
    return json.dumps(perimeter.policy, indent=2) + "\n"


def _cloudformation(perimeter: Perimeter) -> str:
    properties: dict[str, Any] = {
        "Name": perimeter.name,
        "Description": PERIMETER_DESCRIPTION,
        "Type": PERIMETER_TYPE,
        "Content": perimeter.policy,
        "TargetIds": list(perimeter.target_ids),
    }
    resource = {"Type": "AWS::Organizations::Policy", "Properties": properties}
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"IconikPerimeter": resource}}
    return "\n".join(mapping_lines(template, "")) + "\n"


def _terraform(perimeter: Perimeter) -> str:
    # JSON is also an expression of HCL. Nothing in this policy begins a template.
    content = json.dumps(perimeter.policy, indent=2).replace("\n", "\n  ")
    targets = ", ".join(quoted_for_terraform(target_id) for target_id in perimeter.target_ids)
    return f"""\
resource "aws_organizations_policy" "iconik_perimeter" {{
  name        = {quoted_for_terraform(perimeter.name)}
  description = {quoted_for_terraform(PERIMETER_DESCRIPTION)}
  type        = {quoted_for_terraform(PERIMETER_TYPE)}
  content = jsonencode({content})
}}

resource "aws_organizations_policy_attachment" "iconik_perimeter" {{
  for_each  = toset([{targets}])
  policy_id = aws_organizations_policy.iconik_perimeter.id
  target_id = each.value
}}
"""


def _commands(perimeter: Perimeter) -> str:
    attach = "".join(
        f'aws organizations attach-policy --policy-id "$policy" --target-id {target_id}\n'
        for target_id in perimeter.target_ids
    )
    # Without blanks, because AWS counts them if a policy comes through the API.
    return f"""\
# Run in the management account, or as a delegated administrator for resource control policies.
set -e
cat > iconik-perimeter.json <<'END'
{json.dumps(perimeter.policy, separators=(",", ":"))}
END
policy=$(aws organizations create-policy --name {shlex.quote(perimeter.name)} \\
  --description {shlex.quote(PERIMETER_DESCRIPTION)} --type {PERIMETER_TYPE} \\
  --content file://iconik-perimeter.json --query Policy.PolicySummary.Id --output text)
{attach}"""


PERIMETER_FORMATS: Final[Mapping[str, Callable[[Perimeter], str]]] = MappingProxyType(
    {"json": _json, "terraform": _terraform, "cloudformation": _cloudformation, "cli": _commands}
)
"""The writer of each language, by the name that `iconik-construct statements --perimeter --format` takes."""
