"""The MLflow deployments client, target "databricks": every call of it, and what it sends on the wire."""

import time

import pytest
import requests
from mlflow.deployments import get_deploy_client
from mlflow.exceptions import MlflowException

from fake_upstream import DONE, Reply, chunk
from processes import external_entity
from recorder import DISCOVERY

MESSAGES = {"messages": [{"role": "user", "content": "Hello!"}]}
ENDPOINTS = "/api/2.0/serving-endpoints"


@pytest.fixture
def sends(mlflow_client, recorder):
    """with sends("GET …"): one call of the client makes exactly this request, behind one discovery."""
    # The first call and the first query make a second discovery, one for each of the client's two pools.
    mlflow_client.list_endpoints()
    with pytest.raises(requests.HTTPError):
        mlflow_client.predict(endpoint="nobody", inputs=MESSAGES)
    assert recorder.lines == [
        *[DISCOVERY, DISCOVERY, f"GET {ENDPOINTS}/"],
        *[DISCOVERY, DISCOVERY, "POST /serving-endpoints/nobody/invocations"],
    ]
    return lambda *lines: recorder.expects(*lines, discoveries=len(lines))


def refused_with(status: int):
    """with refused_with(404): the client raises requests.HTTPError, whose response has this status."""
    return pytest.raises(requests.HTTPError, check=lambda error: error.response.status_code == status)


def test_create_with_name_and_config(mlflow_client, sends, free_name):
    """The deprecated style. With the trailing slash, and answered there: a redirect would turn the POST into a GET."""
    with sends(f"POST {ENDPOINTS}/"):
        endpoint = mlflow_client.create_endpoint(
            name=free_name,
            config={
                "served_entities": [external_entity(name="chat")],
                "tags": [{"key": "team", "value": "gen-ai"}],
                "rate_limits": [{"calls": 100, "key": "user", "renewal_period": "minute"}],
            },
        )
    assert endpoint["name"] == free_name and endpoint.state["ready"] == "READY"
    assert endpoint["tags"] == [{"key": "team", "value": "gen-ai"}]
    assert endpoint["ai_gateway"]["rate_limits"] == [
        {"calls": 100, "key": "user", "renewal_period": "minute"}
    ]


def test_create_with_the_whole_body_as_config(mlflow_client, sends, free_name):
    body = {
        "name": free_name,
        "config": {"served_entities": [external_entity(name="chat")]},
        "tags": [{"key": "team"}],
        "route_optimized": False,
    }
    with sends(f"POST {ENDPOINTS}/"):
        endpoint = mlflow_client.create_endpoint(config=body)
    assert endpoint["name"] == free_name
    assert endpoint["tags"] == [{"key": "team"}]


@pytest.mark.parametrize("whole_body", [False, True])
def test_create_of_a_route_optimised_endpoint(mlflow_client, sends, free_name, whole_body):
    """Once as an argument, once where the client's own documentation puts it: inside `config`."""
    config = {"served_entities": [external_entity(name="chat")]}
    with sends(f"POST {ENDPOINTS}/"):
        if whole_body:
            made = mlflow_client.create_endpoint(
                config={"name": free_name, "config": {**config, "route_optimized": True}}
            )
        else:
            made = mlflow_client.create_endpoint(name=free_name, config=config, route_optimized=True)
    assert made["route_optimized"] is True
    assert made["endpoint_url"] and made["data_plane_info"]["query_info"]["endpoint_url"]


def test_create_of_a_name_that_is_taken(mlflow_client, sends, make_endpoint):
    name = make_endpoint()
    # mlflow takes the status from the code RESOURCE_ALREADY_EXISTS, which it knows as 400; on the wire it is 409.
    with sends(f"POST {ENDPOINTS}/"), refused_with(400):
        mlflow_client.create_endpoint(
            config={"name": name, "config": {"served_entities": [external_entity()]}}
        )


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"name": "a b", "config": {}},
        {"name": "wrong", "config": {"served_entities": [external_entity(model="x", task="llm/v1/no")]}},
        {"name": "wrong", "config": {"served_entities": [external_entity(openai_api_key="sk-no-reference")]}},
        {"name": "wrong", "config": {}, "rate_limits": [{"calls": -1, "renewal_period": "minute"}]},
    ],
    ids=["nothing", "name", "task", "key", "limit"],
)
def test_create_that_is_wrong(mlflow_client, sends, gateway, config):
    with sends(f"POST {ENDPOINTS}/"), refused_with(400):
        mlflow_client.create_endpoint(config=config)
    assert gateway.call("GET", f"{ENDPOINTS}/wrong").status == 404


def test_updates_that_are_wrong(mlflow_client, sends, gateway, make_endpoint):
    """And of what is not there; each takes one request and changes nothing."""
    name = make_endpoint()
    before = gateway.call("GET", f"{ENDPOINTS}/{name}").ok()
    bad = {"rate_limits": [{"calls": 1, "renewal_period": "hour"}]}
    for path, call, config in (
        ("config", mlflow_client.update_endpoint_config, {"served_entities": []}),
        ("rate-limits", mlflow_client.update_endpoint_rate_limits, bad),
        ("ai-gateway", mlflow_client.update_endpoint_ai_gateway, bad),
        ("tags", mlflow_client.update_endpoint_tags, {"add_tags": [{"value": "no key"}]}),
    ):
        method = "PATCH" if path == "tags" else "PUT"
        with sends(f"{method} {ENDPOINTS}/{name}/{path}"), refused_with(400):
            call(endpoint=name, config=config)
        with sends(f"{method} {ENDPOINTS}/nobody/{path}"), refused_with(404):
            call(endpoint="nobody", config=config)
    assert gateway.call("GET", f"{ENDPOINTS}/{name}").ok() == before


def test_get(mlflow_client, sends, gateway, make_endpoint):
    name = make_endpoint()
    with sends(f"GET {ENDPOINTS}/{name}"):
        endpoint = mlflow_client.get_endpoint(name)
    assert endpoint == gateway.call("GET", f"{ENDPOINTS}/{name}").ok()


def test_list(mlflow_client, sends, make_endpoint):
    first, second = make_endpoint(), make_endpoint(task="llm/v1/embeddings", model="text-embedding-ada-002")
    with sends(f"GET {ENDPOINTS}/"):
        listed = {endpoint["name"]: endpoint for endpoint in mlflow_client.list_endpoints()}
    assert listed[first]["task"] == "llm/v1/chat"
    assert (
        listed[second]["config"]["served_entities"][0]["external_model"]["name"] == "text-embedding-ada-002"
    )


def test_list_of_none(make_gateway, clients_of):
    clients_of(make_gateway())
    assert get_deploy_client("databricks").list_endpoints() == []


CONFIG = {"served_entities": [external_entity("gpt-4", name="other")]}


def test_update_endpoint_config(mlflow_client, sends, make_endpoint):
    name = make_endpoint()
    with sends(f"PUT {ENDPOINTS}/{name}/config"):
        endpoint = mlflow_client.update_endpoint_config(endpoint=name, config=CONFIG)
    assert [entity["name"] for entity in endpoint["config"]["served_entities"]] == ["other"]
    assert endpoint["config"]["config_version"] == 2


def test_update_endpoint_of_a_config(mlflow_client, sends, make_endpoint):
    name = make_endpoint()
    with sends(f"PUT {ENDPOINTS}/{name}/config"):
        endpoint = mlflow_client.update_endpoint(endpoint=name, config=CONFIG)
    assert endpoint["config"]["config_version"] == 2


LIMITS = {"rate_limits": [{"key": "user", "renewal_period": "minute", "calls": 10}]}


def test_update_rate_limits(mlflow_client, sends, gateway, make_endpoint):
    name = make_endpoint()
    with sends(f"PUT {ENDPOINTS}/{name}/rate-limits"):
        assert mlflow_client.update_endpoint_rate_limits(endpoint=name, config=LIMITS) == LIMITS
    assert gateway.call("GET", f"{ENDPOINTS}/{name}").ok()["ai_gateway"] == LIMITS


def test_update_endpoint_of_rate_limits(mlflow_client, sends, make_endpoint):
    """As their sole key."""
    name = make_endpoint()
    with sends(f"PUT {ENDPOINTS}/{name}/rate-limits"):
        assert mlflow_client.update_endpoint(endpoint=name, config=LIMITS) == LIMITS


def test_update_tags(mlflow_client, sends, make_endpoint):
    name = make_endpoint()
    with sends(f"PATCH {ENDPOINTS}/{name}/tags"):
        assert mlflow_client.update_endpoint_tags(
            endpoint=name, config={"add_tags": [{"key": "project", "value": "test"}]}
        ) == {"tags": [{"key": "project", "value": "test"}]}
    changed = mlflow_client.update_endpoint_tags(
        endpoint=name,
        config={"add_tags": [{"key": "team", "value": "a"}], "delete_tags": ["project", "unknown"]},
    )
    assert changed == {"tags": [{"key": "team", "value": "a"}]}


def test_update_ai_gateway(mlflow_client, sends, make_endpoint):
    name = make_endpoint()
    wanted = {
        "usage_tracking_config": {"enabled": True},
        "rate_limits": [{"calls": 5, "key": "endpoint", "renewal_period": "minute"}],
    }
    with sends(f"PUT {ENDPOINTS}/{name}/ai-gateway"):
        assert mlflow_client.update_endpoint_ai_gateway(endpoint=name, config=wanted) == wanted
    assert mlflow_client.get_endpoint(name)["ai_gateway"] == wanted


def test_what_a_later_version_brings_is_not_implemented(mlflow_client, sends, make_endpoint):
    name = make_endpoint()
    with sends(f"PUT {ENDPOINTS}/{name}/ai-gateway"), refused_with(501):
        mlflow_client.update_endpoint_ai_gateway(
            endpoint=name, config={"guardrails": {"input": {"safety": True}}}
        )
    assert "ai_gateway" not in mlflow_client.get_endpoint(name)


def test_predict_chat(mlflow_client, sends, make_endpoint):
    name = make_endpoint()
    with sends(f"POST /serving-endpoints/{name}/invocations"):
        answer = mlflow_client.predict(endpoint=name, inputs=MESSAGES)
    assert answer["object"] == "chat.completion"
    assert answer["choices"][0]["message"]["role"] == "assistant"
    assert (
        answer["usage"]["total_tokens"]
        == answer["usage"]["prompt_tokens"] + answer["usage"]["completion_tokens"]
    )


def test_predict_completions(mlflow_client, sends, make_endpoint):
    name = make_endpoint("gpt-3.5-turbo-instruct", "llm/v1/completions")
    with sends(f"POST /serving-endpoints/{name}/invocations"):
        answer = mlflow_client.predict(
            endpoint=name, inputs={"prompt": "Once upon a time", "max_tokens": 10}
        )
    assert answer["object"] == "text_completion" and answer["choices"][0]["text"]


def test_predict_embeddings(mlflow_client, sends, make_endpoint):
    name = make_endpoint("text-embedding-ada-002", "llm/v1/embeddings")
    with sends(f"POST /serving-endpoints/{name}/invocations"):
        answer = mlflow_client.predict(endpoint=name, inputs={"input": ["a", "b"]})
    assert [item["index"] for item in answer["data"]] == [0, 1]
    assert all(isinstance(value, float) for item in answer["data"] for value in item["embedding"])


def test_predict_stream(mlflow_client, sends, make_endpoint):
    name = make_endpoint()
    with sends(f"POST /serving-endpoints/{name}/invocations"):
        chunks = list(mlflow_client.predict_stream(endpoint=name, inputs=MESSAGES))
    assert all(event["object"] == "chat.completion.chunk" for event in chunks)
    assert "".join(event["choices"][0]["delta"].get("content") or "" for event in chunks)
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    assert all("usage" not in event for event in chunks), "usage was not asked for"


def test_predict_stream_with_usage(mlflow_client, make_endpoint):
    inputs = {**MESSAGES, "stream_options": {"include_usage": True}}
    chunks = list(mlflow_client.predict_stream(endpoint=make_endpoint(), inputs=inputs))
    assert chunks[-1]["choices"] == [] and chunks[-1]["usage"]["total_tokens"] > 0


def test_the_first_chunk_of_a_stream_comes_at_once(mlflow_client, upstream, make_endpoint):
    """The upstream sends its second event only when the client has said that it has the first."""
    import threading

    has_first = threading.Event()

    def events(seen):
        def body():
            yield chunk("first")
            assert has_first.wait(20), "the gateway held the first event back"
            yield chunk("second")
            yield chunk(finish="stop")
            yield DONE

        return Reply(body=body())

    upstream.answer = events
    stream = mlflow_client.predict_stream(
        endpoint=make_endpoint(openai_api_base=upstream.base_url), inputs=MESSAGES
    )
    begin = time.monotonic()
    assert next(stream)["choices"][0]["delta"]["content"] == "first"
    assert time.monotonic() - begin < 5
    has_first.set()
    assert [event["choices"][0]["delta"].get("content") for event in stream] == ["second", None]


def test_delete_and_get_after_it(mlflow_client, sends, make_endpoint):
    name = make_endpoint()
    with sends(f"DELETE {ENDPOINTS}/{name}"):
        assert mlflow_client.delete_endpoint(name) == {}
    with sends(f"GET {ENDPOINTS}/{name}"), refused_with(404) as missing:
        mlflow_client.get_endpoint(name)
    assert "RESOURCE_DOES_NOT_EXIST" in missing.value.response.text
    with sends(f"DELETE {ENDPOINTS}/{name}"), refused_with(404):
        mlflow_client.delete_endpoint(name)


def test_what_the_client_itself_does_not_implement(mlflow_client, recorder):
    with recorder.expects():
        for call in (
            lambda: mlflow_client.create_deployment("x", "models:/x/1"),
            lambda: mlflow_client.update_deployment("x"),
            lambda: mlflow_client.delete_deployment("x"),
            lambda: mlflow_client.list_deployments(),
            lambda: mlflow_client.get_deployment("x"),
            lambda: mlflow_client.explain("x"),
        ):
            with pytest.raises((NotImplementedError, MlflowException)):
                call()


def test_without_the_sdk(mlflow_client, recorder, monkeypatch, make_endpoint):
    """MLFLOW_ENABLE_DB_SDK=false: plain requests, no discovery."""
    monkeypatch.setenv("MLFLOW_ENABLE_DB_SDK", "false")
    name = make_endpoint()
    with recorder.expects(f"GET {ENDPOINTS}/{name}", discoveries=None):
        assert mlflow_client.get_endpoint(name)["name"] == name
    query = f"POST /serving-endpoints/{name}/invocations"
    with recorder.expects(query, query, discoveries=None):
        assert mlflow_client.predict(endpoint=name, inputs=MESSAGES)["choices"]
        assert list(mlflow_client.predict_stream(endpoint=name, inputs=MESSAGES))


def test_the_workspace_id_comes_back_as_a_header(mlflow_client, recorder, gateway, make_endpoint):
    workspace_id = gateway.call("GET", "/.well-known/databricks-config", token=None).ok()["workspace_id"]
    mlflow_client.get_endpoint(make_endpoint())
    assert recorder.requests[-1].headers["x-databricks-org-id"] == workspace_id


def test_a_bad_token(gateway, clients_of, make_endpoint):
    recorder = clients_of(gateway, token="dapi-wrong")
    name = make_endpoint()
    with recorder.expects(f"GET {ENDPOINTS}/{name}", discoveries=2), refused_with(401):
        get_deploy_client("databricks").get_endpoint(name)
