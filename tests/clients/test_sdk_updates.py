"""databricks-sdk: its waiters over updates that take a while, fail or are cancelled. The gateway's updates are slowed down."""

import pytest
from databricks.sdk import errors
from databricks.sdk.service import serving

from fake_upstream import Reply
from processes import OPENAI_KEY
from recorder import many
from sdk import ENDPOINTS, config, hello, openai_entity

State = serving.EndpointStateConfigUpdate


@pytest.fixture
def slow(make_gateway):
    return make_gateway(update_delay_ms=1200)


@pytest.fixture
def client(slow, sdk_as):
    return sdk_as(on=slow)


def test_waiting_for_a_slow_creation_and_a_slow_update(client):
    w, recorder = client
    with recorder.expects(f"POST {ENDPOINTS}"):
        waiter = w.serving_endpoints.create(name="slow", config=config(openai_entity("one")))
    assert waiter.response.state.config_update == State.IN_PROGRESS
    with recorder.expects(many("POST /serving-endpoints/slow/invocations")):
        # Just starting: the SDK is told to come again, and does so until its time is up or the endpoint is there.
        assert w.serving_endpoints.query(name="slow", messages=[hello()]).served_model_name == "one"
    with recorder.expects(many(f"GET {ENDPOINTS}/slow")):
        assert waiter.result().state.ready == serving.EndpointStateReady.READY
    with recorder.expects(f"PUT {ENDPOINTS}/slow/config"):
        waiter = w.serving_endpoints.update_config(name="slow", served_entities=[openai_entity("two")])
    # The second update is refused in one request, and what tools call next to an update is not.
    with recorder.expects(f"PUT {ENDPOINTS}/slow/config"), pytest.raises(errors.ResourceConflict):
        w.serving_endpoints.update_config(name="slow", served_entities=[openai_entity("three")])
    with recorder.expects(f"PATCH {ENDPOINTS}/slow/tags"):
        w.serving_endpoints.patch("slow", add_tags=[serving.EndpointTag("a")])
    with recorder.expects(f"PUT {ENDPOINTS}/slow/ai-gateway"):
        w.serving_endpoints.put_ai_gateway(
            "slow", usage_tracking_config=serving.AiGatewayUsageTrackingConfig(enabled=True)
        )
    with recorder.expects("POST /serving-endpoints/slow/invocations"):
        assert w.serving_endpoints.query(name="slow", messages=[hello()]).served_model_name == "one"
    between = w.serving_endpoints.get("slow")
    assert between.state.config_update == State.IN_PROGRESS, "the machine was too slow for this test"
    assert [entity.name for entity in between.pending_config.served_entities] == ["two"]
    assert between.pending_config.config_version == 2 and between.pending_config.start_time
    with recorder.expects(many(f"GET {ENDPOINTS}/slow")):
        done = waiter.result()
    assert done.config.config_version == 2 and done.pending_config is None


def test_a_waiter_over_an_update_that_fails_raises(slow, client):
    """Its secret is deleted before it takes force."""
    w, recorder = client
    w.secrets.put_secret("scope", "short", string_value="v")
    waiter = w.serving_endpoints.create(
        name="failing", config=config(openai_entity("one", openai_api_key="{{secrets/scope/short}}"))
    )
    w.secrets.delete_secret("scope", "short")
    with recorder.expects(many(f"GET {ENDPOINTS}/failing")), pytest.raises(errors.OperationFailed):
        waiter.result()
    failed = w.serving_endpoints.get("failing")
    assert failed.state.config_update == State.UPDATE_FAILED and failed.config is None
    state = failed.pending_config.served_entities[0].state
    assert state.deployment == serving.ServedModelStateDeployment.DEPLOYMENT_FAILED
    assert "short" in state.deployment_state_message
    with recorder.expects("POST /serving-endpoints/failing/invocations"):
        with pytest.raises(errors.InvalidParameterValue):
            w.serving_endpoints.query(name="failing", messages=[hello()])
    # The way out is another update.
    with recorder.expects(f"PUT {ENDPOINTS}/failing/config", many(f"GET {ENDPOINTS}/failing")):
        w.serving_endpoints.update_config_and_wait("failing", served_entities=[openai_entity("two")])


def test_a_waiter_over_an_update_that_is_cancelled_raises(slow, client):
    w, recorder = client
    w.serving_endpoints.create_and_wait(name="cancelled", config=config(openai_entity("one")))
    w.serving_endpoints.update_config("cancelled", served_entities=[openai_entity("two")])
    assert slow.call("POST", f"{ENDPOINTS}/cancelled/config:cancel").status == 200
    with recorder.expects(f"GET {ENDPOINTS}/cancelled"), pytest.raises(errors.OperationFailed):
        w.serving_endpoints.wait_get_serving_endpoint_not_updating("cancelled")
    found = w.serving_endpoints.get("cancelled")
    assert found.state.config_update == State.UPDATE_CANCELED
    state = found.pending_config.served_entities[0].state
    assert state.deployment == serving.ServedModelStateDeployment.DEPLOYMENT_ABORTED
    assert w.serving_endpoints.query(name="cancelled", messages=[hello()]).served_model_name == "one"


def test_waiting_when_nothing_is_under_way_takes_one_request(workspace, recorder, make_endpoint):
    name = make_endpoint()
    with recorder.expects(f"GET {ENDPOINTS}/{name}"):
        workspace.serving_endpoints.wait_get_serving_endpoint_not_updating(name)
