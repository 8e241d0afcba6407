"""OAuth M2M: a service principal with a client secret instead of a token, through the SDK and mlflow."""

import base64
import json
import urllib.parse

import openai
import pytest
import requests
from databricks.sdk import errors
from mlflow.deployments import get_deploy_client

import rest
from processes import external_entity
from sdk import ENDPOINTS, hello

METADATA = "GET /oidc/.well-known/oauth-authorization-server"
TOKEN = "POST /oidc/v1/token"
ME = "/api/2.0/preview/scim/v2/Me"
CHAT = {"messages": [{"role": "user", "content": "Hello!"}]}


@pytest.fixture
def client_of(sdk_as):
    """client_of(service principal, secret): the SDK, which looks for the token call when it is made, and its recorder."""

    def make(who, secret: str):
        w, recorder = sdk_as(client_id=who.application_id, client_secret=secret)
        assert recorder.calls == [METADATA]
        return w, recorder

    return make


def test_the_sdk_with_a_client_secret(gateway, client_of, service_principal, make_endpoint):
    """One token for all calls, had when the first is made."""
    secret = service_principal.secret()
    name = make_endpoint()
    gateway.grant(name, "CAN_QUERY", service_principal_name=service_principal.application_id)
    w, recorder = client_of(service_principal, secret)
    with recorder.expects(TOKEN, f"GET {ME}"):
        assert w.current_user.me().user_name == service_principal.application_id
    with recorder.expects(f"GET {ENDPOINTS}", f"POST /serving-endpoints/{name}/invocations"):
        assert name in [one.name for one in w.serving_endpoints.list()]
        assert w.serving_endpoints.query(name=name, messages=[hello()]).choices
    had = next(one for one in recorder.requests if one.line == TOKEN)
    credentials = f"{service_principal.application_id}:{secret}"
    assert had.headers["authorization"] == "Basic " + base64.b64encode(credentials.encode()).decode()
    assert urllib.parse.parse_qs(had.body.decode()) == {
        "grant_type": ["client_credentials"],
        "scope": ["all-apis"],
    }
    # What it has no right to is refused like to everybody, and nothing is tried twice.
    with recorder.expects(f"DELETE {ENDPOINTS}/{name}"), pytest.raises(errors.PermissionDenied):
        w.serving_endpoints.delete(name)


def test_a_token_for_the_serving_endpoints_alone(gateway, sdk_as, service_principal, make_endpoint):
    name = make_endpoint()
    gateway.grant(name, "CAN_QUERY", service_principal_name=service_principal.application_id)
    w, recorder = sdk_as(
        client_id=service_principal.application_id,
        client_secret=service_principal.secret(),
        scopes="model-serving",
    )
    with recorder.expects(TOKEN, f"POST /serving-endpoints/{name}/invocations"):
        assert w.serving_endpoints.query(name=name, messages=[hello()]).choices
    assert w.serving_endpoints.get(name).name == name
    with recorder.expects(f"GET {ME}"), pytest.raises(errors.PermissionDenied):
        w.current_user.me()
    with recorder.expects("GET /api/2.0/secrets/scopes/list"), pytest.raises(errors.PermissionDenied):
        list(w.secrets.list_scopes())


def test_authorization_details_of_the_sdk(gateway, sdk_as, service_principal, make_endpoint):
    """A client that is set up for queries of one endpoint gets nothing else."""
    name, other = make_endpoint(), make_endpoint()
    for one in (name, other):
        gateway.grant(one, "CAN_MANAGE", service_principal_name=service_principal.application_id)
    endpoint_id = gateway.call("GET", f"{ENDPOINTS}/{name}").ok()["id"]
    details = {
        "type": "workspace_permission",
        "object_type": "serving-endpoints",
        "object_path": f"/serving-endpoints/{endpoint_id}",
        "actions": ["query_inference_endpoint"],
    }
    w, recorder = sdk_as(
        client_id=service_principal.application_id,
        client_secret=service_principal.secret(),
        authorization_details=json.dumps([details]),
    )
    with recorder.expects(TOKEN, f"POST /serving-endpoints/{name}/invocations"):
        assert w.serving_endpoints.query(name=name, messages=[hello()]).choices
    for line, call in (
        (
            f"POST /serving-endpoints/{other}/invocations",
            lambda: w.serving_endpoints.query(name=other, messages=[hello()]),
        ),
        (f"GET {ENDPOINTS}/{name}", lambda: w.serving_endpoints.get(name)),
        (f"DELETE {ENDPOINTS}/{name}", lambda: w.serving_endpoints.delete(name)),
    ):
        with recorder.expects(line), pytest.raises(errors.PermissionDenied):
            call()


def test_mlflow_with_a_client_secret(clients_of, gateway, monkeypatch, service_principal, make_endpoint):
    """Each of the client's two pools has a token of its own, and keeps it."""
    name = make_endpoint()
    gateway.grant(name, "CAN_QUERY", service_principal_name=service_principal.application_id)
    recorder = clients_of(gateway)
    monkeypatch.delenv("DATABRICKS_TOKEN")
    monkeypatch.setenv("DATABRICKS_CLIENT_ID", service_principal.application_id)
    monkeypatch.setenv("DATABRICKS_CLIENT_SECRET", service_principal.secret())
    client = get_deploy_client("databricks")
    assert client.get_endpoint(name)["permission_level"] == "CAN_QUERY"
    assert client.predict(endpoint=name, inputs=CHAT)["choices"]
    assert list(client.predict_stream(endpoint=name, inputs=CHAT))
    made = [line for line in recorder.calls if line not in (METADATA, TOKEN)]
    query = f"POST /serving-endpoints/{name}/invocations"
    assert made == [f"GET {ENDPOINTS}/{name}", query, query]
    assert recorder.calls.count(TOKEN) == 2
    before = len(recorder.calls)
    assert client.get_endpoint(name)["name"] == name
    assert client.predict(endpoint=name, inputs=CHAT)["choices"]
    # It looks for the token call before each call of its own, but asks for no other token.
    assert recorder.calls[before:] == [METADATA, f"GET {ENDPOINTS}/{name}", METADATA, query]
    with pytest.raises(requests.HTTPError) as refused:
        client.delete_endpoint(name)
    assert refused.value.response.status_code == 403
    assert recorder.calls.count(f"DELETE {ENDPOINTS}/{name}") == 1


def test_openai_with_an_access_token(gateway, recorder, service_principal, make_endpoint):
    name = make_endpoint()
    gateway.grant(name, "CAN_QUERY", service_principal_name=service_principal.application_id)
    credentials = (service_principal.application_id, service_principal.secret())
    token = ask(gateway, form(grant_type="client_credentials", scope="all-apis"), credentials).ok()[
        "access_token"
    ]
    client = openai.OpenAI(base_url=f"{recorder.url}/serving-endpoints", api_key=token)
    with recorder.expects("POST /serving-endpoints/chat/completions"):
        assert client.chat.completions.create(model=name, **CHAT).choices


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
        (
            {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "a.b.c"},
            "invalid_request",
        ),
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
