"""The CDK app: the storages of `cdk.json`, or of the file that `-c config=FILE.json` names, as stacks."""

from __future__ import annotations

import sys
from pathlib import Path

import aws_cdk as cdk

from iconik_construct.app.plan import plan_stacks, read_record, write_record
from iconik_construct.app.stacks import build_stacks
from iconik_construct.config.document import IconikConfigError, parse_config
from iconik_construct.config.source import find_config, read_context

HERE = Path(__file__).resolve().parent


def main() -> int:
    try:
        # The context beside the app is what it starts from: the same stacks come out wherever it is called from. What
        # the CDK CLI found in its own directory and on its command line goes before.
        context = read_context(HERE)
        # A report of how long a slow synthesis took would be the only bytes that differ from those of a quick one.
        app = cdk.App(context=context, performance_reporting=False, auto_synth=False)
        source = find_config(app.node.try_get_context("iconik"), app.node.try_get_context("config"), (Path.cwd(), HERE))
        plans = plan_stacks(parse_config(source.document, source.root), read_record(source.record_path))
        build_stacks(app, plans)
        if write_record(source.record_path, plans):
            say(f"Recorded which stack holds which storage: commit {source.record_path.name}.")
    except IconikConfigError as error:
        say("The storages cannot be built:", *(f"  {mistake}" for mistake in error.mistakes))
        return 1
    app.synth()
    return 0


def say(*lines: str) -> None:
    """Print to standard error: standard output is the CDK CLI's."""
    sys.stderr.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
