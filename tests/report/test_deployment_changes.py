"""What is deployed, besides the resources of a template, is on the page: code, merges and settings of a stack."""

import contextlib
import html
import io
import json
import re

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from iconik_construct import IconikStorage, StorageEncryption
from iconik_construct.cli.main import main
from tests.report.template_parts import DOMAIN

ACCOUNT, REGION = "123456789012", "eu-west-1"


@pytest.fixture(params=[cdk.Environment(account=ACCOUNT, region=REGION), None], ids=["known", "unknown"])
def folder(request, tmp_path):
    """An assembly with a merge, and so with functions whose code is an asset."""
    app = cdk.App(outdir=str(tmp_path / "assembly"))
    stack = cdk.Stack(app, "Media", env=request.param)
    bucket = s3.Bucket.from_bucket_name(stack, "Existing", "acme-adopted")
    IconikStorage(stack, "M", system_domain_id=DOMAIN, bucket=bucket, encryption=StorageEncryption.S3_MANAGED)
    app.synth()
    return tmp_path / "assembly"


def words_of(folder):
    page = folder / "r.html"
    with contextlib.redirect_stdout(io.StringIO()):
        main(["report", "--assembly", str(folder), "--system-domain-id", DOMAIN, "--output", str(page)])
    text = re.sub("<style>.*?</style>|<svg.*?</svg>|<[^>]+>", " ", page.read_text(), flags=re.DOTALL)
    return " ".join(html.unescape(text).split())


def changed(file, change):
    body = json.loads(file.read_text())
    change(body)
    file.write_text(json.dumps(body))


def one(template, kind):
    return next(each for each in template["Resources"].values() if each["Type"].startswith(kind))


def of_code(**elements):
    return lambda template: one(template, "AWS::Lambda::Function")["Properties"]["Code"].update(elements)


def of_merge(**properties):
    return lambda template: one(template, "Custom::Iconik")["Properties"].update(properties)


def test_the_page_of_a_usual_app_has_the_hash_of_all_code_and_no_differences(folder):
    words = words_of(folder)
    assert len(re.findall("Code SHA-256 [0-9a-f]{64}, asset [0-9a-f]{64}.zip", words)) == 2
    assert "the asset was not read" not in words
    assert "Custom::Iconik" not in words
    assert "assumeRoleArn" not in words


FOREIGN_ASSETS = f"cdk-hnb659fds-assets-999988887777-{REGION}"
OF_TEMPLATE = {
    "code of another bucket": (of_code(S3Bucket="elsewhere"), "the asset was not read, {\"S3Bucket\": \"elsewhere\"}"),
    "code of another account": (of_code(S3Bucket=FOREIGN_ASSETS), FOREIGN_ASSETS),
    "code of another version": (of_code(S3ObjectVersion="v7"), "\"S3ObjectVersion\": \"v7\""),
    "code of another key": (of_code(S3Key="other.zip"), "other.zip: the asset was not read"),
    "a merge by a function of another account": (
        of_merge(ServiceToken="arn:aws:lambda:eu-west-1:999988887777:function:f"), "function:f"),
    "a merge with another property": (of_merge(TolerateDenies=True), "TolerateDenies: true"),
    "a merge with another time limit": (of_merge(ServiceTimeout="5"), "ServiceTimeout: 5"),
    "a merge that is kept": (
        lambda template: one(template, "Custom::Iconik").update(DeletionPolicy="Retain"), "DeletionPolicy: Retain"),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_TEMPLATE)
def test_other_code_or_another_caller_is_a_word_on_the_page(folder, name):
    change, word = OF_TEMPLATE[name]
    assert word not in words_of(folder)
    changed(folder / "Media.template.json", change)
    words = words_of(folder)
    assert word in words
    assert len(re.findall("Code SHA-256", words)) == (1 if name.startswith("code") else 2)


OF_STACK = {
    "terminationProtection": True,
    "assumeRoleArn": "arn:aws:iam::999988887777:role/cdk-hnb659fds-deploy-role-999988887777-eu-west-1",
    "cloudFormationExecutionRoleArn": "arn:aws:iam::123456789012:role/Administrator",
    "tags": {"team": "media"},
    "stackName": "Other",
    "parameters": {"BootstrapVersion": "/x"},
    "notificationArns": ["arn:aws:sns:eu-west-1:999988887777:t"],
    "stackTemplateAssetObjectUrl": "s3://elsewhere/it.json",
}


@pytest.mark.parametrize("name", OF_STACK)
def test_a_setting_of_the_deployment_is_a_word_on_the_page(folder, name):
    assert f"Media: {name}" not in words_of(folder)
    changed(
        folder / "manifest.json", lambda body: body["artifacts"]["Media"]["properties"].update({name: OF_STACK[name]})
    )
    assert f"Media: {name}" in words_of(folder)
