"""The registration's function and its client, beside the stand-in for iconik."""

import json
import logging
import secrets
from dataclasses import asdict

import boto3
import pytest
from moto import mock_aws

from dev.standin import OURS, THEIRS
from iconik_construct.access.permissions import IconikPermissions
from iconik_construct.registration.handler import index
from iconik_construct.registration.handler.client import Credentials, IconikClient
from iconik_construct.storage.settings import storage_settings


@pytest.fixture
def pauses():
    """The seconds that were to be waited; nobody does."""
    return []


@pytest.fixture
def connect(iconik, pauses):
    def with_account(account=OURS, **more):
        credentials = Credentials(account.app_id, account.auth_token)
        return IconikClient(more.pop("base_url", iconik.base_url), credentials, sleep=pauses.append, **more)

    return with_account


@pytest.fixture(scope="module")
def aws():
    """An AWS account in this process."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        yield boto3.client("secretsmanager")


@pytest.fixture
def secret(aws):
    """Makes a secret that holds an account's token, or any other value."""

    def holding(value):
        value = value if isinstance(value, (str, dict)) else asdict(value)
        text = value if isinstance(value, str) else json.dumps(value)
        return aws.create_secret(Name=f"iconik-{secrets.token_hex(4)}", SecretString=text)["ARN"]

    return holding


class FiveMinutes:
    def get_remaining_time_in_millis(self):
        return 300_000


@pytest.fixture
def send(iconik, secret, monkeypatch, caplog):
    """Sends an event to the handler as the Provider framework would, waiting for nothing."""
    caplog.set_level(logging.DEBUG)
    waited = []
    make = index.Registrar

    def registrar(request, client, **more):
        client._sleep, client._timeout = waited.append, 1.0
        return make(request, client, sleep=waited.append, **more)

    monkeypatch.setattr(index, "Registrar", registrar)
    arn = secret(OURS)

    def event(
        kind,
        *,
        physical_id=None,
        logical_id="Registration",
        stack="Media",
        region="eu-west-1",
        credentials=arn,
        removal="RETAIN",
        settle=0,
        cors=False,
        **storage,
    ):
        body = storage_settings(
            **{
                "bucket": "media",
                "region": "eu-west-1",
                "name": "Media",
                "permissions": (IconikPermissions.read_write(),),
                **storage,
            }
        )
        properties = {
            "BaseUrl": iconik.base_url,
            "CredentialsArn": credentials,
            "SystemDomainIds": [OURS.system_domain_id],
            "Storage": json.dumps(body),
            "RemovalPolicy": removal,
            "CorsRequired": str(cors).lower(),
            "SettleSeconds": str(settle),
        }
        identity = {"StackId": f"arn:aws:cloudformation:{region}:123456789012:stack/{stack}/1"}
        message = {"RequestType": kind, "ResourceProperties": properties, **identity, "LogicalResourceId": logical_id}
        if physical_id is not None:
            message["PhysicalResourceId"] = physical_id
        return index.on_event(message, FiveMinutes())

    yield event
    for account in (OURS, THEIRS):
        assert account.auth_token not in caplog.text
        assert account.app_id not in caplog.text
