"""The MLflow client with a plain address, get_deploy_client("http://…"): every call of it, and what it sends."""

import pytest
import requests
from mlflow.deployments import get_deploy_client
from mlflow.exceptions import MlflowException

MESSAGES = {"messages": [{"role": "user", "content": "Hello!"}]}


@pytest.fixture
def http_client(recorder, gateway, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", gateway.token)
    return get_deploy_client(recorder.url)


def test_list(http_client, recorder, make_endpoint):
    name = make_endpoint()
    with recorder.expects("GET /api/2.0/endpoints/"):
        listed = {one.name: one for one in http_client.list_endpoints()}
    assert listed[name].endpoint_type == "llm/v1/chat"
    assert (listed[name].model.name, listed[name].model.provider) == ("gpt-4o-mini", "openai")


def test_get(http_client, recorder, make_endpoint):
    name = make_endpoint("text-embedding-ada-002", "llm/v1/embeddings")
    with recorder.expects(f"GET /api/2.0/endpoints/{name}"):
        found = http_client.get_endpoint(name)
    assert found.name == name and found.endpoint_type == "llm/v1/embeddings"
    assert found.endpoint_url == f"{recorder.url}/endpoints/{name}/invocations"
    assert found.limit is None
    with recorder.expects("GET /api/2.0/endpoints/nobody"), pytest.raises(requests.HTTPError) as missing:
        http_client.get_endpoint("nobody")
    assert missing.value.response.status_code == 404


@pytest.mark.parametrize(
    "model, task, inputs",
    [
        ("gpt-4o-mini", "llm/v1/chat", MESSAGES),
        ("gpt-3.5-turbo-instruct", "llm/v1/completions", {"prompt": "Once"}),
        ("text-embedding-ada-002", "llm/v1/embeddings", {"input": "Hello"}),
    ],
)
def test_predict(http_client, recorder, make_endpoint, model, task, inputs):
    name = make_endpoint(model, task)
    with recorder.expects(f"POST /endpoints/{name}/invocations"):
        answer = http_client.predict(endpoint=name, inputs=inputs)
    assert answer["usage"]["total_tokens"] > 0


def test_predict_that_is_wrong(http_client, recorder, make_endpoint):
    name = make_endpoint()
    with recorder.expects(f"POST /endpoints/{name}/invocations"), pytest.raises(requests.HTTPError) as wrong:
        http_client.predict(endpoint=name, inputs={"prompt": "Once"})
    assert wrong.value.response.status_code == 400
    assert "messages" in wrong.value.response.text


def test_a_wrong_token(http_client, recorder, monkeypatch, make_endpoint):
    name = make_endpoint()
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "dapi-wrong")
    with recorder.expects("GET /api/2.0/endpoints/"), pytest.raises(requests.HTTPError) as refused:
        http_client.list_endpoints()
    assert refused.value.response.status_code == 401
    with recorder.expects(f"POST /endpoints/{name}/invocations"), pytest.raises(requests.HTTPError) as refused:
        http_client.predict(endpoint=name, inputs=MESSAGES)
    assert refused.value.response.status_code == 401


def test_what_the_client_itself_does_not_implement(http_client, recorder):
    with recorder.expects():
        for call in (
            lambda: http_client.create_endpoint("x"),
            lambda: http_client.update_endpoint("x"),
            lambda: http_client.delete_endpoint("x"),
            lambda: http_client.predict_stream(endpoint="x", inputs=MESSAGES),
            lambda: http_client.create_deployment("x", "models:/x/1"),
            lambda: http_client.update_deployment("x"),
            lambda: http_client.delete_deployment("x"),
            lambda: http_client.list_deployments(),
            lambda: http_client.get_deployment("x"),
            lambda: http_client.explain("x"),
        ):
            with pytest.raises((NotImplementedError, MlflowException)):
                call()
