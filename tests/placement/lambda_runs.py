"""The handler as Lambda runs it, against moto's S3 and KMS in this process: events in, calls to AWS seen, time virtual.

The observer's own clients go past the hooks, so a test can look at and change policies without being counted.
"""

import contextlib
import functools
import itertools
import json
from types import SimpleNamespace

import boto3
from botocore.exceptions import ReadTimeoutError
from moto.kms.models import kms_backends

from iconik_construct.placement.handler import index
from iconik_construct.placement.handler.claim import PLACE, claim_of
from iconik_construct.placement.handler.writer import calls
from iconik_construct.placement.handler.writer.calls import TransientError
from iconik_construct.placement.handler.writer.merge import MergeError

ACCOUNT = "123456789012"
REGION = "eu-west-1"
FOREIGN = {"Sid": "Team", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "*", "Grüße": [1]}
OTHER_FOREIGN = {"Effect": "Allow", "Principal": {"AWS": ["111122223333"]}, "Action": ["s3:*"], "Resource": "*"}


STACK_ID = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/Media/6f0e4d57"


def claim(name, stack_id=STACK_ID):
    """How the Sids of a custom resource end; the name is its logical id."""
    return claim_of(stack_id, name)


def statements(name, version):
    """What the policy has of a custom resource, by Sid."""
    return template_statements(version, claim(name))


DOMAINS = {
    1: "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01",
    2: "5d0a9f3e-2c1b-4f6a-8a4e-7b9c1d2e3f02",
    3: "7b9c1d2e-3f02-4f6a-8a4e-5d0a9f3e2c1b",
}


def template_statements(version, end=PLACE):
    """What a template has: the versions share a Sid, so an update adds, changes and removes."""
    sids = {1: ("Bucket", "Objects"), 2: ("Objects", "List"), 3: ("Objects",)}[version]
    return {
        f"Iconik{sid}{end}": {
            "Sid": f"Iconik{sid}{end}",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::283217727627:role/IconikS3AccessRole"},
            "Action": ["s3:GetObject", f"s3:V{version}"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": DOMAINS[version]}},
        }
        for sid in sids
    }


class Run:
    """What Lambda tells a function about its run: five minutes, of which the pauses take their part."""

    def __init__(self):
        self.pauses = []

    def get_remaining_time_in_millis(self):
        return int((300 - sum(self.pauses)) * 1000)


@functools.cache
def observer(service):
    return boto3.Session().client(service)


class Bucket:
    """A bucket made by hand."""

    def __init__(self, *foreign, name="media"):
        self.name = name
        self.properties = {"BucketName": name}
        self._s3 = observer("s3")
        self._s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        if foreign:
            self.put({"Version": "2012-10-17", "Statement": list(foreign)})

    def get(self):
        try:
            return json.loads(self._s3.get_bucket_policy(Bucket=self.name)["Policy"])
        except self._s3.exceptions.from_code("NoSuchBucketPolicy"):
            return {"Statement": []}

    def put(self, document):
        if document["Statement"]:
            self._s3.put_bucket_policy(Bucket=self.name, Policy=json.dumps(document))
        else:
            self._s3.delete_bucket_policy(Bucket=self.name)

    def remove(self):
        self._s3.delete_bucket(Bucket=self.name)


class Key:
    """A key made by hand; it always has a statement of somebody else."""

    def __init__(self, *foreign):
        self._kms = observer("kms")
        policy = json.dumps({"Version": "2012-10-17", "Id": "ké", "Statement": list(foreign or [FOREIGN])})
        # moto makes real key material, and an elliptic curve is a hundred times faster than its RSA for all else.
        fast = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}
        self.arn = self._kms.create_key(Policy=policy, **fast)["KeyMetadata"]["Arn"]
        self.be("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
        self.properties = {"KeyArn": self.arn}

    def be(self, spec, usage):
        """Let AWS say that it is a key of this kind."""
        key = kms_backends[ACCOUNT][REGION].keys[self.arn.rpartition("/")[2]]
        key.key_spec, key.key_usage = spec, usage

    def get(self):
        return json.loads(self._kms.get_key_policy(KeyId=self.arn, PolicyName="default")["Policy"])

    def put(self, document):
        self._kms.put_key_policy(KeyId=self.arn, PolicyName="default", Policy=json.dumps(document))


_requests = map("request-{}".format, itertools.count())


class CustomResource:
    """CloudFormation's turns with one custom resource, as the provider framework passes them on."""

    def __init__(self, place, name="AAAA0000", stack_id=STACK_ID):
        self.place = place
        self.name = name
        self.identity = {"StackId": stack_id, "LogicalResourceId": name}
        self.physical_id = None
        self.held = None

    def create(self, version):
        self._send("Create", self._properties(version))

    def update(self, version, place=None):
        """Update; on failure send the Update back, and on a new physical id the Delete of the old place.

        CloudFormation tries that Delete three times, and the update stands even if it fails.
        """
        old_place, old, old_id = self.place, self.held, self.physical_id
        self.place = place or old_place
        try:
            self._send("Update", self._properties(version), OldResourceProperties=old)
        except Exception:
            failed = self._properties(version)
            self.place = old_place
            self._send("Update", old, OldResourceProperties=failed)
            raise
        if self.physical_id != old_id:
            for _ in range(3):
                with contextlib.suppress(MergeError, TransientError):
                    self._delete(old, old_id)
                    break

    def delete(self):
        self._delete(self.held, self.physical_id)
        self.physical_id = self.held = None

    def _properties(self, version):
        common = {"ServiceToken": "arn", "ServiceTimeout": "600", "Account": ACCOUNT}
        return {**common, **self.place.properties, "Statements": template_statements(version)}

    def _delete(self, properties, physical_id):
        index.on_event(
            {
                "RequestType": "Delete",
                "RequestId": next(_requests),
                "ResourceProperties": properties,
                "PhysicalResourceId": physical_id,
                **self.identity,
            },
            Run(),
        )

    def _send(self, kind, properties, **more):
        event = {
            "RequestType": kind,
            "RequestId": next(_requests),
            "ResourceProperties": properties,
            **self.identity,
            **more,
        }
        if self.physical_id is not None:
            event["PhysicalResourceId"] = self.physical_id
        self.physical_id = index.on_event(event, Run())["PhysicalResourceId"]
        self.held = properties


class Wire:
    """Between the handler and AWS: counts its calls, and lets a test stand in the way of each of them."""

    def __init__(self, *, with_parameters=False):
        self._clients = {}
        for service in ("s3", "kms", "ssm"):
            client = self._clients[service] = calls.client.__wrapped__(service)
            # The faults of these tests are those of policies: what becomes of the locks is tested apart.
            if service == "ssm" and not with_parameters:
                continue
            client.meta.events.register(f"before-call.{service}", self._before)
            client.meta.events.register(f"after-call.{service}", self._after)
        self.reset()

    def pass_time(self, seconds):
        """Let time pass, which nobody waits for."""
        self.now += seconds

    def reset(self):
        self.now = 1_700_000_000.0
        self.calls = []
        self.headers = []
        self.before = lambda number: None
        self.after = lambda number: None
        self._numbers = itertools.count()

    def client(self, service):
        return self._clients[service]

    def _before(self, model, params, context, **_):
        number = next(self._numbers)
        context["number"] = number
        self.calls.append(model.name)
        self.headers.append(params["headers"])
        code = self.before(number)
        if code is None:
            return None
        http = SimpleNamespace(status_code=200)
        parsed = {}
        _fail(code, http, parsed)
        context["number"] = None
        return http, parsed

    def _after(self, http_response, parsed, context, **_):
        if context["number"] is not None:
            code = self.after(context["number"])
            if code is not None:
                _fail(code, http_response, parsed)


STATUS = {
    "SlowDown": 503,
    "ThrottlingException": 400,
    "InternalError": 500,
    "AccessDenied": 403,
    "MalformedPolicyDocumentException": 400,
    "Unheard": 599,
    "NeverHeardOf": 400,
    "Timeout": None,
}
LOCKOUT = "The new key policy will not allow you to update the key policy in the future."


def _fail(code, http, parsed):
    if STATUS[code] is None:
        raise ReadTimeoutError(endpoint_url="https://aws")
    http.status_code = STATUS[code]
    parsed.clear()
    error = {"Code": code, "Message": LOCKOUT}
    parsed.update(Error=error, ResponseMetadata={"HTTPStatusCode": STATUS[code], "HTTPHeaders": {}})
