"""databricks-sdk: every call of w.serving_endpoints that manages endpoints, and the requests it takes."""

import json
import time

import pytest
from databricks.sdk import errors
from databricks.sdk.service import serving

import processes
from sdk import ENDPOINTS, config, hello, openai_entity, routes

State = serving.EndpointStateConfigUpdate


def test_the_client_starts_with_one_discovery_call(workspace, recorder):
    assert recorder.lines == ["GET /.well-known/databricks-config"]


def test_create_and_wait(workspace, recorder, free_name):
    begin = time.monotonic()
    with recorder.expects(f"POST {ENDPOINTS}", f"GET {ENDPOINTS}/{free_name}"):
        endpoint = workspace.serving_endpoints.create_and_wait(
            name=free_name,
            config=config(openai_entity("chat"), name=free_name),
            tags=[serving.EndpointTag(key="team", value="gen-ai")],
        )
    assert time.monotonic() - begin < 2
    assert endpoint.state.ready == serving.EndpointStateReady.READY
    assert endpoint.state.config_update == State.NOT_UPDATING
    assert (
        endpoint.config.served_entities[0].state.deployment
        == serving.ServedModelStateDeployment.DEPLOYMENT_READY
    )
    assert endpoint.permission_level == serving.ServingEndpointDetailedPermissionLevel.CAN_MANAGE


def test_create_result(workspace, recorder, free_name):
    with recorder.expects(f"POST {ENDPOINTS}", f"GET {ENDPOINTS}/{free_name}"):
        endpoint = workspace.serving_endpoints.create(name=free_name, config=config(openai_entity())).result()
    # The default name of an entity is its model's; two dots and colons become dashes.
    assert endpoint.config.served_entities[0].name == "gpt-4o-mini"


def test_create_with_every_member(workspace, recorder, gateway, free_name):
    with recorder.expects(f"POST {ENDPOINTS}"):
        made = workspace.serving_endpoints.create(
            name=free_name,
            config=config(openai_entity("chat")),
            ai_gateway=serving.AiGatewayConfig(
                usage_tracking_config=serving.AiGatewayUsageTrackingConfig(enabled=True),
                rate_limits=[
                    serving.AiGatewayRateLimit(
                        calls=100,
                        key=serving.AiGatewayRateLimitKey.USER,
                        renewal_period=serving.AiGatewayRateLimitRenewalPeriod.MINUTE,
                    )
                ],
            ),
            budget_policy_id="budget-1",
            description="For the team",
            email_notifications=serving.EmailNotifications(on_update_failure=["ops@example.com"]),
            route_optimized=True,
            tags=[serving.EndpointTag(key="team")],
        )
    assert made.response.name == free_name
    found = workspace.serving_endpoints.get(free_name)
    assert (found.description, found.budget_policy_id, found.route_optimized) == (
        "For the team",
        "budget-1",
        True,
    )
    # This version of the SDK does not read it.
    raw = gateway.call("GET", f"{ENDPOINTS}/{free_name}").ok()
    assert raw["effective_budget_policy_id"] == "budget-1"
    assert found.email_notifications.on_update_failure == ["ops@example.com"]
    assert found.ai_gateway.usage_tracking_config.enabled
    assert found.ai_gateway.rate_limits[0].calls == 100
    assert found.tags == [serving.EndpointTag(key="team")]
    assert found.endpoint_url and found.data_plane_info.query_info.authorization_details


def test_create_with_the_deprecated_limits(workspace, recorder, free_name):
    with recorder.expects(f"POST {ENDPOINTS}"):
        workspace.serving_endpoints.create(
            name=free_name,
            config=config(openai_entity()),
            rate_limits=[
                serving.RateLimit(calls=7, renewal_period=serving.RateLimitRenewalPeriod.MINUTE)
            ],
        )
    limit = workspace.serving_endpoints.get(free_name).ai_gateway.rate_limits[0]
    assert (limit.calls, limit.key) == (7, serving.AiGatewayRateLimitKey.ENDPOINT)


def test_default_entity_names(workspace, free_name):
    endpoint = workspace.serving_endpoints.create_and_wait(
        name=free_name, config=config(openai_entity(model="gpt-3.5-turbo:x"))
    )
    assert endpoint.config.served_entities[0].name == "gpt-3-5-turbo-x"


def test_create_of_a_name_that_is_taken(workspace, recorder, make_endpoint):
    name = make_endpoint()
    with recorder.expects(f"POST {ENDPOINTS}"), pytest.raises(errors.ResourceAlreadyExists):
        workspace.serving_endpoints.create(name=name, config=config(openai_entity()))


def test_create_without_config(workspace, recorder, free_name):
    endpoint = workspace.serving_endpoints.create_and_wait(name=free_name)
    assert endpoint.state.ready == serving.EndpointStateReady.NOT_READY
    assert endpoint.config is None
    with recorder.expects(f"POST /serving-endpoints/{free_name}/invocations"):
        with pytest.raises(errors.InvalidParameterValue):
            workspace.serving_endpoints.query(name=free_name, messages=[hello()])
    with recorder.expects(f"PUT {ENDPOINTS}/{free_name}/config", f"GET {ENDPOINTS}/{free_name}"):
        workspace.serving_endpoints.update_config_and_wait(name=free_name, served_entities=[openai_entity()])
    assert workspace.serving_endpoints.query(name=free_name, messages=[hello()]).choices


def test_get_and_list(workspace, recorder, make_endpoint):
    name = make_endpoint()
    with recorder.expects(f"GET {ENDPOINTS}/{name}"):
        endpoint = workspace.serving_endpoints.get(name)
    assert endpoint.name == name and endpoint.task == "llm/v1/chat" and endpoint.creator == "admin"
    with recorder.expects(f"GET {ENDPOINTS}"):
        listed = {one.name: one for one in workspace.serving_endpoints.list()}
    assert listed[name].id == endpoint.id
    assert (
        listed[name].config.served_entities[0].external_model.provider == serving.ExternalModelProvider.OPENAI
    )


def test_get_of_nothing(workspace, recorder):
    with recorder.expects(f"GET {ENDPOINTS}/nobody"), pytest.raises(errors.ResourceDoesNotExist):
        workspace.serving_endpoints.get("nobody")


def test_update_config(workspace, recorder, make_endpoint):
    name = make_endpoint()
    with recorder.expects(f"PUT {ENDPOINTS}/{name}/config", f"GET {ENDPOINTS}/{name}"):
        endpoint = workspace.serving_endpoints.update_config_and_wait(
            name=name,
            served_entities=[openai_entity("a"), openai_entity("b", "gpt-4")],
            traffic_config=routes(a=80, b=20),
        )
    assert [
        (route.served_model_name, route.traffic_percentage) for route in endpoint.config.traffic_config.routes
    ] == [("a", 80), ("b", 20)]
    assert endpoint.config.config_version == 2


def test_update_config_with_the_deprecated_form(workspace, recorder, make_endpoint):
    """served_models names models of the registry, which this gateway has no server for."""
    name = make_endpoint()
    old = serving.ServedModelInput(
        model_name="main.default.model", model_version="1", scale_to_zero_enabled=True
    )
    with recorder.expects(f"PUT {ENDPOINTS}/{name}/config"), pytest.raises(errors.InvalidParameterValue):
        workspace.serving_endpoints.update_config(name=name, served_models=[old])
    assert workspace.serving_endpoints.get(name).config.config_version == 1


def test_update_config_that_is_wrong(workspace, recorder, make_endpoint):
    name = make_endpoint()
    with recorder.expects(f"PUT {ENDPOINTS}/{name}/config"), pytest.raises(errors.InvalidParameterValue):
        workspace.serving_endpoints.update_config(
            name=name,
            served_entities=[openai_entity("a"), openai_entity("b")],
            traffic_config=routes(a=99),
        )


def test_put_rate_limits(workspace, recorder, make_endpoint):
    name = make_endpoint()
    with recorder.expects(f"PUT {ENDPOINTS}/{name}/rate-limits"):
        answer = workspace.serving_endpoints.put(
            name=name,
            rate_limits=[serving.RateLimit(calls=5, renewal_period=serving.RateLimitRenewalPeriod.MINUTE)],
        )
    assert answer.rate_limits == [
        serving.RateLimit(
            calls=5, key=serving.RateLimitKey.ENDPOINT, renewal_period=serving.RateLimitRenewalPeriod.MINUTE
        )
    ]


def test_patch_tags(workspace, recorder, make_endpoint):
    name = make_endpoint()
    workspace.serving_endpoints.patch(
        name=name, add_tags=[serving.EndpointTag("k", "v"), serving.EndpointTag("l", "w")]
    )
    with recorder.expects(f"PATCH {ENDPOINTS}/{name}/tags"):
        answer = workspace.serving_endpoints.patch(
            name=name, add_tags=[serving.EndpointTag("l", "x")], delete_tags=["k"]
        )
    assert answer.tags == [serving.EndpointTag("l", "x")]


def test_put_ai_gateway(workspace, recorder, make_endpoint):
    name = make_endpoint()
    limit = serving.AiGatewayRateLimit(
        calls=9,
        key=serving.AiGatewayRateLimitKey.ENDPOINT,
        renewal_period=serving.AiGatewayRateLimitRenewalPeriod.MINUTE,
    )
    tracking = serving.AiGatewayUsageTrackingConfig(enabled=True)
    with recorder.expects(f"PUT {ENDPOINTS}/{name}/ai-gateway"):
        answer = workspace.serving_endpoints.put_ai_gateway(
            name, usage_tracking_config=tracking, rate_limits=[limit]
        )
    assert answer.usage_tracking_config == tracking and answer.rate_limits == [limit]
    found = workspace.serving_endpoints.get(name)
    assert found.ai_gateway.rate_limits == [limit] and found.config.config_version == 1
    # The whole is replaced: what is left out is switched off.
    workspace.serving_endpoints.put_ai_gateway(name)
    assert workspace.serving_endpoints.get(name).ai_gateway is None


@pytest.mark.parametrize(
    "part",
    [
        {
            "guardrails": serving.AiGatewayGuardrails(
                input=serving.AiGatewayGuardrailParameters(safety=True)
            )
        },
        {"fallback_config": serving.FallbackConfig(enabled=True)},
        {
            "inference_table_config": serving.AiGatewayInferenceTableConfig(
                enabled=True, catalog_name="main", schema_name="logs"
            )
        },
        {
            "rate_limits": [
                serving.AiGatewayRateLimit(
                    tokens=9, renewal_period=serving.AiGatewayRateLimitRenewalPeriod.MINUTE
                )
            ]
        },
    ],
    ids=lambda part: next(iter(part)),
)
def test_parts_of_the_ai_gateway_that_come_later(workspace, recorder, make_endpoint, part):
    name = make_endpoint()
    with recorder.expects(f"PUT {ENDPOINTS}/{name}/ai-gateway"), pytest.raises(errors.NotImplemented):
        workspace.serving_endpoints.put_ai_gateway(name, **part)
    assert workspace.serving_endpoints.get(name).ai_gateway is None, "never stored and ignored"


def test_update_notifications(workspace, recorder, make_endpoint):
    name = make_endpoint()
    wanted = serving.EmailNotifications(on_update_success=["a@example.com"], on_update_failure=[])
    with recorder.expects(f"PATCH {ENDPOINTS}/{name}/notifications"):
        answer = workspace.serving_endpoints.update_notifications(name, email_notifications=wanted)
    assert answer.name == name
    assert answer.email_notifications.on_update_success == ["a@example.com"]
    assert workspace.serving_endpoints.get(name).email_notifications.on_update_success == ["a@example.com"]


def test_patch_telemetry_config(workspace, recorder, make_endpoint):
    """Telemetry is for models that the service runs itself: an endpoint of external models may only remove it."""
    name = make_endpoint()
    telemetry = serving.TelemetryConfig(telemetry_profile_id="profile-1")
    with recorder.expects(f"PATCH {ENDPOINTS}/{name}/telemetry-config"):
        with pytest.raises(errors.InvalidParameterValue):
            workspace.serving_endpoints.patch_telemetry_config(name, telemetry_config=telemetry)
    with recorder.expects(f"PATCH {ENDPOINTS}/{name}/telemetry-config"):
        assert workspace.serving_endpoints.patch_telemetry_config(name).name == name
    assert workspace.serving_endpoints.get(name).telemetry_config is None


def test_delete(workspace, recorder, make_endpoint):
    name = make_endpoint()
    with recorder.expects(f"DELETE {ENDPOINTS}/{name}"):
        workspace.serving_endpoints.delete(name)
    with recorder.expects(f"DELETE {ENDPOINTS}/{name}"), pytest.raises(errors.ResourceDoesNotExist):
        workspace.serving_endpoints.delete(name)


PT = serving.PtEndpointCoreConfig(
    served_entities=[serving.PtServedModel("system.ai.x", provisioned_model_units=1)]
)


def test_provisioned_throughput_comes_later(workspace, recorder, free_name):
    """Each of the four calls is told so at once, the waiting ones too."""
    with recorder.expects(f"POST {ENDPOINTS}/pt"), pytest.raises(errors.NotImplemented):
        workspace.serving_endpoints.create_provisioned_throughput_endpoint(name="pt1", config=PT)
    with recorder.expects(f"POST {ENDPOINTS}/pt"), pytest.raises(errors.NotImplemented):
        workspace.serving_endpoints.create_provisioned_throughput_endpoint_and_wait(name="pt1", config=PT)
    # An endpoint that could take such a config: one that has none yet.
    workspace.serving_endpoints.create(name=free_name)
    with recorder.expects(f"PUT {ENDPOINTS}/pt/{free_name}/config"), pytest.raises(errors.NotImplemented):
        workspace.serving_endpoints.update_provisioned_throughput_endpoint_config(free_name, PT)
    with recorder.expects(f"PUT {ENDPOINTS}/pt/{free_name}/config"), pytest.raises(errors.NotImplemented):
        workspace.serving_endpoints.update_provisioned_throughput_endpoint_config_and_wait(free_name, PT)


def test_registry_models_are_not_implemented(workspace, recorder, free_name):
    entity = serving.ServedEntityInput(
        entity_name="main.default.model",
        entity_version="1",
        workload_size="Small",
        scale_to_zero_enabled=True,
    )
    with recorder.expects(f"POST {ENDPOINTS}"), pytest.raises(errors.NotImplemented):
        workspace.serving_endpoints.create(name=free_name, config=config(entity))


def test_a_wrong_token(sdk_as):
    client, recorder = sdk_as("dapi-wrong")
    with recorder.expects(f"GET {ENDPOINTS}/chat"), pytest.raises(errors.Unauthenticated):
        client.serving_endpoints.get("chat")
