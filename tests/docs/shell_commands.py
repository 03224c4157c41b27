"""Whether a command that the docs print could run: its program, its sub-command and its options exist.

Nothing is run: the commands deploy. What each accepts is asked of the program itself, or of the model that it is made
from.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache

import botocore.session
from botocore import xform_name
from code_blocks import ROOT

__all__ = ["check", "commands"]

_REPOSITORY = "https://github.com/iconik-construct/iconik-construct"
_AWS_GLOBAL = {"query", "output", "profile", "region", "no-cli-pager", "cli-binary-format"}
# Commands of the AWS CLI that are no API operations have no model.
_AWS_CUSTOM = {
    ("cloudformation", "deploy"): {"stack-name", "template-file", "parameter-overrides", "capabilities"},
}


def commands(text: str) -> Iterator[list[str]]:
    """Return the words of each command of a shell block."""
    for line in text.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|<>")
        lexer.whitespace_split = True
        words: list[str] = []
        for word in lexer:
            if word in {";", "&&", "||", "|"}:
                yield words
                words = []
            else:
                words.append(word)
        if words:
            yield words


def check(words: Sequence[str]) -> None:
    """Raise an AssertionError if the command could not run as printed."""
    while re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words = words[1:]
    program, *arguments = words
    assert program in _PROGRAMS, f"nothing here knows the program {program!r}"
    _PROGRAMS[program](arguments)


def _make(arguments: Sequence[str]) -> None:
    targets = {word for word in arguments if "=" not in word}
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert targets <= known, targets - known


def _pip(arguments: Sequence[str]) -> None:
    assert arguments[0] == "install"
    for requirement in arguments[1:]:
        assert requirement in {
            "iconik-construct",
            "iconik-construct[app]",
            "iconik-construct[guard]",
            "iconik-construct[live]",
            "iconik-construct[report]",
            "iconik-construct[report,live]",
            "iconik-construct[testing]",
        }, requirement


def _npx(arguments: Sequence[str]) -> None:
    pinned = json.loads((ROOT / "package.json").read_text())["devDependencies"]["aws-cdk"]
    assert arguments[0] == f"aws-cdk@{pinned}", "the docs name another CLI than the one that is tested"
    _cdk(arguments[1:])


def _cdk(arguments: Sequence[str]) -> None:
    command, *rest = arguments
    known = _cdk_help(command)
    for word in rest:
        if word.startswith("-"):
            assert re.search(rf"(^|[\s,]){re.escape(word.split('=')[0])}([\s,]|$)", known), (command, word)


@cache
def _cdk_help(command: str) -> str:
    cli = ROOT / "node_modules/.bin/cdk"
    done = subprocess.run([cli, command, "--help"], capture_output=True, text=True, check=True, timeout=120)  # noqa: S603
    assert f"cdk {command}" in done.stdout, f"the CDK CLI has no command {command!r}"
    return done.stdout


def _python(arguments: Sequence[str]) -> None:
    if arguments[0] == "-m" and arguments[1] == "iconik_construct":
        # Its own parser refuses what it does not know before it looks at anything else.
        done = subprocess.run(  # noqa: S603
            [sys.executable, *arguments, "--help"], capture_output=True, text=True, check=False, cwd=ROOT, timeout=120
        )
        assert done.returncode == 0, done.stderr
        for word in arguments[3:]:
            if word.startswith("--"):
                assert word.split("=")[0] in done.stdout, word
        return
    assert arguments[0] == "-m", arguments
    module = ROOT.joinpath(*arguments[1].split("."))
    of_ours = module.with_suffix(".py").is_file() or (module / "__main__.py").is_file()
    assert of_ours or arguments[1] in {"venv", "pytest", "nox"}, arguments


def _activate(arguments: Sequence[str]) -> None:
    assert arguments == [".venv/bin/activate"], arguments


def _iconik_construct(arguments: Sequence[str]) -> None:
    _python(["-m", "iconik_construct", *arguments])


def _aws(arguments: Sequence[str]) -> None:
    service, operation, *rest = arguments
    options = {word.removeprefix("--") for word in rest if word.startswith("--")}
    known = _AWS_CUSTOM.get((service, operation)) or _aws_options(service, operation)
    assert options <= known | _AWS_GLOBAL, options - known


@cache
def _aws_options(service: str, operation: str) -> frozenset[str]:
    model = botocore.session.get_session().get_service_model({"s3api": "s3"}.get(service, service))
    names = {xform_name(name).replace("_", "-"): name for name in model.operation_names}
    assert operation in names, f"aws {service} has no command {operation!r}"
    shape = model.operation_model(names[operation]).input_shape
    return frozenset(xform_name(member).replace("_", "-") for member in (shape.members if shape else ()))


def _terraform(arguments: Sequence[str]) -> None:
    assert arguments[0] in {"plan", "show"}, arguments


def _pre_commit(arguments: Sequence[str]) -> None:
    assert list(arguments) == ["install"], arguments


def _cd(arguments: Sequence[str]) -> None:
    assert arguments == ["iconik-construct"], arguments


def _cp(arguments: Sequence[str]) -> None:
    assert len(arguments) == 2, arguments


def _git(arguments: Sequence[str]) -> None:
    assert arguments == ["clone", _REPOSITORY], arguments


def _sh(arguments: Sequence[str]) -> None:
    assert len(arguments) == 1, arguments


_PROGRAMS: dict[str, Callable[[Sequence[str]], None]] = {
    ".": _activate,
    "aws": _aws,
    "cd": _cd,
    "cdk": _cdk,
    "cp": _cp,
    "git": _git,
    "iconik-construct": _iconik_construct,
    "make": _make,
    "npx": _npx,
    "pip": _pip,
    "python": _python,
    "sh": _sh,
    "terraform": _terraform,
    ".venv/bin/pre-commit": _pre_commit,
    ".venv/bin/python": _python,
    "python3": _python,
}
