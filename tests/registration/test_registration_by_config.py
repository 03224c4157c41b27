"""The key `registration` of the configuration file, from its text to the template."""

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from iconik_construct.app.plan import STORAGES_PER_STACK, plan_stacks
from iconik_construct.app.stacks import build_stacks
from iconik_construct.config.document import IconikConfigError, parse_config
from iconik_construct.config.registration import Registration

DOMAIN = "2b8a3a38-5f6e-4d0c-9d6a-7a5c1f3b9e01"
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:iconik/token-a1b2c3"


def parsed(storages, **top):
    return parse_config({"system_domain_id": DOMAIN, **top, "storages": storages})


def mistakes(registration, storage=None):
    with pytest.raises(IconikConfigError) as refused:
        parsed({"masters": {**(storage or {}), "registration": registration}})
    return [str(mistake) for mistake in refused.value.errors]


def template(storages, **top):
    app = cdk.App()
    build_stacks(app, plan_stacks(parsed(storages, **top), {}))
    (stack,) = (child for child in app.node.children if isinstance(child, cdk.Stack))
    return Template.from_stack(stack)


def test_a_storage_is_not_registered_unless_the_file_says_so():
    assert parsed({"masters": {}}).storages[0].registration is None
    template({"masters": {}}).resource_count_is("Custom::IconikRegistration", 0)


def test_a_secret_is_all_that_a_registration_needs():
    (storage,) = parsed({"masters": {"registration": {"credentials": "iconik/token"}}}).storages
    assert storage.registration == Registration(
        credentials="iconik/token", base_url="https://app.iconik.io", removal_policy="RETAIN"
    )


def test_a_registration_at_the_top_holds_for_all_storages():
    storages = parsed({"a": {}, "b": {}}, registration={"credentials": ARN, "removal_policy": "destroy"}).storages
    assert {storage.registration for storage in storages} == {Registration(credentials=ARN, removal_policy="DESTROY")}


@pytest.mark.parametrize("credentials", ["iconik/token", ARN])
def test_each_registered_storage_is_a_custom_resource_and_puts_out_its_id(credentials):
    registration = {"credentials": credentials, "base_url": "https://eu.iconik.io"}
    found = template({"masters": {"path": "a/"}, "old-proxies": {}}, registration=registration)
    found.resource_count_is("Custom::IconikRegistration", 2)
    found.all_resources_properties("Custom::IconikRegistration", {"BaseUrl": "https://eu.iconik.io"})
    assert found.find_outputs("mastersStorageId")
    assert found.find_outputs("oldproxiesStorageId")


@pytest.mark.parametrize("handed_over", [True, False])
def test_a_full_stack_of_registered_storages_stays_within_cloudformations_limits(handed_over):
    key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    adopted = {"encryption_key_arn": key, "adoption": "HAND_OVER"}
    storages = {
        f"s{number}": {"bucket": {"adopt": f"acme-{number}"}, **adopted} if handed_over else {"encryption": "KMS"}
        for number in range(STORAGES_PER_STACK)
    }
    found = template(storages, registration={"credentials": "iconik/token"}).to_json()
    assert len(found["Outputs"]) <= 200
    assert len(found["Resources"]) <= 500


@pytest.mark.parametrize(
    ("registration", "complaint"),
    [
        ({}, "'storages.masters.registration.credentials' must be given"),
        ("iconik/token", "registration' must be an object"),
        ({"credentials": 7}, "registration.credentials' must be the name or the whole ARN"),
        ({"credentials": "a b"}, "registration.credentials' must be the name or the whole ARN"),
        ({"credentials": ARN[:-7]}, "registration.credentials' must be the name or the whole ARN"),
        ({"credentials": "s", "base_url": "http://app.iconik.io"}, "registration.base_url' must be 'https://'"),
        ({"credentials": "s", "base_url": 1}, "registration.base_url' must be a string"),
        ({"credentials": "s", "removal_policy": "SNAPSHOT"}, "registration.removal_policy' must be"),
        ({"credentials": "s", "token": "t"}, "registration.token' is not a known key"),
    ],
)
def test_a_mistake_in_a_registration_names_its_path_and_the_rule(registration, complaint):
    [mistake] = mistakes(registration)
    assert complaint in mistake


def test_two_storages_are_not_registered_under_one_name():
    with pytest.raises(IconikConfigError, match=r"storages\.b\.name' must not be the name of the storage 'a' too"):
        parsed({"a": {"name": "Media"}, "b": {"name": "Media"}}, registration={"credentials": "s"})
    assert parsed({"a": {"name": "Media"}, "b": {"name": "Media"}})
    other = {"name": "Media", "registration": {"credentials": "of-another-domain"}}
    assert parsed({"a": {"name": "Media"}, "b": other}, registration={"credentials": "s"})


@pytest.mark.parametrize("spelling", ["https://app.iconik.io/", "https://APP.iconik.io/API"])
def test_two_spellings_of_one_address_are_one_iconik(spelling):
    other = {"name": "Media", "registration": {"credentials": "s", "base_url": spelling}}
    with pytest.raises(IconikConfigError, match=r"storages\.b\.name' must not be the name of the storage 'a' too"):
        parsed({"a": {"name": "Media"}, "b": other}, registration={"credentials": "s"})


def test_a_storage_of_which_iconik_could_use_nothing_is_refused_with_its_place():
    with pytest.raises(IconikConfigError, match=r"storages\.masters\.path' must be where iconik may read"):
        template(
            {"masters": {"permissions": {"roles": ["READ"], "prefixes": ["a/"]}}}, registration={"credentials": "s"}
        )


def test_a_secret_of_another_region_is_an_error_at_its_key():
    registration = {"credentials": ARN}
    with pytest.raises(IconikConfigError) as refused:
        template({"masters": {}}, registration=registration, region="us-east-1")
    (mistake,) = refused.value.errors
    assert str(mistake).startswith("'storages.masters.registration.credentials' must be in the region of the stack")
