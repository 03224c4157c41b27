"""The demo's steps, from the local AWS to the page to sign."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import ExitStack
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from dev.local_aws import LocalAws, StepFailed
from dev.local_aws.environment import TOP
from dev.proof.policy_engine import PolicyEngine, PolicyEngineError

from .commands import check, write_report
from .existing import BUCKET, ExistingMedia
from .progress import Progress
from .questions import Row, ask
from .registration import DemoIconik
from .sample import DeployedStorage, account_of, read_back, read_config
from .table import deployed_text, form_text, verdict_tables
from .verdict import mistakes, summary

__all__ = ["run"]


def run(arguments: list[str] | None = None) -> int:
    """Run the demo and return its exit code: 1 if a step or the verdict fails.

    Raises:
        KeyboardInterrupt: with the name of the signal, or an empty text, and the step that was interrupted.
    """
    parser = argparse.ArgumentParser(prog="python -m dev.demo", description="Show what iconik may do, on a local AWS.")
    parser.add_argument("--config", type=Path, help="a configuration file to take the place of the one in cdk.json")
    parser.add_argument(
        "--report",
        metavar="FILE.html",
        type=Path,
        default=TOP / "build" / "iconik-report.html",
        help="where the page to sign goes",
    )
    options = parser.parse_args(arguments)
    progress = Progress()
    try:
        return _run(progress, options.config, options.report.resolve())
    except (StepFailed, PolicyEngineError, BotoCoreError, ClientError) as failure:
        print(f"\nThe demo failed at the step '{progress.current}'.\n{failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt as interrupt:
        raise KeyboardInterrupt(str(interrupt), progress.current) from None
    except BrokenPipeError:
        # The reader of the output has ended, as with `| head`. The interpreter must not fail again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _run(progress: Progress, config_file: Path | None, report: Path) -> int:
    print("The real CDK CLI deploys the sample to a local AWS on this machine, in a minute")
    print("or two; no AWS account is touched.\n")
    with ExitStack() as running:
        with progress.step("read the configuration"):
            config = read_config(config_file)
            account = account_of(config)
        with progress.step("start the local AWS"):
            aws = running.enter_context(LocalAws(account=account) if account else LocalAws())
        existing = None
        if config_file is None:
            with progress.step("make a bucket and a key by hand"):
                existing = ExistingMedia(aws)
                config_file = existing.make()
                config = read_config(config_file)
        print(f"\n{deployed_text(config)}\n")
        with progress.step("start the stand-in for iconik"):
            iconik = running.enter_context(DemoIconik(aws))
        with progress.step("synthesize the sample"):
            file = iconik.with_registration(config_file)
            assembly = aws.synth(context={"config": str(file)} if file else None)
        with progress.step("bootstrap the local AWS for the CDK"):
            for region in sorted({storage.region or aws.region for storage in config.storages}):
                aws.bootstrap(region)
        with progress.step("deploy the sample"):
            aws.deploy(assembly)
        with progress.step("read the policies back"):
            storages = read_back(aws, assembly, config)
            untouched = [] if existing is None else [*existing.mistakes(adopted=True)]
        with progress.step("ask the policy engine"), PolicyEngine() as engine:
            answers = {storage.wanted.key: ask(engine, storage.policies) for storage in storages}
        _show(storages, answers, iconik)
        domains = [domain for storage in config.storages for domain in storage.system_domain_id]
        with progress.step("write the page to sign"):
            write_report(aws, assembly, domains, report)
        checked = "" if existing is None else _checked(progress, aws, existing, domains[0])
        with progress.step("destroy the sample"):
            aws.destroy(assembly)
            registered = iconik.mistakes_after_destroy()
            untouched += [] if existing is None else existing.mistakes(adopted=False)
        with progress.step("stop the local AWS"):
            running.close()
    if checked:
        print("\nA Deny was added by hand to the adopted bucket. iconik-construct check prints:\n")
        print(checked)
    if existing is not None and not untouched:
        print("\nIn the adopted policies, all foreign statements are unchanged, and no statement")
        print("of this library remains.")
    code = _judge(answers, [*registered, *untouched])
    print(f"The demo took {progress.seconds:.0f} s.")
    print(f"\nThe page to sign, for a reviewer: {os.path.relpath(report)}")
    return code


def _checked(progress: Progress, aws: LocalAws, existing: ExistingMedia, system_domain_id: str) -> str:
    """Return the result of `check` for the adopted bucket after somebody has added a Deny."""
    with progress.step("check the adopted bucket, denied by hand"), existing.denied():
        return check(aws, BUCKET, system_domain_id)


def _show(storages: list[DeployedStorage], answers: dict[str, list[Row]], iconik: DemoIconik) -> None:
    print("\nWhat iconik's role may do, by the System Domain ID that tags its session:\n")
    print(verdict_tables(answers, colour=sys.stdout.isatty()))
    print("\nAnswered by iam-simulate, a policy engine that this project did not write, on")
    print("the policies read back.")
    print("\nValues for iconik's storage form, from the outputs of the stacks:\n")
    print(form_text({storage.wanted.key: storage.form for storage in storages}))
    print("\nWhat the stacks registered by themselves, in a stand-in for iconik:\n")
    print(iconik.text(), end="\n\n")


def _judge(answers: dict[str, list[Row]], others: list[str]) -> int:
    all_mistakes = [*mistakes(answers), *others]
    print(f"\n{summary(answers)}")
    for mistake in all_mistakes:
        print(f"WRONG  {mistake}", file=sys.stderr)
    return 1 if all_mistakes else 0
