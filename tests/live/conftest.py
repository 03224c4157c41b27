"""moto around each test, and every call to AWS written down."""

import os

import pytest
from situations import REGION

CLIENTS = {}


@pytest.fixture
def aws(monkeypatch, request):
    """Clients of moto's AWS, by the name of the service; what the code under test calls is in `aws.calls`."""
    import boto3  # noqa: PLC0415 - the rest of the tests do not wait for it
    from botocore.client import BaseClient  # noqa: PLC0415
    from moto import mock_aws  # noqa: PLC0415

    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    made = {}
    make = boto3.session.Session.client

    def cached(self, service, region_name=None, config=None, **more):
        # Making a client takes a hundred times as long as a call of moto's.
        credentials = self.get_credentials()
        place = (service, region_name, config is not None, credentials and credentials.access_key)
        if place not in CLIENTS:
            CLIENTS[place] = make(self, service, region_name=region_name, config=config, **more)
        return CLIENTS[place]

    monkeypatch.setattr(boto3.session.Session, "client", cached)

    def clients(service):
        if service not in made:
            made[service] = cached(boto3.session.Session(), service, region_name=REGION)
        return made[service]

    clients.calls = []
    clients.answers = {}
    clients.fail = lambda _operation: None
    original = BaseClient._make_api_call

    def recorded(self, operation, parameters):
        if self in made.values():
            return original(self, operation, parameters)
        clients.calls.append((self.meta.service_model.service_name, operation))
        if (error := clients.fail(operation)) is not None:
            raise error
        if (answer := clients.answers.get(operation)) is not None:
            if isinstance(answer, Exception):
                raise answer
            return answer
        found = original(self, operation, parameters)
        if operation == "DescribeKey":
            # moto takes seconds to make a symmetric key, and none to make one of another kind.
            found["KeyMetadata"].update(KeySpec="SYMMETRIC_DEFAULT", KeyUsage="ENCRYPT_DECRYPT")
        return found

    monkeypatch.setattr(BaseClient, "_make_api_call", recorded)
    with mock_aws():
        yield clients
