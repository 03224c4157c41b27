"""`python -m dev.demo` as it is typed: what it prints, and what it leaves behind when it fails or is interrupted."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from processes import WITH_CTRL_C, none_works_below

pytestmark = pytest.mark.local_aws(minutes=0.3)

_TOP = Path(__file__).parents[3]
_NOT_OURS = {"node_modules", "__pycache__", "cdk.out", "dist", "build", "site"}
_RUN = f"{WITH_CTRL_C}import runpy; runpy.run_module('dev.demo', run_name='__main__', alter_sys=True)"

_SYNTHESIZED = """
from pathlib import Path
from dev.local_aws import LocalAws
LocalAws.synth = lambda *_, **__: Path({!r})
"""


_INTERRUPTED_WHILE_IT_LOADS = """
import sys
class CtrlC:
    def find_spec(self, name, *_):
        if name == 'botocore.exceptions':
            raise KeyboardInterrupt
sys.meta_path.insert(0, CtrlC())
"""


@contextmanager
def _demo(
    files: Path, *arguments: str, prepared: str = "", as_a_reader: bool = False, own_group: bool = False
) -> Iterator[subprocess.Popen[str]]:
    """The demo, under way, with all temporary files below a directory; as a reader has it, with the CDK's own rules."""
    command = [sys.executable, "-B", "-u", "-c", prepared + _RUN, *arguments]
    left_out = "CDK_VALIDATION" if as_a_reader else ""
    env = {name: value for name, value in os.environ.items() if name != left_out} | {"TMPDIR": str(files)}
    with subprocess.Popen(  # noqa: S603 - this very project
        command,
        cwd=_TOP,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=own_group,
    ) as program:
        try:
            yield program
        finally:
            program.kill()


def _tree() -> set[Path]:
    """The files of the repository, without those that tools keep for themselves."""
    found = set()
    for directory, names, files in os.walk(_TOP):
        names[:] = [name for name in names if not name.startswith(".") and name not in _NOT_OURS]
        found.update(Path(directory, name) for name in (*names, *files))
    return found


def _is_clean(files: Path) -> bool:
    return none_works_below(files) and list(files.iterdir()) == []


@pytest.mark.local_aws(minutes=1.5)
def test_it_shows_the_verdicts_on_every_storage_and_leaves_nothing_behind(tmp_path: Path) -> None:
    before = _tree()
    files, page = tmp_path / "files", tmp_path / "page.html"
    files.mkdir()
    with _demo(files, "--report", str(page), as_a_reader=True) as program:
        output, errors = program.communicate(timeout=300)
    assert (program.returncode, errors) == (0, "")
    for key in json.loads((_TOP / "cdk.json").read_text())["context"]["iconik"]["storages"]:
        assert f"  {key} " in output
    assert "What iconik's role may do" in output
    assert "Values for iconik's storage form" in output
    assert "What the stacks registered by themselves" in output
    for key in json.loads((_TOP / "cdk.json").read_text())["context"]["iconik"]["storages"]:
        assert re.search(rf"^  {key} +[0-9a-f-]{{36}} ACTIVE ", output, re.MULTILINE)
    assert "library    Bucket acme-media-library" in output
    assert "all foreign statements are unchanged" in " ".join(output.split())
    assert "Without the tag of your domain: 0 of " in output
    assert "the statement 'OnlyOurOrganisation' denies iconik s3:" in " ".join(output.split())
    assert "Fix: Exempt iconik's role in the Deny with ArnNotEquals on aws:PrincipalArn." in " ".join(output.split())
    assert "no KMS key" not in output
    assert "Run the command again with --fix to print the policies that correct this." in " ".join(output.split())
    assert "S3 buckets: deploys 4 (originals, archive, stock, exports), adopts 1 (library)" in output
    assert re.search(r"^The demo took [0-9]+ s\.$", output, re.MULTILINE)
    assert output.splitlines()[-1].startswith("The page to sign, for a reviewer: ")
    assert "What iconik can do in our account" in page.read_text()
    assert "\033" not in output
    # The path of the page is the reader's own.
    assert (
        max(len(line) for line in output.splitlines() if str(page) not in line and "page to sign, for" not in line)
        <= 79
    )
    assert _is_clean(files)
    assert _tree() == before


@pytest.mark.parametrize("step", ["start", pytest.param("synthesize", marks=pytest.mark.proof)])
def test_ctrl_c_at_an_early_step_leaves_nothing_behind(tmp_path: Path, step: str) -> None:
    _interrupt_at(step, tmp_path, signal.SIGINT, 130)


@pytest.mark.proof
@pytest.mark.parametrize("step", ["deploy", "destroy"])
def test_ctrl_c_at_a_later_step_leaves_nothing_behind(
    tmp_path: Path, sample_assembly: Path, sample_file: Path, step: str
) -> None:
    # Synthesized before: nobody interrupts it here, and it takes as long as all the rest.
    prepared = _SYNTHESIZED.format(str(sample_assembly))
    _interrupt_at(step, tmp_path, signal.SIGINT, 130, "--config", str(sample_file), prepared=prepared)


def test_ctrl_c_while_it_loads_is_one_line(tmp_path: Path) -> None:
    with _demo(tmp_path, prepared=_INTERRUPTED_WHILE_IT_LOADS) as program:
        _, errors = program.communicate(timeout=60)
    assert (program.returncode, errors) == (130, "Interrupted. The local AWS has stopped.\n")


def test_ctrl_c_for_the_whole_process_group_is_one_line(tmp_path: Path) -> None:
    with _demo(tmp_path, own_group=True) as program:
        assert program.stdout is not None
        seen = ""
        while "\n  synthesize " not in seen:
            letter = program.stdout.read(1)
            assert letter, seen
            seen += letter
        os.killpg(program.pid, signal.SIGINT)
        _, errors = program.communicate(timeout=60)
    assert (program.returncode, len(errors.splitlines())) == (130, 1), errors


def test_sigterm_ends_it_as_ctrl_c_does_with_the_exit_code_of_its_own(tmp_path: Path) -> None:
    _interrupt_at("synthesize", tmp_path, signal.SIGTERM, 143)


def _interrupt_at(
    step: str, files: Path, number: signal.Signals, exit_code: int, *arguments: str, prepared: str = ""
) -> None:
    before = _tree()
    with _demo(files, *arguments, prepared=prepared) as program:
        assert program.stdout is not None
        # Character by character: a step is announced at the beginning of a line that ends when the step does.
        seen = ""
        while f"\n  {step} " not in seen:
            letter = program.stdout.read(1)
            assert letter, seen
            seen += letter
        program.send_signal(number)
        _, errors = program.communicate(timeout=60)
    assert program.returncode == exit_code
    assert "Interrupted at the step '" in errors
    assert "Traceback" not in errors
    assert _is_clean(files)
    assert _tree() == before


@pytest.mark.proof
def test_a_deployed_statement_without_the_condition_ends_it_with_what_is_wrong(
    tmp_path: Path, sample_assembly: Path, sample_file: Path
) -> None:
    files, assembly = tmp_path / "files", tmp_path / "open"
    files.mkdir()
    shutil.copytree(sample_assembly, assembly)
    for file in assembly.glob("*.template.json"):
        template = json.loads(file.read_text())
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::S3::BucketPolicy":
                for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
                    if statement["Effect"] == "Allow":
                        del statement["Condition"]
        file.write_text(json.dumps(template))
    with _demo(files, "--config", str(sample_file), prepared=_SYNTHESIZED.format(str(assembly))) as program:
        output, errors = program.communicate(timeout=300)
    assert program.returncode == 1
    for caller in ("another domain", "no tag"):
        assert f"iconik's role, tagged with {caller}, may list the objects: 1 of 1 requests allowed." in errors
    assert "Without the tag of your domain: 0 of" not in output
    assert _is_clean(files)


@pytest.mark.proof
def test_a_step_that_fails_is_named_and_leaves_nothing_behind(tmp_path: Path) -> None:
    absent = str(tmp_path / "absent" / "cdk.out")
    with _demo(tmp_path, prepared=_SYNTHESIZED.format(absent)) as program:
        output, errors = program.communicate(timeout=300)
    assert program.returncode == 1
    assert output.rstrip().endswith("failed")
    assert "The demo failed at the step 'deploy the sample'." in errors
    assert absent in errors
    assert _is_clean(tmp_path)


def test_it_ends_quietly_when_nobody_reads_what_it_prints(tmp_path: Path) -> None:
    with _demo(tmp_path) as program:
        assert program.stdout is not None
        program.stdout.close()
        assert program.wait(120) == 1
        assert program.stderr is not None
        assert program.stderr.read() == ""
    assert _is_clean(tmp_path)


def test_every_mistake_in_a_configuration_is_listed_before_anything_starts(tmp_path: Path) -> None:
    files, config = tmp_path / "files", tmp_path / "wrong.json"
    files.mkdir()
    config.write_text(json.dumps({"system_domain_id": "acme", "storages": {"masters": {"permissions": "all"}}}))
    with _demo(files, "--config", str(config)) as program:
        output, errors = program.communicate(timeout=60)
    assert program.returncode == 1
    assert "start the local AWS" not in output
    assert "The demo failed at the step 'read the configuration'." in errors
    assert "'acme'" in errors
    assert "'all'" in errors
    assert _is_clean(files)


@pytest.mark.proof
def test_accounts_and_regions_of_ones_own_are_those_of_the_local_aws(tmp_path: Path) -> None:
    files, config, page = tmp_path / "files", tmp_path / "own.json", tmp_path / "page.html"
    files.mkdir()
    storages = {"masters": {"region": "eu-west-1", "encryption": "KMS"}}
    own = {"system_domain_id": "5b0c5b7e-58c1-4a52-9d0c-2f6d2a1f3c11", "account": "111122223333", "storages": storages}
    config.write_text(json.dumps(own))
    with _demo(files, "--config", str(config), "--report", str(page)) as program:
        output, errors = program.communicate(timeout=300)
    assert (program.returncode, errors) == (0, "")
    assert "Region eu-west-1" in output
    assert "<dd>111122223333</dd>" in page.read_text()
    assert _is_clean(files)
