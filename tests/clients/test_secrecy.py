"""Secrets: they reach the provider and come out nowhere else. Every fixture also searches what its gateway wrote."""

import base64
import os
import pathlib
import stat

import pytest

from processes import OPENAI_KEY, OTHER_KEY, PLAINTEXT_KEY, SECRET_VALUES, external_entity

ENDPOINTS = "/api/2.0/serving-endpoints"
CHAT = {"messages": [{"role": "user", "content": "Hello!"}]}


def ask(gateway, name: str):
    return gateway.call("POST", f"/serving-endpoints/{name}/invocations", CHAT)


def test_rotation_takes_effect_without_a_config_update(gateway, upstream, make_endpoint):
    gateway.call("POST", "/api/2.0/secrets/scopes/create", {"scope": "rotating"}).ok()
    put = {"scope": "rotating", "key": "k", "string_value": OPENAI_KEY}
    gateway.call("POST", "/api/2.0/secrets/put", put).ok()
    name = make_endpoint(openai_api_key="{{secrets/rotating/k}}", openai_api_base=upstream.base_url)
    ask(gateway, name).ok()
    gateway.call("POST", "/api/2.0/secrets/put", {**put, "string_value": OTHER_KEY}).ok()
    ask(gateway, name).ok()
    assert [seen.headers["authorization"] for seen in upstream.seen] == [
        f"Bearer {OPENAI_KEY}",
        f"Bearer {OTHER_KEY}",
    ]
    shown = gateway.call("GET", f"{ENDPOINTS}/{name}").ok()
    assert shown["config"]["config_version"] == 1
    assert (
        shown["config"]["served_entities"][0]["external_model"]["openai_config"]["openai_api_key"]
        == "{{secrets/rotating/k}}"
    )


def test_a_plaintext_key_works_and_leaves_no_trace(make_gateway, upstream):
    gateway = make_gateway()
    entity = external_entity(openai_api_key_plaintext=PLAINTEXT_KEY, openai_api_base=upstream.base_url)
    answers = [
        gateway.call("POST", ENDPOINTS, {"name": "plain", "config": {"served_entities": [entity]}}),
        gateway.call("GET", f"{ENDPOINTS}/plain"),
        gateway.call("GET", ENDPOINTS),
    ]
    answers[0].ok()
    ask(gateway, "plain").ok()
    assert upstream.seen[-1].headers["authorization"] == f"Bearer {PLAINTEXT_KEY}"
    assert all(
        PLAINTEXT_KEY.encode() not in answer.body and b"plaintext" not in answer.body for answer in answers
    )
    gateway.kill()
    gateway.start()
    ask(gateway, "plain").ok()
    assert upstream.seen[-1].headers["authorization"] == f"Bearer {PLAINTEXT_KEY}"
    assert gateway.files_with_secrets() == []


def test_no_secret_in_logs_metrics_and_errors(make_gateway, upstream):
    """With the access log on and every kind of failure provoked."""
    gateway = make_gateway(access_log=True, log_level="debug")
    bodies = []

    def call(*arguments, **options):
        bodies.append(gateway.call(*arguments, **options).body)

    broken = external_entity(openai_api_key_plaintext=PLAINTEXT_KEY)
    broken["external_model"]["openai_config"]["openai_api_key"] = OTHER_KEY
    call("POST", ENDPOINTS, {"name": "both", "config": {"served_entities": [broken]}})
    call(
        "POST",
        ENDPOINTS,
        {"name": "raw", "config": {"served_entities": [external_entity(openai_api_key=OTHER_KEY)]}},
    )
    call("POST", ENDPOINTS, f'{{"name":"cut","key":"{OTHER_KEY}"')
    call("POST", "/api/2.0/secrets/put", {"scope": "nowhere", "key": "k", "string_value": OTHER_KEY})
    call("POST", "/api/2.0/secrets/put", {"scope": "scope", "key": "bad key", "string_value": OTHER_KEY})
    call("GET", f"/api/2.0/nothing?key={OTHER_KEY}", token=OTHER_KEY)
    for name, model in (
        ("good", "gpt-4"),
        ("bad", "gpt-4-sim-e401"),
        ("cut", "gpt-4-sim-cut"),
        ("echo", "echo-head"),
    ):
        call("POST", ENDPOINTS, {"name": name, "config": {"served_entities": [external_entity(model)]}})
        if name != "echo":
            call("POST", f"/serving-endpoints/{name}/invocations", CHAT)
    call("GET", "/api/2.0/secrets/list?scope=scope")
    call("GET", "/metrics")
    for value in (*SECRET_VALUES, gateway.token):
        assert all(value.encode() not in body for body in bodies)
    assert gateway.files_with_secrets() == []
    assert len(gateway.output()) > 500, "the log is on"


def test_the_value_of_a_secret_is_given_to_who_may_read_it_only(gateway, make_user):
    token = make_user("mia@example.com", "workspace-access")
    path = "/api/2.0/secrets/get?scope=scope&key=key"
    assert base64.b64decode(gateway.call("GET", path).ok()["value"]).decode() == OPENAI_KEY
    refused = gateway.call("GET", path, token=token)
    assert (refused.status, refused.error_code) == (403, "PERMISSION_DENIED")
    unreadable = gateway.call(
        "POST",
        ENDPOINTS,
        {
            "name": "thief",
            "config": {"served_entities": [external_entity(openai_api_base="https://thief.example/v1")]},
        },
        token=token,
    )
    assert unreadable.status == 400, "a reference to a secret that the caller may not read"
    gateway.call(
        "POST",
        "/api/2.0/secrets/acls/put",
        {"scope": "scope", "principal": "mia@example.com", "permission": "READ"},
    ).ok()
    assert gateway.call("GET", path, token=token).status == 200


def test_files_are_for_the_owner_only(make_gateway):
    gateway = make_gateway()
    for path in gateway.data.rglob("*"):
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name


def test_the_master_key_may_come_from_the_environment(make_gateway, upstream):
    key = base64.b64encode(os.urandom(32)).decode()
    gateway = make_gateway(env={"SLUICE_MASTER_KEY": key})
    name = "sealed"
    gateway.call(
        "POST",
        ENDPOINTS,
        {"name": name, "config": {"served_entities": [external_entity(openai_api_base=upstream.base_url)]}},
    ).ok()
    ask(gateway, name).ok()
    assert not [
        path for path in gateway.data.rglob("*") if path.is_file() and key.encode() in path.read_bytes()
    ]
    gateway.stop()
    gateway.env["SLUICE_MASTER_KEY"] = base64.b64encode(os.urandom(32)).decode()
    gateway.start(ready=False)
    assert gateway.program.wait(10) != 0, "with another key the secrets cannot be read, which must be said"
    assert OPENAI_KEY not in gateway.output()


def test_the_process_cannot_be_dumped(gateway):
    """No core file, and its memory is closed to all but root: what is in /proc of a process that is not dumpable is root's."""
    directory = pathlib.Path(f"/proc/{gateway.program.pid}")
    if os.geteuid() == 0:
        core = next(
            line
            for line in (directory / "limits").read_text().splitlines()
            if line.startswith("Max core file size")
        )
        assert core.split()[4] == "0", core
    else:
        with pytest.raises(PermissionError):
            (directory / "environ").read_bytes()


@pytest.mark.parametrize("value", ["sk-a\r\nX-Evil: 1", "sk-a\nb", "sk-\0"])
def test_a_secret_that_would_split_a_header_is_not_sent(gateway, upstream, make_endpoint, value):
    gateway.call("POST", "/api/2.0/secrets/put", {"scope": "scope", "key": "split", "string_value": value})
    refused = gateway.call(
        "POST",
        ENDPOINTS,
        {
            "name": "split",
            "config": {
                "served_entities": [
                    external_entity(
                        openai_api_key="{{secrets/scope/split}}", openai_api_base=upstream.base_url
                    )
                ]
            },
        },
    )
    assert refused.status == 400
    assert value.encode() not in refused.body
