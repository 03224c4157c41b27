"""The command `iconik-construct verify`, as a process, against the stand-in."""

import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from dev.standin import OURS, Access, Fault, FaultKind
from iconik_construct import __version__
from iconik_construct.access.permissions import IconikPermissions
from iconik_construct.storage.settings import storage_settings

TOP = Path(__file__).parents[2]
TOKEN = {"ICONIK_APP_ID": OURS.app_id, "ICONIK_AUTH_TOKEN": OURS.auth_token}


def body(permissions=None, **more):
    given = permissions or IconikPermissions.read_write()
    return storage_settings(bucket="media", region="eu-west-1", permissions=(given,), name="Media", **more)


@pytest.fixture
def verify(iconik):
    def run(*arguments, token=TOKEN, stdin=""):
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(TOP), **token}
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "iconik_construct", "verify", "--base-url", iconik.base_url, *arguments],
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            cwd=TOP,
            start_new_session=True,  # without a terminal nobody is asked
        )
        for secret in (OURS.app_id, OURS.auth_token):
            assert secret not in done.stdout + done.stderr
        return done

    return run


def test_settings_that_iconik_can_use_pass(verify, tmp_path):
    file = tmp_path / "settings.json"
    file.write_text(json.dumps(body(path="masters/")))
    done = verify("--settings", str(file))
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "iconik on settings for media/masters/:",
        "  access  passed",
        "  cors    passed",
        "  read    passed",
        "  write   passed",
        "  delete  passed",
    ]


def test_settings_are_taken_from_a_pipe(verify):
    assert verify("--settings", "-", stdin=json.dumps(body())).returncode == 0


def test_a_storage_that_exists_is_verified_by_its_id(verify, iconik):
    storage_id = iconik.storages.create(OURS.system_domain_id, body())["id"]
    done = verify("--storage-id", storage_id)
    assert done.returncode == 0
    assert done.stdout.startswith(f"iconik on the storage {storage_id}:")


@pytest.mark.parametrize(
    ("access", "check", "usually"),
    [
        (Access(read=False, write=False, delete=False), "access", "IconikSystemDomainId"),
        (Access(cors=False), "cors", "s3:PutBucketCORS"),
        (Access(read=False), "read", "prefixes"),
        (Access(read=False), "read", "kms:Decrypt"),
        (Access(write=False), "write", "kms:GenerateDataKey*"),
        (Access(delete=False), "delete", "delete=False"),
    ],
)
def test_a_failed_check_shows_iconiks_text_and_what_it_usually_means(verify, iconik, access, check, usually):
    iconik.storages.attempt = lambda _settings, _domain: access
    done = verify("--settings", "-", stdin=json.dumps(body()))
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if line.split()[:2] == [check, "FAILED"])
    assert "iconik says: Access Denied" in lines[at + 1]
    assert usually in lines[at + 2]


def test_a_check_that_the_settings_do_not_claim_may_fail(verify, iconik):
    iconik.storages.attempt = lambda _settings, _domain: Access(write=False, delete=False)
    done = verify("--settings", "-", stdin=json.dumps(body(IconikPermissions.read())))
    assert done.returncode == 0
    assert "write   FAILED" in done.stdout


def test_only_the_checks_asked_for_decide(verify, iconik):
    iconik.storages.attempt = lambda _settings, _domain: Access(cors=False)
    arguments = ("--settings", "-", "--require", "read", "--require", "write")
    assert verify(*arguments, stdin=json.dumps(body())).returncode == 0


def test_a_file_of_windows_powershell_is_read(verify, tmp_path):
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps(body()), encoding="utf-16")
    assert verify("--settings", str(settings)).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "stdin", "complaint"),
    [
        ((), "", "one of the arguments --storage-id --settings --outputs is required"),
        (("--storage-id", "media"), "", "a storage id must be a UUID, got 'media'"),
        (("--settings", "-"), "{", "is not JSON"),
        (("--settings", "-"), "[" * 100_000, "is not JSON"),
        (("--settings", "-"), "[]", "must have the result of storage.settings(...)"),
        (("--settings", "nowhere.json"), "", "cannot read nowhere.json: no such file"),
        (("--settings", "-", "--base-url", "http://app.iconik.io"), json.dumps(body()), "must begin with https://"),
        (("--settings", "-", "--token", "x"), "", "unrecognized arguments"),
    ],
)
def test_a_wrong_call_is_explained(verify, iconik, arguments, stdin, complaint):
    done = verify(*arguments, stdin=stdin)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert iconik.calls == []


def test_settings_that_hold_a_key_are_refused_and_not_sent(verify, iconik):
    keyed = body()
    keyed["settings"]["secret_key"] = "hunter2"  # noqa: S105
    done = verify("--settings", "-", stdin=json.dumps(keyed))
    assert done.returncode == 2
    assert "must not have secret_key" in done.stderr
    assert "hunter2" not in done.stderr
    assert iconik.calls == []


@pytest.mark.parametrize(
    ("key", "where"), [("bucket", "settings"), ("region", "settings"), ("endpoint", "settings"), ("name", "body")]
)
def test_settings_that_hold_a_token_are_refused_and_not_sent(verify, iconik, key, where):
    unresolved = body()
    (unresolved["settings"] if where == "settings" else unresolved)[key] = "https://s3.${Token[AWS.Region.3]}.aws"
    done = verify("--settings", "-", stdin=json.dumps(unresolved))
    assert done.returncode == 2
    assert f"has a CDK token in {key!r}" in done.stderr
    assert "cdk deploy --outputs-file outputs.json" in done.stderr
    assert iconik.calls == []


def outputs_file(tmp_path, **outputs):
    file = tmp_path / "outputs.json"
    file.write_text(json.dumps({"Iconik": {"mastersRegion": "eu-west-1", "count": "3", **outputs}}))
    return str(file)


def test_settings_are_taken_from_the_outputs_of_a_deployment(verify, iconik, tmp_path):
    file = outputs_file(tmp_path, mastersSettings=json.dumps(body(path="masters/")))
    for which in ([], ["--storage", "masters"], ["--storage", "mastersSettings"]):
        done = verify("--outputs", file, *which)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("iconik on settings for media/masters/:")


def test_of_several_outputs_one_is_named_by_the_key_of_its_storage(verify, iconik, tmp_path):
    old = json.dumps(body(path="old/"))
    file = outputs_file(tmp_path, mastersSettings=json.dumps(body()), oldproxiesSettings=old)
    assert verify("--outputs", file, "--storage", "old-proxies").stdout.startswith("iconik on settings for media/old/:")
    for which, complaint in (
        ([], "several outputs (mastersSettings, oldproxiesSettings): name one with --storage"),
        (["--storage", "archive"], "has no settings of the storage 'archive'"),
    ):
        done = verify("--outputs", file, *which)
        assert done.returncode == 2
        assert complaint in done.stderr


@pytest.mark.parametrize("token", [{**TOKEN, "ICONIK_AUTH_TOKEN": "token-of-yesterday"}, {}])
def test_a_token_that_is_wrong_or_missing_is_no_verdict(verify, token):
    done = verify("--settings", "-", stdin=json.dumps(body()), token=token)
    assert done.returncode == 3
    assert done.stdout == ""


def test_a_redirect_is_no_verdict(verify, iconik):
    iconik.faults.add(Fault(kind=FaultKind.REDIRECT, location="https://app.iconik.io/login"))
    done = verify("--settings", "-", stdin=json.dumps(body()))
    assert (done.returncode, done.stdout) == (3, "")
    assert "redirected" in done.stderr


def test_the_command_starts_without_jsii_boto3_and_the_extras():
    heavy = ("jsii", "aws_cdk", "boto3", "pydantic", "yaml")
    code = f"import sys, iconik_construct.cli.main; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=TOP)  # noqa: S603
    assert done.stdout.strip() == "[]"


def test_the_help_names_every_exit_code():
    done = subprocess.run(
        [sys.executable, "-m", "iconik_construct", "verify", "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=TOP,
    )
    for code in range(4):
        assert f"\n  {code}  " in done.stdout


def test_the_command_says_its_version():
    done = subprocess.run(
        [sys.executable, "-m", "iconik_construct", "--version"], capture_output=True, text=True, check=True, cwd=TOP
    )
    assert done.stdout == f"iconik-construct {__version__}\n"
    assert __version__ == metadata.version("iconik-construct")
