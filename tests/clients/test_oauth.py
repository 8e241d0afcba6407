"""OAuth M2M: a service principal with a client secret instead of a token, through the SDK and mlflow."""

import base64
import json
import urllib.parse

import pytest
from mlflow.deployments import get_deploy_client

import rest
from processes import external_entity
from sdk import ENDPOINTS, hello

METADATA = "GET /oidc/.well-known/oauth-authorization-server"
TOKEN = "POST /oidc/v1/token"
ME = "/api/2.0/preview/scim/v2/Me"


@pytest.fixture
def client_of(sdk_as):
    """client_of(service principal, secret): the SDK, which looks for the token call when it is made, and its recorder."""

    def make(who, secret: str):
        w, recorder = sdk_as(client_id=who.application_id, client_secret=secret)
        assert recorder.calls == [METADATA]
        return w, recorder

    return make


def test_a_wrong_client_secret_fails_within_one_attempt(client_of, service_principal):
    w, recorder = client_of(service_principal, "dose-wrong")
    with recorder.expects(TOKEN), pytest.raises(ValueError, match="invalid_client"):
        w.current_user.me()


def test_a_secret_that_was_deleted_makes_no_token(client_of, service_principal, workspace):
    secret = service_principal.secret()
    made = list(workspace.service_principal_secrets_proxy.list(service_principal.id))
    workspace.service_principal_secrets_proxy.delete(service_principal.id, made[-1].id)
    w, recorder = client_of(service_principal, secret)
    with recorder.expects(TOKEN), pytest.raises(ValueError, match="invalid_client"):
        w.current_user.me()


def test_mlflow_with_a_wrong_client_secret(clients_of, gateway, monkeypatch, service_principal):
    recorder = clients_of(gateway)
    monkeypatch.delenv("DATABRICKS_TOKEN")
    monkeypatch.setenv("DATABRICKS_CLIENT_ID", service_principal.application_id)
    monkeypatch.setenv("DATABRICKS_CLIENT_SECRET", "dose-wrong")
    with pytest.raises(Exception):
        get_deploy_client("databricks").list_endpoints()
    assert set(recorder.calls) == {METADATA, TOKEN} and recorder.calls.count(TOKEN) <= 2


def form(**fields: str) -> str:
    return urllib.parse.urlencode(fields)


def ask(gateway, body: str, basic: tuple[str, str] | None = None) -> rest.Answer:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if basic is not None:
        headers["Authorization"] = "Basic " + base64.b64encode(":".join(basic).encode()).decode()
    return gateway.call("POST", "/oidc/v1/token", body, token=None, headers=headers)


def test_what_the_token_call_answers(gateway, service_principal):
    credentials = (service_principal.application_id, service_principal.secret())
    answer = ask(gateway, form(grant_type="client_credentials", scope="all-apis"), credentials).ok()
    assert answer["token_type"] == "Bearer" and answer["scope"] == "all-apis"
    assert 60 <= int(answer["expires_in"]) <= 3600
    me = gateway.call("GET", ME, token=answer["access_token"]).ok()
    assert me["userName"] == service_principal.application_id


@pytest.mark.parametrize(
    "fields, error",
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}, "invalid_request"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "a.b.c"}, "invalid_request"),
    ],
)
def test_token_calls_that_are_wrong(gateway, service_principal, fields, error):
    refused = ask(gateway, form(**fields), (service_principal.application_id, service_principal.secret()))
    assert refused.status in (400, 401)
    assert refused.json["error"] == error, refused.body


def test_an_assertion_that_is_no_token(gateway, free_name):
    body = {"name": free_name, "config": {"served_entities": [external_entity()]}, "route_optimized": True}
    made = gateway.call("POST", ENDPOINTS, body).ok()
    fields = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "authorization_details": made["data_plane_info"]["query_info"]["authorization_details"],
    }
    refused = ask(gateway, form(assertion="a.b.c", **fields))
    assert (refused.status, refused.json["error"]) == (400, "invalid_grant")
    # A personal access token will do, as the SDK sends whatever it has.
    assert ask(gateway, form(assertion=gateway.token, **fields)).ok()["access_token"]


def test_a_token_that_was_changed_is_refused(gateway, service_principal):
    credentials = (service_principal.application_id, service_principal.secret())
    token = ask(gateway, form(grant_type="client_credentials", scope="all-apis"), credentials).ok()[
        "access_token"
    ]
    head, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    claims["exp"] = 9999999999
    longer = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    for forged in (
        f"{head}.{longer}.{signature}",
        f"{unsigned}.{longer}.",
        f"{unsigned}.{longer}.{signature}",
        f"{head}.{payload}.{signature[:-4]}AAAA",
        f"{head}.{payload}.",
    ):
        assert gateway.call("GET", ME, token=forged).status == 401, forged


def test_access_tokens_end_with_their_principal(gateway, workspace, service_principal):
    credentials = (service_principal.application_id, service_principal.secret())
    token = ask(gateway, form(grant_type="client_credentials", scope="all-apis"), credentials).ok()[
        "access_token"
    ]
    assert gateway.call("GET", ME, token=token).status == 200
    workspace.service_principals.delete(service_principal.id)
    assert gateway.call("GET", ME, token=token).status == 401


def test_access_tokens_and_secrets_outlive_a_restart(make_gateway, make_service_principal):
    gateway = make_gateway()
    robot = make_service_principal(on=gateway)
    credentials = (robot.application_id, robot.secret())
    body = form(grant_type="client_credentials", scope="all-apis")
    token = ask(gateway, body, credentials).ok()["access_token"]
    gateway.kill()
    gateway.start()
    assert gateway.call("GET", ME, token=token).ok()["userName"] == robot.application_id
    assert ask(gateway, body, credentials).status == 200
