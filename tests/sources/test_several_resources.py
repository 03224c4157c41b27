"""Several resources in one comparison or report: each is judged as it would be alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from iconik_construct import IconikStorage
from iconik_construct.assessment import Question
from iconik_construct.cli.main import main
from iconik_construct.sources.comparing import Comparison, compare_sources
from iconik_construct.sources.reading import Source
from iconik_construct.templates.template import Template
from tests.guardrail.building import DOMAIN, allow
from tests.guardrail.test_equal_resources import objects_of, resources

Json = Any
FIRST, SECOND = "111111111111", "222222222222"


def template(path: str, account: str | None, *statements: Json) -> Template:
    return Template(path, {"Resources": resources("Media", *statements)}, path, account)


def compared(old: list[Template], new: list[Template]) -> Comparison:
    return compare_sources(Source(templates=tuple(old)), Source(templates=tuple(new)), Question((DOMAIN,)))


@pytest.mark.parametrize("position", [0, 1])
def test_the_account_of_another_stack_is_not_that_of_the_bucket(position: int) -> None:
    reader = allow(Principal={"AWS": FIRST}, Resource=objects_of("Media"), Condition=None)
    condition = {"StringNotEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": objects_of("Media"),
        "Condition": condition,
    }

    def side(*statements: Json) -> list[Template]:
        listed = [template("Second", SECOND, *statements)]
        listed.insert(position, template("First", FIRST))
        return listed

    changes = compared(side(reader, deny), side(reader)).changes
    assert [(each.caller, bool(each.gained)) for each in changes] == [(f"the account {FIRST}", True)]


def test_two_templates_of_one_place_are_paired_if_nothing_has_changed() -> None:
    def side() -> list[Template]:
        # Two versions of a product in one stack.
        versions = [template(f"{number}.json", None, allow(Resource=objects_of("Media"))) for number in range(2)]
        versions[1].body["Resources"]["MediaPolicy"]["Properties"]["PolicyDocument"]["Statement"][1]["Action"] = "s3:*"
        for each in versions:
            each.stack_path = "Portfolio"
            each.is_of_stack = False
        return versions

    assert compared(side(), side()) == Comparison(changes=(), findings=())


def test_a_report_has_each_storage_of_one_name_in_two_accounts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = cdk.App(outdir=str(tmp_path))
    for name in ("Dev", "Prod"):
        IconikStorage(cdk.Stack(app, name), "Media", system_domain_id=DOMAIN, bucket_name=f"media-{cdk.Aws.ACCOUNT_ID}")
    app.synth()
    output = tmp_path / "report.html"
    main(["report", "--assembly", str(tmp_path), "--system-domain-id", DOMAIN, "--output", str(output), "--json",
          str(tmp_path / "report.json")])  # fmt: skip
    storages = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["storages"]
    assert [each["name"] for each in storages] == ["Dev/Media", "Prod/Media"]
    assert "Traceback" not in capsys.readouterr().err


def with_domain(scope: cdk.Stack) -> None:
    domain = cdk.CfnParameter(scope, "Domain").value_as_string
    bucket = IconikStorage(scope, "Media", system_domain_id=domain).bucket
    stage = cdk.CfnParameter(scope, "Stage").value_as_string
    readers = ["{{resolve:ssm:/media/" + stage + "/reader}}", cdk.Fn.import_value("reader")]
    for number, reader in enumerate(readers):
        statement = iam.PolicyStatement(
            sid=f"Reader{number}",
            principals=[iam.ArnPrincipal(reader)],
            actions=["s3:GetObject"],
            resources=[bucket.arn_for_objects("*")],
        )
        bucket.add_to_resource_policy(statement)


FORMS: dict[str, Callable[[cdk.App], cdk.Stack]] = {
    "renamed": lambda app: cdk.Stack(app, "MediaStack"),
    "moved into a stage": lambda app: cdk.Stack(cdk.Stage(app, "Production"), "Media"),
    "in another folder": lambda app: cdk.Stack(app, "Media"),
    "in an account": lambda app: cdk.Stack(app, "Media", env=cdk.Environment(account=FIRST, region="eu-west-1")),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_value_that_is_not_known_is_the_same_in_a_stack_that_was_moved(form: str, tmp_path: Path) -> None:
    folders = [tmp_path / "old", tmp_path / ("a" * 60) / ("b" * 60) / "new"]
    for folder, make in zip(folders, (FORMS["in another folder"], FORMS[form]), strict=True):
        app = cdk.App(outdir=str(folder))
        with_domain(make(app))
        app.synth()
    assert main(["diff", *map(str, folders), "--system-domain-id", DOMAIN]) == 0
    assert main(["diff", str(folders[0] / "Media.template.json"), str(folders[0]), "--system-domain-id", DOMAIN]) == 0


def test_two_nested_stacks_of_one_file_have_not_changed_in_another_folder(tmp_path: Path) -> None:
    class Media(cdk.NestedStack):
        def __init__(self, scope: cdk.Stack) -> None:
            super().__init__(scope, "Media")
            with_domain(self)

    for name in ("old", "new"):
        app = cdk.App(outdir=str(tmp_path / name))
        stack = cdk.Stack(app, "Archive")
        Media(stack)
        Media(cdk.NestedStack(stack, "Inner"))
        app.synth()
    assert main(["diff", str(tmp_path / "old"), str(tmp_path / "new"), "--system-domain-id", DOMAIN]) == 0


def test_the_template_of_a_nested_stack_that_is_given_too_counts_once(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    stack = cdk.Stack(app, "Archive")
    foreign = "77777777-8888-4999-8aaa-bbbbbbbbbbbb"
    nested = cdk.NestedStack(stack, "Nested", parameters={"Domain": foreign})
    given = cdk.CfnParameter(nested, "Domain", default=DOMAIN)
    bucket = s3.Bucket(nested, "Media", enforce_ssl=True)
    statement = allow(Resource=bucket.arn_for_objects("*"))
    statement["Condition"] = {"StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": given.value_as_string}}
    bucket.add_to_resource_policy(iam.PolicyStatement.from_json(statement))
    app.synth()
    parent, child = (str(next(tmp_path.glob(f"*{end}"))) for end in ("Archive.template.json", ".nested.template.json"))
    for paths in ([parent], [parent, child], [child, parent], [str(tmp_path), child], [child, str(tmp_path), parent]):
        assert main(["guard", *paths, "--system-domain-id", DOMAIN]) == 1
    assert main(["guard", child, "--system-domain-id", DOMAIN]) == 0


@pytest.mark.parametrize("is_first", [True, False])
def test_a_template_of_an_assembly_that_is_given_too_keeps_its_acknowledgements(is_first: bool, tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    stack = cdk.Stack(app, "Media")
    bucket = s3.Bucket(stack, "Media", enforce_ssl=True)
    statement = allow(Resource=bucket.arn_for_objects("*"), Condition=None)
    bucket.add_to_resource_policy(iam.PolicyStatement.from_json(statement))
    cdk.Validations.of(bucket).acknowledge(cdk.Acknowledgment(id="iconik-guardrail::ICONIK001", reason="it is empty"))
    app.synth()
    paths = [str(tmp_path), str(tmp_path / "Media.template.json")]
    assert main(["guard", *(paths if is_first else paths[::-1]), "--system-domain-id", DOMAIN]) == 0
