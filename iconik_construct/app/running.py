"""Runs the CDK app of a file of storages, from the file to the cloud assembly. By default it writes nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import aws_cdk as cdk

from ..config.document import IconikConfigError, parse_config
from .plan import extend_record, plan_stacks, read_record, write_record
from .source import ConfigSource, find_config, read_context
from .stacks import add_guardrail, build_stacks

__all__ = ["record", "run"]


def run(file: str | None = None, *, home: Path | None = None) -> int:
    """Synthesize the app where the CDK CLI expects it, and return the exit code.

    Args:
        file: the file of storages, relative to the current directory. Default: see `find_config`.
        home: the directory of the app. Default: the current directory.
    """
    app = _app(home)
    source: ConfigSource | None = None
    try:
        source = _find(app, file, home)
        config = parse_config(source.document, source.root)
        build_stacks(app, plan_stacks(config, read_record(source.record_path, required=config.record)))
        if config.guardrail:
            add_guardrail(app, config)
    except IconikConfigError as error:
        return _refuse(source, error)
    app.synth()
    return 0


def record(file: str | None = None) -> int:
    """Record which stack has which storage, and return the exit code. Recorded storages do not move."""
    source: ConfigSource | None = None
    try:
        source = _find(_app(None), file, None)
        config = parse_config(source.document, source.root)
        changed = write_record(source.record_path, extend_record(config, read_record(source.record_path)))
    except IconikConfigError as error:
        return _refuse(source, error)
    if changed:
        _say(f"Recorded the stack of each storage. Commit {source.record_path.name}.")
    else:
        _say(f"{source.record_path.name} is up to date.")
    if not config.record:
        _say(f'Write "record": true into {source.path.name}. A missing record is then an error.')
    return 0


def _app(home: Path | None) -> cdk.App:
    # The context of the app's directory is used, so that the stacks do not depend on the current directory. Context
    # from the CDK CLI's directory and command line comes first.
    context = read_context(home or Path.cwd())
    # Without this, the report of a slow synthesis would differ in its duration.
    return cdk.App(context=context, performance_reporting=False, auto_synth=False)


def _find(app: cdk.App, file: str | None, home: Path | None) -> ConfigSource:
    directories = [Path.cwd(), *([home] if home else [])]
    context = {key: app.node.try_get_context(key) for key in ("iconik", "config")}
    return find_config(context["iconik"], context["config"], directories, file)


def _refuse(source: ConfigSource | None, error: IconikConfigError) -> int:
    where = f"The storages of {source.path.name}" if source else "The storages"
    _say(f"{where} cannot be built:", *(f"  {mistake}" for mistake in error.listing))
    return 1


def _say(*lines: str) -> None:
    """Print to standard error, because standard output belongs to the CDK CLI."""
    sys.stderr.write("\n".join(lines) + "\n")
