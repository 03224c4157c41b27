"""moto around each test of the handler, and time that does not pass."""

import pytest

from iconik_construct.placement.handler.writer import backoff, calls

FAULT_POINTS = pytest.StashKey()


@pytest.fixture(scope="session")
def session_wire():
    # Imported here: the tests of the merge do not wait for them. One set of clients, because making one takes a second.
    import moto  # noqa: F401, PLC0415 - only clients made after it know it
    from lambda_runs import REGION, Wire  # noqa: PLC0415

    with pytest.MonkeyPatch.context() as environment:
        for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
            environment.delenv(name, raising=False)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            environment.setenv(name, "test")
        for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
            environment.setenv(name, REGION)
        yield Wire()


@pytest.fixture
def wire(session_wire, monkeypatch):
    """moto's AWS, and the handler's way to it."""
    yield from _connected(session_wire, monkeypatch)


@pytest.fixture
def wire_with_parameters(session_wire, monkeypatch):
    """The same, with faults also at the calls for parameters. `session_wire` sets the environment."""
    yield from _connected(type(session_wire)(with_parameters=True), monkeypatch)


def _connected(wire, monkeypatch):
    from moto import mock_aws  # noqa: PLC0415

    monkeypatch.setattr(backoff, "sleep", wire.pass_time)
    monkeypatch.setattr(backoff, "now", lambda: wire.now)
    monkeypatch.setattr(calls, "client", wire.client)
    with mock_aws():
        wire.reset()
        yield wire


@pytest.fixture(scope="session")
def fault_points(request):
    """The places where a fault was made, counted for the reader at the end of the run."""
    return request.config.stash.setdefault(FAULT_POINTS, [])


def pytest_terminal_summary(terminalreporter, config):
    points = config.stash.get(FAULT_POINTS, [])
    if points:
        terminalreporter.write_line(f"{len(set(points))} fault points in the calls of the adoption's handler to AWS")


@pytest.fixture
def stack():
    # Imported here: the tests of the merge do not wait for them.
    import aws_cdk as cdk  # noqa: PLC0415
    from placement_stacks import ACCOUNT  # noqa: PLC0415

    return cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(account=ACCOUNT, region="eu-west-1"))
