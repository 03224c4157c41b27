"""Code with text that can have marks. Checkers refuse each line that says so, and no other. Nothing runs it."""

from __future__ import annotations

import json
import re

from iconik_construct.assessment.finding import Finding
from iconik_construct.judge import Request
from iconik_construct.judge.scalars import scalars
from iconik_construct.judge.text import MarkedText, if_plain, is_own, is_plain, joined, literal, shown, split, unknown
from iconik_construct.judge.wildcards import STAR, matches


def right(text: MarkedText, finding: Finding) -> str:
    Request(action="s3:GetObject", resource=text, account="111122223333", principal=None)
    matches("arn:*", joined("arn:aws:s3:::", text, "/*"), wildcards=True)
    split(text, ":")[0] == STAR
    text.startswith("arn:") and STAR in text and if_plain(text) in {"*"}
    if is_plain(text):
        return text.split(":")[0]
    return f"{shown(text)}: {shown(finding.text)}"


def plain_text_as_marked_text(text: str) -> None:
    matches("arn:*", text, wildcards=True)  # expect-error
    matches("arn:*", shown(unknown("a bucket")), wildcards=True)  # expect-error
    is_own(text)  # expect-error
    split(text, ":")  # expect-error
    literal(literal(text))  # expect-error


def marked_text_as_plain_text(text: MarkedText, statement: dict[str, str], finding: Finding) -> str:
    text.split(":")  # expect-error
    text.format()  # expect-error
    "*" in text  # expect-error
    text == "*"  # expect-error by mypy
    text in {"*"}  # expect-error by mypy
    statement[text]  # expect-error
    ", ".join([text])  # expect-error
    re.match("arn:", text)  # expect-error
    json.loads(text)  # expect-error
    json.dumps(text)  # expect-error by mypy
    f"the bucket {text}"  # expect-error by mypy
    f"the buckets {scalars('*')}"  # expect-error by mypy
    f"{finding.where}: it is open"  # expect-error by mypy
    str(text)  # expect-error by mypy
    print(text)  # expect-error by mypy
    return text  # expect-error
