"""What the synthesized policies of some hundred storages allow and deny, against what is meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dev.proof.intent import Scope, Storage
from dev.proof.judge import mismatches
from dev.proof.lint import TemplateLint
from dev.proof.policy_engine import PolicyEngine
from dev.proof.questions import Written
from dev.proof.storages import Declared, Synthesized, grid, permissions_of, synthesize
from dev.proof.tally import Tally
from dev.proof.universal import Coverage, breaches
from iconik_construct.access.s3_actions import BUCKET_ACTIONS, OBJECT_ACTIONS

pytestmark = pytest.mark.proof

SEGMENTS = st.sampled_from(["a", "b", "masters", "weiß", "x y", "2024", "v1.2"])
PREFIXES = st.lists(SEGMENTS, min_size=1, max_size=3).map(lambda parts: "/".join(parts) + "/")
ON_BUCKET = st.frozensets(
    st.sampled_from(["s3:GetBucketVersioning", "s3:GetLifecycleConfiguration", "s3:ListBucketVersions"])
)
ON_OBJECTS = st.frozensets(st.sampled_from(["s3:DeleteObjectVersion", "s3:GetObjectTagging", "s3:GetObjectVersion"]))
DOMAINS = st.lists(st.uuids().map(str), min_size=1, max_size=3, unique=True).map(lambda ids: tuple(sorted(ids)))


@st.composite
def scopes(draw: st.DrawFn) -> Scope:
    role = draw(st.sampled_from(["read", "write", "write and delete", "read and write", "all three"]))
    return Scope(
        read="read" in role or role == "all three",
        write="write" in role or role == "all three",
        delete="delete" in role or role == "all three",
        prefixes=tuple(draw(st.lists(PREFIXES, max_size=3))),
        more_on_bucket=draw(ON_BUCKET),
        more_on_objects=draw(ON_OBJECTS),
    )


@st.composite
def storages(draw: st.DrawFn) -> Declared:
    meant = tuple(draw(st.lists(scopes(), min_size=1, max_size=3)))
    if draw(st.integers(0, 9)) == 0:
        meant = (*meant, Scope(admin=True))
    encryption = draw(st.sampled_from(["S3_MANAGED", "KMS", "DSSE"]))
    storage = Storage(
        scopes=meant,
        domains=draw(DOMAINS),
        encryption=encryption,
        cors_by_iconik=draw(st.booleans()),
        via_s3_only=encryption != "S3_MANAGED" and draw(st.booleans()),
    )
    return Declared(storage, tuple(permissions_of(scope) for scope in meant))


@pytest.fixture(scope="session", autouse=True)
def _lint_meanwhile(template_lint: TemplateLint) -> None:
    """Start cfn-lint before the engine: they share no core."""


def test_every_verdict_on_the_grid_is_the_one_that_is_meant(
    engine: PolicyEngine, synthesized: Synthesized, tally: Tally
) -> None:
    verdicts, wrong = mismatches(engine, synthesized.storages)
    tally.count(len(synthesized.storages), verdicts, wrong)
    assert wrong == []
    assert len(synthesized.storages) >= 300
    assert verdicts >= 20_000


def test_the_policies_that_are_judged_are_those_of_apps_in_which_cdk_folds_statements(tmp_path: Path) -> None:
    # every shape of permissions once, with all that can be beside it
    declared = [one for one in grid() if one.meant.encryption == "KMS" and len(one.meant.domains) == 2]
    plain = synthesize(declared, tmp_path / "plain")
    folded = synthesize(declared, tmp_path / "folded", flags={"@aws-cdk/aws-iam:minimizePolicies": True})
    assert folded.storages == plain.storages


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(declared=st.lists(storages(), min_size=4, max_size=4))
def test_every_verdict_on_storages_nobody_thought_of_is_the_one_that_is_meant(
    engine: PolicyEngine,
    actions: Coverage,
    tally: Tally,
    tmp_path_factory: pytest.TempPathFactory,
    declared: list[Declared],
) -> None:
    found = synthesize(declared, tmp_path_factory.mktemp("made")).storages
    verdicts, wrong = mismatches(engine, found)
    tally.count(len(found), verdicts, wrong)
    assert wrong == []
    assert breaches(engine, found[:1], actions)[1] == []


def test_every_allowed_caller_has_the_tag_with_a_right_domain(
    engine: PolicyEngine, synthesized: Synthesized, actions: Coverage, tally: Tally
) -> None:
    tried, wrong = breaches(engine, synthesized.storages, actions)
    tally.notes.append(f"unknown context: {tried:,} requests, {len(wrong)} allows that do not depend on the tag alone")
    assert wrong == []


def test_no_action_that_a_bucket_policy_can_grant_is_left_out(actions: Coverage, tally: Tally) -> None:
    tally.notes.append(
        f"in no verdict, because they act on neither a bucket, an object nor a key, and no bucket policy or key policy "
        f"can grant them: {len(actions.in_no_verdict)} actions: {' '.join(actions.in_no_verdict)}"
    )
    assert BUCKET_ACTIONS.isdisjoint(actions.in_no_verdict)
    assert OBJECT_ACTIONS.isdisjoint(actions.in_no_verdict)
    assert {*actions.bucket, *actions.object} == BUCKET_ACTIONS | OBJECT_ACTIONS


def test_the_engine_answers_for_every_kind_of_storage(synthesized: Synthesized) -> None:
    def has_key(written: Written) -> bool:
        return written.key_policy is not None

    assert all(has_key(written) == written.storage.has_key for written in synthesized.storages)
    assert {written.storage.encryption for written in synthesized.storages} == {"S3_MANAGED", "KMS", "DSSE"}
