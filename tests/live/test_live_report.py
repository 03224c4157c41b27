"""The page to sign, made from buckets that exist in an account."""

import io
import json
import sys

import pytest
from situations import DOMAIN, NAME, ROOT, SITUATIONS, World, granted, key_granted

from iconik_construct import IconikPermissions
from iconik_construct.cli.main import main


def run(output, *more):
    return main(["report", "--bucket", NAME, "--system-domain-id", DOMAIN, "--output", str(output), *more])


def test_a_healthy_bucket_and_its_key(aws, tmp_path, capsys):
    World(aws).encrypt(ROOT, key_granted())

    assert run(tmp_path / "r.html") == 0
    text = (tmp_path / "r.html").read_text()
    assert "OK: iconik has access for your domain. No other iconik customer" in capsys.readouterr().out
    assert "123456789012" in text
    assert "Key policy" in text
    assert "the account, by read-only calls" in text


def test_the_page_names_the_command_that_makes_it_again(aws, tmp_path):
    World(aws)
    role = "arn:aws:iam::111122223333:role/StandIn"

    run(tmp_path / "r.html", "--iconik-role-arn", role, "--region", "eu-west-1")
    assert f"--iconik-role-arn {role} --region eu-west-1 --output" in (tmp_path / "r.html").read_text()


def test_a_page_on_standard_output_is_utf_8_whatever_the_code_page_is(aws, monkeypatch):
    World(aws)
    output = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(output, encoding="cp1252"))

    run("-", "--prefix", "médias/")

    assert "médias/" in output.getvalue().decode("utf-8")


def test_several_buckets_on_one_page(aws, tmp_path):
    World(aws)
    aws("s3").create_bucket(Bucket="acme-other", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    assert run(tmp_path / "r.html", "--bucket", "acme-other") == 1
    text = (tmp_path / "r.html").read_text()
    assert "<h2>acme-media</h2>" in text
    assert "<h2>acme-other</h2>" in text


def test_a_bucket_that_allows_others(aws, tmp_path, capsys):
    SITUATIONS["no condition"][0](World(aws))

    assert run(tmp_path / "r.html") == 1
    assert "(ICONIK001)" in capsys.readouterr().out
    assert "ICONIK001" in (tmp_path / "r.html").read_text()


@pytest.mark.parametrize(
    ("situation", "finding"),
    [
        ("an ACL for everyone", "ICONIK103"),
        ("everyone", "ICONIK101"),
        ("a disabled key", "ICONIK110"),
        ("a grant to iconik", "ICONIK020"),
        ("a resource control policy that keeps strangers out", "ICONIK120"),
        ("Requester Pays", "ICONIK106"),
    ],
)
def test_what_lies_beside_the_policies_is_the_verdict(aws, tmp_path, capsys, situation, finding):
    SITUATIONS[situation][0](World(aws))

    assert run(tmp_path / "r.html") == 1
    assert finding in capsys.readouterr().out
    text = (tmp_path / "r.html").read_text()
    assert 'class="verdict not_good"' in text
    assert "access denied" not in text


def test_a_storage_that_only_reads_is_good(aws, tmp_path):
    World(aws).policy(*granted(IconikPermissions.read("masters/")))

    assert run(tmp_path / "r.html") == 1
    assert run(tmp_path / "r.html", "--permissions", "read", "--prefix", "masters/") == 0


def test_a_bucket_that_is_not_there_writes_nothing(aws, tmp_path, capsys):
    assert run(tmp_path / "r.html") == 2
    assert f"there is no bucket {NAME}" in capsys.readouterr().err
    assert not (tmp_path / "r.html").exists()


def test_only_read_only_calls(aws, tmp_path):
    World(aws)
    run(tmp_path / "r.html")

    assert aws.calls
    assert all(operation.startswith(("Get", "List", "Describe")) for _, operation in aws.calls)


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        ((ROOT, key_granted()), "OK: iconik has access for your domain. No other iconik customer"),
        ((ROOT,), "NOT OK: acme-media: iconik can use a bucket, but not the key that encrypts it (ICONIK008)"),
        ((ROOT, key_granted(), {**key_granted(), "Sid": "All", "Principal": "*"}), "NOT OK: "),
    ],
)
def test_a_former_key_that_is_named_counts_too(aws, tmp_path, capsys, statements, said):
    World(aws).encrypt(ROOT, key_granted())
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    former = aws("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]

    assert run(tmp_path / "r.html", "--key-arn", former) == (0 if said.startswith("OK") else 1)
    assert said in capsys.readouterr().out
    text = (tmp_path / "r.html").read_text()
    assert f"--key-arn {former}" in text
