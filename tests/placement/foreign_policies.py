"""Policies that somebody else wrote, in every shape that IAM's grammar allows, each told by a list of numbers.

One number a statement: Hypothesis draws and shrinks whole policies in a fraction of a millisecond.
"""

import json

EFFECTS = ["Allow", "Deny"]
SIDS = [
    None,
    "",
    "Team",
    "Team",
    "TeamB",
    "IconikObjects",
    "IconikObjectsAAAA000",
    "iconikobjectsaaaa0000",
    "テ",
    "a b",
]
PRINCIPALS = [
    ("Principal", "*"),
    ("Principal", {"AWS": "*"}),
    ("Principal", {"AWS": "111122223333"}),
    ("Principal", {"AWS": ["arn:aws:iam::111122223333:root"]}),
    (
        "Principal",
        {"AWS": ["arn:aws:iam::111122223333:role/é", "AROAEXAMPLEID"], "Service": "logging.s3.amazonaws.com"},
    ),
    ("Principal", {"AWS": "arn:aws:iam::283217727627:role/IconikS3AccessRole"}),
    ("NotPrincipal", {"CanonicalUser": ["79a5", "79a5"]}),
    ("Principal", {"Federated": "accounts.google.com"}),
]
ACTIONS = [
    ("Action", "*"),
    ("Action", "s3:GetObject"),
    ("Action", ["s3:getobject"]),
    ("Action", ["s3:PutObject", "s3:GetObject", "s3:PutObject"]),
    ("NotAction", ["s3:*"]),
    ("NotAction", "kms:Decrypt"),
]
RESOURCES = [
    ("Resource", "*"),
    ("Resource", "arn:aws:s3:::media"),
    ("Resource", ["arn:aws:s3:::media/*", "arn:aws:s3:::media"]),
    ("NotResource", ["arn:aws:s3:::media/müsik/${aws:username}/*"]),
]
CONDITIONS = [
    None,
    {},
    {"Bool": {"aws:SecureTransport": False}},
    {"Bool": {"aws:SecureTransport": "false"}},
    {"NumericLessThan": {"s3:TlsVersion": 1.2, "s3:max-keys": [10, "20"]}},
    {"StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": ["b", "a", "a"]}},
    {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-1/*/ou-x/*"]}, "Null": {"aws:TokenIssueTime": True}},
    {"StringNotEqualsIfExists": {"AWS:SourceVpce": "vpce-1"}, "IpAddress": {"aws:SourceIp": ["2001:DB8::/32"]}},
]
UNKNOWN_FIELDS = [{}, {}, {"Comment": '日本語 \u2028 "\\ 🎬'}, {"x": [1, {"y": None}], "Resource2": 1e22}]
CHOICES = [EFFECTS, SIDS, PRINCIPALS, ACTIONS, RESOURCES, CONDITIONS, UNKNOWN_FIELDS]

STATEMENT_CODES = 1
for _choice in CHOICES:
    STATEMENT_CODES *= len(_choice)

ENVELOPES = [
    {"Version": "2012-10-17"},
    {"Version": "2008-10-17", "Id": "Policy1335892530063"},
    {},
    {"Id": "Ünïcode", "Extra": {"kept": [True, None, -0.5]}},
]


def statement(code):
    """Return the statement that a number below STATEMENT_CODES stands for."""
    chosen = []
    for choice in CHOICES:
        code, index = divmod(code, len(choice))
        chosen.append(choice[index])
    effect, sid, principal, action, resource, condition, unknown = chosen
    found = {} if sid is None else {"Sid": sid}
    found |= {"Effect": effect, principal[0]: principal[1], action[0]: action[1], resource[0]: resource[1]}
    if condition is not None:
        found["Condition"] = condition
    return found | unknown


def document(codes, envelope, *, indent=None, ascii_only=False):
    """Return a policy as text: `envelope` picks the fields around the statements; a lone one may go without a list."""
    statements = [statement(code) for code in codes]
    listed = statements[0] if len(statements) == 1 and envelope % 2 else statements
    around = ENVELOPES[envelope % len(ENVELOPES)]
    whole = {"Statement": listed, **around} if envelope >= len(ENVELOPES) else {**around, "Statement": listed}
    return json.dumps(whole, indent=indent, ensure_ascii=ascii_only)
