"""No statement of somebody else is lost or changed, whatever their policy looks like and whoever comes and goes."""

import json
from random import Random

import pytest
from foreign_policies import ENVELOPES, STATEMENT_CODES, document
from hypothesis import example, given, settings
from hypothesis import strategies as st

from iconik_construct.placement.handler.writer.merge import (
    BUCKET_POLICY,
    KEY_POLICY,
    Merged,
    MergeError,
    merge,
    same_meaning,
)

EXAMPLES = 500
# Hypothesis searches for what breaks. Plain chance makes many more in the same time.
BY_CHANCE = 18_000
ADOPTERS = 4
VERSIONS = 4

KINDS = st.sampled_from([BUCKET_POLICY, KEY_POLICY])
FOREIGN = st.lists(st.integers(0, STATEMENT_CODES - 1), max_size=25)
ENVELOPE = st.integers(0, 2 * len(ENVELOPES) - 1)
# One number a turn: who, and which version they want next (0: none, so a delete).
TURNS = st.lists(st.integers(0, ADOPTERS * VERSIONS - 1), max_size=6)


def ours(adopter, version):
    """What an adopter wants: the Sids of the versions overlap, so updates add, change and remove."""
    if version == 0:
        return {}
    names = {1: ["Bucket", "Objects"], 2: ["Objects", "Objects2"], 3: ["Admin"]}[version]
    return {
        sid: {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::283217727627:role/IconikS3AccessRole"},
            "Action": ["s3:GetObject", f"s3:Put{version}"] if version < 3 else "s3:*",
            "Resource": ["arn:aws:s3:::media", f"arn:aws:s3:::media/{adopter}é/*"],
            "Condition": {"StringEquals": {"aws:PrincipalTag/IconikSystemDomainId": [f"id-{version}"]}},
        }
        for sid in (f"Iconik{name}AAAA000{adopter}" for name in names)
    }


OUR_SIDS = {sid for adopter in range(ADOPTERS) for version in range(VERSIONS) for sid in ours(adopter, version)}


def statements(text):
    if text is None:
        return []
    found = json.loads(text)["Statement"]
    return [found] if isinstance(found, dict) else found


def rearranged(text):
    """The policy as AWS may give it back: our lists of one as scalars, our longer lists in another order."""
    if text is None:
        return None
    whole = json.loads(text)
    for statement in [whole["Statement"]] if isinstance(whole["Statement"], dict) else whole["Statement"]:
        if statement.get("Sid") in OUR_SIDS:
            condition = statement["Condition"]["StringEquals"]
            key, value = condition.popitem()
            condition[key.replace("aws:P", "AWS:p")] = value[0] if isinstance(value, list) else [value]
            for field in ("Action", "Resource"):
                if isinstance(statement[field], list):
                    statement[field].reverse()
    return json.dumps(whole)


def come_and_go(kind, foreign, envelope, turns):
    """Let adopters come, change and go, and look after each turn."""
    if not kind.may_be_absent:
        foreign = foreign or [0]
    original = document(foreign, envelope) if foreign else None
    theirs = statements(original)
    text = original
    held = dict.fromkeys(range(ADOPTERS), 0)

    def turn(adopter, version):
        nonlocal text
        old, new = ours(adopter, held[adopter]), ours(adopter, version)
        try:
            merged = merge(text, old=[old], new=new, kind=kind)
        except MergeError as refusal:
            if "bytes long" not in str(refusal):
                raise
            return
        assert merged.changed == (version != held[adopter])
        text = merged.text
        held[adopter] = version
        wanted = [statement for who in held for statement in ours(who, held[who]).values()]
        sids = {statement["Sid"] for statement in wanted}
        present = statements(text)
        # As text, so that 1 and true, or two orders of fields, are not taken for the same.
        assert json.dumps([each for each in present if each.get("Sid") not in sids]) == json.dumps(theirs)
        mine = [each for each in present if each.get("Sid") in sids]
        assert sorted(map(json.dumps, mine)) == sorted(map(json.dumps, wanted))
        assert text is None or len(text.encode()) <= kind.limit or not new
        assert merge(text, old=[old], new=new, kind=kind) == Merged(text, changed=False)

    for code in turns:
        turn(*divmod(code, VERSIONS))
    text = rearranged(text)
    for adopter, version in held.items():
        same = ours(adopter, version)
        assert merge(text, old=[same], new=same, kind=kind) == Merged(text, changed=False)
    for adopter, version in held.items():
        text = merge(text, old=[ours(adopter, version)], new={}, kind=kind).text
    assert statements(text) == theirs
    if original is None:
        assert text is None
    else:
        assert {**json.loads(text), "Statement": theirs} == {**json.loads(original), "Statement": theirs}
        assert list(json.loads(text)) == list(json.loads(original))


@settings(max_examples=EXAMPLES)
@given(kind=KINDS, foreign=FOREIGN, envelope=ENVELOPE, turns=TURNS)
@example(kind=BUCKET_POLICY, foreign=[], envelope=0, turns=[1, 0])
@example(kind=KEY_POLICY, foreign=[7], envelope=1, turns=[1, 6, 2, 0])
def test_foreign_statements_stay_and_own_statements_are_there_once(kind, foreign, envelope, turns):
    come_and_go(kind, foreign, envelope, turns)


@pytest.mark.proof
def test_foreign_statements_stay_as_they_are_in_many_more_chains():
    chance = Random(2)  # noqa: S311 - the same chains in each run
    for _ in range(BY_CHANCE):
        chain = (
            chance.choice([BUCKET_POLICY, KEY_POLICY]),
            [chance.randrange(STATEMENT_CODES) for _ in range(min(chance.randint(0, 25), chance.randint(0, 25)))],
            chance.randrange(2 * len(ENVELOPES)),
            [chance.randrange(ADOPTERS * VERSIONS) for _ in range(chance.randint(0, 6))],
        )
        try:
            come_and_go(*chain)
        except Exception as error:
            raise AssertionError(f"the chain {chain}") from error


@pytest.mark.parametrize("kind", [BUCKET_POLICY, KEY_POLICY])
@pytest.mark.parametrize("old_version", [0, 1])
def test_an_edited_statement_with_an_own_sid_is_refused(kind, old_version):
    taken = {**ours(0, 1)["IconikObjectsAAAA0000"], "Action": "s3:*"}
    text = json.dumps({"Statement": [taken]})

    with pytest.raises(MergeError, match=r"Sid 'IconikObjectsAAAA0000'.*somebody wrote or changed it"):
        merge(text, old=[ours(0, old_version)], new=ours(0, 2), kind=kind)


def test_an_edited_statement_with_an_own_sid_stays_after_a_delete():
    taken = {**ours(0, 1)["IconikObjectsAAAA0000"], "Action": "s3:*"}
    text = json.dumps({"Statement": [taken, ours(0, 1)["IconikBucketAAAA0000"]]})

    merged = merge(text, old=[ours(0, 1)], new={}, kind=BUCKET_POLICY)

    assert statements(merged.text) == [taken]


@pytest.mark.parametrize("version", [0, 2])
def test_a_create_that_never_happened_can_be_deleted_beside_a_foreign_statement_with_our_sid(version):
    text = json.dumps({"Statement": [{**ours(0, 2)["IconikObjectsAAAA0000"], "Effect": "Deny"}]})

    found = merge(text, old=[ours(0, version)], new={}, kind=BUCKET_POLICY)

    assert (found.text, found.changed) == (text, False)
    # What somebody has edited stays, and the function says so.
    assert found.edited == tuple(sid for sid in ours(0, version) if sid == "IconikObjectsAAAA0000")


def test_ours_are_replaced_where_they_stand():
    first, last = {"Sid": "First", "Effect": "Deny"}, {"Effect": "Allow"}
    text = json.dumps({"Statement": [first, *ours(0, 1).values(), last]})

    merged = merge(text, old=[ours(0, 1)], new=ours(0, 2), kind=BUCKET_POLICY)

    assert [s.get("Sid") for s in statements(merged.text)] == [
        "First",
        "IconikObjectsAAAA0000",
        None,
        "IconikObjects2AAAA0000",
    ]


def test_ours_are_left_once_where_they_are_twice():
    text = json.dumps({"Statement": [*ours(0, 3).values(), *ours(0, 3).values()]})

    merged = merge(text, old=[ours(0, 3)], new=ours(0, 3), kind=BUCKET_POLICY)

    assert statements(merged.text) == list(ours(0, 3).values())


def test_statements_stay_own_after_the_role_was_deleted_and_made_again():
    (wanted,) = ours(0, 3).values()
    text = json.dumps({"Statement": [{"Effect": "Deny"}, {**wanted, "Principal": {"AWS": "AROAEXAMPLE"}}]})

    assert statements(merge(text, old=[ours(0, 3)], new=ours(0, 3), kind=KEY_POLICY).text)[1] == wanted
    assert len(statements(merge(text, old=[ours(0, 3)], new={}, kind=KEY_POLICY).text)) == 1


@pytest.mark.parametrize(("kind", "limit"), [(BUCKET_POLICY, 20_480), (KEY_POLICY, 32_768)])
def test_a_policy_may_be_as_long_as_aws_accepts_and_not_a_byte_longer(kind, limit):
    def filled(size):
        return json.dumps({"Statement": [{"Effect": "Allow", "Comment": "é" + "x" * size}]}, separators=(",", ":"))

    overhead = len(merge(filled(0), old=(), new=ours(0, 1), kind=kind).text.encode())
    assert len(merge(filled(limit - overhead), old=(), new=ours(0, 1), kind=kind).text.encode()) == limit

    with pytest.raises(MergeError, match=rf"would be {limit + 1:,} bytes long, and AWS accepts {limit:,}"):
        merge(filled(limit - overhead + 1), old=(), new=ours(0, 1), kind=kind)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[]",
        "null",
        "{}",
        '{"Statement":"x"}',
        '{"Statement":[1]}',
        '{"Statement":[],"Statement":[]}',
        '{"Statement":[{"Action":"a","Action":"b"}]}',
        '{"Statement":[{"x":NaN}]}',
        '{"Statement":[{"x":1e999}]}',
        '{"Statement":[{"x":1.10000000000000000001}]}',
        '{"Statement":' + "[" * 9_000,
    ],
)
def test_a_policy_that_cannot_be_read_without_loss_is_refused_and_can_be_left(text):
    with pytest.raises(MergeError, match="It is not changed"):
        merge(text, old=(), new=ours(0, 1), kind=BUCKET_POLICY)

    assert merge(text, old=[ours(0, 1)], new={}, kind=BUCKET_POLICY) == Merged(text, changed=False)


def test_leaving_statements_in_an_unreadable_policy_is_an_error():
    with pytest.raises(MergeError, match="It is not changed"):
        merge('{"IconikObjectsAAAA0000":', old=[ours(0, 1)], new={}, kind=BUCKET_POLICY)


def test_a_key_is_never_left_without_a_policy():
    text = json.dumps({"Statement": list(ours(0, 1).values())})

    with pytest.raises(MergeError, match="would have no statement"):
        merge(text, old=[ours(0, 1)], new={}, kind=KEY_POLICY)


@pytest.mark.parametrize(("kind", "writable"), [(BUCKET_POLICY, "日🎬"), (KEY_POLICY, r"\u65e5\ud83c\udfac")])
def test_characters_that_aws_does_not_take_as_they_are_become_escapes(kind, writable):
    comment = "é日🎬"
    text = json.dumps({"Statement": [{"Effect": "Deny", "Comment": comment}]})

    merged = merge(text, old=(), new=ours(0, 3), kind=kind)

    assert f'"é{writable}"' in merged.text
    assert statements(merged.text)[0]["Comment"] == comment


def test_half_a_surrogate_pair_is_kept():
    text = r'{"Statement":[{"Effect":"Deny","Comment":"\ud800"}]}'

    assert r'"\ud800"' in merge(text, old=(), new=ours(0, 3), kind=BUCKET_POLICY).text


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"Action": "s3:GetObject"}, {"Action": ["S3:getobject"]}, True),
        ({"Action": ["a", "b"]}, {"Action": ["b", "a"]}, True),
        ({"Action": ["a", "b"]}, {"Action": ["a"]}, False),
        ({"Condition": {"StringEquals": {"A": ["x"]}}}, {"Condition": {"StringEquals": {"a": "x"}}}, True),
        ({"Condition": {"StringEquals": {"A": "x"}}}, {"Condition": {"StringEquals": {"a": "X"}}}, False),
        ({"Condition": {"Bool": {"a": True}}}, {"Condition": {"Bool": {"a": "true"}}}, True),
        ({"Condition": {"StringEquals": {"a": "x"}}}, {"Condition": {"StringLike": {"a": "x"}}}, False),
        ({"Principal": "*"}, {"Principal": {"AWS": "*"}}, False),
        ({"Principal": {"AWS": ["a"]}}, {"Principal": {"AWS": "a"}}, True),
        ({"Principal": {"AWS": "a"}}, {"NotPrincipal": {"AWS": "a"}}, False),
        ({"Resource": "A"}, {"Resource": "a"}, False),
        ({"Effect": "Allow"}, {"Effect": "Allow", "More": 1}, False),
    ],
)
def test_two_statements_mean_the_same_however_aws_writes_them(one, other, same):
    assert same_meaning(one, other) is same
