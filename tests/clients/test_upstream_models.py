"""What the gateway sends to a provider is what the vendor's own SDK accepts, and the golden answers, which it is tested with, are
what those SDKs expect of the services."""

import copy
import json
import urllib.parse

import pydantic
import pytest

import conftest
import processes
import vendors
from fake_upstream import FakeUpstream, Reply, Seen
from services import AWS_KEY_ID, AWS_SECRET, COMPLETIONS, MODELS, Services

GOLDEN = processes.TOP / "tests" / "golden"
CASES = {case["id"]: case for case in json.loads((GOLDEN / "manifest.json").read_text())["cases"]}

WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["C", "F"]}},
    "required": ["city"],
    "additionalProperties": False,
}
PIXEL = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)
HELLO = [{"role": "user", "content": "Hello"}]
TOOLS = [
    {
        "type": "function",
        "function": {"name": "get_weather", "description": "The weather", "parameters": WEATHER},
    },
    {"type": "function", "function": {"name": "get_time"}},
]
CALLS = [
    {
        "id": "call_1",
        "type": "function",
        "function": {"name": "get_weather", "arguments": '{"city":"Paris"}'},
    },
    {"id": "call_2", "type": "function", "function": {"name": "get_time", "arguments": ""}},
]
# Bodies of chats, whole on purpose: what every one of them has in it must have its place at every provider.
CHATS = {
    "plain": {"messages": HELLO},
    "stream": {"messages": HELLO, "stream": True},
    "settings": {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "developer", "content": "Be kind."},
            *HELLO,
        ],
        "max_tokens": 100,
        "temperature": 0.5,
        "stop": ["END", "STOP"],
        "seed": 7,
        "user": "ada",
    },
    "top": {"messages": HELLO, "top_p": 0.9, "top_k": 40, "stop": "END"},
    "unknown": {
        "messages": HELLO,
        "store": False,
        "logit_bias": {"1": 2},
        "metadata": {"a": "b"},
        "service_tier": "auto",
    },
    "nulls": {"messages": HELLO, "temperature": None, "tools": None, "stop": None, "response_format": None},
    "image": {
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is it?"},
                    {"type": "image_url", "image_url": {"url": PIXEL, "detail": "low"}},
                ],
            }
        ]
    },
    "tools": {"messages": HELLO, "tools": TOOLS},
    "tool-required": {
        "messages": HELLO,
        "tools": TOOLS,
        "tool_choice": "required",
        "parallel_tool_calls": False,
    },
    "tool-none": {"messages": HELLO, "tools": TOOLS, "tool_choice": "none"},
    "tool-named": {
        "messages": HELLO,
        "tools": TOOLS,
        "tool_choice": {"type": "function", "function": {"name": "get_weather"}},
    },
    "tool-results": {
        "messages": [
            *HELLO,
            {"role": "assistant", "content": "Let me see.", "tool_calls": CALLS},
            {"role": "tool", "tool_call_id": "call_1", "content": "18 C"},
            {"role": "tool", "tool_call_id": "call_2", "content": [{"type": "text", "text": "12:00"}]},
            {"role": "user", "content": "And tomorrow?"},
        ],
        "tools": TOOLS,
    },
    "schema": {
        "messages": HELLO,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "weather", "strict": True, "schema": WEATHER},
        },
    },
    "json": {"messages": HELLO, "response_format": {"type": "json_object"}},
    "effort": {"messages": HELLO, "reasoning_effort": "high", "max_tokens": 20000},
}
VENDORS = ["anthropic", "cohere", "bedrock", "bedrock-amazon", "gemini", "vertex-claude"]


def check_request(path: str, body: dict) -> str:
    """Has the vendor's SDK judge it; says which."""
    path = path.partition("?")[0]
    if path.endswith("/v1/messages"):
        vendors.anthropic_request(body)
        return "anthropic"
    if path.endswith("rawPredict") or path.endswith("streamRawPredict"):
        body = dict(body)
        assert body.pop("anthropic_version") == "vertex-2023-10-16" and "model" not in body
        vendors.anthropic_request({"model": "claude", **body})
        return "anthropic"
    if "/invoke" in path and "messages" in body:
        body = dict(body)
        assert (
            body.pop("anthropic_version") == "bedrock-2023-05-31"
            and "model" not in body
            and "stream" not in body
        )
        vendors.anthropic_request({"model": "claude", **body})
        return "anthropic"
    if path.endswith("/v2/chat"):
        vendors.cohere_chat(body)
        return "cohere"
    if path.endswith("/v2/embed"):
        vendors.cohere_embed(body)
        return "cohere"
    if path.endswith(("/converse", "/converse-stream")):
        model = urllib.parse.unquote(path.split("/")[-2])
        vendors.converse_request(model, body, path.endswith("stream"))
        return "botocore"
    if path.endswith((":generateContent", ":streamGenerateContent")):
        vendors.gemini_request(body)
        return "google"
    return "nobody"  # Anthropic's, Cohere's and Amazon's older APIs, which the SDKs have no types of


def golden(case: str, what: str) -> dict:
    return json.loads((GOLDEN / CASES[case]["files"][what]).read_text(encoding="utf-8"))


def with_file(what: str, *providers: str) -> list[str]:
    return [one for one, case in CASES.items() if what in case["files"] and one.split("/")[0] in providers]


JUDGED = ("anthropic", "cohere", "amazon-bedrock", "google-cloud-vertex-ai")


@pytest.mark.parametrize("case", with_file("request.upstream", *JUDGED))
def test_golden_requests(case):
    request = golden(case, "request.upstream")
    judge = check_request(urllib.parse.urlsplit(request["url"]).path, request["body"])
    chats = CASES[case]["task"] == "llm/v1/chat"
    assert judge != "nobody" or not chats


@pytest.mark.parametrize("case", with_file("response.upstream", *JUDGED))
def test_golden_answers(case):
    body = golden(case, "response.upstream")["body"]
    provider, name = case.split("/")
    if body.get("type") == "message":
        assert vendors.anthropic_answer(body).content
    elif "output" in body and "stopReason" in body:
        vendors.converse_answer(body)
    elif "candidates" in body or "promptFeedback" in body:
        vendors.gemini_answer(body)
    elif provider == "cohere" and "finish_reason" in body:
        vendors.cohere_answer(body)
    else:
        assert "chat" not in name, "no SDK describes it"


def events(text: str) -> list[dict]:
    return [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]


@pytest.mark.parametrize(
    "case", with_file("stream.upstream", "anthropic", "google-cloud-vertex-ai", "cohere")
)
def test_golden_streams(case):
    if case.endswith("midstream-error"):
        pytest.skip("an error is no event of the models")
    text = (GOLDEN / CASES[case]["files"]["stream.upstream"]).read_text(encoding="utf-8")
    for event in events(text):
        if case.startswith("anthropic/"):
            if event["type"] != "ping":
                vendors.anthropic_event(event)
        elif case.startswith("google"):
            vendors.gemini_answer(event)
        else:
            from cohere import V2ChatStreamResponse

            pydantic.TypeAdapter(V2ChatStreamResponse).validate_json(json.dumps(event))


def frames(data: bytes):
    from botocore.eventstream import EventStreamBuffer

    buffer = EventStreamBuffer()
    buffer.add_data(data)
    return [message.to_response_dict() for message in buffer]


@pytest.mark.parametrize("case", ["amazon-bedrock/chat-streamed"])
def test_golden_frames(case):
    text = (GOLDEN / CASES[case]["files"]["stream.upstream"]).read_text()
    found = frames(bytes.fromhex("".join(text.split())))
    assert found
    for frame in found:
        assert frame["status_code"] == 200
        vendors.converse_event(frame["headers"][":event-type"], json.loads(frame["body"]))


# Behind the gateway: an upstream that refuses everything, after it has kept the request.


@pytest.fixture(scope="module")
def kept():
    fake = FakeUpstream()
    token = {"access_token": "token", "expires_in": 3600, "token_type": "Bearer"}
    fake.answer = lambda seen: Reply(body=token) if seen.path == "/token" else Reply(400, {"message": "no"})
    yield fake
    fake.close()


@pytest.fixture(scope="module")
def services(kept, tmp_path_factory):
    running = Services(tmp_path_factory.mktemp("upstream"), kept.base_url.removesuffix("/v1"))
    yield running
    conftest.close_down(running.gateway)
    running.close()


def sent_for(services, kept, name: str, body: dict):
    kept.seen.clear()
    answer = services.gateway.call("POST", f"/serving-endpoints/{name}/invocations", body)
    sent = [one for one in kept.seen if one.path != "/token"]
    assert len(sent) == 1 and answer.status == 400, answer.body
    return sent[0]


@pytest.mark.parametrize("chat", CHATS)
@pytest.mark.parametrize("who", VENDORS)
def test_chats(services, kept, who, chat):
    sent = sent_for(services, kept, services.endpoint(who), CHATS[chat])
    assert check_request(sent.path, sent.json) != "nobody"


@pytest.mark.parametrize("model", ["claude-opus-4-8", "claude-3-haiku-20240307", "claude-sonnet-4-5"])
@pytest.mark.parametrize("chat", ["settings", "top", "effort", "schema"])
def test_chats_of_claudes(services, kept, model, chat):
    sent = sent_for(services, kept, services.endpoint("anthropic", model=model), CHATS[chat])
    assert check_request(sent.path, sent.json) == "anthropic"


@pytest.mark.parametrize("chat", CHATS)
def test_chats_of_the_third_gemini(services, kept, chat):
    sent = sent_for(services, kept, services.endpoint("gemini", model="gemini-3-pro-preview"), CHATS[chat])
    assert check_request(sent.path, sent.json) == "google"


@pytest.mark.parametrize("who", ["anthropic", "cohere", "bedrock", "gemini", "vertex-claude"])
def test_completions(services, kept, who):
    body = {"prompt": "Once upon a time", "max_tokens": 20, "temperature": 1, "stop": "END"}
    sent = sent_for(services, kept, services.endpoint(who, COMPLETIONS), body)
    assert check_request(sent.path, sent.json) != "nobody"


@pytest.mark.parametrize("who, stream", [("bedrock", False), ("bedrock", True), ("bedrock-amazon", False)])
def test_signatures_are_botocore_s(services, kept, who, stream):
    body = {**copy.deepcopy(CHATS["tool-results"]), "stream": stream}
    body["messages"][0]["content"] = "Ünïcode — 🪐"
    sent = sent_for(services, kept, services.endpoint(who), body)
    expected = vendors.signature(sent, services.url, AWS_KEY_ID, AWS_SECRET, "us-east-1")
    assert sent.headers["authorization"].replace(", ", ",") == expected.replace(", ", ",")


@pytest.mark.parametrize(
    "model",
    [
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123",
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0",
    ],
)
def test_signatures_of_names_with_colons_and_slashes(services, kept, model):
    sent = sent_for(services, kept, services.endpoint("bedrock", model=model), CHATS["plain"])
    assert urllib.parse.unquote(sent.path) == f"/model/{model}/converse" and sent.path.count("/") == 3
    expected = vendors.signature(sent, services.url, AWS_KEY_ID, AWS_SECRET, "us-east-1")
    assert sent.headers["authorization"].replace(", ", ",") == expected.replace(", ", ",")


# The judges themselves: they must refuse what is wrong.


def test_the_judges_refuse():
    good = {
        "model": "m",
        "max_tokens": 3,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}],
    }
    vendors.anthropic_request(good)
    wrong = copy.deepcopy(good)
    wrong["messages"][0]["content"][0]["foo"] = 1
    for body in (wrong, {**good, "max_tokens": "3"}, {**good, "seed": 1}):
        with pytest.raises(pydantic.ValidationError):
            vendors.anthropic_request(body)
    with pytest.raises(AssertionError):
        vendors.cohere_chat({"model": "m", "messages": HELLO, "top_p": 1})
    with pytest.raises(AssertionError):
        vendors.cohere_chat({"model": "m", "messages": [{"role": "user", "content": "x", "foo": 1}]})
    for body in ({"contents": [{"role": "user", "parts": [{"foo": 1}]}]}, {"generationConfig": {"top": 1}}):
        with pytest.raises(pydantic.ValidationError):
            vendors.gemini_request(body)
    message = {"role": "user", "content": [{"text": "x"}]}
    vendors.converse_request("m", {"messages": [message]})
    for body in ({"messages": [message], "top": 1}, {"messages": [{**message, "foo": 1}]}, {"messages": "x"}):
        with pytest.raises(AssertionError):
            vendors.converse_request("m", body)


SIGNED = json.loads((GOLDEN / "vectors" / "sigv4.json").read_text())["cases"]


@pytest.mark.parametrize("case", SIGNED, ids=[case["name"] for case in SIGNED])
def test_the_judge_of_signatures_knows_the_vectors(case):
    """Those that the C++ tests are held against."""
    url = urllib.parse.urlsplit(case["url"])
    headers = {name.lower(): value for name, value in case["headers_before_signing"].items()}
    headers |= {name.lower(): value for name, value in case["headers_added"].items()}
    headers["authorization"] = case["authorization"]
    path = url.path + (f"?{url.query}" if url.query else "")
    seen = Seen(case["method"], path, headers, case["body_utf8"].encode())
    of = (
        case["access_key_id"],
        case["secret_access_key"],
        case["region"],
        case["session_token"],
        case["service"],
    )
    assert vendors.signature(seen, f"{url.scheme}://{url.netloc}", *of) == case["authorization"]
