"""The OpenAPI documents, of the server and of each endpoint, and the metrics of an endpoint, read by the tools that people
use for them."""

from __future__ import annotations

import json
import urllib.parse

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_prometheus

import processes

ENDPOINTS = "/api/2.0/serving-endpoints"
TASKS = {
    "llm/v1/chat": "gpt-4o-mini",
    "llm/v1/completions": "gpt-3.5-turbo-instruct",
    "llm/v1/embeddings": "text-embedding-3-small",
}
QUERIES = {
    "llm/v1/chat": {"messages": [{"role": "user", "content": "Hi"}]},
    "llm/v1/completions": {"prompt": "Hi"},
    "llm/v1/embeddings": {"input": "Hi"},
}


def validated(document: dict) -> dict:
    errors = [
        f"{list(error.path)}: {error.message}" for error in OpenAPIV31SpecValidator(document).iter_errors()
    ]
    assert errors == []
    return document


def validator(document: dict, pointer: str):
    """Of JSON Schema, for the schema at a place of the document."""
    import jsonschema

    return jsonschema.Draft202012Validator({**document, "$ref": f"#{pointer}"})


def test_the_document_of_the_server_is_valid(gateway):
    document = validated(gateway.call("GET", "/openapi.json").ok())
    assert document["servers"] == [{"url": gateway.url}]
    assert len(document["paths"]) > 60


def test_the_examples_of_the_document_of_the_server_fit_their_schemas(gateway):
    document = gateway.call("GET", "/openapi.json").ok()
    checked = 0
    for path, item in document["paths"].items():
        for method, operation in item.items():
            for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
                if "example" not in content:
                    continue
                place = ("paths", path, method, "requestBody", "content", media_type, "schema")
                pointer = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in place)
                # A pointer in a reference is a part of a URI.
                validator(document, urllib.parse.quote(pointer)).validate(content["example"])
                checked += 1
    assert checked > 20


def test_every_user_gets_the_document_of_the_server_and_nobody_else(gateway, make_user):
    user = make_user("reader-of-openapi@example.com")
    assert gateway.call("GET", "/openapi.json", token=user).status == 200
    assert gateway.call("GET", "/openapi.json", token=None).status == 401


@pytest.mark.parametrize("task", TASKS)
def test_the_document_of_an_endpoint_is_valid_and_describes_its_queries(gateway, make_endpoint, task):
    name = make_endpoint(TASKS[task], task)
    entity = TASKS[task].replace(".", "-")
    document = validated(gateway.call("GET", f"{ENDPOINTS}/{name}/openapi").ok())
    assert document["info"] == {"title": name, "version": "1"}
    assert list(document["paths"]) == ["/invocations", f"/served-models/{entity}/invocations"]
    url = document["servers"][0]["url"].removeprefix(gateway.url)
    for path, item in document["paths"].items():
        operation = item["post"]
        body = operation["requestBody"]["$ref"].removeprefix("#") + "/content/application~1json/schema"
        answer = operation["responses"]["200"]["$ref"].removeprefix("#") + "/content/application~1json/schema"
        validator(document, body).validate(QUERIES[task])
        validator(document, answer).validate(gateway.call("POST", url + path, QUERIES[task]).ok())
        assert not validator(document, body).is_valid({})
        refused = gateway.call("POST", url + path, {})
        assert refused.status == 400
        validator(document, "/components/schemas/Error").validate(refused.json)


def test_the_document_of_an_endpoint_holds_no_key(gateway, make_endpoint):
    name = make_endpoint(openai_api_key_plaintext=processes.PLAINTEXT_KEY)
    text = gateway.call("GET", f"{ENDPOINTS}/{name}/openapi").body.decode()
    assert "openai_api_key" not in text and "secrets/" not in text
    assert not any(value in text for value in processes.SECRET_VALUES)


def test_the_document_of_an_endpoint_without_a_config_is_valid(gateway, free_name):
    gateway.call("POST", ENDPOINTS, {"name": free_name}).ok()
    document = validated(gateway.call("GET", f"{ENDPOINTS}/{free_name}/openapi").ok())
    assert document["paths"] == {}


def test_the_sdk_reads_the_document_of_an_endpoint(workspace, recorder, make_endpoint):
    name = make_endpoint()
    with recorder.expects(f"GET {ENDPOINTS}/{name}/openapi"):
        contents = workspace.serving_endpoints.get_open_api(name).contents
    assert json.loads(contents.read())["info"]["title"] == name


@pytest.mark.parametrize(
    ("accept", "content_type", "parse"),
    [
        ("text/plain", "text/plain; version=0.0.4; charset=utf-8", parse_prometheus),
        (
            "application/openmetrics-text; version=1.0.0",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            parse_openmetrics,
        ),
    ],
)
def test_prometheus_reads_the_metrics_of_an_endpoint(gateway, make_endpoint, accept, content_type, parse):
    name = make_endpoint()
    for _ in range(3):
        gateway.call("POST", f"/serving-endpoints/{name}/invocations", QUERIES["llm/v1/chat"]).ok()
    answer = gateway.call("GET", f"{ENDPOINTS}/{name}/metrics", headers={"Accept": accept})
    assert answer.headers["content-type"] == content_type
    families = {family.name: family for family in parse(answer.body.decode())}
    labels = {"endpoint_name": name, "served_entity_name": "gpt-4o-mini"}
    counts = [sample.value for sample in families["request_count_total"].samples if sample.labels == labels]
    assert families["request_count_total"].type == "gauge" and counts == [3]
    latency = families["request_latency_ms"]
    assert latency.type == "histogram"
    assert [
        s.value for s in latency.samples if s.name == "request_latency_ms_count" and s.labels == labels
    ] == [3]
    buckets = [
        s.value
        for s in latency.samples
        if s.name == "request_latency_ms_bucket" and s.labels["served_entity_name"] == "gpt-4o-mini"
    ]
    assert buckets == sorted(buckets) and buckets[-1] == 3


def test_prometheus_reads_the_metrics_of_the_gateway(gateway):
    families = {family.name for family in parse_prometheus(gateway.call("GET", "/metrics").body.decode())}
    assert "sluice_requests" in families or "sluice_requests_total" in families
