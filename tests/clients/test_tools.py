"""What Terraform and the Databricks CLI send, in their order, as plain HTTP; their answers are checked as strictly as Go does."""

import itertools

import pytest
from databricks.sdk.service import iam, serving, settings, workspace as workspace_service

import rest
from processes import external_entity, wait_until
from strict import mismatches

ENDPOINTS = "/api/2.0/serving-endpoints"
RIGHTS = "/api/2.0/permissions/serving-endpoints"
SCIM = "/api/2.0/preview/scim/v2"
numbers = itertools.count(1)


@pytest.fixture
def go(gateway):
    """go(method, path, body): one request as the Go SDK makes it. Its answer is a 200 with an object, else the test ends."""

    def call(method: str, path: str, body=None, kind=None, on=None):
        answer = ask(on or gateway, method, path, body)
        found = answer.ok()
        assert isinstance(found, dict)
        if kind is not None:
            assert mismatches(found, kind) == []
        return found

    return call


def ask(gateway, method: str, path: str, body=None) -> rest.Answer:
    headers = {
        "User-Agent": "databricks-tf-provider/1.90.0 databricks-sdk-go/0.175.0 go/1.24 os/linux terraform/1.9",
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
    }
    return gateway.call(method, path, body, headers=headers)


Detailed = serving.ServingEndpointDetailed


def wait(go, name: str, on=None) -> dict:
    def done():
        found = go("GET", f"{ENDPOINTS}/{name}", kind=Detailed, on=on)
        return found["state"]["config_update"] != "IN_PROGRESS" and found

    return wait_until(done, 10, "the update ends")


def test_terraform_cleans_up_after_a_create_that_fails(make_gateway, go):
    """Its wait sees UPDATE_FAILED, and DELETE follows; the name is free again."""
    gateway = make_gateway(update_delay_ms=300)
    secret = {"scope": "scope", "key": "short"}
    go("POST", "/api/2.0/secrets/put", {**secret, "string_value": "v"}, on=gateway)
    entity = external_entity(name="a", openai_api_key="{{secrets/scope/short}}")
    body = {"name": "tf", "config": {"served_entities": [entity]}}
    go("POST", ENDPOINTS, body, Detailed, on=gateway)
    go("POST", "/api/2.0/secrets/delete", secret, on=gateway)
    assert wait(go, "tf", gateway)["state"]["config_update"] == "UPDATE_FAILED"
    assert go("DELETE", f"{ENDPOINTS}/tf", on=gateway) == {}
    body["config"]["served_entities"] = [external_entity(name="a")]
    go("POST", ENDPOINTS, body, Detailed, on=gateway)
