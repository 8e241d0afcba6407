"""schemathesis against a gateway of its own: every operation of /openapi.json, requests as the document allows them and as
it does not, and every answer compared with it. openapi_fuzz.toml holds the settings, openapi_hooks.py what is ours."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

import pytest

from conftest import close_down, settings
from processes import Gateway, external_entity, upstream_flags, wait_until

ENDPOINTS = "/api/2.0/serving-endpoints"
SCIM = "/api/2.0/preview/scim/v2"
SECRET = "{{secrets/my_scope/my_openai_api_key}}"
HERE = pathlib.Path(__file__).resolve().parent


class World:
    """A gateway with things to read, to change and to delete; `existing` is what openapi_hooks.py reads."""

    size = 36

    def __init__(self, gateway: Gateway):
        self.gateway = gateway
        self.existing = {
            "query_name": ["chat", "text", "vectors"],
            "chat_name": ["chat"],
            "new_name": [f"new-{number}" for number in range(1000)],
            "served_entity_name": ["main"],
            "served_model_name": ["main"],
            "provider": ["openai"],
            "openai_api_key": [SECRET],
            "key": ["key"],
            "limit_key": ["user", "endpoint"],
            "grant_type": ["client_credentials"],
            "oauth_scope": ["all-apis", "model-serving"],
            "sign_in_token": [gateway.token],
            "assertion": [""],
            "authorization_details": [""],
            "filter": ['userName sw "user"', 'displayName co "o" and active eq true', "id pr"],
            "attributes": ["userName,displayName", "members", "groups.value"],
            "sortBy": ["displayName", "id"],
        }
        for name, task in (("chat", "chat"), ("text", "completions"), ("vectors", "embeddings")):
            self.endpoint(name, f"llm/v1/{task}")
        for number in range(self.size):
            for kind, thing in self.one(number).items():
                self.existing.setdefault(kind, []).append(thing)
        wait_until(self.all_ready, 20, "the endpoints are ready")

    def made(self, path: str, body: dict) -> dict:
        return self.gateway.call("POST", path, body).ok()

    def endpoint(self, name: str, task: str) -> dict:
        config = {"served_entities": [external_entity("gpt-4o-mini", task, name="main")]}
        tracked = {"usage_tracking_config": {"enabled": True}}
        return self.made(ENDPOINTS, {"name": name, "config": config, "ai_gateway": tracked})

    def all_ready(self) -> bool:
        all_of_them = self.gateway.call("GET", ENDPOINTS).ok()["endpoints"]
        return all(one["state"]["ready"] == "READY" for one in all_of_them)

    def one(self, number: int) -> dict:
        """One of each kind; they refer to each other."""
        endpoint = self.endpoint(f"e{number}", "llm/v1/chat")
        entitlements = [{"value": "workspace-access"}]
        user = self.made(
            f"{SCIM}/Users", {"userName": f"user{number}@example.com", "entitlements": entitlements}
        )
        group = self.made(
            f"{SCIM}/Groups", {"displayName": f"group{number}", "members": [{"value": user["id"]}]}
        )
        service = self.made(f"{SCIM}/ServicePrincipals", {"displayName": f"robot{number}"})
        secret = self.made(f"/api/2.0/accounts/servicePrincipals/{service['id']}/credentials/secrets", {})
        token = self.made("/api/2.0/token/create", {"comment": f"token{number}"})
        scope = f"scope{number}"
        self.made("/api/2.0/secrets/scopes/create", {"scope": scope})
        self.made("/api/2.0/secrets/put", {"scope": scope, "key": "key", "string_value": "value"})
        acl = {"scope": scope, "principal": user["userName"], "permission": "READ"}
        self.made("/api/2.0/secrets/acls/put", acl)
        return {
            "name": endpoint["name"],
            "endpoint_name": endpoint["name"],
            "endpoint_id": endpoint["id"],
            "user_id": user["id"],
            "user_name": user["userName"],
            "principal": user["userName"],
            "group_id": group["id"],
            "group_name": group["displayName"],
            "service_principal_id": service["id"],
            "service_principal_name": service["applicationId"],
            "application_id": service["applicationId"],
            "client_id": service["applicationId"],
            "client_secret": secret["secret"],
            "secret_id": secret["id"],
            "token_id": token["token_info"]["token_id"],
            "scope": scope,
        }


@pytest.fixture(scope="module")
def world(provider, tmp_path_factory):
    config = settings(provider, update_delay_ms=300)
    gateway = Gateway(tmp_path_factory.mktemp("fuzzed"), config, upstream_flags(provider)).start()
    yield World(gateway)
    close_down(gateway)


def run(world: World, directory: pathlib.Path, token: str, examples: int, *options: str) -> dict:
    """One run; returns how often each operation answered with each status."""
    document, answers = directory / "openapi.json", directory / "answers.json"
    document.write_bytes(world.gateway.call("GET", "/openapi.json").body)
    command = [
        str(pathlib.Path(sys.executable).with_name("st")),
        *("--config-file", str(HERE / "openapi_fuzz.toml")),
        *("run", str(document), "--url", world.gateway.url, "--max-examples", str(examples), *options),
    ]
    env = {
        "SCHEMATHESIS_HOOKS": "openapi_hooks",
        "PYTHONPATH": str(HERE),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(directory / "hypothesis"),
        "OPENAPI_FUZZ_URL": world.gateway.url,
        "OPENAPI_FUZZ_TOKEN": token,
        "OPENAPI_FUZZ_EXISTING": json.dumps(world.existing),
        "OPENAPI_FUZZ_DOCUMENT": str(document),
        "OPENAPI_FUZZ_ANSWERS": str(answers),
    }
    done = subprocess.run(
        command, cwd=directory, env={**os.environ, **env}, capture_output=True, text=True, timeout=900
    )
    print(done.stdout[-20000:], done.stderr[-4000:])
    assert done.returncode == 0, "schemathesis found something"
    return json.loads(answers.read_text(encoding="utf-8"))


def documented_successes(world: World) -> set[str]:
    paths = world.gateway.call("GET", "/openapi.json").ok()["paths"]
    return {
        f"{method.upper()} {path}"
        for path, item in paths.items()
        for method, operation in item.items()
        if "200" in operation["responses"]
    }


def test_without_a_token_only_open_calls_answer(world, tmp_path):
    answers = run(world, tmp_path, "nobody", 6, "--phases", "fuzzing")
    paths = world.gateway.call("GET", "/openapi.json").ok()["paths"]
    for path, item in paths.items():
        for method, operation in item.items():
            if "security" not in operation:
                assert set(answers[f"{method.upper()} {path}"]) <= {"400", "401"}, path


def test_every_answer_to_an_ordinary_user_fits_the_document(world, tmp_path):
    name = "fuzzer@example.com"
    entitlements = [{"value": "workspace-access"}]
    user = world.made(f"{SCIM}/Users", {"userName": name, "entitlements": entitlements})
    token = world.made("/api/2.0/token-management/on-behalf-of/tokens", {"user_name": name})["token_value"]
    for query_name in world.existing["query_name"]:
        world.gateway.grant(query_name, "CAN_QUERY", user_name=name)
    for number in range(0, World.size, 3):
        world.gateway.grant(f"e{number}", "CAN_MANAGE", user_name=name)
        acl = {"scope": f"scope{number}", "principal": name, "permission": "MANAGE"}
        world.made("/api/2.0/secrets/acls/put", acl)
    # Without the call by which it would delete its own token, whose id is in its list.
    options = ("--phases", "examples,fuzzing", "--exclude-operation-id", "deleteToken")
    answers = run(world, tmp_path, token, 20, *options)
    for open_to_all in (
        f"GET {SCIM}/Me",
        "GET /serving-endpoints/models",
        f"PATCH {ENDPOINTS}/{{name}}/tags",
    ):
        assert "200" in answers[open_to_all], open_to_all
    for for_admins in (f"POST {SCIM}/Users", f"PATCH {SCIM}/Groups/{{id}}", "GET /api/2.0/sluice/audit"):
        assert "200" not in answers[for_admins] and "403" in answers[for_admins], for_admins
    assert world.gateway.call("GET", f"{SCIM}/Users/{user['id']}").status == 200


def test_every_answer_to_an_admin_fits_the_document(world, tmp_path):
    answers = run(world, tmp_path, world.gateway.token, 30)
    # The run means something: each call has succeeded at least once, but for those that need a Gemini model, or a session,
    # which counts only without a token.
    failed = {name for name in documented_successes(world) if "200" not in answers.get(name, {})}
    of_sessions = {f"{method} /api/2.0/sluice/session" for method in ("GET", "DELETE")}
    assert {name for name in failed if "/gemini/" not in name} - of_sessions == set()
    # And the gateway is as well as before.
    assert world.gateway.call("GET", ENDPOINTS).status == 200
