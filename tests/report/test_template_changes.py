"""Each change of a template that matters is a word on the page, with the right verdict."""

import contextlib
import copy
import html
import io
import json
import re
import shutil

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from iconik_construct import IconikStorage, StorageEncryption
from iconik_construct.cli.main import main
from tests.report import changes_of_code, changes_of_storages
from tests.report.template_parts import DOMAIN, GOOD, Parts

CHANGES = {**changes_of_storages.CHANGES, **changes_of_code.CHANGES}
_TEMPLATE = "Media.template.json"


@pytest.fixture(scope="module")
def assembly(tmp_path_factory):
    """An assembly of a storage with a key, and a function."""
    folder = tmp_path_factory.mktemp("assembly")
    app = cdk.App(outdir=str(folder))
    stack = cdk.Stack(app, "Media", env=cdk.Environment(account="123456789012", region="eu-west-1"))
    IconikStorage(stack, "Masters", system_domain_id=DOMAIN, encryption=StorageEncryption.KMS)
    function = lambda_.Function(
        stack,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("print(1)"),
    )
    function.add_to_role_policy(iam.PolicyStatement(actions=["s3:ListAllMyBuckets"], resources=["*"]))
    mode = cdk.CfnParameter(stack, "Mode", default="always", allowed_values=["always", "never"])
    cdk.CfnCondition(stack, "Sometimes", expression=cdk.Fn.condition_equals(mode.value_as_string, "always"))
    app.synth()
    return folder


@pytest.fixture(scope="module")
def template(assembly):
    return json.loads((assembly / _TEMPLATE).read_text())


@pytest.fixture(scope="module")
def page_of(assembly, tmp_path_factory):
    """Write the page of a changed template; return the verdict, the words of the page, and its hash."""

    def run(template):
        folder = tmp_path_factory.mktemp("changed") / "assembly"
        shutil.copytree(assembly, folder)
        (folder / _TEMPLATE).write_text(json.dumps(template))
        page, record = folder / "r.html", folder / "r.json"
        ids = ["--system-domain-id", DOMAIN, "--date", "2026-11-29"]
        with contextlib.redirect_stdout(io.StringIO()):
            main(["report", "--assembly", str(folder), *ids, "--output", str(page), "--json", str(record)])
        signed = json.loads(record.read_text())
        text = re.sub("<style>.*?</style>|<svg.*?</svg>|<[^>]+>", " ", page.read_text(), flags=re.DOTALL)
        return signed["verdict"], " ".join(html.unescape(text).split()), signed["sha256"]

    return run


@pytest.fixture(scope="module")
def unchanged(template, page_of):
    return page_of(template)


def test_the_page_of_the_unchanged_template_is_good(unchanged):
    assert unchanged[0] == GOOD
    assert len(CHANGES) >= 80


@pytest.mark.parametrize(
    "name",
    [name if at % 3 == 0 else pytest.param(name, marks=pytest.mark.proof) for at, name in enumerate(CHANGES)],
)
def test_a_change_is_a_word_on_the_page(template, page_of, unchanged, name):
    change, word, expected = CHANGES[name]
    changed = copy.deepcopy(template)
    change(Parts(changed))

    verdict, words, signed = page_of(changed)

    assert verdict == expected
    assert words.count(word) > unchanged[1].count(word)
    assert signed != unchanged[2]


def test_other_code_of_a_function_is_another_hash(template, page_of, unchanged):
    changed = copy.deepcopy(template)
    Parts(changed).function["Properties"]["Code"] = {"ZipFile": "print(2)"}
    codes = [re.findall("Code SHA-256 ([0-9a-f]{64})", words) for _, words, _ in (unchanged, page_of(changed))]
    assert len(codes[0]) == len(codes[1]) == 1
    assert codes[0] != codes[1]


@pytest.mark.parametrize(
    ("option", "rule"),
    [(["--permissions", "read"], "ICONIK006"), (["--prefix", "masters/"], "ICONIK006"), (["--no-delete"], "ICONIK006")],
)
def test_the_options_about_permissions_count_for_an_assembly(assembly, tmp_path, option, rule):
    rules = []
    for more in ([], option):
        record = tmp_path / "r.json"
        with contextlib.redirect_stdout(io.StringIO()):
            main(["report", "--assembly", str(assembly), "--system-domain-id", DOMAIN, *more,
                  "--output", str(tmp_path / "r.html"), "--json", str(record)])  # fmt: skip
        rules.append({each["id"] for each in json.loads(record.read_text())["findings"]})
    assert rule not in rules[0]
    assert rule in rules[1]


def test_a_file_of_a_function_that_changes_after_synthesis_is_another_hash(tmp_path):
    """The hash is of the bytes of the asset, whatever its folder is called."""
    code = tmp_path / "code"
    code.mkdir()
    (code / "index.py").write_text("def handler(event, context): ...")
    app = cdk.App(outdir=str(tmp_path / "out"))
    stack = cdk.Stack(app, "Media")
    lambda_.Function(
        stack,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_asset(str(code)),
    )
    app.synth()
    hashes = []
    [asset] = [each for each in (tmp_path / "out").glob("asset.*") if each.is_dir()]
    for change in (None, "index.py", "more.py"):
        if change:
            (asset / change).write_text("import os")
        with contextlib.redirect_stdout(io.StringIO()):
            main(["report", "--assembly", str(tmp_path / "out"), "--system-domain-id", DOMAIN,
                  "--output", str(tmp_path / "r.html")])  # fmt: skip
        hashes += re.findall("SHA-256 ([0-9a-f]{64}), asset", (tmp_path / "r.html").read_text())
    assert len(set(hashes)) == len(hashes) == 3
