"""Every provider, every task it has, whole and as a stream: the openai client, the gateway, and the simulated service with its
keys, signatures and tokens. What the client is told of tokens is what the service counted."""

import base64
import itertools
import struct

import pytest
from openai import OpenAI
from openai.types import Completion, CreateEmbeddingResponse
from openai.types.chat import ChatCompletion, ChatCompletionChunk

import conftest
from services import CHAT, COMPLETIONS, EMBEDDINGS, MODELS, Services
from strict import parsed

MESSAGES = [
    {"role": "system", "content": "You are brief."},
    {"role": "user", "content": "Which planet is the largest?"},
]
# PaLM counts nothing, and AI21's old models give lists of tokens: their tests stand apart.
UNCOUNTED = {"palm"}
LISTED = {"ai21labs-j2", "bedrock-ai21labs"}


def cases(task):
    return [who for who, models in MODELS.items() if task in models]


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    running = Services(tmp_path_factory.mktemp("services"))
    yield running
    conftest.close_down(running.gateway)
    running.close()


@pytest.fixture
def client(services):
    services.forget()
    return OpenAI(
        base_url=f"{services.gateway.url}/serving-endpoints", api_key=services.gateway.token, max_retries=0
    )


def check_usage(services, who, name, usage):
    """The service's counts, the client's and the row of the usage table are the same."""
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    if who in UNCOUNTED:
        assert usage.total_tokens == 0
        return
    if who in LISTED:
        assert usage.prompt_tokens > 0
        return
    counted = services.counted()
    assert (usage.prompt_tokens, usage.completion_tokens) == counted and min(counted) > 0
    row = services.row(name)
    assert (row["input_token_count"], row["output_token_count"]) == counted


def limit_for(who: str) -> dict:
    """PaLM's chat has no limit, and is asked for none."""
    return {} if who == "palm" else {"max_tokens": 200}


@pytest.mark.parametrize("who", cases(CHAT))
def test_chat(services, client, who):
    name = services.endpoint(who)
    raw = client.chat.completions.with_raw_response.create(model=name, messages=MESSAGES, **limit_for(who))
    answer = parsed(ChatCompletion, raw.text)
    assert raw.headers["served-model-name"] == "served"
    assert answer.choices[0].message.content and answer.choices[0].finish_reason == "stop"
    check_usage(services, who, name, answer.usage)


@pytest.mark.parametrize("who", cases(CHAT))
def test_chat_stream(services, client, who):
    name = services.endpoint(who)
    whole = client.chat.completions.create(model=name, messages=MESSAGES, **limit_for(who))
    services.forget()
    stream = client.chat.completions.create(
        model=name,
        messages=MESSAGES,
        stream=True,
        stream_options={"include_usage": True},
        **limit_for(who),
    )
    chunks = [parsed(ChatCompletionChunk, chunk.model_dump_json(exclude_unset=True)) for chunk in stream]
    spoken = [chunk for chunk in chunks if chunk.choices]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in spoken)
    assert text == whole.choices[0].message.content
    assert [c.choices[0].finish_reason for c in spoken if c.choices[0].finish_reason] == ["stop"]
    assert len({chunk.id for chunk in chunks}) == len({chunk.created for chunk in chunks}) == 1
    assert chunks[-1].choices == []
    check_usage(services, who, name, chunks[-1].usage)
    assert chunks[-1].usage.total_tokens == whole.usage.total_tokens


@pytest.mark.parametrize("who", cases(CHAT))
def test_chat_stream_without_usage(services, client, who):
    stream = client.chat.completions.create(model=services.endpoint(who), messages=MESSAGES, stream=True)
    assert all(chunk.usage is None and chunk.choices for chunk in stream)


@pytest.mark.parametrize("who", cases(COMPLETIONS))
def test_completions(services, client, who):
    name = services.endpoint(who, COMPLETIONS)
    raw = client.completions.with_raw_response.create(model=name, prompt="Once upon a time", max_tokens=200)
    answer = parsed(Completion, raw.text)
    assert answer.object == "text_completion" and answer.choices[0].text
    check_usage(services, who, name, answer.usage)


@pytest.mark.parametrize("who", cases(COMPLETIONS))
def test_completions_stream(services, client, who):
    name = services.endpoint(who, COMPLETIONS)
    whole = client.completions.create(model=name, prompt="Once upon a time", max_tokens=200)
    services.forget()
    stream = client.completions.create(
        model=name,
        prompt="Once upon a time",
        max_tokens=200,
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    assert "".join(choice.text for chunk in chunks for choice in chunk.choices) == whole.choices[0].text
    reasons = [choice.finish_reason for chunk in chunks for choice in chunk.choices if choice.finish_reason]
    assert reasons == [whole.choices[0].finish_reason]
    check_usage(services, who, name, chunks[-1].usage)


@pytest.mark.parametrize("who", cases(EMBEDDINGS))
def test_embeddings(services, client, who):
    name = services.endpoint(who, EMBEDDINGS)
    texts = ["Hello", "Another text"]
    raw = client.embeddings.with_raw_response.create(model=name, input=texts, encoding_format="float")
    answer = parsed(CreateEmbeddingResponse, raw.text)
    assert [item.index for item in answer.data] == [0, 1]
    assert answer.data[0].embedding != answer.data[1].embedding
    assert answer.usage.total_tokens == answer.usage.prompt_tokens
    coded = client.embeddings.with_raw_response.create(model=name, input=texts, encoding_format="base64")
    for plain, item in zip(answer.data, coded.http_response.json()["data"], strict=True):
        count = len(plain.embedding)
        assert base64.b64decode(item["embedding"]) == struct.pack(f"<{count}f", *plain.embedding)


@pytest.mark.parametrize("who", [who for who in cases(EMBEDDINGS) if who not in UNCOUNTED])
def test_embeddings_are_counted(services, client, who):
    """The counts of two texts asked for together are those of each by itself."""
    name = services.endpoint(who, EMBEDDINGS)
    count = lambda texts: client.embeddings.create(model=name, input=texts).usage.prompt_tokens  # noqa: E731
    together = count(["Hello", "Another text"])
    assert together == count(["Hello"]) + count(["Another text"]) > 0


@pytest.mark.parametrize("who", cases(CHAT))
def test_a_service_that_is_busy(services, client, who):
    """Its 429 and its time to wait come to the client as they are, nested under the provider's name."""
    import openai

    if who == "databricks":
        pytest.skip("its service is this gateway, whose limits have tests of their own")
    model = f"{MODELS[who][CHAT]}-sim-e429-ra7"
    name = services.endpoint(who, CHAT, model)
    if who in ("azure", "azuread"):
        pytest.skip("its deployment is its model")
    with pytest.raises(openai.RateLimitError) as refused:
        client.chat.completions.create(model=name, messages=MESSAGES)
    assert refused.value.body["error_code"] == "REQUEST_LIMIT_EXCEEDED"
    assert refused.value.response.headers["retry-after"] == "7"


@pytest.mark.parametrize(
    "who", [who for who in cases(CHAT) if who not in ("databricks", "azure", "azuread", "palm")]
)
def test_a_stream_that_breaks_raises(services, client, who):
    import openai

    name = services.endpoint(who, CHAT, f"{MODELS[who][CHAT]}-sim-n8-cut3")
    stream = client.chat.completions.create(model=name, messages=MESSAGES, stream=True)
    first = list(itertools.islice(stream, 2))
    assert first
    with pytest.raises(openai.APIError):
        list(stream)
