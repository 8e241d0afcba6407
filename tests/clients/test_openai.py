"""The OpenAI client with base_url = <host>/serving-endpoints and a token of ours as its key."""

import struct

import openai
import pytest
from openai import OpenAI

import processes
from fake_upstream import Reply, chunk

MESSAGES = [{"role": "user", "content": "Hello!"}]


def test_chat(openai_client, recorder, make_endpoint):
    name = make_endpoint()
    answer = openai_client.chat.completions.create(model=name, messages=MESSAGES)
    assert answer.choices[0].message.content and answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert recorder.lines == ["POST /serving-endpoints/chat/completions"]


def test_the_upstream_is_asked_for_its_own_model(openai_client, upstream, make_endpoint):
    name = make_endpoint("gpt-4-turbo", openai_api_base=upstream.base_url)
    openai_client.chat.completions.create(
        model=name,
        messages=MESSAGES,
        temperature=0.5,
        extra_body={"usage_context": {"a": "b"}, "client_request_id": "1"},
    )
    sent = upstream.seen[0]
    assert sent.path == "/v1/chat/completions"
    assert sent.json == {"model": "gpt-4-turbo", "messages": MESSAGES, "temperature": 0.5}
    assert sent.headers["authorization"] == f"Bearer {processes.OPENAI_KEY}"
    assert sent.headers["accept-encoding"] == "identity"
    assert not [
        header for header in sent.headers if header.startswith("x-stainless")
    ], "client headers stay here"


@pytest.mark.parametrize(
    "task, path, call",
    [
        (
            "llm/v1/chat",
            "chat/completions",
            lambda client, name: client.chat.completions.create(model=name, messages=MESSAGES),
        ),
        (
            "llm/v1/completions",
            "completions",
            lambda client, name: client.completions.create(model=name, prompt="x"),
        ),
        (
            "llm/v1/embeddings",
            "embeddings",
            lambda client, name: client.embeddings.create(model=name, input="x", encoding_format="float"),
        ),
    ],
)
def test_azure(openai_client, upstream, make_endpoint, task, path, call):
    name = make_endpoint(
        "gpt-4",
        task,
        openai_api_type="azure",
        openai_api_base=upstream.base_url.removesuffix("/v1"),
        openai_api_version="2024-10-21",
        openai_deployment_name="my-deployment",
    )
    call(openai_client, name)
    sent = upstream.seen[0]
    assert sent.path == f"/openai/deployments/my-deployment/{path}?api-version=2024-10-21"
    assert sent.headers["api-key"] == processes.OPENAI_KEY and "authorization" not in sent.headers
    assert "model" not in sent.json


@pytest.mark.parametrize(
    "model, member",
    [
        ("gpt-4", "max_tokens"),
        ("o3-mini", "max_completion_tokens"),
        ("gpt-5", "max_completion_tokens"),
        ("gpt-5-chat-latest", "max_tokens"),
    ],
)
def test_max_tokens_is_renamed_for_the_models_that_want_it(
    openai_client, upstream, make_endpoint, model, member
):
    name = make_endpoint(model, openai_api_base=upstream.base_url, openai_organization="acme")
    openai_client.chat.completions.create(model=name, messages=MESSAGES, max_tokens=7)
    assert upstream.seen[0].json == {"model": model, "messages": MESSAGES, member: 7}
    assert upstream.seen[0].headers["openai-organization"] == "acme"


def test_chat_stream(openai_client, recorder, make_endpoint):
    name = make_endpoint()
    with recorder.expects("POST /serving-endpoints/chat/completions"):
        chunks = list(openai_client.chat.completions.create(model=name, messages=MESSAGES, stream=True))
    assert "".join(event.choices[0].delta.content or "" for event in chunks)
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert all(event.usage is None for event in chunks)


def test_chat_stream_with_usage(openai_client, make_endpoint):
    stream = openai_client.chat.completions.create(
        model=make_endpoint(), messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    assert list(stream)[-1].usage.total_tokens > 0


def test_a_stream_says_the_same_as_the_whole_answer(openai_client, make_endpoint):
    name = make_endpoint()
    whole = openai_client.chat.completions.create(model=name, messages=MESSAGES).choices[0].message.content
    stream = openai_client.chat.completions.create(model=name, messages=MESSAGES, stream=True)
    assert "".join(event.choices[0].delta.content or "" for event in stream) == whole


def test_a_long_stream_loses_nothing(openai_client, make_endpoint):
    name = make_endpoint("gpt-4-sim-n5000")
    stream = openai_client.chat.completions.create(model=name, messages=MESSAGES, stream=True)
    assert sum(1 for event in stream if event.choices[0].delta.content) == 5000


def test_completions(openai_client, recorder, make_endpoint):
    name = make_endpoint("gpt-3.5-turbo-instruct", "llm/v1/completions")
    answer = openai_client.completions.create(model=name, prompt="Once upon a time")
    assert answer.object == "text_completion" and answer.choices[0].text
    assert recorder.lines == ["POST /serving-endpoints/completions"]


def test_completions_stream(openai_client, recorder, make_endpoint):
    name = make_endpoint("gpt-3.5-turbo-instruct", "llm/v1/completions")
    with recorder.expects("POST /serving-endpoints/completions"):
        stream = openai_client.completions.create(model=name, prompt="Once upon a time", stream=True)
        assert "".join(event.choices[0].text for event in stream)


def test_embeddings_as_base64_and_as_floats(openai_client, recorder, make_endpoint):
    name = make_endpoint("text-embedding-ada-002", "llm/v1/embeddings")
    by_default = openai_client.embeddings.create(model=name, input="Hello").data[0].embedding
    assert b'"encoding_format":"base64"' in recorder.requests[0].body.replace(b" ", b"")
    floats = (
        openai_client.embeddings.create(model=name, input="Hello", encoding_format="float").data[0].embedding
    )
    assert len(by_default) == len(floats) > 0
    assert struct.pack(f"<{len(floats)}f", *floats) == struct.pack(f"<{len(floats)}f", *by_default)
    assert recorder.lines == ["POST /serving-endpoints/embeddings"] * 2


def test_models(openai_client, recorder, make_endpoint):
    name = make_endpoint()
    with recorder.expects("GET /serving-endpoints/models"):
        listed = {model.id: model for model in openai_client.models.list()}
    assert listed[name].object == "model" and listed[name].created > 1_600_000_000


def test_an_endpoint_called_chat(openai_client, recorder, make_endpoint):
    name = make_endpoint(name="chat")
    with recorder.expects("POST /serving-endpoints/chat/completions"):
        assert openai_client.chat.completions.create(model=name, messages=MESSAGES).choices


@pytest.mark.parametrize("base", ["/ai-gateway/mlflow/v1", "/ai-gateway/openai/v1"])
def test_the_newer_base_paths(gateway, recorder, make_endpoint, base):
    client = OpenAI(base_url=recorder.url + base, api_key=gateway.token)
    name = make_endpoint()
    with recorder.expects(f"POST {base}/chat/completions"):
        assert client.chat.completions.create(model=name, messages=MESSAGES).choices[0].message.content
    with recorder.expects(f"POST {base}/chat/completions"):
        stream = list(client.chat.completions.create(model=name, messages=MESSAGES, stream=True))
    assert stream[-1].choices[0].finish_reason == "stop"
    with recorder.expects(f"POST {base}/chat/completions"), pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model="nobody", messages=MESSAGES)


def test_embeddings_on_the_newer_base_path(gateway, recorder, make_endpoint):
    client = OpenAI(base_url=f"{recorder.url}/ai-gateway/mlflow/v1", api_key=gateway.token)
    name = make_endpoint("text-embedding-ada-002", "llm/v1/embeddings")
    with recorder.expects("POST /ai-gateway/mlflow/v1/embeddings"):
        assert client.embeddings.create(model=name, input="Hello").data[0].embedding


def test_unknown_model(openai_client, recorder):
    with pytest.raises(openai.NotFoundError) as missing:
        openai_client.chat.completions.create(model="nobody", messages=MESSAGES)
    assert missing.value.body["error_code"] == "ENDPOINT_NOT_FOUND"
    assert len(recorder.calls) == 1


def test_an_endpoint_of_another_task(openai_client, recorder, make_endpoint):
    name = make_endpoint("text-embedding-ada-002", "llm/v1/embeddings")
    with pytest.raises(openai.BadRequestError) as refused:
        openai_client.chat.completions.create(model=name, messages=MESSAGES)
    assert refused.value.body["error_code"] == "BAD_REQUEST"
    assert len(recorder.calls) == 1


def test_a_bad_request(openai_client, recorder, make_endpoint):
    with pytest.raises(openai.BadRequestError):
        openai_client.chat.completions.create(model=make_endpoint(), messages=[])
    assert len(recorder.calls) == 1


def test_a_bad_token(recorder, make_endpoint):
    client = OpenAI(base_url=f"{recorder.url}/serving-endpoints", api_key="dapi-wrong")
    with pytest.raises(openai.AuthenticationError):
        client.chat.completions.create(model=make_endpoint(), messages=MESSAGES)
    assert len(recorder.calls) == 1


def test_a_limit_that_is_used_up(openai_client, recorder, make_endpoint):
    name = make_endpoint(rate_limits=[{"calls": 1, "key": "endpoint", "renewal_period": "minute"}])
    openai_client.chat.completions.create(model=name, messages=MESSAGES)
    with pytest.raises(openai.RateLimitError) as refused:
        openai_client.with_options(max_retries=0).chat.completions.create(model=name, messages=MESSAGES)
    assert refused.value.body["error_code"] == "REQUEST_LIMIT_EXCEEDED"
    assert 1 <= int(refused.value.response.headers["retry-after"]) <= 60


def test_an_upstream_429_is_retried_twice_by_the_client(openai_client, recorder, make_endpoint):
    with pytest.raises(openai.RateLimitError):
        openai_client.chat.completions.create(model=make_endpoint("gpt-4-sim-e429-ra1"), messages=MESSAGES)
    assert len(recorder.calls) == 3


@pytest.mark.parametrize("fault", ["err2", "cut2", "cut2-rst", "badjson", "badchunk", "nodone-nofinish"])
def test_a_stream_that_breaks_raises(openai_client, recorder, make_endpoint, fault):
    """What is cut must not look finished: after what came, the client gets an error and no [DONE]."""
    name = make_endpoint(f"gpt-4-sim-n5-{fault}")
    with recorder.expects("POST /serving-endpoints/chat/completions"), pytest.raises(openai.APIError):
        for _ in openai_client.chat.completions.create(model=name, messages=MESSAGES, stream=True):
            pass


def test_what_came_before_the_break_is_delivered(openai_client, upstream, make_endpoint):
    upstream.answer = lambda seen: Reply(body=[chunk("one"), chunk("two")], cut=True)
    stream = openai_client.chat.completions.create(
        model=make_endpoint(openai_api_base=upstream.base_url), messages=MESSAGES, stream=True
    )
    got = []
    with pytest.raises(openai.APIError) as broken:
        for event in stream:
            got.append(event.choices[0].delta.content)
    assert got == ["one", "two"]
    assert broken.value.code == "502"


def test_responses(openai_client, recorder, make_endpoint):
    name = make_endpoint()
    with recorder.expects("POST /serving-endpoints/responses"):
        answer = openai_client.responses.create(model=name, input="Hello")
    assert answer.output_text and answer.status == "completed"
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens


def test_responses_stream(openai_client, recorder, make_endpoint):
    with recorder.expects("POST /serving-endpoints/responses"):
        with openai_client.responses.stream(model=make_endpoint(), input="Hello") as stream:
            assert stream.get_final_response().output_text
