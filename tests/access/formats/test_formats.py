"""What each format says, read back, is what the construct writes; the judge finds the same access."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import read_cloudformation, read_json, read_terraform

from iconik_construct.access.formats import FORMATS, HandedOver
from iconik_construct.access.permissions import IconikPermissions, StoragePurpose
from iconik_construct.access.statements import bucket_statements, key_statement
from iconik_construct.assessment import Question, assess_policy
from iconik_construct.assessment.callers import iconik_session
from iconik_construct.assessment.policy import EvaluatedPolicy
from iconik_construct.assessment.requests import Ask
from iconik_construct.errors import IconikValueError
from iconik_construct.judge import Verdict

DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
KEY = "arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"
READERS = {"json": read_json, "terraform": read_terraform, "cloudformation": read_cloudformation}
PERMISSIONS = {
    "read": IconikPermissions.read(),
    "below prefixes": IconikPermissions.read_write("masters/", "proxies/"),
    "exports": IconikPermissions.for_purpose(StoragePurpose.EXPORTS),
    "admin": IconikPermissions.admin(),
}
HOSTILE = [
    'q"uote/',
    "back\\slash/",
    "%{ if true }/",
    "new\nline/",
    "tab\t\x7f\x85/",
    "é🎬/",
    "a: b # c/",
    "'x'/",
    "$(id)/`id`/",
]


def handed_over(permissions: IconikPermissions, *domains: str) -> HandedOver:
    ids = domains or (DOMAIN,)
    return HandedOver(
        bucket_name="media",
        bucket=tuple(bucket_statements([permissions], ids, "arn:aws:s3:::media")),
        key_arn=KEY,
        key=(key_statement([permissions], ids, via_service="s3.eu-west-1.amazonaws.com"),),
    )


def meant(given: HandedOver) -> dict[str, list[dict[str, Any]]]:
    return {"bucket": list(given.bucket), "key": list(given.key)}


@pytest.mark.parametrize("language", READERS)
@pytest.mark.parametrize("name", PERMISSIONS)
def test_read_back_it_is_what_the_construct_writes(language: str, name: str) -> None:
    given = handed_over(PERMISSIONS[name])
    assert READERS[language](FORMATS[language](given)) == meant(given)


@pytest.mark.parametrize("language", READERS)
def test_several_domains_stay_several(language: str) -> None:
    given = handed_over(IconikPermissions.read(), DOMAIN, "11111111-2222-3333-4444-555555555555")
    assert READERS[language](FORMATS[language](given)) == meant(given)


@pytest.mark.parametrize("language", READERS)
@pytest.mark.parametrize("prefix", HOSTILE)
def test_a_hostile_prefix_stays_text(language: str, prefix: str) -> None:
    given = handed_over(IconikPermissions.read(prefix))
    assert READERS[language](FORMATS[language](given)) == meant(given)


# A prefix that begins with the scheme of a URL is refused, and no scheme begins with a digit.
@settings(max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="*?"), min_size=1, max_size=20))
def test_any_prefix_stays_text(text: str) -> None:
    prefix = "1" + text.replace("${", "$").replace("&{", "&") + "/"
    given = handed_over(IconikPermissions.read(prefix))
    for language, read in READERS.items():
        assert read(FORMATS[language](given)) == meant(given)


@pytest.mark.parametrize("language", READERS)
def test_the_judge_finds_the_same_access(language: str) -> None:
    permissions = IconikPermissions.read("masters/")
    found = READERS[language](FORMATS[language](handed_over(permissions)))
    document = {"Version": "2012-10-17", "Statement": found["bucket"]}
    inside = Ask("s3:GetObject", "arn:aws:s3:::media/masters/a.mov")
    outside = Ask("s3:GetObject", "arn:aws:s3:::media/other/a.mov")
    write = Ask("s3:PutObject", "arn:aws:s3:::media/masters/a.mov")
    question = Question((DOMAIN,), (permissions,))
    policy = EvaluatedPolicy(document, "444455556666", question.iconik)
    answers = [policy.decide(iconik_session(DOMAIN), ask).verdict for ask in (inside, outside, write)]
    assert answers == [Verdict.ALLOWED, Verdict.DENIED, Verdict.DENIED]
    assert assess_policy(document, arn="arn:aws:s3:::media", account="444455556666", question=question) == ()


def test_terraform_refuses_what_it_would_turn_into_a_variable() -> None:
    with pytest.raises(IconikValueError, match=r"cannot write '&\{'.*--format json"):
        FORMATS["terraform"](handed_over(IconikPermissions.read("&{aws:username}/")))


def test_terraform_names_its_data_sources_after_the_bucket() -> None:
    given = HandedOver(bucket_name="acme.media-1", bucket=handed_over(IconikPermissions.read()).bucket)
    text = FORMATS["terraform"](given)
    assert 'data "aws_iam_policy_document" "iconik_acme_media_1_bucket" {' in text
    assert "#     source_policy_documents = [data.aws_iam_policy_document.iconik_acme_media_1_bucket.json]" in text


@pytest.mark.parametrize("language", FORMATS)
def test_without_a_key_no_key_is_mentioned(language: str) -> None:
    given = HandedOver(bucket_name="media", bucket=handed_over(IconikPermissions.read()).bucket)
    assert "kms" not in FORMATS[language](given).lower()


def test_terraform_text_is_formatted_as_terraform_has_it() -> None:
    """As `terraform fmt` left the same text."""
    lines = FORMATS["terraform"](handed_over(IconikPermissions.read())).splitlines()
    start = lines.index("  statement {")
    assert lines[start + 1 : start + 5] == [
        '    sid    = "IconikBucket"',
        '    effect = "Allow"',
        "    actions = [",
        '      "s3:GetAccelerateConfiguration",',
    ]
    assert '    resources = ["arn:aws:s3:::media"]' in lines


def test_json_is_nothing_but_the_policies() -> None:
    found = json.loads(FORMATS["json"](handed_over(IconikPermissions.read())))
    assert {name: set(policy) for name, policy in found.items()} == {
        "BucketPolicy": {"Version", "Statement"},
        "KeyPolicy": {"Version", "Statement"},
    }
