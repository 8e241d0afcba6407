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


def test_the_cli_s_other_commands(go):
    """users, groups, service-principals, tokens and secrets, each with list and get."""
    unique = f"cli-{next(numbers)}"
    user = go("POST", f"{SCIM}/Users", {"userName": f"{unique}@example.com"}, iam.User)
    go("GET", f"{SCIM}/Users/{user['id']}", kind=iam.User)
    go("GET", f"{SCIM}/Users?startIndex=1&count=10000", kind=iam.ListUsersResponse)
    group = go(
        "POST", f"{SCIM}/Groups", {"displayName": unique, "members": [{"value": user["id"]}]}, iam.Group
    )
    go("GET", f"{SCIM}/Groups/{group['id']}", kind=iam.Group)
    go("GET", f"{SCIM}/Groups?startIndex=1&count=10000", kind=iam.ListGroupsResponse)
    robot = go("POST", f"{SCIM}/ServicePrincipals", {"displayName": unique}, iam.ServicePrincipal)
    go("GET", f"{SCIM}/ServicePrincipals/{robot['id']}", kind=iam.ServicePrincipal)
    go("GET", f"{SCIM}/ServicePrincipals?startIndex=1", kind=iam.ListServicePrincipalResponse)
    token = go("POST", "/api/2.0/token/create", {"lifetime_seconds": 60}, settings.CreateTokenResponse)
    go("GET", "/api/2.0/token/list", kind=settings.ListPublicTokensResponse)
    go("GET", "/api/2.0/token-management/tokens", kind=settings.ListTokensResponse)
    go("POST", "/api/2.0/token/delete", {"token_id": token["token_info"]["token_id"]})
    go("POST", "/api/2.0/secrets/scopes/create", {"scope": unique})
    go("POST", "/api/2.0/secrets/put", {"scope": unique, "key": "k", "string_value": "v"})
    go("GET", "/api/2.0/secrets/scopes/list", kind=workspace_service.ListScopesResponse)
    go("GET", f"/api/2.0/secrets/list?scope={unique}", kind=workspace_service.ListSecretsResponse)
    go("GET", f"/api/2.0/secrets/acls/list?scope={unique}", kind=workspace_service.ListAclsResponse)
    go("POST", "/api/2.0/secrets/scopes/delete", {"scope": unique})
    for path in (f"Users/{user['id']}", f"Groups/{group['id']}", f"ServicePrincipals/{robot['id']}"):
        go("DELETE", f"{SCIM}/{path}")
