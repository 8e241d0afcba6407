"""Every example of the seed document ("create endpoints that serve generative AI models"), as it is written there.

The callers are the users whose names the examples show; only placeholders ({...}, ids, time stamps) are replaced.
"""

import json
import re
import subprocess
import time
from unittest import mock

import pytest

# POST /api/2.0/serving-endpoints
CREATE = """{
"name": "openai_endpoint",
"config":
{
"served_entities":
[
{
"name": "openai_embeddings",
"external_model":{
"name": "text-embedding-ada-002",
"provider": "openai",
"task": "llm/v1/embeddings",
"openai_config":{
"openai_api_key": "{{secrets/my_scope/my_openai_api_key}}"
}
}
}
]
},
"rate_limits": [
{
"calls": 100,
"key": "user",
"renewal_period": "minute"
}
],
"tags": [
{
"key": "team",
"value": "gen-ai"
}
]
}"""

CREATE_ANSWER = """{
"name": "openai_endpoint",
"creator": "user@email.com",
"creation_timestamp": 1699617587000,
"last_updated_timestamp": 1699617587000,
"state": {
"ready": "READY"
},
"config": {
"served_entities": [
{
"name": "openai_embeddings",
"external_model": {
"provider": "openai",
"name": "text-embedding-ada-002",
"task": "llm/v1/embeddings",
"openai_config": {
"openai_api_key": "{{secrets/my_scope/my_openai_api_key}}"
}
},
"state": {
"deployment": "DEPLOYMENT_READY",
"deployment_state_message": ""
},
"creator": "user@email.com",
"creation_timestamp": 1699617587000
}
],
"traffic_config": {
"routes": [
{
"served_model_name": "openai_embeddings",
"traffic_percentage": 100
}
]
},
"config_version": 1
},
"tags": [
{
"key": "team",
"value": "gen-ai"
}
],
"id": "69962db6b9db47c4a8a222d2ac79d7f8",
"permission_level": "CAN_MANAGE",
"route_optimized": false
}"""

# PUT /api/2.0/serving-endpoints/openai_endpoint/config
UPDATE = """{
"name": "openai_endpoint",
"served_entities":
[
{
"name": "openai_chat",
"external_model":{
"name": "gpt-4",
"provider": "openai",
"task": "llm/v1/chat",
"openai_config":{
"openai_api_key": "{{secrets/my_scope/my_openai_api_key}}"
}
}
}
]
}"""

# What the answer has beyond the seed's, by place. All of it is part of today's API and harmless to its clients.
ADDITIONS = {
    "": {"task", "description", "endpoint_type", "ai_gateway", "creator_display_name", "creator_kind"},
    ".state": {"config_update"},
    ".config.traffic_config.routes[0]": {"served_entity_name"},
}


def compare(wanted, got, place=""):
    """Member by member, the order of members too: the seed's first, or between them what ADDITIONS allows."""
    if isinstance(wanted, dict):
        extra = set(got) - set(wanted)
        assert extra <= ADDITIONS.get(place, set()), f"{place}: {extra}"
        assert [name for name in got if name in wanted] == list(wanted), place
        for name, value in wanted.items():
            compare(value, got[name], f"{place}.{name}")
    elif isinstance(wanted, list):
        assert len(got) == len(wanted), place
        for index, value in enumerate(wanted):
            compare(value, got[index], f"{place}[{index}]")
    elif place == ".id":
        assert re.fullmatch("[0-9a-f]{32}", got), got
    elif place.endswith("_timestamp"):
        assert isinstance(got, int) and abs(got / 1000 - time.time()) < 60, f"{place}: {got}"
    else:
        assert type(got) is type(wanted) and got == wanted, f"{place}: {got!r}"


def curl(token: str, *arguments: str, body: str | None = None):
    """curl as one types it. The status line goes to the end of the output."""
    done = subprocess.run(
        [
            "curl",
            "-sS",
            "-H",
            f"Authorization: Bearer {token}",
            "-w",
            "\n%{http_code}",
            *arguments,
            *(["-d", "@-"] if body is not None else []),
        ],
        input=body,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    text, _, status = done.stdout.rpartition("\n")
    assert status == "200", done.stdout
    return json.loads(text)


@pytest.fixture(scope="module")
def seed_gateway(provider, tmp_path_factory):
    """A gateway of its own: the examples' endpoint names are free, and their users exist."""
    from conftest import close_down, settings
    from processes import Gateway, upstream_flags

    running = Gateway(tmp_path_factory.mktemp("seed"), settings(provider), upstream_flags(provider)).start()
    yield running
    close_down(running)


@pytest.fixture(scope="module")
def token_of(seed_gateway):
    """The token of a user of the examples; they may create endpoints and read the secrets that the examples name."""
    tokens = {}

    def get(name: str) -> str:
        if name not in tokens:
            seed_gateway.call(
                "POST",
                "/api/2.0/preview/scim/v2/Users",
                {"userName": name, "entitlements": [{"value": "workspace-access"}]},
            ).ok()
            for scope in ("my_scope", "scope"):
                seed_gateway.call(
                    "POST",
                    "/api/2.0/secrets/acls/put",
                    {"scope": scope, "principal": name, "permission": "READ"},
                ).ok()
            tokens[name] = seed_gateway.call(
                "POST", "/api/2.0/token-management/on-behalf-of/tokens", {"user_name": name}
            ).ok()["token_value"]
        return tokens[name]

    return get


# The tests of this file run in order, as a reader of the document would go through it.


def test_rest_create(seed_gateway, token_of):
    answer = curl(
        token_of("user@email.com"),
        "-X",
        "POST",
        f"{seed_gateway.url}/api/2.0/serving-endpoints",
        "-H",
        "Content-Type: application/json",
        body=CREATE,
    )
    compare(json.loads(CREATE_ANSWER), answer)
    assert answer["last_updated_timestamp"] == answer["creation_timestamp"]
    assert answer["ai_gateway"]["rate_limits"] == [{"calls": 100, "key": "user", "renewal_period": "minute"}]
    assert answer["state"]["config_update"] == "NOT_UPDATING"
    shown = curl(token_of("user@email.com"), f"{seed_gateway.url}/api/2.0/serving-endpoints/openai_endpoint")
    assert shown == answer


def test_rest_created_endpoint_answers_embeddings(seed_gateway, token_of):
    answer = curl(
        token_of("user@email.com"),
        f"{seed_gateway.url}/serving-endpoints/openai_endpoint/invocations",
        body='{"input": "Hello"}',
    )
    assert answer["object"] == "list"
    assert all(isinstance(value, float) for value in answer["data"][0]["embedding"])


def test_rest_update(seed_gateway, token_of):
    token = token_of("user@email.com")
    before = curl(token, f"{seed_gateway.url}/api/2.0/serving-endpoints/openai_endpoint")
    answer = curl(
        token,
        "-X",
        "PUT",
        f"{seed_gateway.url}/api/2.0/serving-endpoints/openai_endpoint/config",
        "-H",
        "Content-Type: application/json",
        body=UPDATE,
    )
    entity = answer["config"]["served_entities"][0]
    assert entity["name"] == "openai_chat"
    assert entity["external_model"] == json.loads(UPDATE)["served_entities"][0]["external_model"]
    assert answer["config"]["config_version"] == 2
    assert answer["config"]["traffic_config"]["routes"] == [
        {"served_model_name": "openai_chat", "served_entity_name": "openai_chat", "traffic_percentage": 100}
    ]
    assert answer["task"] == "llm/v1/chat"
    assert answer["id"] == before["id"] and answer["creation_timestamp"] == before["creation_timestamp"]
    assert answer["tags"] == [{"key": "team", "value": "gen-ai"}]
    assert answer["ai_gateway"] == before["ai_gateway"], "limits are no part of the config"


def test_rest_updated_endpoint_answers_chat(seed_gateway, token_of):
    answer = curl(
        token_of("user@email.com"),
        f"{seed_gateway.url}/serving-endpoints/openai_endpoint/invocations",
        body='{"messages": [{"role": "user", "content": "Hello"}]}',
    )
    assert answer["choices"][0]["message"]["content"]


@pytest.fixture
def alice(seed_gateway, token_of, clients_of):
    return clients_of(seed_gateway, token_of("alice@company.com"))


def test_requirement_example(alice, seed_gateway):
    import mlflow.deployments

    # The endpoint is another user's: the list shows what one may see.
    seed_gateway.grant("openai_endpoint", "CAN_VIEW", user_name="alice@company.com")
    client = mlflow.deployments.get_deploy_client("databricks")
    assert "openai_endpoint" in [endpoint["name"] for endpoint in client.list_endpoints()]


def test_mlflow_create(alice):
    from mlflow.deployments import get_deploy_client

    client = get_deploy_client("databricks")
    endpoint = client.create_endpoint(
        name="chat",
        config={
            "served_entities": [
                {
                    "name": "completions",
                    "external_model": {
                        "name": "gpt-4",
                        "provider": "openai",
                        "task": "llm/v1/chat",
                        "openai_config": {
                            "openai_api_key": "{{secrets/scope/key}}",
                        },
                    },
                }
            ],
        },
    )
    assert_has(
        endpoint,
        {
            "name": "chat",
            "creator": "alice@company.com",
            "creation_timestamp": mock.ANY,
            "last_updated_timestamp": mock.ANY,
            "state": {"ready": "READY", "config_update": "NOT_UPDATING"},
            "config": mock.ANY,
            "tags": [],
            "id": mock.ANY,
        },
    )
    assert endpoint["config"]["served_entities"][0]["name"] == "completions"
    assert re.fullmatch("[0-9a-f]{32}", endpoint["id"])


def test_mlflow_query_of_the_created_endpoint(alice):
    from mlflow.deployments import get_deploy_client

    client = get_deploy_client("databricks")
    answer = client.predict(endpoint="chat", inputs={"messages": [{"role": "user", "content": "Hello!"}]})
    assert answer["choices"][0]["message"]["content"]


def test_mlflow_update(alice):
    from mlflow.deployments import get_deploy_client

    client = get_deploy_client("databricks")
    endpoint = client.update_endpoint(
        endpoint="chat",
        config={
            "served_entities": [
                {
                    "name": "chats",
                    "external_model": {
                        "name": "gpt-4",
                        "provider": "openai",
                        "task": "llm/v1/chat",
                        "openai_config": {
                            "openai_api_key": "{{secrets/scope/key}}",
                        },
                    },
                }
            ],
        },
    )
    # The document shows "name": "chats" here, which is the entity's new name; an endpoint's name never changes.
    assert_has(
        endpoint,
        {
            "name": "chat",
            "creator": "alice@company.com",
            "creation_timestamp": mock.ANY,
            "last_updated_timestamp": mock.ANY,
            "state": {"ready": "READY", "config_update": "NOT_UPDATING"},
            "config": mock.ANY,
            "tags": [],
            "id": mock.ANY,
        },
    )
    assert [entity["name"] for entity in endpoint["config"]["served_entities"]] == ["chats"]
    assert endpoint["config"]["config_version"] == 2


def test_mlflow_update_rate_limits(alice):
    from mlflow.deployments import get_deploy_client

    client = get_deploy_client("databricks")
    rate_limits = client.update_endpoint(
        endpoint="chat",
        config={
            "rate_limits": [
                {
                    "key": "user",
                    "renewal_period": "minute",
                    "calls": 10,
                }
            ],
        },
    )
    assert rate_limits == {
        "rate_limits": [
            {
                "key": "user",
                "renewal_period": "minute",
                "calls": 10,
            }
        ],
    }


def test_mlflow_query_of_the_updated_endpoint(alice):
    from mlflow.deployments import get_deploy_client

    client = get_deploy_client("databricks")
    answer = client.predict(endpoint="chat", inputs={"messages": [{"role": "user", "content": "Hello!"}]})
    assert answer["choices"][0]["message"]["content"]


def assert_has(got, wanted: dict):
    """The members of the document's assert; the real service's answers hold more than it shows, too."""
    assert {name: got[name] for name in wanted} == wanted
