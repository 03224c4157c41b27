"""`LocalAws`: a local AWS from its start to its end, with the CDK CLI and boto3 pointed at it and at nothing else."""

from __future__ import annotations

import secrets
import shlex
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Final

from boto3.session import Session
from botocore.config import Config

from .commands import Completed, StepFailed, run
from .environment import ACCESS_KEY, TOP, base_environment, cli_environment, without_aws_settings
from .server import Server

__all__ = ["LocalAws"]

_CDK: Final = TOP / "node_modules" / "aws-cdk" / "bin" / "cdk"
_NO_STACK: Final = "no stack of this name in the local AWS"


class LocalAws:
    """A local AWS that lasts as long as its `with` block.

    Whatever was started and written is gone afterwards: also when the block fails, on Ctrl-C, on SIGTERM (which arrives
    as a `KeyboardInterrupt` too), and if this very process is killed.

    Args:
        account: the account id of the local AWS.
        region: where stacks go that name no region.
        server_environment: further environment variables of the server. Its Lambda functions inherit them.

    Raises:
        StepFailed: the server does not start.
    """

    def __init__(
        self,
        *,
        account: str = "123456789012",
        region: str = "us-east-1",
        server_environment: Mapping[str, str] | None = None,
    ) -> None:
        self.account = account
        self.region = region
        self._server_environment = dict(server_environment or {})
        self._bootstrapped: set[str] = set()
        self._clients: dict[tuple[str, str], Any] = {}
        self._handlers: dict[int, Any] = {}
        self._runs = 0
        self._directory: Path | None = None
        self._server: Server | None = None

    def __enter__(self) -> LocalAws:
        self._end_on_sigterm()
        try:
            # Known before it is there: Ctrl-C can come between the two.
            self._directory = Path(tempfile.gettempdir(), f"local-aws-{secrets.token_hex(8)}")
            self._directory.mkdir(mode=0o700)
            env = {**base_environment(self.workdir), "MINISTACK_ACCOUNT_ID": self.account}
            env |= {"MINISTACK_REGION": self.region, **self._server_environment}
            self._server = Server(self.workdir, env)
            self._server.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop the server and remove its files; nothing happens the second time."""
        in_main_thread = threading.current_thread() is threading.main_thread()
        # A second, impatient Ctrl-C must not leave half of it behind.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN) if in_main_thread else None
        try:
            if self._server is not None:
                self._server.stop()
            if self._directory is not None:
                shutil.rmtree(self._directory, ignore_errors=True)
            self._server = self._directory = None
        finally:
            if in_main_thread:
                signal.signal(signal.SIGINT, before)
                for number, handler in self._handlers.items():
                    signal.signal(number, handler)
                self._handlers.clear()

    @property
    def workdir(self) -> Path:
        """A directory of its own that goes with it."""
        if self._directory is None:
            raise StepFailed("use the local AWS", "it is not running")
        return self._directory

    @property
    def server(self) -> Server:
        """The server's process."""
        if self._server is None:
            raise StepFailed("use the local AWS", "it is not running")
        return self._server

    @property
    def endpoint(self) -> str:
        """The URL under which it serves every AWS service."""
        return self.server.endpoint

    @property
    def logs(self) -> str:
        """What the server and its Lambda functions logged."""
        return self.server.read_log()

    def bootstrap(self, region: str | None = None) -> None:
        """Bootstrap a region for the CDK, once; `deploy` does this for the default region by itself."""
        where = region or self.region
        if where not in self._bootstrapped:
            self.cdk("bootstrap", f"aws://{self.account}/{where}", cwd=self.workdir)
            self._bootstrapped.add(where)

    def synth(self, app: str | Path | None = None, *, context: Mapping[str, str] | None = None, **options: Any) -> Path:
        """Synthesize an app and return its cloud assembly, which the other methods take without running the app again.

        Raises:
            StepFailed: the app fails.
        """
        self.cdk("synth", "--quiet", app=app, context=context, **options)
        return self.workdir / f"cdk.out.{self._runs}"

    def deploy(
        self,
        app: str | Path | None = None,
        *stacks: str,
        context: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Completed:
        """Deploy an app with the CDK CLI.

        Args:
            app: a cloud assembly (`cdk.out`), a Python file, or a command; None is the app of the `cdk.json` in `cwd`.
            stacks: which stacks; all when none is named.
            context: context values for the app.
            parameters: values of CloudFormation parameters.
            options: `cwd`, `env`, `timeout`, `step` and `check` as for `cdk`.

        Raises:
            StepFailed: the CLI says so.
        """
        self.bootstrap()
        flags = ["--require-approval", "never", "--progress", "events"]
        for name, value in (parameters or {}).items():
            flags += ["--parameters", f"{name}={value}"]
        return self.cdk("deploy", *_selected(stacks), *flags, app=app, context=context, **options)

    def diff(
        self, app: str | Path | None = None, *stacks: str, context: Mapping[str, str] | None = None, **options: Any
    ) -> Completed:
        """Compare an app with what is deployed; the exit code is 0 without and 1 with differences."""
        self.bootstrap()
        result = self.cdk("diff", *stacks, "--fail", app=app, context=context, **{"check": False, **options})
        if result.returncode not in {0, 1} or "Number of stacks with differences" not in result.output:
            raise StepFailed("cdk diff", f"ended with exit code {result.returncode}", result.output)
        return result

    def destroy(
        self, app: str | Path | None = None, *stacks: str, context: Mapping[str, str] | None = None, **options: Any
    ) -> Completed:
        """Destroy the app's stacks; what they retain stays in the local AWS."""
        return self.cdk("destroy", *_selected(stacks), "--force", app=app, context=context, **options)

    def cdk(
        self,
        *arguments: str,
        app: str | Path | None = None,
        context: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        step: str | None = None,
        timeout: float = 300,
        check: bool = True,
    ) -> Completed:
        """Run the CDK CLI of `package.json` against this local AWS.

        Args:
            arguments: the command and its options.
            app: as for `deploy`.
            context: context values for the app.
            cwd: where it runs; by default the top of this repository when it is to read the `cdk.json` there, else a
                temporary directory.
            env: further environment variables, which the app sees too.
            step: what a failure calls this; by default `cdk` and the command.
            timeout: seconds.
            check: whether an exit code other than 0 is a failure.

        Raises:
            StepFailed: it fails, takes too long, or is not installed.
        """
        name = step or f"cdk {arguments[0]}"
        if not _CDK.exists():
            raise StepFailed(name, f"the CDK CLI is not installed ({_CDK} is missing). Run: make setup")
        self._runs += 1
        # Its own output directory and no lookups: nothing is written where the app lies.
        command = ["node", str(_CDK), *arguments, "--output", str(self.workdir / f"cdk.out.{self._runs}")]
        command += ["--no-lookups", "--no-notices", "--no-color", *_app_option(app)]
        for key, value in (context or {}).items():
            command += ["--context", f"{key}={value}"]
        return run(
            name,
            command,
            env={**cli_environment(self.workdir, self.endpoint, self.account, self.region), **(env or {})},
            cwd=cwd or (TOP if app is None else self.workdir),
            timeout=timeout,
            check=check,
        )

    def client(self, service: str, region: str | None = None) -> Any:
        """Return a boto3 client of this local AWS."""
        key = (service, region or self.region)
        if key not in self._clients:
            with without_aws_settings():
                # The name of the service is not known here: boto3's types have one overload for each.
                make: Callable[..., Any] = Session().client
                self._clients[key] = make(
                    service,
                    region_name=key[1],
                    endpoint_url=self.endpoint,
                    aws_access_key_id=ACCESS_KEY,
                    aws_secret_access_key=ACCESS_KEY,
                    config=Config(proxies={}, s3={"addressing_style": "path"}),
                )
        return self._clients[key]

    def stack_outputs(self, name: str, region: str | None = None) -> dict[str, str]:
        """Return the outputs of a deployed stack.

        Raises:
            StepFailed: there is no such stack.
        """
        cloudformation = self.client("cloudformation", region)
        try:
            [stack] = cloudformation.describe_stacks(StackName=name)["Stacks"]
        except cloudformation.exceptions.ClientError as error:
            raise StepFailed(f"read the outputs of {name}", _NO_STACK) from error
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def stack_events(self, name: str, region: str | None = None) -> list[dict[str, Any]]:
        """Return what happened to a stack, the latest first; a deleted stack is found by its ARN.

        Raises:
            StepFailed: there is no such stack.
        """
        cloudformation = self.client("cloudformation", region)
        try:
            pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=name)
            return [event for page in pages for event in page["StackEvents"]]
        except cloudformation.exceptions.ClientError as error:
            raise StepFailed(f"read the events of {name}", _NO_STACK) from error

    def _end_on_sigterm(self) -> None:
        """Let SIGTERM unwind the stack as Ctrl-C does, unless the program has a way of its own."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGHUP):
                if signal.getsignal(number) is signal.SIG_DFL:
                    self._handlers[number] = signal.signal(number, _interrupt)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt(signal.Signals(number).name)


def _selected(stacks: Sequence[str]) -> Sequence[str]:
    return stacks or ["--all"]


def _app_option(app: str | Path | None) -> list[str]:
    if app is None:
        return []
    path = Path(app)
    if path.suffix == ".py" and path.is_file():
        return ["--app", shlex.join([sys.executable, str(path.resolve())])]
    return ["--app", str(path.resolve()) if path.is_dir() else str(app)]
