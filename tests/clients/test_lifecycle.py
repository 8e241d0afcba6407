"""Starting, stopping, dying: what was acknowledged stays, what runs ends properly."""

import re
import signal
import threading
import time

import pytest

import rest
from fake_upstream import DONE, Reply, chunk
from processes import external_entity, wait_until

ENDPOINTS = "/api/2.0/serving-endpoints"
CHAT = {"messages": [{"role": "user", "content": "Hello!"}]}


def test_sigterm_lets_a_stream_finish(make_gateway, upstream):
    gateway = make_gateway()
    go_on = threading.Event()

    def events(seen):
        def body():
            yield chunk("first")
            assert go_on.wait(20)
            yield chunk("last", finish="stop")
            yield DONE

        return Reply(body=body())

    upstream.answer = events
    gateway.call(
        "POST",
        ENDPOINTS,
        {
            "name": "drain",
            "config": {"served_entities": [external_entity(openai_api_base=upstream.base_url)]},
        },
    ).ok()
    idle = rest.connect(gateway.url)
    rest.send(idle, "GET", "/healthz").read()
    streaming = rest.connect(gateway.url)
    response = rest.send(
        streaming, "POST", "/serving-endpoints/drain/invocations", {**CHAT, "stream": True}, gateway.token
    )
    assert b"first" in response.readline()

    gateway.program.signal(signal.SIGTERM)

    def readiness():
        """Over the connection that was there before; None once it is closed."""
        try:
            answer = rest.send(idle, "GET", "/readyz")
            answer.read()
            return answer.status
        except (OSError, rest.http.client.HTTPException):
            return None

    # A connection that waits between requests may be answered 503 once more, or be closed.
    assert wait_until(
        lambda: (status := readiness()) != 200 and (status or "closed"), 5, "draining shows"
    ) in (503, "closed")
    time.sleep(0.3)
    assert gateway.program.alive(), "a stream is still running"
    go_on.set()
    rest_of_it = response.read()
    assert b"last" in rest_of_it and rest_of_it.rstrip().endswith(b"data: [DONE]")
    assert gateway.program.wait(10) == 0


def test_readyz_is_503_while_draining(make_gateway, upstream):
    """A load balancer asks over a connection of its own until it is told to stop sending."""
    gateway = make_gateway()
    go_on = threading.Event()
    upstream.answer = lambda seen: Reply() if go_on.wait(20) else Reply(500)
    gateway.call(
        "POST",
        ENDPOINTS,
        {
            "name": "drain",
            "config": {"served_entities": [external_entity(openai_api_base=upstream.base_url)]},
        },
    ).ok()
    answers = []
    caller = threading.Thread(
        target=lambda: answers.append(gateway.call("POST", "/serving-endpoints/drain/invocations", CHAT))
    )
    caller.start()
    wait_until(lambda: upstream.seen, 10, "the query runs")
    waiting = rest.connect(gateway.url)
    waiting.connect()
    gateway.program.signal(signal.SIGTERM)
    time.sleep(0.3)
    answer = rest.send(waiting, "GET", "/readyz")
    assert answer.status == 503
    go_on.set()
    caller.join(20)
    assert answers[0].status == 200
    assert gateway.program.wait(10) == 0


def test_an_idle_gateway_stops_at_once(make_gateway):
    gateway = make_gateway()
    idle = rest.connect(gateway.url)
    rest.send(idle, "GET", "/healthz").read()
    began = time.monotonic()
    assert gateway.stop() == 0
    assert time.monotonic() - began < 3


def everything(gateway) -> dict:
    """What REST shows of the gateway's state."""
    return {
        "endpoints": [
            gateway.call("GET", f"{ENDPOINTS}/{one['name']}").ok()
            for one in gateway.call("GET", ENDPOINTS).ok()["endpoints"]
        ],
        "scopes": gateway.call("GET", "/api/2.0/secrets/scopes/list").ok(),
        "secrets": gateway.call("GET", "/api/2.0/secrets/list?scope=kept").ok(),
        "value": gateway.call("GET", "/api/2.0/secrets/get?scope=kept&key=k").ok(),
        "acls": gateway.call("GET", "/api/2.0/secrets/acls/list?scope=kept").ok(),
        "tokens": gateway.call("GET", "/api/2.0/token/list").ok(),
        "workspace": gateway.call("GET", "/.well-known/databricks-config").ok(),
    }


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_what_was_acknowledged_is_there_after_a_restart(make_gateway, make_user, end):
    gateway = make_gateway()
    gateway.call("POST", "/api/2.0/secrets/scopes/create", {"scope": "kept"}).ok()
    gateway.call("POST", "/api/2.0/secrets/put", {"scope": "kept", "key": "k", "string_value": "v"}).ok()
    gateway.call(
        "POST", "/api/2.0/secrets/acls/put", {"scope": "kept", "principal": "users", "permission": "READ"}
    ).ok()
    gateway.call("POST", "/api/2.0/token/create", {"comment": "kept"}).ok()
    token = make_user("lee@example.com", on=gateway)
    for number in range(3):
        gateway.call(
            "POST",
            ENDPOINTS,
            {
                "name": f"kept{number}",
                "tags": [{"key": "a", "value": "b"}],
                "config": {"served_entities": [external_entity(openai_api_key="{{secrets/kept/k}}")]},
                "rate_limits": [{"calls": 100, "key": "user", "renewal_period": "minute"}],
            },
        ).ok()
    gateway.call(
        "PUT", f"{ENDPOINTS}/kept0/config", {"served_entities": [external_entity("gpt-4", name="second")]}
    ).ok()
    gateway.call(
        "PUT", f"{ENDPOINTS}/kept1/rate-limits", {"rate_limits": [{"calls": 7, "renewal_period": "minute"}]}
    ).ok()
    gateway.call("PATCH", f"{ENDPOINTS}/kept1/tags", {"add_tags": [{"key": "c"}]}).ok()
    gateway.grant("kept0", "CAN_QUERY", user_name="lee@example.com")
    before = everything(gateway)
    gateway.call("DELETE", f"{ENDPOINTS}/kept2").ok()
    before["endpoints"] = [one for one in before["endpoints"] if one["name"] != "kept2"]

    getattr(gateway, end)()
    gateway.start()
    assert everything(gateway) == before
    assert gateway.call("POST", "/serving-endpoints/kept0/invocations", CHAT, token=token).status == 200


def test_kill_while_writing_loses_nothing_that_was_acknowledged(make_gateway):
    gateway = make_gateway()
    acknowledged = []
    for round_number in range(5):
        stop = threading.Event()

        def write():
            number = 0
            while not stop.is_set():
                name = f"round{round_number}-{number}"
                try:
                    made = gateway.call(
                        "POST", ENDPOINTS, {"name": name, "config": {"served_entities": [external_entity()]}}
                    )
                except (OSError, rest.http.client.HTTPException):
                    return
                if made.status == 200:
                    acknowledged.append(name)
                number += 1

        writer = threading.Thread(target=write)
        writer.start()
        time.sleep(0.2)
        gateway.kill()
        stop.set()
        writer.join()
        gateway.start()
        listed = {one["name"] for one in gateway.call("GET", ENDPOINTS).ok()["endpoints"]}
        assert set(acknowledged) <= listed
    assert len(acknowledged) > 20


def config_with(name: str, model: str) -> dict:
    return {"name": name, "config": {"served_entities": [external_entity(model, name="entity")]}}


def model_of(gateway, name: str) -> str:
    return gateway.call("GET", f"{ENDPOINTS}/{name}").ok()["config"]["served_entities"][0]["external_model"][
        "name"
    ]


def test_the_config_file_is_applied_when_it_changes(make_gateway):
    gateway = make_gateway(endpoints=[config_with("one", "gpt-4"), config_with("two", "gpt-4")])
    gateway.call("PUT", f"{ENDPOINTS}/one/config", config_with("one", "changed-by-rest")["config"]).ok()
    gateway.call("POST", ENDPOINTS, config_with("three", "made-by-rest")).ok()
    gateway.stop()
    gateway.config["endpoints"][1] = config_with("two", "gpt-4-turbo")
    gateway.start()
    assert model_of(gateway, "one") == "changed-by-rest", "the file says of it what it said before"
    assert model_of(gateway, "two") == "gpt-4-turbo"
    assert model_of(gateway, "three") == "made-by-rest"


def test_secrets_of_the_config_file_from_environment_and_file(make_gateway, upstream, tmp_path):
    from processes import OPENAI_KEY, OTHER_KEY

    (tmp_path / "key").write_text(OTHER_KEY + "\n")
    sources = [
        {"scope": "s", "key": "env", "string_value_env": "KEY_OF_THE_TEST"},
        {"scope": "s", "key": "file", "string_value_file": str(tmp_path / "key")},
    ]
    endpoints = [
        {
            "name": key,
            "config": {
                "served_entities": [
                    external_entity(
                        openai_api_key=f"{{{{secrets/s/{key}}}}}", openai_api_base=upstream.base_url
                    )
                ]
            },
        }
        for key in ("env", "file")
    ]
    gateway = make_gateway(env={"KEY_OF_THE_TEST": OPENAI_KEY}, endpoints=endpoints, secrets=sources)
    for name, value in (("env", OPENAI_KEY), ("file", OTHER_KEY)):
        gateway.call("POST", f"/serving-endpoints/{name}/invocations", CHAT).ok()
        assert upstream.seen[-1].headers["authorization"] == f"Bearer {value}"


@pytest.mark.parametrize(
    "config, told",
    [
        ({"no_such_key": 1}, "no_such_key"),
        ({"endpoints": [{"name": "a b"}]}, "endpoints[0]"),
        ({"update_delay_ms": -1}, "update_delay_ms"),
    ],
)
def test_a_config_file_that_is_wrong_stops_the_start(make_gateway, config, told):
    gateway = make_gateway(start=False, **config).start(ready=False)
    assert gateway.program.wait(10) not in (0, -signal.SIGSEGV, -signal.SIGABRT)
    assert told in gateway.output()


def test_the_admin_token_is_made_once_and_shown_once(make_gateway):
    gateway = make_gateway(start=False)
    gateway.token = ""
    gateway.start()
    shown = re.findall(r"^admin token \(shown only once\): (\S+)$", gateway.output(), re.MULTILINE)
    assert len(shown) == 1
    assert rest.call(gateway.url, "GET", ENDPOINTS, token=shown[0]).status == 200
    gateway.stop()
    gateway.start()
    assert gateway.output().count(shown[0]) == 1, "not at the second start"
    assert rest.call(gateway.url, "GET", ENDPOINTS, token=shown[0]).status == 200


def test_updates_under_load_lose_no_request(gateway, make_endpoint):
    """Every query is answered by a config that was in force while it ran, in order."""
    name = make_endpoint(entities=[external_entity(name="v0")])
    stop = threading.Event()
    answers = []

    def ask():
        connection = rest.connect(gateway.url)
        while not stop.is_set():
            response = rest.send(
                connection, "POST", f"/serving-endpoints/{name}/invocations", CHAT, gateway.token
            )
            response.read()
            answers.append((response.status, response.getheader("served-model-name")))
        connection.close()

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    for version in range(1, 101):
        gateway.call(
            "PUT", f"{ENDPOINTS}/{name}/config", {"served_entities": [external_entity(name=f"v{version}")]}
        ).ok()
        served = gateway.call("POST", f"/serving-endpoints/{name}/invocations", CHAT).headers[
            "served-model-name"
        ]
        assert served == f"v{version}", "what follows an acknowledged update sees it"
    stop.set()
    for asker in askers:
        asker.join()
    assert {status for status, _ in answers} == {200} and len(answers) > 100


def test_help_and_version(top):
    import subprocess

    from processes import BUILD

    for program in ("sluice", "sluice-provider"):
        shown = subprocess.run([BUILD / program, "--help"], capture_output=True, text=True, timeout=10)
        assert (
            shown.returncode == 0
            and "--listen"
            in shown.stdout
            + subprocess.run(
                [BUILD / program, "serve", "--help"], capture_output=True, text=True, timeout=10
            ).stdout
        )
        version = subprocess.run([BUILD / program, "--version"], capture_output=True, text=True, timeout=10)
        assert version.returncode == 0 and any(char.isdigit() for char in version.stdout)
