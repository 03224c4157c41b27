"""A perimeter in each language, read back, is the policy and what it is attached to."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path

import hcl2

from iconik_construct.access.formats import PERIMETER_FORMATS
from iconik_construct.access.perimeter import Perimeter, perimeter_policy

DOMAINS = ["0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01", "a7d9e1c4-1111-4222-8333-444455556666"]
TARGETS = ("123456789012", "ou-abcd-12345678")
PERIMETER = Perimeter(policy=perimeter_policy(DOMAINS), target_ids=TARGETS, name='it\'s "ours" ${x}')

AWS = """\
#!/bin/sh
echo "$@" >> "$THERE/calls"
case "$2" in
  create-policy) cp iconik-perimeter.json "$THERE/created"; echo p-12345678 ;;
esac
"""


def test_terraform_makes_the_policy_and_attaches_it_to_each_target() -> None:
    text = PERIMETER_FORMATS["terraform"](PERIMETER)
    blocks = hcl2.loads(text)["resource"]
    assert [next(iter(block)).strip('"') for block in blocks] == [
        "aws_organizations_policy",
        "aws_organizations_policy_attachment",
    ]
    content = text.partition("jsonencode(")[2].partition("})\n}")[0] + "}"
    assert json.loads(content) == PERIMETER.policy
    assert 'type        = "RESOURCE_CONTROL_POLICY"' in text
    assert 'name        = "it\'s \\"ours\\" $${x}"' in text
    assert 'for_each  = toset(["123456789012", "ou-abcd-12345678"])' in text


def test_the_script_makes_the_policy_without_blanks_and_attaches_it_to_each_target(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "aws"
    program.write_text(AWS)
    program.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh"],
        input=PERIMETER_FORMATS["cli"](PERIMETER),
        cwd=tmp_path,
        env={"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "THERE": str(tmp_path)},
        text=True,
        capture_output=True,
        check=True,
    )
    assert done.stderr == ""
    written = (tmp_path / "created").read_text().rstrip("\n")
    assert json.loads(written) == PERIMETER.policy
    assert " " not in written
    create, *attached = (tmp_path / "calls").read_text().splitlines()
    assert f"--name {PERIMETER.name} --description" in create
    assert "--type RESOURCE_CONTROL_POLICY --content file://iconik-perimeter.json" in create
    assert [shlex.split(line)[2:] for line in attached] == [
        ["--policy-id", "p-12345678", "--target-id", target] for target in TARGETS
    ]
