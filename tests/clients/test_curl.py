"""The REST API as curl and scripts use it: paths, credentials, discovery, queries byte by byte."""

import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import rest
from processes import external_entity

ENDPOINTS = "/api/2.0/serving-endpoints"
CHAT = {"messages": [{"role": "user", "content": "Hello!"}]}


def curl(*arguments: str) -> str:
    return subprocess.run(
        ["curl", "-sS", *arguments], capture_output=True, text=True, check=True, timeout=60
    ).stdout


# Paths


@pytest.mark.parametrize("slash", ["", "/"])
def test_create_and_list_with_and_without_a_trailing_slash(gateway, free_name, slash):
    body = {"name": free_name, "config": {"served_entities": [external_entity()]}}
    made = gateway.call("POST", ENDPOINTS + slash, body)
    assert made.status == 200 and made.json["name"] == free_name
    listed = gateway.call("GET", ENDPOINTS + slash)
    assert listed.status == 200 and free_name in [one["name"] for one in listed.json["endpoints"]]


@pytest.mark.parametrize(
    "name",
    ["chat", "pt", "models", "anthropic", "gemini", "openai", "completions", "embeddings", "responses"],
)
def test_endpoints_called_like_a_route(gateway, make_endpoint, name):
    make_endpoint(name=name)
    path = f"{ENDPOINTS}/{name}"
    assert gateway.call("GET", path).ok()["name"] == name
    assert (
        gateway.call("PUT", f"{path}/config", {"served_entities": [external_entity(name="new")]}).status
        == 200
    )
    assert gateway.call("PATCH", f"{path}/tags", {"add_tags": [{"key": "a"}]}).ok() == {
        "tags": [{"key": "a"}]
    }
    assert gateway.call("PUT", f"{path}/rate-limits", {"rate_limits": []}).ok() == {"rate_limits": []}
    assert gateway.call("POST", f"/serving-endpoints/{name}/invocations", CHAT).ok()["choices"]
    assert gateway.call("POST", f"/serving-endpoints/{name}/served-models/new/invocations", CHAT).ok()[
        "choices"
    ]
    assert gateway.call("POST", "/serving-endpoints/chat/completions", {"model": name, **CHAT}).ok()[
        "choices"
    ]
    assert gateway.call("DELETE", path).ok() == {}
    assert gateway.call("GET", path).status == 404


@pytest.mark.parametrize(
    "method, path",
    [
        ("GET", "/nothing"),
        ("GET", "/api/2.0/nothing"),
        ("POST", "/serving-endpoints"),
        ("PUT", ENDPOINTS),
        ("GET", f"{ENDPOINTS}/a/b/c/d"),
        ("POST", f"{ENDPOINTS}/chat/tags"),
        ("GET", "/serving-endpoints/chat/completions"),
        ("DELETE", "/api/2.0/secrets/put"),
    ],
)
def test_unknown_paths_and_methods(gateway, method, path):
    answer = gateway.call(method, path)
    assert (answer.status, answer.error_code) == (404, "ENDPOINT_NOT_FOUND")
    assert answer.message == f"No API found for '{method} {path}'"


@pytest.mark.parametrize(
    "path, body, member",
    [
        ("/serving-endpoints/anthropic/v1/messages", {"max_tokens": 5, **CHAT}, "content"),
        ("/serving-endpoints/anthropic/v1/messages/count_tokens", CHAT, "input_tokens"),
        ("/ai-gateway/anthropic/v1/messages", {"max_tokens": 5, **CHAT}, "content"),
        ("/ai-gateway/anthropic/v1/messages/count_tokens", CHAT, "input_tokens"),
        ("/serving-endpoints/responses", {"input": "Hello"}, "output"),
        ("/ai-gateway/mlflow/v1/responses", {"input": "Hello"}, "output"),
        ("/ai-gateway/openai/v1/responses", {"input": "Hello"}, "output"),
        ("/ai-gateway/codex/v1/responses", {"input": "Hello"}, "output"),
        ("/ai-gateway/cursor/v1/responses", {"input": "Hello"}, "output"),
        ("/ai-gateway/cursor/v1/chat/completions", CHAT, "choices"),
    ],
)
def test_dialects(gateway, make_endpoint, path, body, member):
    """Each is answered in its own shape, before a provider that speaks OpenAI's; who has no token learns nothing."""
    make_endpoint(name="chat")
    body = {"model": "chat", **body}
    assert gateway.call("POST", path, body).ok()[member]
    assert gateway.call("POST", path, body, token="dapi-wrong").status == 401
    assert gateway.call("POST", path, {**body, "model": "nobody"}).status == 404


@pytest.mark.parametrize("base", ["/serving-endpoints", "/ai-gateway"])
@pytest.mark.parametrize("verb", ["generateContent", "streamGenerateContent?alt=sse"])
def test_gemini_is_not_translated(gateway, make_endpoint, base, verb):
    make_endpoint(name="chat")
    path = f"{base}/gemini/v1beta/models/chat:{verb}"
    body = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}
    answer = gateway.call("POST", path, body)
    assert answer.status == 400 and "generateContent" in answer.json["error"]["message"]
    assert gateway.call("POST", path, body, token="dapi-wrong").status == 401


def test_a_percent_encoded_name_is_the_name(gateway, make_endpoint):
    name = make_endpoint(name="with-dash_and_line")
    assert gateway.call("GET", f"{ENDPOINTS}/with%2Ddash%5Fand%5fline").ok()["name"] == name
    assert gateway.call("POST", "/serving-endpoints/with%2Ddash_and_line/invocations", CHAT).status == 200


def test_delete_answers_an_object(gateway, make_endpoint):
    answer = gateway.call("DELETE", f"{ENDPOINTS}/{make_endpoint()}")
    assert (answer.status, answer.json) == (200, {})
    assert answer.headers["content-type"].startswith("application/json")


# Credentials


@pytest.mark.parametrize(
    "headers",
    [lambda token: {"Authorization": f"Bearer {token}"}, lambda token: {"Authorization": f"bearer {token}"}],
)
def test_bearer(gateway, headers):
    assert gateway.call("GET", ENDPOINTS, token=None, headers=headers(gateway.token)).status == 200


def test_basic_with_the_user_token(gateway):
    assert "endpoints" in json.loads(curl("-u", f"token:{gateway.token}", f"{gateway.url}{ENDPOINTS}"))
    assert (
        json.loads(curl("-u", "token:wrong", f"{gateway.url}{ENDPOINTS}"))["error_code"] == "UNAUTHENTICATED"
    )


@pytest.mark.parametrize(
    "path, method",
    [
        (ENDPOINTS, "GET"),
        ("/serving-endpoints/chat/invocations", "POST"),
        ("/serving-endpoints/models", "GET"),
        ("/api/2.0/secrets/scopes/list", "GET"),
        ("/metrics", "GET"),
        ("/api/2.0/preview/scim/v2/Me", "GET"),
    ],
)
@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer dapi-wrong"}, {"Authorization": "Digest x"}, {"Authorization": "Bearer "}],
)
def test_without_a_valid_credential(gateway, path, method, headers):
    answer = gateway.call(method, path, CHAT if method == "POST" else None, token=None, headers=headers)
    assert (answer.status, answer.error_code) == (401, "UNAUTHENTICATED")


def test_health_needs_no_credential_and_metrics_an_admin(gateway, make_user):
    assert gateway.call("GET", "/healthz", token=None).status == 200
    assert gateway.call("GET", "/readyz", token=None).status == 200
    assert gateway.call("GET", "/metrics", token=make_user("kim@example.com")).status == 403
    metrics = gateway.call("GET", "/metrics").body.decode()
    assert "# TYPE " in metrics and "sluice_" in metrics


def test_me_names_the_workspace(gateway):
    answer = gateway.call("GET", "/api/2.0/preview/scim/v2/Me")
    assert answer.json["userName"] == "admin" and answer.json["active"] is True
    assert answer.json["groups"][0]["display"] == "admins"
    assert (
        answer.headers["x-databricks-org-id"]
        == gateway.call("GET", "/.well-known/databricks-config").json["workspace_id"]
    )


# Discovery


def test_discovery(gateway):
    answer = gateway.call("GET", "/.well-known/databricks-config", token=None)
    config = answer.ok()
    assert config["oidc_endpoint"] == f"{gateway.url}/oidc"
    assert isinstance(config["workspace_id"], str) and config["workspace_id"].isdigit()
    assert config["account_id"] and config["cloud"] in ("AWS", "AZURE", "GCP")


def test_discovery_ignores_credentials(gateway):
    assert gateway.call("GET", "/.well-known/databricks-config", token="wrong").status == 200


def test_discovery_at_the_rate_of_queries_on_a_new_connection_each(gateway, make_endpoint):
    """As many mlflow clients make them: each query comes with a discovery call on a connection of its own."""
    name = make_endpoint()

    def both(_):
        discovery = rest.call(gateway.url, "GET", "/.well-known/databricks-config")
        query = gateway.call("POST", f"/serving-endpoints/{name}/invocations", CHAT)
        return discovery.status, query.status

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(both, range(500))) == {(200, 200)}


# Queries


def test_the_split_is_kept(gateway, make_endpoint):
    """Over one connection, so on one shard: after 100 queries each share is met within one."""
    name = make_endpoint(
        entities=[external_entity(name="a"), external_entity(name="b"), external_entity(name="c")],
        traffic={"a": 70, "b": 30, "c": 0},
    )
    connection = rest.connect(gateway.url)
    served = []
    for _ in range(100):
        response = rest.send(
            connection, "POST", f"/serving-endpoints/{name}/invocations", CHAT, gateway.token
        )
        response.read()
        served.append(response.getheader("served-model-name"))
    connection.close()
    for count in (10, 50, 100):
        assert abs(served[:count].count("a") - 0.7 * count) <= 1
    assert "c" not in served
    pinned = gateway.call("POST", f"/serving-endpoints/{name}/served-models/c/invocations", CHAT)
    assert pinned.headers["served-model-name"] == "c"
    unknown = gateway.call("POST", f"/serving-endpoints/{name}/served-models/d/invocations", CHAT)
    assert (unknown.status, unknown.error_code) == (404, "RESOURCE_DOES_NOT_EXIST")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b'{"messages":5}',
        b'{"messages":[]}',
        b"{}",
        b'{"prompt":"x"}',
        b'{"input":"x"}',
        b'{"messages":[{"role":"user","content":"x"}],"stream":"true"}',
        b'{"messages":[{"role":"user","content":"x"}],"n":0}',
        b'{"messages":[{"role":"user","content":"x"}],"max_tokens":007}',
        b'{"messages":[{"role":"user","content":"\\x41"}]}',
        b'{"messages":[{"role":"user","content":"x"}],"a":tru}',
        b'{"messages":[{"role":"user","content":"x"}],"a":[1,]}',
        b'{"messages":[{"role":"user","content":"x"}]} {}',
        b'{"messages":[{"role":"user","content":"\xff"}]}',
        b'{"dataframe_records":[{"a":1}]}',
        b'{"messages":[{"role":"user","content":"x"}],"temperature":3}',
    ],
)
def test_queries_that_are_wrong_reach_no_provider(gateway, upstream, make_endpoint, body):
    name = make_endpoint(openai_api_base=upstream.base_url)
    refused = gateway.call("POST", f"/serving-endpoints/{name}/invocations", body)
    assert (refused.status, refused.error_code) == (400, "BAD_REQUEST"), refused.body
    assert upstream.seen == []


def test_unknown_members_pass_and_ours_do_not(gateway, upstream, make_endpoint):
    name = make_endpoint("gpt-4", openai_api_base=upstream.base_url)
    sent = (
        b'{ "model" : "x", "messages":[{"role":"user","content":"\\u00fc \xf0\x9f\xaa\x90"}], "usage_context":{"a":"b"},'
        b'"seed":12345678901234567890,"new_member":{"deep":[1.50,2e3]}, "client_request_id":"r", "extra_params":{"top_k":"5"}}'
    )
    assert gateway.call("POST", f"/serving-endpoints/{name}/invocations", sent).status == 200
    body = upstream.seen[0].body
    assert json.loads(body) == {
        "model": "gpt-4",
        "messages": [{"role": "user", "content": "ü 🪐"}],
        "seed": 12345678901234567890,
        "new_member": {"deep": [1.5, 2000.0]},
        "top_k": 5,
    }
    # Byte for byte, not parsed and written again.
    assert b'{"deep":[1.50,2e3]}' in body and b'"\\u00fc \xf0\x9f\xaa\x90"' in body


def test_an_answer_comes_back_byte_for_byte(gateway, upstream, make_endpoint):
    from fake_upstream import Reply

    text = (
        b'{ "id":"x",\n "choices" : [ { "message" : {"content":"\\u00fc"}, "finish_reason":"stop" } ],'
        b' "odd": 1.50 , "usage":{"prompt_tokens":1} }'
    )
    upstream.answer = lambda seen: Reply(body=text)
    answer = gateway.call(
        "POST", f"/serving-endpoints/{make_endpoint(openai_api_base=upstream.base_url)}/invocations", CHAT
    )
    assert answer.body == text
    assert answer.headers["served-model-name"] == "gpt-4o-mini"


def test_every_answer_has_an_id_of_its_own(gateway, make_endpoint):
    name = make_endpoint()
    answers = [
        gateway.call("POST", f"/serving-endpoints/{name}/invocations", body) for body in (CHAT, CHAT, {})
    ]
    assert [answer.status for answer in answers] == [200, 200, 400]
    assert len({answer.headers["x-request-id"] for answer in answers}) == 3


def test_a_stream_is_chunked_and_has_data_lines_only(gateway, make_endpoint):
    connection = rest.connect(gateway.url)
    response = rest.send(
        connection,
        "POST",
        f"/serving-endpoints/{make_endpoint()}/invocations",
        {**CHAT, "stream": True},
        gateway.token,
    )
    assert response.getheader("content-type").startswith("text/event-stream")
    assert response.getheader("transfer-encoding") == "chunked"
    assert response.getheader("served-model-name") == "gpt-4o-mini"
    lines = response.read().split(b"\n")
    connection.close()
    assert all(line == b"" or line.startswith(b"data: ") for line in lines)
    assert lines[-3:] == [b"data: [DONE]", b"", b""]


def test_curl_waits_for_100_continue_and_sends_a_large_body(gateway, make_endpoint, tmp_path):
    name = make_endpoint()
    body = tmp_path / "body.json"
    body.write_text(json.dumps({"messages": [{"role": "user", "content": "x" * 2_000_000}]}))
    began = time.monotonic()
    status = curl(
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
        "-H",
        f"Authorization: Bearer {gateway.token}",
        "-H",
        "Expect: 100-continue",
        "--expect100-timeout",
        "20",
        "--data-binary",
        f"@{body}",
        f"{gateway.url}/serving-endpoints/{name}/invocations",
    )
    assert status == "200" and time.monotonic() - began < 10


@pytest.mark.parametrize(
    "path, status",
    [
        ("/serving-endpoints/any/invocations", 400),
        (ENDPOINTS, 400),
        ("/serving-endpoints/chat/completions", 413),
    ],
)
def test_a_declared_length_that_is_too_large_is_refused_before_the_body(gateway, path, status):
    connection = rest.connect(gateway.url)
    connection.putrequest("POST", path)
    connection.putheader("Authorization", f"Bearer {gateway.token}")
    connection.putheader("Content-Length", str(17 * 1024 * 1024))
    connection.endheaders()
    response = connection.getresponse()
    assert response.status == status and json.loads(response.read())["error_code"] == "BAD_REQUEST"
    assert response.getheader("connection") == "close"
    connection.close()


def test_a_coded_body_is_refused(gateway, make_endpoint):
    refused = gateway.call(
        "POST",
        f"/serving-endpoints/{make_endpoint()}/invocations",
        CHAT,
        headers={"Content-Encoding": "gzip"},
    )
    assert (refused.status, refused.error_code) == (400, "BAD_REQUEST")
