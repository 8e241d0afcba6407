"""What Terraform and the Databricks CLI send, in their order, as plain HTTP; their answers are checked as strictly as Go does."""

import base64
import itertools
import urllib.parse

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

    def call(method: str, path: str, body=None, kind=None, on=None, token=None):
        answer = ask(on or gateway, method, path, body, token)
        found = answer.ok()
        assert isinstance(found, dict)
        if kind is not None:
            assert mismatches(found, kind) == []
        return found

    return call


def ask(gateway, method: str, path: str, body=None, token: str | None = None) -> rest.Answer:
    headers = {
        "User-Agent": "databricks-tf-provider/1.90.0 databricks-sdk-go/0.175.0 go/1.24 os/linux terraform/1.9",
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
    }
    return gateway.call(method, path, body, headers=headers, token=token or gateway.token)


Detailed = serving.ServingEndpointDetailed


def wait(go, name: str, on=None) -> dict:
    def done():
        found = go("GET", f"{ENDPOINTS}/{name}", kind=Detailed, on=on)
        return found["state"]["config_update"] != "IN_PROGRESS" and found

    return wait_until(done, 10, "the update ends")


def two_entities(first: int) -> dict:
    """A config as Terraform sends it: the names and their order are the user's."""
    return {
        "served_entities": [external_entity(name="z"), external_entity("gpt-4", name="a")],
        "traffic_config": {
            "routes": [
                {"served_model_name": "z", "traffic_percentage": first},
                {"served_model_name": "a", "traffic_percentage": 100 - first},
            ]
        },
    }


LIMITS = {"rate_limits": [{"calls": 5, "key": "user", "renewal_period": "minute"}]}


def test_terraform_creates_and_reads(make_gateway, go):
    """databricks_model_serving: create, wait, read. What it holds in its state comes back as it was sent."""
    gateway = make_gateway(update_delay_ms=300)
    body = {
        "name": "tf",
        "config": two_entities(90),
        "ai_gateway": {"usage_tracking_config": {"enabled": True}, **LIMITS},
        "tags": [{"key": "team", "value": "a"}],
        "description": "made by Terraform",
        "email_notifications": {
            "on_update_success": ["dev@example.com"],
            "on_update_failure": ["ops@example.com"],
        },
        "route_optimized": False,
    }
    made = go("POST", ENDPOINTS, body, Detailed, on=gateway)
    assert made["state"] == {"ready": "NOT_READY", "config_update": "IN_PROGRESS"}
    read = wait(go, "tf", gateway)
    assert read["state"] == {"ready": "READY", "config_update": "NOT_UPDATING"}
    for member in ("name", "tags", "ai_gateway", "description", "email_notifications", "route_optimized"):
        assert read[member] == body[member], member
    sent, got = body["config"], read["config"]
    for wanted, found in zip(sent["served_entities"], got["served_entities"], strict=True):
        # Nothing that the user did not say: Terraform would show each as a change that it must undo.
        assert found.keys() - wanted.keys() == {"creator", "creation_timestamp", "state"}
        assert {key: found[key] for key in wanted} == wanted
    assert [
        (route["served_model_name"], route["traffic_percentage"]) for route in got["traffic_config"]["routes"]
    ] == [("z", 90), ("a", 10)]
    assert wait(go, "tf", gateway) == read, "a second read finds nothing to change"
    listed = go("GET", ENDPOINTS, kind=serving.ListEndpointsResponse, on=gateway)["endpoints"]
    assert [(one["name"], one["id"]) for one in listed] == [("tf", read["id"])]


def test_terraform_updates(make_gateway, go):
    """Config and wait, tags by their difference, then the AI gateway."""
    gateway = make_gateway(update_delay_ms=300)
    body = {"name": "tf", "config": two_entities(90), "tags": [{"key": "old", "value": "1"}]}
    go("POST", ENDPOINTS, body, Detailed, on=gateway)
    wait(go, "tf", gateway)
    begun = go("PUT", f"{ENDPOINTS}/tf/config", {"name": "tf", **two_entities(50)}, Detailed, on=gateway)
    assert begun["state"] == {"ready": "READY", "config_update": "IN_PROGRESS"}
    assert begun["config"]["config_version"] == 1, "its read step dereferences this"
    done = wait(go, "tf", gateway)
    assert done["config"]["config_version"] == 2 and "pending_config" not in done
    assert go("GET", f"{ENDPOINTS}/tf", kind=Detailed, on=gateway)["tags"] == body["tags"]
    change = {"add_tags": [{"key": "new", "value": "2"}], "delete_tags": ["old"]}
    tags = go("PATCH", f"{ENDPOINTS}/tf/tags", change, serving.EndpointTags, on=gateway)
    assert tags == {"tags": [{"key": "new", "value": "2"}]}
    put = go("PUT", f"{ENDPOINTS}/tf/ai-gateway", LIMITS, serving.PutAiGatewayResponse, on=gateway)
    assert put == LIMITS
    read = go("GET", f"{ENDPOINTS}/tf", kind=Detailed, on=gateway)
    assert (read["tags"], read["ai_gateway"]) == (tags["tags"], LIMITS)
    assert read["config"] == done["config"], "neither makes a version"
    # The block leaves the user's file.
    assert go("PUT", f"{ENDPOINTS}/tf/ai-gateway", {}, serving.PutAiGatewayResponse, on=gateway) == {}
    assert "ai_gateway" not in go("GET", f"{ENDPOINTS}/tf", kind=Detailed, on=gateway)
    assert go("DELETE", f"{ENDPOINTS}/tf", on=gateway) == {}
    assert ask(gateway, "GET", f"{ENDPOINTS}/tf").error_code == "RESOURCE_DOES_NOT_EXIST"


def test_a_bundle_of_the_cli_updates(make_gateway, go):
    """Tags and AI gateway, then the config, then notifications and telemetry; each of them is let in while it is under
    way."""
    gateway = make_gateway(update_delay_ms=1000)
    go("POST", ENDPOINTS, {"name": "dab", "config": two_entities(90)}, Detailed, on=gateway)
    wait(go, "dab", gateway)
    path = f"{ENDPOINTS}/dab"
    emails = {"email_notifications": {"on_update_success": ["ops@example.com"], "on_update_failure": []}}

    def beside_the_config():
        assert isinstance(go("GET", path, kind=Detailed, on=gateway)["tags"], list)
        go(
            "PATCH",
            f"{path}/tags",
            {"add_tags": [{"key": "a", "value": "1"}]},
            serving.EndpointTags,
            on=gateway,
        )
        go("PUT", f"{path}/ai-gateway", LIMITS, serving.PutAiGatewayResponse, on=gateway)
        kind = serving.UpdateInferenceEndpointNotificationsResponse
        answer = go("PATCH", f"{path}/notifications", emails, kind, on=gateway)
        assert answer["name"] == "dab"
        assert answer["email_notifications"]["on_update_success"] == ["ops@example.com"]

    beside_the_config()
    begun = go("PUT", f"{path}/config", two_entities(50), Detailed, on=gateway)
    assert begun["state"]["config_update"] == "IN_PROGRESS"
    beside_the_config()
    still = go("GET", path, kind=Detailed, on=gateway)
    assert still["state"]["config_update"] == "IN_PROGRESS", "the machine was too slow for this test"
    again = ask(gateway, "PUT", f"{path}/config", two_entities(40))
    assert (again.status, again.error_code) == (409, "RESOURCE_CONFLICT")
    done = wait(go, "dab", gateway)
    assert done["config"]["config_version"] == 2 and done["ai_gateway"] == LIMITS
    # Nothing to set: the CLI sends it all the same.
    assert go("PATCH", f"{path}/telemetry-config", {}, Detailed, on=gateway)["name"] == "dab"


def test_me_and_the_number_of_the_workspace(gateway, go):
    """Terraform reads the workspace's number off a header of the Me call."""
    answer = ask(gateway, "GET", f"{SCIM}/Me")
    assert mismatches(answer.ok(), iam.User) == []
    discovered = go("GET", "/.well-known/databricks-config")
    assert answer.headers["x-databricks-org-id"] == discovered["workspace_id"]
    assert isinstance(discovered["workspace_id"], str) and int(discovered["workspace_id"]) > 0


@pytest.mark.parametrize("entitled", [False, True])
def test_terraform_sets_permissions(
    gateway, go, make_endpoint, make_person, make_group, service_principal, entitled
):
    """databricks_permissions: who it is, what is there, PUT with itself as CAN_MANAGE, read; the same to take all away.
    Once as the admin, once as an ordinary user whose endpoint it is."""
    person, group = make_person("workspace-access"), make_group()
    token = person.token if entitled else gateway.token
    name = make_endpoint()
    if entitled:
        gateway.call("DELETE", f"{ENDPOINTS}/{name}").ok()
        go("POST", ENDPOINTS, {"name": name}, Detailed, token=token)
    endpoint_id = go("GET", f"{ENDPOINTS}/{name}", kind=Detailed, token=token)["id"]
    path = f"{RIGHTS}/{endpoint_id}"
    me = go("GET", f"{SCIM}/Me", kind=iam.User, token=token)["userName"]
    levels = go("GET", f"{path}/permissionLevels", kind=iam.GetPermissionLevelsResponse, token=token)
    assert len(levels["permission_levels"]) == 3
    go("GET", path, kind=iam.ObjectPermissions, token=token)
    itself = {"user_name": me, "permission_level": "CAN_MANAGE"}
    wanted = [
        {"group_name": group.name, "permission_level": "CAN_QUERY"},
        {"service_principal_name": service_principal.application_id, "permission_level": "CAN_VIEW"},
        itself,
    ]

    def direct(answer: dict) -> list[dict]:
        """What the user said, out of an answer: rights that are inherited are none of Terraform's."""
        return [
            {
                **{
                    key: value
                    for key, value in entry.items()
                    if key.endswith("_name") and key != "display_name"
                },
                "permission_level": right["permission_level"],
            }
            for entry in answer["access_control_list"]
            for right in entry["all_permissions"]
            if not right["inherited"]
        ]

    for grants in (wanted, [itself]):
        body = {"access_control_list": grants}
        put = go("PUT", path, body, iam.ObjectPermissions, token=token)
        assert put["object_id"] == f"/serving-endpoints/{endpoint_id}"
        assert direct(put) == grants
        assert go("GET", path, kind=iam.ObjectPermissions, token=token) == put
        assert go("PUT", path, body, iam.ObjectPermissions, token=token) == put


def test_the_cli_logs_in_with_a_client_secret(gateway, go, service_principal):
    """Discovery, where the token call is, the token, Me."""
    found = go("GET", "/.well-known/databricks-config")
    metadata = go(
        "GET", urllib.parse.urlsplit(found["oidc_endpoint"]).path + "/.well-known/oauth-authorization-server"
    )
    credentials = f"{service_principal.application_id}:{service_principal.secret()}"
    answer = gateway.call(
        "POST",
        urllib.parse.urlsplit(metadata["token_endpoint"]).path,
        "grant_type=client_credentials&scope=all-apis",
        token=None,
        headers={
            "Authorization": "Basic " + base64.b64encode(credentials.encode()).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
        },
    ).ok()
    me = go("GET", f"{SCIM}/Me", kind=iam.User, token=answer["access_token"])
    assert me["userName"] == service_principal.application_id


def test_terraform_s_secrets(go):
    """databricks_secret_scope, _secret and _secret_acl: made, read as lists, taken away."""
    scope, path = f"tf-{next(numbers)}", "/api/2.0/secrets"
    assert go("POST", f"{path}/scopes/create", {"scope": scope, "initial_manage_principal": "users"}) == {}
    scopes = go("GET", f"{path}/scopes/list", kind=workspace_service.ListScopesResponse)["scopes"]
    assert {"name": scope, "backend_type": "DATABRICKS"} in scopes
    assert go("POST", f"{path}/put", {"scope": scope, "key": "k", "string_value": "v"}) == {}
    (secret,) = go("GET", f"{path}/list?scope={scope}", kind=workspace_service.ListSecretsResponse)["secrets"]
    assert secret["key"] == "k"
    assert go("POST", f"{path}/acls/put", {"scope": scope, "principal": "users", "permission": "READ"}) == {}
    acl = go("GET", f"{path}/acls/get?scope={scope}&principal=users", kind=workspace_service.AclItem)
    assert acl == {"principal": "users", "permission": "READ"}
    assert (
        acl in go("GET", f"{path}/acls/list?scope={scope}", kind=workspace_service.ListAclsResponse)["items"]
    )
    assert go("POST", f"{path}/acls/delete", {"scope": scope, "principal": "users"}) == {}
    assert go("POST", f"{path}/delete", {"scope": scope, "key": "k"}) == {}
    assert go("POST", f"{path}/scopes/delete", {"scope": scope}) == {}


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
