"""The state machine of an endpoint's config, on a gateway whose updates take a while (update_delay_ms)."""

import time

import pytest

import rest
from processes import external_entity, wait_until

ENDPOINTS = "/api/2.0/serving-endpoints"
CHAT = {"messages": [{"role": "user", "content": "Hello!"}]}


def create(gateway, name: str, *entities: dict, **more) -> rest.Answer:
    body = {"name": name, "config": {"served_entities": list(entities) or [external_entity()]}, **more}
    return gateway.call("POST", ENDPOINTS, body)


@pytest.fixture
def slow_gateway(make_gateway):
    return make_gateway(update_delay_ms=1500)


def get(gateway, name: str) -> dict:
    return gateway.call("GET", f"{ENDPOINTS}/{name}").ok()


def wait_for_update(gateway, name: str) -> dict:
    return wait_until(
        lambda: (found := get(gateway, name))["state"]["config_update"] != "IN_PROGRESS" and found,
        10,
        "the update ends",
    )


def test_an_update_in_progress(slow_gateway):
    made = create(slow_gateway, "slow", external_entity(name="one", model="echo-one")).ok()
    assert made["state"] == {"ready": "NOT_READY", "config_update": "IN_PROGRESS"}
    assert "config" not in made and made["pending_config"]["config_version"] == 1
    assert made["pending_config"]["served_entities"][0]["state"]["deployment"] == "DEPLOYMENT_CREATING"
    early = slow_gateway.call("POST", "/serving-endpoints/slow/invocations", CHAT)
    assert (early.status, early.error_code) == (503, "TEMPORARILY_UNAVAILABLE") and early.headers[
        "retry-after"
    ].isdigit()
    assert wait_for_update(slow_gateway, "slow")["state"] == {
        "ready": "READY",
        "config_update": "NOT_UPDATING",
    }

    update = {"served_entities": [external_entity("gpt-4", name="two")]}
    begun = slow_gateway.call("PUT", f"{ENDPOINTS}/slow/config", update).ok()
    assert begun["state"] == {"ready": "READY", "config_update": "IN_PROGRESS"}
    assert begun["config"]["config_version"] == 1 and begun["pending_config"]["config_version"] == 2
    assert abs(begun["pending_config"]["start_time"] / 1000 - time.time()) < 60
    second = slow_gateway.call("PUT", f"{ENDPOINTS}/slow/config", update)
    assert (second.status, second.error_code) == (409, "RESOURCE_CONFLICT")
    # The old config serves, and all but the config may change meanwhile.
    answer = slow_gateway.call("POST", "/serving-endpoints/slow/invocations", CHAT)
    assert answer.status == 200 and answer.headers["served-model-name"] == "one"
    assert slow_gateway.call("PATCH", f"{ENDPOINTS}/slow/tags", {"add_tags": [{"key": "a"}]}).status == 200
    limits = {"rate_limits": [{"calls": 5, "renewal_period": "minute"}]}
    assert slow_gateway.call("PUT", f"{ENDPOINTS}/slow/rate-limits", limits).status == 200
    assert (
        get(slow_gateway, "slow")["state"]["config_update"] == "IN_PROGRESS"
    ), "the machine was too slow for this test"

    done = wait_for_update(slow_gateway, "slow")
    assert done["config"]["config_version"] == 2 and "pending_config" not in done
    assert (
        slow_gateway.call("POST", "/serving-endpoints/slow/invocations", CHAT).headers["served-model-name"]
        == "two"
    )
    assert slow_gateway.call("PUT", f"{ENDPOINTS}/slow/config", update).status == 200
    assert slow_gateway.call("DELETE", f"{ENDPOINTS}/slow").ok() == {}, "also while updating"


def test_an_update_that_fails(slow_gateway):
    """Its secret is deleted before it takes force."""
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.errors import OperationFailed

    create(slow_gateway, "failing", external_entity(name="one")).ok()
    wait_for_update(slow_gateway, "failing")
    slow_gateway.call(
        "POST", "/api/2.0/secrets/put", {"scope": "scope", "key": "short", "string_value": "v"}
    ).ok()
    slow_gateway.call(
        "PUT",
        f"{ENDPOINTS}/failing/config",
        {"served_entities": [external_entity(name="two", openai_api_key="{{secrets/scope/short}}")]},
    ).ok()
    slow_gateway.call("POST", "/api/2.0/secrets/delete", {"scope": "scope", "key": "short"}).ok()
    failed = wait_for_update(slow_gateway, "failing")
    assert failed["state"] == {"ready": "READY", "config_update": "UPDATE_FAILED"}
    state = failed["pending_config"]["served_entities"][0]["state"]
    assert state["deployment"] == "DEPLOYMENT_FAILED" and "short" in state["deployment_state_message"]
    assert slow_gateway.call("POST", "/serving-endpoints/failing/invocations", CHAT).status == 200
    client = WorkspaceClient(host=slow_gateway.url, token=slow_gateway.token)
    with pytest.raises(OperationFailed):
        client.serving_endpoints.wait_get_serving_endpoint_not_updating("failing")


def test_an_update_that_is_cancelled(slow_gateway):
    create(slow_gateway, "cancelled", external_entity(name="one")).ok()
    wait_for_update(slow_gateway, "cancelled")
    slow_gateway.call(
        "PUT", f"{ENDPOINTS}/cancelled/config", {"served_entities": [external_entity(name="two")]}
    ).ok()
    cancelled = slow_gateway.call("POST", f"{ENDPOINTS}/cancelled/config:cancel").ok()
    assert cancelled["state"] == {"ready": "READY", "config_update": "UPDATE_CANCELED"}
    assert cancelled["config"]["config_version"] == 1
    assert (
        slow_gateway.call(
            "PUT", f"{ENDPOINTS}/cancelled/config", {"served_entities": [external_entity(name="two")]}
        ).status
        == 200
    )


def test_terraform_shaped_update(slow_gateway):
    """Config, then tags right behind it without waiting, then the limits; a failed create is followed by DELETE."""
    create(slow_gateway, "tf", external_entity(name="b"), tags=[{"key": "old", "value": "1"}]).ok()
    wait_for_update(slow_gateway, "tf")
    assert (
        slow_gateway.call(
            "PUT",
            f"{ENDPOINTS}/tf/config",
            {
                "name": "tf",
                "served_entities": [external_entity(name="z"), external_entity("gpt-4", name="a")],
                "traffic_config": {
                    "routes": [
                        {"served_model_name": "z", "traffic_percentage": 90},
                        {"served_model_name": "a", "traffic_percentage": 10},
                    ]
                },
            },
        ).status
        == 200
    )
    assert get(slow_gateway, "tf")["tags"] == [{"key": "old", "value": "1"}]
    assert slow_gateway.call(
        "PATCH", f"{ENDPOINTS}/tf/tags", {"add_tags": [{"key": "new"}], "delete_tags": ["old"]}
    ).ok() == {"tags": [{"key": "new"}]}
    done = wait_for_update(slow_gateway, "tf")
    assert [entity["name"] for entity in done["config"]["served_entities"]] == [
        "z",
        "a",
    ], "in the order given"
    assert slow_gateway.call("DELETE", f"{ENDPOINTS}/tf").status == 200
    assert slow_gateway.call("DELETE", f"{ENDPOINTS}/tf").status == 404


def test_one_external_entity_only_when_the_config_file_says_so(make_gateway):
    strict = make_gateway(single_external_entity=True)
    refused = strict.call(
        "POST",
        ENDPOINTS,
        {
            "name": "two",
            "config": {
                "served_entities": [external_entity(name="a"), external_entity(name="b")],
                "traffic_config": {"routes": [{"served_model_name": "a", "traffic_percentage": 100}]},
            },
        },
    )
    assert (refused.status, refused.error_code) == (400, "INVALID_PARAMETER_VALUE")
