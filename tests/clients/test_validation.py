"""What create and update refuse, and what they read leniently."""

import pytest

import rest
from processes import external_entity

ENDPOINTS = "/api/2.0/serving-endpoints"
CHAT = {"messages": [{"role": "user", "content": "Hello!"}]}


def create(gateway, name: str, *entities: dict, **more) -> rest.Answer:
    body = {"name": name, "config": {"served_entities": list(entities) or [external_entity()]}, **more}
    return gateway.call("POST", ENDPOINTS, body)


def entity_with(
    block: dict | None, provider: str = "openai", task: str | None = "llm/v1/chat", **more
) -> dict:
    model = {"name": "gpt-4", "provider": provider}
    if task is not None:
        model["task"] = task
    if block is not None:
        model["openai_config"] = block
    return {"external_model": {**model, **more}}


KEY = "{{secrets/my_scope/my_openai_api_key}}"


@pytest.mark.parametrize(
    "entity",
    [
        entity_with({"openai_api_key": KEY, "openai_api_key_plaintext": "sk-1"}),
        entity_with({}),
        entity_with(None),
        entity_with({"openai_api_key": "sk-not-a-reference"}),
        entity_with({"openai_api_key": "{{secrets/my_scope/unknown}}"}),
        entity_with({"openai_api_key": "{{secrets/unknown/my_openai_api_key}}"}),
        entity_with({"openai_api_key": KEY}, provider="nobody"),
        entity_with({"openai_api_key": KEY}, task="llm/v1/poems"),
        entity_with({"openai_api_key": KEY}, task=None),
        entity_with({"openai_api_key": KEY}, cohere_config={"cohere_api_key": KEY}),
        entity_with(None, cohere_config={"cohere_api_key": KEY}),
        entity_with({"openai_api_key": KEY, "openai_deployment_name": "d"}),
        entity_with({"openai_api_key": KEY, "openai_api_type": "azure"}),
        entity_with({"openai_api_key": KEY, "openai_api_base": "http://example.com/v1"}),
        entity_with({"openai_api_key": KEY, "openai_api_base": "https://10.0.0.1/v1"}),
        entity_with({"openai_api_key": KEY, "openai_api_base": "https://169.254.169.254/v1"}),
        entity_with({"openai_api_key": KEY, "openai_api_base": "https://[::ffff:10.0.0.1]/v1"}),
        entity_with({"openai_api_key": KEY, "openai_api_base": "https://user:pass@example.com/v1"}),
        entity_with({"openai_api_key": KEY, "openai_api_base": "ftp://example.com/v1"}),
        {"name": "no model"},
        {"external_model": {"name": "gpt-4"}},
    ],
)
def test_entities_that_are_wrong(gateway, free_name, entity):
    refused = create(gateway, free_name, entity)
    assert (refused.status, refused.error_code) == (400, "INVALID_PARAMETER_VALUE"), refused.body
    assert gateway.call("GET", f"{ENDPOINTS}/{free_name}").status == 404


@pytest.mark.parametrize("name", ["", "a b", "ä", "a/b", "x" * 64, "databricks-mine", None, 5])
def test_names_that_are_wrong(gateway, name):
    refused = create(gateway, name)
    assert (refused.status, refused.error_code) == (400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"name":"a","name":"b"}', b'{"name":"\xff"}', b"{} {}"]
)
def test_bodies_that_are_no_object(gateway, body):
    refused = gateway.call("POST", ENDPOINTS, body)
    assert refused.status == 400 and refused.error_code in ("BAD_REQUEST", "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize(
    "shares", [{"a": 50, "b": 49}, {"a": 51, "b": 50}, {"a": 100, "nobody": 0}, {"a": -1, "b": 101}, None]
)
def test_traffic_that_does_not_total_100(gateway, free_name, shares):
    entities = [external_entity(name="a"), external_entity(name="b")]
    config = {"served_entities": entities}
    if shares is not None:
        config["traffic_config"] = {
            "routes": [
                {"served_model_name": name, "traffic_percentage": share} for name, share in shares.items()
            ]
        }
    refused = gateway.call("POST", ENDPOINTS, {"name": free_name, "config": config})
    assert (refused.status, refused.error_code) == (400, "INVALID_PARAMETER_VALUE")


def test_two_entities_of_one_name_and_of_two_tasks(gateway, free_name):
    same = create(gateway, free_name, external_entity(name="a"), external_entity("gpt-4", name="a"))
    assert (same.status, same.error_code) == (400, "BAD_REQUEST")
    routes = {"routes": [{"served_model_name": "a", "traffic_percentage": 100}]}
    mixed = gateway.call(
        "POST",
        ENDPOINTS,
        {
            "name": free_name,
            "config": {
                "traffic_config": routes,
                "served_entities": [
                    external_entity(name="a"),
                    external_entity(task="llm/v1/embeddings", name="b"),
                ],
            },
        },
    )
    assert (mixed.status, mixed.error_code) == (400, "INVALID_PARAMETER_VALUE")


REGISTRY_ENTITY = {
    "name": "m",
    "entity_name": "main.default.m",
    "entity_version": "1",
    "workload_size": "Small",
    "scale_to_zero_enabled": True,
}


def test_an_external_endpoint_stays_external(gateway, make_endpoint):
    name = make_endpoint()
    refused = gateway.call("PUT", f"{ENDPOINTS}/{name}/config", {"served_entities": [REGISTRY_ENTITY]})
    assert (refused.status, refused.error_code) == (400, "INVALID_PARAMETER_VALUE")
    mixed = gateway.call(
        "PUT", f"{ENDPOINTS}/{name}/config", {"served_entities": [external_entity(), REGISTRY_ENTITY]}
    )
    assert (mixed.status, mixed.error_code) == (400, "INVALID_PARAMETER_VALUE")
    assert gateway.call("GET", f"{ENDPOINTS}/{name}").ok()["config"]["config_version"] == 1


def test_registry_models_are_for_later(gateway, free_name):
    refused = create(gateway, free_name, REGISTRY_ENTITY)
    assert (refused.status, refused.error_code) == (501, "NOT_IMPLEMENTED")


def test_an_endpoint_without_a_config_may_take_one_later(gateway, free_name):
    made = gateway.call("POST", ENDPOINTS, {"name": free_name}).ok()
    assert made["state"] == {"ready": "NOT_READY", "config_update": "NOT_UPDATING"} and "config" not in made
    assert gateway.call("POST", f"/serving-endpoints/{free_name}/invocations", CHAT).status == 400
    updated = gateway.call(
        "PUT", f"{ENDPOINTS}/{free_name}/config", {"served_entities": [external_entity()]}
    ).ok()
    assert updated["state"] == {"ready": "READY", "config_update": "NOT_UPDATING"}
    assert gateway.call("POST", f"/serving-endpoints/{free_name}/invocations", CHAT).status == 200


def test_lenient_reading_and_strict_writing(gateway, free_name):
    routes = [{"served_entity_name": "a", "traffic_percentage": "100"}]
    made = gateway.call(
        "POST",
        ENDPOINTS,
        {
            "name": free_name,
            "unknown": {"x": 1},
            "route_optimized": "false",
            "description": None,
            "config": {
                "name": free_name,
                "served_entities": [external_entity(name="a")],
                "traffic_config": {"routes": routes},
            },
            "rate_limits": [{"calls": "7", "renewal_period": "minute"}],
        },
    ).ok()
    assert made["config"]["traffic_config"]["routes"] == [
        {"served_model_name": "a", "served_entity_name": "a", "traffic_percentage": 100}
    ]
    assert made["ai_gateway"]["rate_limits"] == [{"calls": 7, "key": "endpoint", "renewal_period": "minute"}]
    assert made["route_optimized"] is False and made["description"] == ""


def test_an_allowed_address_is_allowed(gateway, upstream, make_endpoint):
    """The refusals above are not for want of a way: --upstream-allow 127.0.0.1/32 is set."""
    assert (
        gateway.call(
            "POST", f"/serving-endpoints/{make_endpoint(openai_api_base=upstream.base_url)}/invocations", CHAT
        ).status
        == 200
    )
