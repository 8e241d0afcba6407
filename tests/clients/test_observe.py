"""databricks-sdk: export_metrics, logs and build_logs of an endpoint, and what is in them.

An answer is counted when it is on its way, which may be a moment after its client has it: so `settle` looks until it is there.
"""

import re

import pytest
from databricks.sdk import errors

from fake_upstream import Reply
from processes import OPENAI_KEY, external_entity, wait_until
from sdk import ENDPOINTS, hello

CHAT = {"messages": [{"role": "user", "content": "Hello!"}]}


@pytest.fixture
def endpoint(make_endpoint) -> str:
    """Entities that answer (`one`, which has all the traffic), and that fail with 500, 400 and in mid-stream."""
    models = {"one": "gpt-4", "down": "gpt-4-sim-e500", "picky": "gpt-4-sim-e400", "cut": "gpt-4-sim-n5-cut2"}
    return make_endpoint(
        entities=[external_entity(model, name=name) for name, model in models.items()],
        traffic={name: 100 if name == "one" else 0 for name in models},
    )


@pytest.fixture
def ask(gateway):
    """ask(name, entity): one query of that entity, as REST."""

    def call(name: str, entity: str, **more):
        path = f"/serving-endpoints/{name}/served-models/{entity}/invocations"
        return gateway.call("POST", path, {**CHAT, **more})

    return call


def samples(text: str) -> dict[tuple, float]:
    """{(name, entity, le): value} of the samples in Prometheus text that have labels; each of them once."""
    found = {}
    for name, labels, value in re.findall(r"^(\w+)\{(.*)\} (\S+)$", text, re.MULTILINE):
        of = dict(re.findall(r'(\w+)="([^"]*)"', labels))
        key = (name, of.get("served_entity_name"), of.get("le"))
        assert key not in found, key
        found[key] = float(value)
    return found


COUNTS = ("request_count_total", "request_4xx_count_total", "request_5xx_count_total")


def counted(w, name: str, entities) -> dict[str, tuple]:
    """(requests, those answered 4xx, those answered 5xx) of each entity in the last minute."""
    found = samples(w.serving_endpoints.export_metrics(name).contents.read().decode())
    return {entity: tuple(found[count, entity, None] for count in COUNTS) for entity in entities}


def settle_metrics(w, name: str, wanted: dict[str, tuple]) -> None:
    wait_until(lambda: counted(w, name, wanted) == wanted, 20, f"metrics say {wanted}")


def settle_logs(w, name: str, entity: str, ids: list[str]) -> list[str]:
    """The lines, which must be about these requests in this order."""

    def look():
        lines = w.serving_endpoints.logs(name, entity).logs.splitlines()
        return [re.search(r"request_id=(\S+)", line)[1] for line in lines] == ids and lines

    return wait_until(look, 20, f"logs of {ids}")


def test_metrics(workspace, recorder, endpoint, ask):
    """Requests of the last minute, by entity and status class, and how long they took."""
    workspace.serving_endpoints.query(name=endpoint, messages=[hello()])
    statuses = [ask(endpoint, entity).status for entity in ("one", "one", "down", "picky", "picky")]
    assert statuses == [200, 200, 500, 400, 400]
    wanted = {"one": (3, 0, 0), "down": (1, 0, 1), "picky": (2, 2, 0), "cut": (0, 0, 0)}
    settle_metrics(workspace, endpoint, wanted)

    def last_histogram() -> float:
        text = workspace.serving_endpoints.export_metrics(endpoint).contents.read().decode()
        return samples(text)["model_prediction_latency_ms_count", "one", None]

    wait_until(lambda: last_histogram() == 3, 20, "the histograms are written too")
    with recorder.expects(f"GET {ENDPOINTS}/{endpoint}/metrics"):
        text = workspace.serving_endpoints.export_metrics(endpoint).contents.read().decode()
    assert recorder.requests[-1].headers["accept"] == "text/plain"
    found = samples(text)
    for name in ("request_latency_ms", "model_prediction_latency_ms", "model_queue_time_ms"):
        assert f"# TYPE {name} histogram" in text
        assert found[f"{name}_count", "one", None] == 3
        assert found[f"{name}_sum", "one", None] >= 0
        buckets = [
            (le, count)
            for (sample, entity, le), count in found.items()
            if (sample, entity) == (f"{name}_bucket", "one")
        ]
        assert [count for _, count in buckets] == sorted(count for _, count in buckets)
        assert buckets[-1] == ("+Inf", 3) and len(buckets) > 5
    assert "# TYPE request_count_total gauge" in text
    assert found["mem_usage_percentage", None, None] > 0
    assert f'endpoint_name="{endpoint}"' in text


def test_metrics_of_a_stream_that_breaks(workspace, endpoint, ask):
    """The status that it ended with counts, not the 200 of its head."""
    assert ask(endpoint, "cut", stream=True).status == 200
    settle_metrics(workspace, endpoint, {"cut": (1, 0, 1)})


def test_metrics_of_what_no_entity_saw(gateway, workspace, make_endpoint):
    """A bad body and a limit: they are the endpoint's. Whose caller is unknown counts nowhere."""
    name = make_endpoint(entities=[external_entity(name="one")])
    path = f"/serving-endpoints/{name}/invocations"
    limits = {"rate_limits": [{"calls": 0, "key": "endpoint", "renewal_period": "minute"}]}
    statuses = [gateway.call("POST", path, {"messages": "none"}).status]
    gateway.call("PUT", f"{ENDPOINTS}/{name}/ai-gateway", limits).ok()
    statuses.append(gateway.call("POST", path, CHAT).status)
    statuses.append(gateway.call("POST", path, CHAT, token="dapi-wrong").status)
    assert statuses == [400, 403, 401]
    settle_metrics(workspace, name, {"(none)": (2, 2, 0), "one": (0, 0, 0)})


def test_metrics_outlive_an_update(workspace, endpoint, ask, gateway):
    """An entity that serves on keeps its numbers, one that is gone is shown no more."""
    assert [ask(endpoint, entity).status for entity in ("one", "picky")] == [200, 400]
    update = {"served_entities": [external_entity("gpt-4", name="one")]}
    gateway.call("PUT", f"{ENDPOINTS}/{endpoint}/config", update).ok()
    assert ask(endpoint, "one").status == 200
    settle_metrics(workspace, endpoint, {"one": (2, 0, 0)})
    found = samples(workspace.serving_endpoints.export_metrics(endpoint).contents.read().decode())
    assert {entity for _, entity, _ in found} <= {None, "one", "(none)"}


@pytest.mark.parametrize(
    "accept, kind, is_open",
    [
        ("text/plain", "text/plain; version=0.0.4", False),
        (
            "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            "application/openmetrics-text",
            True,
        ),
        ("*/*", "text/plain; version=0.0.4", False),
    ],
    ids=["sdk", "prometheus", "curl"],
)
def test_the_form_of_the_metrics(gateway, endpoint, accept, kind, is_open):
    answer = gateway.call("GET", f"{ENDPOINTS}/{endpoint}/metrics", headers={"Accept": accept})
    assert answer.status == 200 and answer.headers["content-type"].startswith(kind)
    assert answer.body.endswith(b"# EOF\n") is is_open
    for line in answer.body.decode().splitlines():
        assert line.startswith("# ") or re.fullmatch(r'\w+\{\w+="[^"]*"(,\w+="[^"]*")*\} \S+', line), line


def test_logs(workspace, recorder, endpoint, ask):
    """The failures of that entity's provider, the oldest first, by the request ids that their callers were given."""
    first, picky = ask(endpoint, "down"), ask(endpoint, "picky")
    settle_logs(workspace, endpoint, "down", [first.headers["x-request-id"]])
    second, fine = ask(endpoint, "down"), ask(endpoint, "one")
    assert [answer.status for answer in (first, picky, second, fine)] == [500, 400, 500, 200]
    ids = [answer.headers["x-request-id"] for answer in (first, second)]
    settle_logs(workspace, endpoint, "down", ids)
    with recorder.expects(f"GET {ENDPOINTS}/{endpoint}/served-models/down/logs"):
        lines = workspace.serving_endpoints.logs(endpoint, "down").logs.splitlines()
    assert len(lines) == 2
    for line, request_id in zip(lines, ids):
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z status=500 error_code=INTERNAL_ERROR ", line)
        assert f"request_id={request_id} " in line
    (line,) = settle_logs(workspace, endpoint, "picky", [picky.headers["x-request-id"]])
    assert "status=400 error_code=BAD_REQUEST" in line
    assert workspace.serving_endpoints.logs(endpoint, "one").logs == ""


def test_logs_say_nothing_of_the_provider_s_words(workspace, gateway, upstream, make_endpoint):
    """Nor of the caller's, nor the key."""
    upstream.answer = lambda seen: Reply(401, {"error": {"message": f"Sorry, {OPENAI_KEY} is wrong"}})
    name = make_endpoint(entities=[external_entity(name="one", openai_api_base=upstream.base_url)])
    secret = {"messages": [{"role": "user", "content": "a word of the caller"}]}
    answer = gateway.call("POST", f"/serving-endpoints/{name}/invocations", secret)
    assert answer.status == 401
    (text,) = settle_logs(workspace, name, "one", [answer.headers["x-request-id"]])
    assert "status=401 error_code=UNAUTHENTICATED" in text
    for word in ("Sorry", "word of", OPENAI_KEY, "127.0.0.1"):
        assert word not in text


def test_logs_hold_the_last_fifty(workspace, endpoint, ask):
    ids: list[str] = []
    for _ in range(55):
        ids.append(ask(endpoint, "down").headers["x-request-id"])
        settle_logs(workspace, endpoint, "down", ids[-50:])


def test_an_external_model_is_not_built(workspace, recorder, endpoint, ask):
    failed = ask(endpoint, "down")
    settle_logs(workspace, endpoint, "down", [failed.headers["x-request-id"]])
    with recorder.expects(f"GET {ENDPOINTS}/{endpoint}/served-models/down/build-logs"):
        assert workspace.serving_endpoints.build_logs(endpoint, "down").logs == ""


def test_of_what_is_not_there(workspace, recorder, endpoint):
    w = workspace.serving_endpoints
    for line, call in (
        ("nobody/metrics", lambda: w.export_metrics("nobody")),
        ("nobody/served-models/one/logs", lambda: w.logs("nobody", "one")),
        ("nobody/served-models/one/build-logs", lambda: w.build_logs("nobody", "one")),
        (f"{endpoint}/served-models/nobody/logs", lambda: w.logs(endpoint, "nobody")),
        (f"{endpoint}/served-models/nobody/build-logs", lambda: w.build_logs(endpoint, "nobody")),
    ):
        with recorder.expects(f"GET {ENDPOINTS}/{line}"), pytest.raises(errors.ResourceDoesNotExist):
            call()


def test_of_an_endpoint_without_config(workspace, free_name):
    workspace.serving_endpoints.create(free_name)
    assert workspace.serving_endpoints.export_metrics(free_name).contents.read()
    with pytest.raises(errors.ResourceDoesNotExist):
        workspace.serving_endpoints.logs(free_name, "one")
