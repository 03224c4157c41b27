"""The data source `aws_iam_policy_document`: its variables, its version, and the documents that it puts together."""

from __future__ import annotations

import json
from typing import Any

from iconik_construct.sources.terraform_policies import policy_of_data


def block(**more: Any) -> dict[str, Any]:
    return {"actions": ["s3:GetObject"], "principals": [{"type": "*", "identifiers": ["*"]}], **more}


def document(sid: str) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": sid, "Effect": "Allow", "Principal": "*"}]})


def test_variables_are_written_as_iam_writes_them() -> None:
    condition = {"test": "StringEquals", "variable": "aws:PrincipalOrgID", "values": ["&{aws:ResourceOrgID}"]}
    policy = policy_of_data({"statement": [block(resources=["*/&{aws:username}/*"], condition=[condition])]})
    assert policy is not None
    assert policy["Statement"][0]["Resource"] == ["*/${aws:username}/*"]
    assert policy["Statement"][0]["Condition"]["StringEquals"]["aws:PrincipalOrgID"] == ["${aws:ResourceOrgID}"]


def test_the_version_decides_whether_there_are_variables() -> None:
    assert policy_of_data({"statement": [], "version": "2008-10-17"}) == {"Version": "2008-10-17", "Statement": []}
    assert policy_of_data({"statement": []}) == {"Version": "2012-10-17", "Statement": []}


def test_a_statement_replaces_an_earlier_one_with_its_sid() -> None:
    deny = block(sid="Tls", effect="Deny")
    for others, effects in (
        ({"override_policy_documents": [document("Tls")]}, ["Allow"]),
        ({"source_policy_documents": [document("Tls")]}, ["Deny"]),
        ({"override_policy_documents": [document("Other")]}, ["Deny", "Allow"]),
        ({"override_json": document("")}, ["Deny", "Allow"]),
    ):
        policy = policy_of_data({"statement": [deny], **others})
        assert policy is not None
        assert [each["Effect"] for each in policy["Statement"]] == effects
