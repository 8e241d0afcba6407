"""databricks-sdk: queries, the data plane, and the OpenAI client that it makes."""

import sys
import types
import urllib.parse

import openai
import pytest
from databricks.sdk import errors
from databricks.sdk.service import serving

import processes
from sdk import ENDPOINTS, hello

MESSAGES = [{"role": "user", "content": "Hello!"}]


def test_query_chat(workspace, recorder, make_endpoint):
    name = make_endpoint(entities=[processes.external_entity(name="the-entity")])
    with recorder.expects(f"POST /serving-endpoints/{name}/invocations"):
        answer = workspace.serving_endpoints.query(
            name=name,
            messages=[hello()],
            max_tokens=20,
            temperature=0.5,
            stop=["zzz"],
            n=1,
            extra_params={"top_p": "0.5"},
            client_request_id="request-1",
            usage_context={"team": "gen-ai"},
        )
    assert answer.served_model_name == "the-entity"
    assert answer.choices[0].message.content
    assert answer.usage.total_tokens > 0


def test_query_completions_and_embeddings(workspace, recorder, make_endpoint):
    completions = make_endpoint("gpt-3.5-turbo-instruct", "llm/v1/completions")
    with recorder.expects(f"POST /serving-endpoints/{completions}/invocations"):
        assert workspace.serving_endpoints.query(name=completions, prompt="Once").choices[0].text
    embeddings = make_endpoint("text-embedding-ada-002", "llm/v1/embeddings")
    with recorder.expects(f"POST /serving-endpoints/{embeddings}/invocations"):
        answer = workspace.serving_endpoints.query(name=embeddings, input="Hello")
    assert answer.data[0].embedding and answer.data[0].index == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"prompt": "Once"},
        {"input": "Hello"},
        {"dataframe_records": [{"a": 1}]},
        {"dataframe_split": serving.DataframeSplitInput(columns=["a"], data=[[1]])},
        {"inputs": {"a": [1]}},
        {"instances": [{"a": 1}]},
        {"messages": [hello()], "extra_params": {"model": "x"}},
        {"messages": [hello()], "max_tokens": 0},
    ],
    ids=lambda wrong: "+".join(wrong),
)
def test_query_with_a_wrong_field(workspace, recorder, make_endpoint, wrong):
    name = make_endpoint()
    with recorder.expects(f"POST /serving-endpoints/{name}/invocations"):
        with pytest.raises((errors.BadRequest, errors.InvalidParameterValue)):
            workspace.serving_endpoints.query(name=name, **wrong)


def test_http_request_is_not_implemented(workspace, recorder):
    with recorder.expects("POST /api/2.0/external-function"), pytest.raises(errors.NotImplemented):
        workspace.serving_endpoints.http_request(
            "conn", serving.ExternalFunctionRequestHttpMethod.GET, "/x", json={"a": "b"}
        )


def test_the_openai_client_of_the_sdk(workspace, recorder, make_endpoint):
    """Chat, stream, completions and embeddings, with the workspace's token."""
    client = workspace.serving_endpoints.get_open_ai_client()
    chat = make_endpoint()
    with recorder.expects("POST /serving-endpoints/chat/completions"):
        assert client.chat.completions.create(model=chat, messages=MESSAGES).choices[0].message.content
    with recorder.expects("POST /serving-endpoints/chat/completions"):
        stream = list(client.chat.completions.create(model=chat, messages=MESSAGES, stream=True))
    assert "".join(event.choices[0].delta.content or "" for event in stream)
    completions = make_endpoint("gpt-3.5-turbo-instruct", "llm/v1/completions")
    with recorder.expects("POST /serving-endpoints/completions"):
        assert client.completions.create(model=completions, prompt="Once").choices[0].text
    embeddings = make_endpoint("text-embedding-ada-002", "llm/v1/embeddings")
    with recorder.expects("POST /serving-endpoints/embeddings"):
        assert client.embeddings.create(model=embeddings, input="Hello").data[0].embedding


def test_making_the_openai_client_takes_no_request(workspace, recorder):
    with recorder.expects():
        client = workspace.serving_endpoints.get_open_ai_client(max_retries=0)
    with recorder.expects("POST /serving-endpoints/chat/completions"), pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model="nobody", messages=MESSAGES)


def test_the_langchain_client_of_the_sdk(workspace, recorder, make_endpoint, monkeypatch):
    """langchain_openai itself is not installed here: its class is stood in for by one that hands all to OpenAI's client."""

    def chat_open_ai(model, openai_api_base, api_key, http_client):
        client = openai.OpenAI(base_url=openai_api_base, api_key=api_key, http_client=http_client)
        return lambda messages: client.chat.completions.create(model=model, messages=messages)

    monkeypatch.setitem(sys.modules, "langchain_openai", types.SimpleNamespace(ChatOpenAI=chat_open_ai))
    name = make_endpoint()
    with recorder.expects("POST /serving-endpoints/chat/completions"):
        chat = workspace.serving_endpoints.get_langchain_chat_open_ai_client(name)
        assert chat(MESSAGES).choices[0].message.content


@pytest.fixture
def route_optimised(gateway, free_name) -> str:
    gateway.call(
        "POST",
        ENDPOINTS,
        {
            "name": free_name,
            "config": {"served_entities": [processes.external_entity()]},
            "route_optimized": True,
        },
    ).ok()
    return free_name


def test_an_endpoint_without_a_data_plane(workspace, recorder, make_endpoint):
    name = make_endpoint()
    with recorder.expects(f"GET {ENDPOINTS}/{name}"):
        with pytest.raises(Exception, match="does not support direct Data Plane access"):
            workspace.serving_endpoints_data_plane.query(name=name, messages=[hello()])


def grant(gateway, name: str, application_id: str, level: str = "CAN_QUERY") -> None:
    found = gateway.call("GET", f"{ENDPOINTS}/{name}").ok()
    gateway.call(
        "PATCH",
        f"/api/2.0/permissions/serving-endpoints/{found['id']}",
        {"access_control_list": [{"service_principal_name": application_id, "permission_level": level}]},
    ).ok()


TOKEN = "POST /oidc/v1/token"


@pytest.fixture
def robot(service_principal, sdk_as):
    """The SDK as a service principal with a client secret, and its recorder."""
    return sdk_as(client_id=service_principal.application_id, client_secret=service_principal.secret())


def test_the_data_plane(gateway, robot, service_principal, route_optimised):
    """The endpoint is asked for its address once, a token is had for it once, and queries then go there with that."""
    grant(gateway, route_optimised, service_principal.application_id)
    w, recorder = robot
    query = f"POST /serving-endpoints/{route_optimised}/invocations"
    # The first token is the one of the client secret, the second is had for it.
    with recorder.expects(TOKEN, f"GET {ENDPOINTS}/{route_optimised}", TOKEN, query):
        answer = w.serving_endpoints_data_plane.query(
            name=route_optimised,
            messages=[hello()],
            max_tokens=20,
            client_request_id="request-1",
            usage_context={"team": "gen-ai"},
        )
    assert answer.choices[0].message.content and answer.usage.total_tokens > 0
    with recorder.expects(query):
        assert w.serving_endpoints_data_plane.query(name=route_optimised, messages=[hello()]).choices
    by_secret, asked, exchanged, sent = recorder.requests[-5:-1]
    assert by_secret.headers["authorization"].startswith("Basic ")
    form = urllib.parse.parse_qs(exchanged.body.decode())
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    assert asked.headers["authorization"] == f"Bearer {form['assertion'][0]}"
    assert sent.headers["authorization"] not in ("", asked.headers["authorization"])


def test_a_token_of_the_data_plane_is_for_one_endpoint(
    gateway, robot, service_principal, route_optimised, make_endpoint
):
    """And for queries of it alone, as long as its principal has the right."""
    grant(gateway, route_optimised, service_principal.application_id)
    other = make_endpoint()
    grant(gateway, other, service_principal.application_id)
    w, recorder = robot
    w.serving_endpoints_data_plane.query(name=route_optimised, messages=[hello()])
    token = recorder.requests[-1].headers["authorization"].removeprefix("Bearer ")

    def status(method: str, path: str, body=None) -> int:
        return gateway.call(method, path, body, token=token).status

    query = f"/serving-endpoints/{route_optimised}/invocations"
    assert status("POST", query, {"messages": MESSAGES}) == 200
    assert status("POST", f"/serving-endpoints/{other}/invocations", {"messages": MESSAGES}) == 403
    assert (
        status("POST", "/serving-endpoints/chat/completions", {"model": other, "messages": MESSAGES}) == 403
    )
    assert status("GET", f"{ENDPOINTS}/{route_optimised}") == 403
    assert status("GET", ENDPOINTS) == 403
    assert status("GET", "/api/2.0/preview/scim/v2/Me") == 403
    grant(gateway, route_optimised, service_principal.application_id, "CAN_VIEW")
    with recorder.expects(f"POST {query}"), pytest.raises(errors.PermissionDenied):
        w.serving_endpoints_data_plane.query(name=route_optimised, messages=[hello()])


def test_a_data_plane_that_one_may_not_query(gateway, robot, service_principal, route_optimised):
    """Without a right the endpoint is not shown; with CAN_VIEW it is, but no token is had for it. No call is repeated."""
    w, recorder = robot
    get = f"GET {ENDPOINTS}/{route_optimised}"
    with recorder.expects(TOKEN, get), pytest.raises(errors.PermissionDenied):
        w.serving_endpoints_data_plane.query(name=route_optimised, messages=[hello()])
    grant(gateway, route_optimised, service_principal.application_id, "CAN_VIEW")
    with recorder.expects(get, TOKEN), pytest.raises(ValueError, match="invalid_authorization_details"):
        w.serving_endpoints_data_plane.query(name=route_optimised, messages=[hello()])


def test_the_data_plane_of_the_other_tasks(gateway, robot, service_principal, free_name):
    """What is wrong in a query is told there as elsewhere, after one request."""
    entity = processes.external_entity("text-embedding-ada-002", "llm/v1/embeddings")
    body = {"name": free_name, "config": {"served_entities": [entity]}, "route_optimized": True}
    gateway.call("POST", ENDPOINTS, body).ok()
    grant(gateway, free_name, service_principal.application_id)
    w, recorder = robot
    assert w.serving_endpoints_data_plane.query(name=free_name, input="Hello").data[0].embedding
    with recorder.expects(f"POST /serving-endpoints/{free_name}/invocations"), pytest.raises(
        errors.BadRequest
    ):
        w.serving_endpoints_data_plane.query(name=free_name, messages=[hello()])


def test_a_data_plane_takes_oauth(workspace, recorder, route_optimised):
    """With a token instead, the SDK itself gives up; the ordinary query works on such an endpoint too."""
    with recorder.expects(f"GET {ENDPOINTS}/{route_optimised}"), pytest.raises(ValueError, match="OAuth"):
        workspace.serving_endpoints_data_plane.query(name=route_optimised, messages=[hello()])
    with recorder.expects(f"POST /serving-endpoints/{route_optimised}/invocations"):
        assert workspace.serving_endpoints.query(name=route_optimised, messages=[hello()]).choices
