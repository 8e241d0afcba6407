"""Failures of the provider, as each client sees them: status, class, and how many requests the client really sent."""

import json

import openai
import pytest
import requests
from databricks.sdk import errors
from databricks.sdk.service import serving

from fake_upstream import FakeUpstream, Reply, chunk
from processes import OPENAI_KEY

MESSAGES = [{"role": "user", "content": "Hello!"}]

# What the upstream answers, what we answer, and the classes of the clients. The SDK has none for 502.
TABLE = [
    (400, 400, "BAD_REQUEST", errors.BadRequest, openai.BadRequestError),
    (401, 401, "UNAUTHENTICATED", errors.Unauthenticated, openai.AuthenticationError),
    (402, 400, "BAD_REQUEST", errors.BadRequest, openai.BadRequestError),
    (403, 403, "PERMISSION_DENIED", errors.PermissionDenied, openai.PermissionDeniedError),
    (404, 404, "ENDPOINT_NOT_FOUND", errors.NotFound, openai.NotFoundError),
    (405, 400, "BAD_REQUEST", errors.BadRequest, openai.BadRequestError),
    (408, 504, "DEADLINE_EXCEEDED", errors.DeadlineExceeded, openai.InternalServerError),
    (409, 409, "RESOURCE_CONFLICT", errors.ResourceConflict, openai.ConflictError),
    (410, 400, "BAD_REQUEST", errors.BadRequest, openai.BadRequestError),
    (413, 400, "BAD_REQUEST", errors.BadRequest, openai.BadRequestError),
    (418, 400, "BAD_REQUEST", errors.BadRequest, openai.BadRequestError),
    (422, 400, "BAD_REQUEST", errors.BadRequest, openai.BadRequestError),
    (424, 502, "INTERNAL_ERROR", errors.DatabricksError, openai.InternalServerError),
    (499, 502, "INTERNAL_ERROR", errors.DatabricksError, openai.InternalServerError),
    (500, 500, "INTERNAL_ERROR", errors.InternalError, openai.InternalServerError),
    (502, 502, "INTERNAL_ERROR", errors.DatabricksError, openai.InternalServerError),
    (504, 504, "DEADLINE_EXCEEDED", errors.DeadlineExceeded, openai.InternalServerError),
    (507, 502, "INTERNAL_ERROR", errors.DatabricksError, openai.InternalServerError),
]
# The SDKs repeat these by themselves.
REPEATED = [
    (429, 429, "REQUEST_LIMIT_EXCEEDED", errors.RequestLimitExceeded, openai.RateLimitError),
    (503, 503, "TEMPORARILY_UNAVAILABLE", errors.TemporarilyUnavailable, openai.InternalServerError),
    (529, 503, "TEMPORARILY_UNAVAILABLE", errors.TemporarilyUnavailable, openai.InternalServerError),
]


def nested(message: str) -> dict:
    """The error of the provider inside the message of ours."""
    inner = json.loads(message)
    assert set(inner) == {"external_model_provider", "external_model_error"}
    assert inner["external_model_provider"] == "openai"
    return inner["external_model_error"]


@pytest.mark.parametrize("upstream_status, status, code, sdk_class, openai_class", TABLE + REPEATED)
def test_by_openai(
    openai_client, recorder, make_endpoint, upstream_status, status, code, sdk_class, openai_class
):
    name = make_endpoint(f"gpt-4-sim-e{upstream_status}-ra1")
    with pytest.raises(openai_class) as failed:
        openai_client.with_options(max_retries=0).chat.completions.create(model=name, messages=MESSAGES)
    assert failed.value.status_code == status
    assert failed.value.body["error_code"] == code
    assert "error" in nested(failed.value.body["message"])
    if status in (429, 503):
        assert failed.value.response.headers["retry-after"] == "1"
    assert len(recorder.calls) == 1


@pytest.mark.parametrize("upstream_status, status, code, sdk_class, openai_class", TABLE)
def test_by_the_sdk(
    workspace, recorder, make_endpoint, upstream_status, status, code, sdk_class, openai_class
):
    name = make_endpoint(f"gpt-4-sim-e{upstream_status}")
    with pytest.raises(sdk_class) as failed:
        workspace.serving_endpoints.query(
            name=name, messages=[serving.ChatMessage(role=serving.ChatMessageRole.USER, content="Hello!")]
        )
    assert type(failed.value) is sdk_class and failed.value.error_code == code
    assert len(recorder.calls) == 1


@pytest.mark.parametrize("upstream_status, status, code, sdk_class, openai_class", REPEATED)
def test_by_the_sdk_repeated(
    workspace, recorder, make_endpoint, upstream_status, status, code, sdk_class, openai_class
):
    name = make_endpoint(f"gpt-4-sim-e{upstream_status}-ra1")
    with pytest.raises(TimeoutError) as failed:
        workspace.serving_endpoints.query(
            name=name, messages=[serving.ChatMessage(role=serving.ChatMessageRole.USER, content="Hello!")]
        )
    assert isinstance(failed.value.__cause__, sdk_class)
    assert len(recorder.calls) >= 2


@pytest.mark.parametrize("upstream_status, status, code, sdk_class, openai_class", TABLE)
def test_by_mlflow(
    mlflow_client,
    recorder,
    make_endpoint,
    monkeypatch,
    upstream_status,
    status,
    code,
    sdk_class,
    openai_class,
):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    name = make_endpoint(f"gpt-4-sim-e{upstream_status}")
    with pytest.raises(requests.HTTPError) as failed:
        mlflow_client.predict(endpoint=name, inputs={"messages": MESSAGES})
    # mlflow takes the status from error_code, so 502 shows as 500; 500 and 502 it sends again as often as it is told to.
    assert failed.value.response.status_code == (500 if status == 502 else status)
    assert len(recorder.calls) == (2 if status in (500, 502) else 1)


@pytest.mark.parametrize("upstream_status", [429, 503])
def test_mlflow_waits_and_succeeds(mlflow_client, recorder, upstream, make_endpoint, upstream_status):
    refused = Reply(upstream_status, {"error": {"message": "slow down"}}, {"Retry-After": "1"})
    upstream.answer = lambda seen: refused if len(upstream.seen) == 1 else Reply()
    name = make_endpoint(openai_api_base=upstream.base_url)
    assert mlflow_client.predict(endpoint=name, inputs={"messages": MESSAGES})["choices"]
    assert len(recorder.calls) == 2


@pytest.mark.parametrize(
    "sent, passed",
    [
        ({"Retry-After": "7"}, "7"),
        ({"retry-after-ms": "1500"}, "2"),
        ({"Retry-After": "0.2"}, "1"),
        ({"Retry-After": "soon"}, None),
    ],
)
def test_retry_after_is_passed_on_as_whole_seconds(gateway, upstream, make_endpoint, sent, passed):
    upstream.answer = lambda seen: Reply(429, {"error": {"message": "slow down"}}, sent)
    answer = query(gateway, make_endpoint(openai_api_base=upstream.base_url))
    assert answer.status == 429
    if passed is None:
        assert "retry-after" not in answer.headers or answer.headers["retry-after"].isdigit()
    else:
        assert answer.headers["retry-after"] == passed


def query(gateway, name: str, **more):
    return gateway.call("POST", f"/serving-endpoints/{name}/invocations", {"messages": MESSAGES, **more})


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "fault, status",
    [
        ("cut", 502),
        ("cuthead", 502),
        ("cut-rst", 502),
        ("html", 502),
        ("array", 502),
        ("gzip", 502),
        ("redirect", 502),
        ("s204", 502),
        ("s101", 502),
        ("e502-html", 502),
    ],
)
def test_an_answer_that_is_none(gateway, make_endpoint, fault, status, stream):
    answer = query(gateway, make_endpoint(f"gpt-4-sim-{fault}"), stream=stream)
    assert (answer.status, answer.error_code) == (status, "INTERNAL_ERROR"), answer.body
    nested(answer.message)


@pytest.mark.parametrize("fault", ["badjson", "badchunk", "cut20"])
def test_an_answer_that_breaks_off(gateway, make_endpoint, fault):
    answer = query(gateway, make_endpoint(f"gpt-4-sim-{fault}"))
    assert (answer.status, answer.error_code) == (502, "INTERNAL_ERROR"), answer.body


@pytest.mark.parametrize("kind", ["chunked", "noclen", "close", "s100", "s102-close", "nousage", "extra"])
def test_answers_that_are_odd_but_whole(gateway, make_endpoint, kind):
    name = make_endpoint(f"gpt-4-sim-{kind}")
    for _ in range(3):
        assert query(gateway, name).ok()["choices"]


@pytest.mark.parametrize("kind", ["crlf", "comments", "noclen", "drip", "nodone"])
def test_streams_that_are_odd_but_whole(gateway, make_endpoint, kind):
    answer = query(gateway, make_endpoint(f"gpt-4-sim-n5-{kind}"), stream=True)
    lines = answer.body.split(b"\n")
    assert all(line == b"" or line.startswith(b"data: ") for line in lines), answer.body
    assert lines[-3:] == [b"data: [DONE]", b"", b""]


def test_a_connection_that_went_stale_is_no_failure(gateway, make_endpoint):
    """The provider closes after each answer without saying so."""
    name = make_endpoint("gpt-4-sim-stale")
    assert [query(gateway, name).status for _ in range(30)] == [200] * 30


def test_a_provider_that_is_not_there(gateway, make_endpoint):
    fake = FakeUpstream()
    name = make_endpoint(openai_api_base=fake.base_url)
    fake.close()
    answer = query(gateway, name)
    assert (answer.status, answer.error_code) == (502, "INTERNAL_ERROR")
    assert "127.0.0.1" not in answer.message, "the class of the failure is told, not the address"


def test_text_that_is_not_json_is_nested_as_text(gateway, upstream, make_endpoint):
    upstream.answer = lambda seen: Reply(403, "<html>go away</html>", {"Content-Type": "text/html"})
    answer = query(gateway, make_endpoint(openai_api_base=upstream.base_url))
    assert answer.status == 403 and nested(answer.message) == "<html>go away</html>"


def test_upstream_headers_stay_there(gateway, upstream, make_endpoint):
    upstream.answer = lambda seen: Reply(headers={"Set-Cookie": "a=b", "openai-organization": "acme"})
    answer = query(gateway, make_endpoint(openai_api_base=upstream.base_url))
    assert answer.status == 200
    assert "set-cookie" not in answer.headers and "openai-organization" not in answer.headers


@pytest.mark.parametrize("status", [400, 401, 500])
def test_the_key_that_a_provider_echoes_is_taken_out(gateway, upstream, make_endpoint, status):
    upstream.answer = lambda seen: Reply(
        status, {"error": {"message": f"Incorrect API key provided: {OPENAI_KEY}."}}
    )
    answer = query(gateway, make_endpoint(openai_api_base=upstream.base_url))
    assert answer.status == status and nested(answer.message)["error"]["message"].startswith(
        "Incorrect API key"
    )
    assert OPENAI_KEY.encode() not in answer.body


def test_also_out_of_an_error_in_a_stream(gateway, upstream, make_endpoint):
    event = b'data: {"error":{"message":"bad key %s","type":"server_error"}}\n\n' % OPENAI_KEY.encode()
    upstream.answer = lambda seen: Reply(body=[chunk("one"), event])
    answer = query(gateway, make_endpoint(openai_api_base=upstream.base_url), stream=True)
    assert answer.status == 200 and b'"one"' in answer.body and b'"error"' in answer.body
    assert OPENAI_KEY.encode() not in answer.body and b"[DONE]" not in answer.body


PHRASES = [
    "Unexpected error",
    "Please try again later or try a faster operation.",
    "RPC token bucket limit has been exceeded",
    "ClusterNotReadyException",
    "Unknown worker environment",
    "does not have any associated worker environments",
    "There is no worker environment with id",
]


@pytest.mark.parametrize("phrase", PHRASES)
def test_phrases_that_make_the_sdk_repeat_are_broken_up(workspace, recorder, upstream, make_endpoint, phrase):
    upstream.answer = lambda seen: Reply(400, {"error": {"message": f"Sorry. {phrase} 12"}})
    with pytest.raises(errors.BadRequest):
        workspace.serving_endpoints.query(
            name=make_endpoint(openai_api_base=upstream.base_url),
            messages=[serving.ChatMessage(role=serving.ChatMessageRole.USER, content="Hello!")],
        )
    assert len(recorder.calls) == 1 and len(upstream.seen) == 1


def test_no_text_of_the_program_holds_such_a_phrase():
    """The filter's own table is in lower case, so only a phrase that has no capital may stand in the program: once, there."""
    from processes import BUILD

    program = (BUILD / "sluice").read_bytes()
    assert {phrase: program.count(phrase.encode()) for phrase in PHRASES} == {
        phrase: int(phrase == phrase.lower()) for phrase in PHRASES
    }
