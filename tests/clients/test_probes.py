"""Config updates that wait for their provider (probe_updates): refused, cancelled, interrupted; through the SDK and mlflow.

The provider keeps each answer back until the test says so: what is under way stays that way as long as it is looked at.
"""

import re
import threading

import pytest
import requests
from databricks.sdk import errors
from databricks.sdk.service import serving
from mlflow.deployments import get_deploy_client

from fake_upstream import FakeUpstream, Reply, Seen
from processes import OPENAI_KEY, external_entity, wait_until
from recorder import many
from sdk import ENDPOINTS, config, hello, openai_entity, routes

State = serving.EndpointStateConfigUpdate
Deployment = serving.ServedModelStateDeployment
CHAT = {"messages": [{"role": "user", "content": "Hello!"}]}
PING = [{"role": "user", "content": "ping"}]


class Probe:
    """One that has come in; its answer waits for `reply`."""

    def __init__(self, seen: Seen):
        self.path, self.headers, self.json = seen.path, seen.headers, seen.json
        self.gate = threading.Event()
        self.reply = Reply()


class HeldProvider:
    """A provider that answers queries at once, and the probes when the test says so. They are numbered from 1."""

    def __init__(self, fake: FakeUpstream):
        self.base_url = fake.base_url
        self.probes: list[Probe] = []
        fake.answer = self._answer

    def _answer(self, seen: Seen) -> Reply:
        if seen.json.get("max_tokens") != 1 and seen.json.get("input") != "ping":
            return Reply()
        probe = Probe(seen)
        self.probes.append(probe)
        assert probe.gate.wait(60), "the test left a probe without an answer"
        return probe.reply

    def wait_for_probe(self, number: int) -> Probe:
        return wait_until(lambda: self.probes[number - 1 : number], 20, f"probe {number}")[0]

    def answer(self, number: int, reply: Reply | None = None) -> None:
        probe = self.wait_for_probe(number)
        probe.reply = reply or Reply()
        probe.gate.set()


@pytest.fixture
def held(upstream):
    provider = HeldProvider(upstream)
    yield provider
    for probe in provider.probes:
        probe.gate.set()


@pytest.fixture
def probing(make_gateway):
    return make_gateway(probe_updates=True)


@pytest.fixture
def client(probing, sdk_as):
    return sdk_as(on=probing)


@pytest.fixture
def ended(probing):
    """ended(name): waits until no update of that endpoint is under way -> its state. The SDK looks once a second only."""

    def wait(name: str) -> dict:
        def look():
            state = probing.call("GET", f"{ENDPOINTS}/{name}").ok()["state"]
            return state["config_update"] != "IN_PROGRESS" and state

        return wait_until(look, 20, "the update ends")

    return wait


def entity(held, name: str, **options) -> serving.ServedEntityInput:
    return openai_entity(name, openai_api_base=held.base_url, **options)


@pytest.fixture
def ready(client, held, ended) -> str:
    """The name of an endpoint whose entity `one` has passed its probe."""
    w, _ = client
    w.serving_endpoints.create(name="chat", config=config(entity(held, "one")))
    held.answer(1)
    assert ended("chat")["config_update"] == "NOT_UPDATING"
    held.probes.clear()
    return "chat"


def served_by(w, name: str) -> str:
    return w.serving_endpoints.query(name=name, messages=[hello()]).served_model_name


def test_a_creation_that_passes(probing, client, held):
    w, recorder = client
    with recorder.expects(f"POST {ENDPOINTS}"):
        waiter = w.serving_endpoints.create(name="chat", config=config(entity(held, "one", model="gpt-4")))
    assert waiter.response.state.config_update == State.IN_PROGRESS and waiter.response.config is None
    probe = held.wait_for_probe(1)
    assert probe.path == "/v1/chat/completions"
    assert probe.json == {"model": "gpt-4", "messages": PING, "max_tokens": 1}
    assert probe.headers["authorization"] == f"Bearer {OPENAI_KEY}"
    early = probing.call("POST", "/serving-endpoints/chat/invocations", CHAT)
    assert (early.status, early.error_code) == (503, "TEMPORARILY_UNAVAILABLE")
    assert int(early.headers["retry-after"]) >= 1
    assert w.serving_endpoints.get("chat").state.config_update == State.IN_PROGRESS
    held.answer(1)
    with recorder.expects(many(f"GET {ENDPOINTS}/chat")):
        made = waiter.result()
    assert made.state.ready == serving.EndpointStateReady.READY and made.pending_config is None
    assert made.config.served_entities[0].state.deployment == Deployment.DEPLOYMENT_READY
    assert served_by(w, "chat") == "one" and len(held.probes) == 1


@pytest.mark.parametrize(
    "model, task, path, body",
    [
        (
            "gpt-3.5-turbo-instruct",
            "llm/v1/completions",
            "/v1/completions",
            {"prompt": "ping", "max_tokens": 1},
        ),
        ("text-embedding-ada-002", "llm/v1/embeddings", "/v1/embeddings", {"input": "ping"}),
    ],
)
def test_the_probe_of_the_other_tasks(probing, held, model, task, path, body):
    entities = [external_entity(model, task, openai_api_base=held.base_url)]
    probing.call("POST", ENDPOINTS, {"name": "other", "config": {"served_entities": entities}}).ok()
    probe = held.wait_for_probe(1)
    assert probe.path == path and probe.json == {"model": model, **body}


REFUSED = {
    "error": {
        "message": f"Incorrect key {OPENAI_KEY}",
        "type": "invalid_request_error",
        "code": "invalid_api_key",
    }
}


@pytest.mark.parametrize(
    "reply, reason",
    [
        (Reply(401, REFUSED), "answered the probe with 401 (invalid_request_error, invalid_api_key)"),
        (
            Reply(404, {"error": {"message": "no such model", "code": "model_not_found"}}),
            "with 404 (model_not_found)",
        ),
        (Reply(500, "<html>sorry</html>", {"Content-Type": "text/html"}), "answered the probe with 500"),
        (Reply(302, "", {"Location": "/elsewhere"}), "answered the probe with 302"),
    ],
    ids=["401", "404", "500", "302"],
)
def test_an_update_that_fails(probing, client, held, ready, reply, reason, ended):
    """It ends UPDATE_FAILED with the reason, the old config serves on, and the waiter raises."""
    w, recorder = client
    w.serving_endpoints.update_notifications(
        ready, email_notifications=serving.EmailNotifications(on_update_failure=["ops@example.com"])
    )
    with recorder.expects(f"PUT {ENDPOINTS}/{ready}/config"):
        waiter = w.serving_endpoints.update_config(ready, served_entities=[entity(held, "two")])
    held.wait_for_probe(1)
    assert waiter.response.state.config_update == State.IN_PROGRESS
    assert served_by(w, ready) == "one"
    held.answer(1, reply)
    ended(ready)
    with recorder.expects(f"GET {ENDPOINTS}/{ready}"), pytest.raises(errors.OperationFailed):
        waiter.result()
    failed = w.serving_endpoints.get(ready)
    assert failed.state == serving.EndpointState(
        ready=serving.EndpointStateReady.READY, config_update=State.UPDATE_FAILED
    )
    assert failed.config.config_version == 1 and failed.config.served_entities[0].name == "one"
    (pending,) = failed.pending_config.served_entities
    assert (pending.name, pending.state.deployment) == ("two", Deployment.DEPLOYMENT_FAILED)
    assert "'two'" in pending.state.deployment_state_message
    assert reason in pending.state.deployment_state_message
    assert served_by(w, ready) == "one" and len(held.probes) == 1, "probed once"
    told = re.compile(rf"config_update_finished endpoint={ready} outcome=failed.*\n")
    line = wait_until(lambda: told.search(probing.output()), 20, "the log says so too")[0]
    assert reason in line and "notify=ops@example.com" in line
    # The way out is another update; the one that failed keeps its number.
    waiter = w.serving_endpoints.update_config(ready, served_entities=[entity(held, "three")])
    held.answer(2)
    ended(ready)
    assert waiter.result().config.config_version == 3 and served_by(w, ready) == "three"


def test_a_creation_that_fails(probing, client, held, ended):
    """Nothing serves then, and nothing is coming: a query is told so once."""
    w, recorder = client
    waiter = w.serving_endpoints.create(name="chat", config=config(entity(held, "one")))
    held.answer(1, Reply(401, REFUSED))
    ended("chat")
    with recorder.expects(f"GET {ENDPOINTS}/chat"), pytest.raises(errors.OperationFailed):
        waiter.result()
    failed = w.serving_endpoints.get("chat")
    assert failed.state.ready == serving.EndpointStateReady.NOT_READY and failed.config is None
    with recorder.expects("POST /serving-endpoints/chat/invocations"):
        with pytest.raises(errors.InvalidParameterValue):
            w.serving_endpoints.query(name="chat", messages=[hello()])
    w.serving_endpoints.delete("chat")


def test_a_key_in_the_provider_s_words_is_not_told_on(probing, client, held, ready, ended):
    """Not in an answer, nor in the log or the data directory, which every test looks through at its end."""
    w, _ = client
    w.serving_endpoints.update_config(ready, served_entities=[entity(held, "two")])
    held.answer(1, Reply(401, {"error": {"message": OPENAI_KEY, "type": OPENAI_KEY, "code": OPENAI_KEY}}))
    ended(ready)
    with pytest.raises(errors.OperationFailed):
        w.serving_endpoints.wait_get_serving_endpoint_not_updating(ready)
    raw = probing.call("GET", f"{ENDPOINTS}/{ready}")
    assert b"answered the probe with 401" in raw.body and OPENAI_KEY.encode() not in raw.body


def test_a_provider_that_is_busy_passes(client, held, ready, ended):
    """A 429: it is there, and it knows the key."""
    w, _ = client
    waiter = w.serving_endpoints.update_config(ready, served_entities=[entity(held, "two")])
    held.answer(1, Reply(429, {"error": {"message": "slow down"}}, {"Retry-After": "9"}))
    ended(ready)
    assert waiter.result().config.config_version == 2 and len(held.probes) == 1


def test_a_provider_that_is_not_there(client, ready, ended):
    fake = FakeUpstream()
    address = fake.base_url
    fake.close()
    w, _ = client
    w.serving_endpoints.update_config(ready, served_entities=[openai_entity("two", openai_api_base=address)])
    assert ended(ready)["config_update"] == "UPDATE_FAILED"
    (pending,) = w.serving_endpoints.get(ready).pending_config.served_entities
    assert "did not reach the provider 'openai'" in pending.state.deployment_state_message
    assert "127.0.0.1" not in pending.state.deployment_state_message
    assert served_by(w, ready) == "one"


def test_an_update_that_is_cancelled(probing, client, held, ready, ended):
    """What the provider says afterwards changes nothing any more."""
    w, recorder = client
    waiter = w.serving_endpoints.update_config(ready, served_entities=[entity(held, "two")])
    held.wait_for_probe(1)
    cancelled = probing.call("POST", f"{ENDPOINTS}/{ready}/config:cancel").ok()
    assert cancelled["state"] == {"ready": "READY", "config_update": "UPDATE_CANCELED"}
    with recorder.expects(f"GET {ENDPOINTS}/{ready}"), pytest.raises(errors.OperationFailed):
        waiter.result()
    held.answer(1)
    second = probing.call("POST", f"{ENDPOINTS}/{ready}/config:cancel")
    assert (second.status, second.error_code) == (409, "RESOURCE_CONFLICT")
    waiter = w.serving_endpoints.update_config(ready, served_entities=[entity(held, "three")])
    held.wait_for_probe(2)
    found = w.serving_endpoints.get(ready)
    assert found.state.config_update == State.IN_PROGRESS and served_by(w, ready) == "one"
    held.answer(2)
    ended(ready)
    done = waiter.result()
    assert [one.name for one in done.config.served_entities] == ["three"] and done.config.config_version == 3


def test_what_is_let_in_while_a_probe_is_under_way(client, held, ready, ended):
    w, recorder = client
    waiter = w.serving_endpoints.update_config(ready, served_entities=[entity(held, "two")])
    held.wait_for_probe(1)
    with recorder.expects(f"PUT {ENDPOINTS}/{ready}/config"), pytest.raises(errors.ResourceConflict):
        w.serving_endpoints.update_config(ready, served_entities=[entity(held, "three")])
    with recorder.expects(
        f"PATCH {ENDPOINTS}/{ready}/tags",
        f"PUT {ENDPOINTS}/{ready}/ai-gateway",
        f"PUT {ENDPOINTS}/{ready}/rate-limits",
        f"PATCH {ENDPOINTS}/{ready}/notifications",
    ):
        w.serving_endpoints.patch(ready, add_tags=[serving.EndpointTag("a", "b")])
        w.serving_endpoints.put_ai_gateway(ready)
        w.serving_endpoints.put(ready, rate_limits=[])
        w.serving_endpoints.update_notifications(ready, email_notifications=serving.EmailNotifications())
    assert w.serving_endpoints.get(ready).state.config_update == State.IN_PROGRESS
    held.answer(1)
    ended(ready)
    done = waiter.result()
    assert done.tags == [serving.EndpointTag("a", "b")] and len(held.probes) == 1


def test_what_serves_already_is_not_probed_again(client, held, ready, ended):
    w, recorder = client
    waiter = w.serving_endpoints.update_config(
        ready,
        served_entities=[entity(held, "one"), entity(held, "two", model="gpt-4")],
        traffic_config=routes(one=100, two=0),
    )
    held.answer(1)
    ended(ready)
    waiter.result()
    assert [probe.json["model"] for probe in held.probes] == ["gpt-4"]
    # Only the shares: in force with the answer.
    with recorder.expects(f"PUT {ENDPOINTS}/{ready}/config"):
        begun = w.serving_endpoints.update_config(
            ready,
            served_entities=[entity(held, "one"), entity(held, "two", model="gpt-4")],
            traffic_config=routes(one=0, two=100),
        )
    assert begun.response.state.config_update == State.NOT_UPDATING
    assert served_by(w, ready) == "two" and len(held.probes) == 1


@pytest.mark.parametrize("outcome", ["passes", "fails"])
@pytest.mark.parametrize("end", ["kill", "stop"])
def test_a_restart_in_the_middle(probing, client, held, ready, end, outcome, ended):
    """The update is still under way then, the old config serves, and the provider is asked anew."""
    w, recorder = client
    w.serving_endpoints.update_config(ready, served_entities=[entity(held, "two")])
    held.wait_for_probe(1)
    getattr(probing, end)()
    held.answer(1, Reply(401, REFUSED))  # said to nobody
    probing.start()
    held.wait_for_probe(2)
    found = w.serving_endpoints.get(ready)
    assert found.state.config_update == State.IN_PROGRESS and found.config.config_version == 1
    assert found.pending_config.served_entities[0].name == "two" and served_by(w, ready) == "one"
    held.answer(2, Reply() if outcome == "passes" else Reply(404, {}))
    ended(ready)
    if outcome == "passes":
        assert w.serving_endpoints.wait_get_serving_endpoint_not_updating(ready).config.config_version == 2
        assert served_by(w, ready) == "two"
    else:
        with pytest.raises(errors.OperationFailed):
            w.serving_endpoints.wait_get_serving_endpoint_not_updating(ready)
        assert served_by(w, ready) == "one"
    # The end of an update outlives a restart too, and is not looked for again.
    before = probing.call("GET", f"{ENDPOINTS}/{ready}").ok()
    getattr(probing, end)()
    probing.start()
    assert probing.call("GET", f"{ENDPOINTS}/{ready}").ok() == before
    assert len(held.probes) == 2


def test_a_restart_in_the_middle_of_a_creation(probing, client, held, ended):
    w, _ = client
    w.serving_endpoints.create(name="chat", config=config(entity(held, "one")))
    held.wait_for_probe(1)
    probing.kill()
    probing.start()
    held.wait_for_probe(2)
    assert probing.call("POST", "/serving-endpoints/chat/invocations", CHAT).status == 503
    held.answer(2)
    ended("chat")
    made = w.serving_endpoints.wait_get_serving_endpoint_not_updating("chat")
    assert made.state.ready == serving.EndpointStateReady.READY and served_by(w, "chat") == "one"


def test_an_endpoint_that_is_deleted_meanwhile(probing, client, held, ready, ended):
    """The answer to the probe of the first means nothing for the second of its name."""
    w, _ = client
    w.serving_endpoints.update_config(ready, served_entities=[entity(held, "two")])
    held.wait_for_probe(1)
    w.serving_endpoints.delete(ready)
    w.serving_endpoints.create(name=ready, config=config(entity(held, "new")))
    held.answer(1, Reply(401, REFUSED))
    held.answer(2)
    ended(ready)
    found = w.serving_endpoints.wait_get_serving_endpoint_not_updating(ready)
    assert [one.name for one in found.config.served_entities] == ["new"]
    assert found.config.config_version == 1 and served_by(w, ready) == "new"


def test_an_update_by_mlflow_that_fails(probing, clients_of, held, ready, ended):
    """It has no waiter; what its next calls show is the same."""
    recorder = clients_of(probing)
    mlflow_client = get_deploy_client("databricks")
    update = {"served_entities": [external_entity("gpt-4", name="two", openai_api_base=held.base_url)]}
    with recorder.expects(f"PUT {ENDPOINTS}/{ready}/config", discoveries=None):
        begun = mlflow_client.update_endpoint_config(endpoint=ready, config=update)
    assert begun["state"] == {"ready": "READY", "config_update": "IN_PROGRESS"}
    held.wait_for_probe(1)
    with recorder.expects(f"PUT {ENDPOINTS}/{ready}/config", discoveries=None):
        with pytest.raises(requests.HTTPError) as conflict:
            mlflow_client.update_endpoint_config(endpoint=ready, config=update)
    assert conflict.value.response.status_code == 409
    held.answer(1, Reply(401, REFUSED))
    ended(ready)
    assert mlflow_client.get_endpoint(ready)["state"]["config_update"] == "UPDATE_FAILED"
    assert mlflow_client.predict(endpoint=ready, inputs=CHAT)["choices"]
