"""A stand-in for iconik with one customer, and another customer whose token is the wrong one."""

import json
import secrets
from dataclasses import asdict

import boto3
import pytest
from moto import mock_aws

from iconik_construct.registration.handler.client import Credentials, IconikClient
from standin import OURS, THEIRS, IconikStandin


@pytest.fixture
def iconik():
    with IconikStandin(OURS, THEIRS) as standin:
        yield standin
    assert standin.complaints == []


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
