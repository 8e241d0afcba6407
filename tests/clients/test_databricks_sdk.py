"""databricks-sdk: the serving, secrets, token and identity calls that are built, and the class of error of those that are not."""

import time

import pytest
from databricks.sdk import errors
from databricks.sdk.service import iam, serving

import processes

ENDPOINTS = "/api/2.0/serving-endpoints"


def openai_entity(
    name: str | None = None, model: str = "gpt-4o-mini", task: str = "llm/v1/chat"
) -> serving.ServedEntityInput:
    return serving.ServedEntityInput(
        name=name,
        external_model=serving.ExternalModel(
            name=model,
            provider=serving.ExternalModelProvider.OPENAI,
            task=task,
            openai_config=serving.OpenAiConfig(openai_api_key="{{secrets/my_scope/my_openai_api_key}}"),
        ),
    )


def config(*entities: serving.ServedEntityInput, name: str | None = None) -> serving.EndpointCoreConfigInput:
    return serving.EndpointCoreConfigInput(name=name, served_entities=list(entities))


def test_the_client_starts_with_one_discovery_call(workspace, recorder):
    assert recorder.lines == ["GET /.well-known/databricks-config"]


def test_create_and_wait(workspace, recorder, free_name):
    begin = time.monotonic()
    endpoint = workspace.serving_endpoints.create_and_wait(
        name=free_name,
        config=config(openai_entity("chat"), name=free_name),
        tags=[serving.EndpointTag(key="team", value="gen-ai")],
    )
    assert time.monotonic() - begin < 2
    assert endpoint.state.ready == serving.EndpointStateReady.READY
    assert endpoint.state.config_update == serving.EndpointStateConfigUpdate.NOT_UPDATING
    assert (
        endpoint.config.served_entities[0].state.deployment
        == serving.ServedModelStateDeployment.DEPLOYMENT_READY
    )
    assert endpoint.permission_level == serving.ServingEndpointDetailedPermissionLevel.CAN_MANAGE
    assert recorder.calls[0] == f"POST {ENDPOINTS}"
    assert set(recorder.calls[1:]) == {f"GET {ENDPOINTS}/{free_name}"}


def test_create_result(workspace, free_name):
    waiter = workspace.serving_endpoints.create(name=free_name, config=config(openai_entity()))
    endpoint = waiter.result()
    # The default name of an entity is its model's; two dots and colons become dashes.
    assert endpoint.config.served_entities[0].name == "gpt-4o-mini"


def test_default_entity_names(workspace, free_name):
    endpoint = workspace.serving_endpoints.create_and_wait(
        name=free_name, config=config(openai_entity(model="gpt-3.5-turbo:x"))
    )
    assert endpoint.config.served_entities[0].name == "gpt-3-5-turbo-x"


def test_create_of_a_name_that_is_taken(workspace, recorder, make_endpoint):
    name = make_endpoint()
    recorder.clear()
    with pytest.raises(errors.ResourceAlreadyExists):
        workspace.serving_endpoints.create(name=name, config=config(openai_entity()))
    assert recorder.calls == [f"POST {ENDPOINTS}"]


def test_create_without_config(workspace, free_name):
    endpoint = workspace.serving_endpoints.create_and_wait(name=free_name)
    assert endpoint.state.ready == serving.EndpointStateReady.NOT_READY
    assert endpoint.config is None
    with pytest.raises(errors.InvalidParameterValue):
        workspace.serving_endpoints.query(name=free_name, messages=[hello()])


def test_get_and_list(workspace, recorder, make_endpoint):
    name = make_endpoint()
    endpoint = workspace.serving_endpoints.get(name)
    assert endpoint.name == name and endpoint.task == "llm/v1/chat" and endpoint.creator == "admin"
    listed = {one.name: one for one in workspace.serving_endpoints.list()}
    assert listed[name].id == endpoint.id
    assert (
        listed[name].config.served_entities[0].external_model.provider == serving.ExternalModelProvider.OPENAI
    )
    assert recorder.calls == [f"GET {ENDPOINTS}/{name}", f"GET {ENDPOINTS}"]


def test_get_of_nothing(workspace, recorder):
    with pytest.raises(errors.ResourceDoesNotExist):
        workspace.serving_endpoints.get("nobody")
    assert len(recorder.calls) == 1


def test_update_config(workspace, recorder, make_endpoint):
    name = make_endpoint()
    endpoint = workspace.serving_endpoints.update_config_and_wait(
        name=name,
        served_entities=[openai_entity("a"), openai_entity("b", "gpt-4")],
        traffic_config=serving.TrafficConfig(
            routes=[
                serving.Route(served_model_name="a", traffic_percentage=80),
                serving.Route(served_model_name="b", traffic_percentage=20),
            ]
        ),
    )
    assert [
        (route.served_model_name, route.traffic_percentage) for route in endpoint.config.traffic_config.routes
    ] == [("a", 80), ("b", 20)]
    assert endpoint.config.config_version == 2
    assert recorder.calls[0] == f"PUT {ENDPOINTS}/{name}/config"


def test_update_config_that_is_wrong(workspace, recorder, make_endpoint):
    name = make_endpoint()
    with pytest.raises(errors.InvalidParameterValue):
        workspace.serving_endpoints.update_config(
            name=name,
            served_entities=[openai_entity("a"), openai_entity("b")],
            traffic_config=serving.TrafficConfig(
                routes=[serving.Route(served_model_name="a", traffic_percentage=99)]
            ),
        )
    assert recorder.calls == [f"PUT {ENDPOINTS}/{name}/config"]


def test_put_rate_limits(workspace, recorder, make_endpoint):
    name = make_endpoint()
    answer = workspace.serving_endpoints.put(
        name=name,
        rate_limits=[serving.RateLimit(calls=5, renewal_period=serving.RateLimitRenewalPeriod.MINUTE)],
    )
    assert answer.rate_limits == [
        serving.RateLimit(
            calls=5, key=serving.RateLimitKey.ENDPOINT, renewal_period=serving.RateLimitRenewalPeriod.MINUTE
        )
    ]
    assert recorder.calls == [f"PUT {ENDPOINTS}/{name}/rate-limits"]


def test_patch_tags(workspace, recorder, make_endpoint):
    name = make_endpoint()
    workspace.serving_endpoints.patch(
        name=name, add_tags=[serving.EndpointTag("k", "v"), serving.EndpointTag("l", "w")]
    )
    answer = workspace.serving_endpoints.patch(
        name=name, add_tags=[serving.EndpointTag("l", "x")], delete_tags=["k"]
    )
    assert answer.tags == [serving.EndpointTag("l", "x")]
    assert recorder.calls == [f"PATCH {ENDPOINTS}/{name}/tags"] * 2


def test_delete(workspace, recorder, make_endpoint):
    name = make_endpoint()
    workspace.serving_endpoints.delete(name)
    with pytest.raises(errors.ResourceDoesNotExist):
        workspace.serving_endpoints.delete(name)
    assert recorder.calls == [f"DELETE {ENDPOINTS}/{name}"] * 2


def hello() -> serving.ChatMessage:
    return serving.ChatMessage(role=serving.ChatMessageRole.USER, content="Hello!")


def test_query_chat(workspace, recorder, make_endpoint):
    name = make_endpoint(entities=[processes.external_entity(name="the-entity")])
    answer = workspace.serving_endpoints.query(
        name=name,
        messages=[hello()],
        max_tokens=20,
        client_request_id="request-1",
        usage_context={"team": "gen-ai"},
    )
    assert answer.served_model_name == "the-entity"
    assert answer.choices[0].message.content
    assert answer.usage.total_tokens > 0
    assert recorder.calls == [f"POST /serving-endpoints/{name}/invocations"]


def test_query_completions_and_embeddings(workspace, make_endpoint):
    completions = make_endpoint("gpt-3.5-turbo-instruct", "llm/v1/completions")
    assert workspace.serving_endpoints.query(name=completions, prompt="Once").choices[0].text
    embeddings = make_endpoint("text-embedding-ada-002", "llm/v1/embeddings")
    answer = workspace.serving_endpoints.query(name=embeddings, input="Hello")
    assert answer.data[0].embedding and answer.data[0].index == 0


def test_query_with_the_wrong_field(workspace, recorder, make_endpoint):
    with pytest.raises(errors.BadRequest) as refused:
        workspace.serving_endpoints.query(name=make_endpoint(), prompt="Once")
    assert "messages" in str(refused.value)
    assert len(recorder.calls) == 1


def test_the_sdk_makes_an_openai_client(workspace, make_endpoint):
    client = workspace.serving_endpoints.get_open_ai_client()
    answer = client.chat.completions.create(
        model=make_endpoint(), messages=[{"role": "user", "content": "Hello!"}]
    )
    assert answer.choices[0].message.content


def test_me(workspace):
    me = workspace.current_user.me()
    assert me.user_name == "admin" and me.active
    assert [group.display for group in me.groups] == ["admins"]
    assert workspace.get_workspace_id()


def test_users_and_tokens(workspace, gateway, clients_of):
    user = workspace.users.create(
        user_name="carol@example.com",
        display_name="Carol",
        entitlements=[iam.ComplexValue(value="workspace-access")],
    )
    assert user.id and user.user_name == "carol@example.com"
    mine = workspace.tokens.create(comment="for a test", lifetime_seconds=3600)
    assert mine.token_value
    listed = {one.token_id: one for one in workspace.tokens.list()}
    assert listed[mine.token_info.token_id].comment == "for a test"
    assert (
        gateway.call("GET", "/api/2.0/preview/scim/v2/Me", token=mine.token_value).ok()["userName"] == "admin"
    )
    workspace.tokens.delete(mine.token_info.token_id)
    assert gateway.call("GET", "/api/2.0/preview/scim/v2/Me", token=mine.token_value).status == 401


def test_a_token_on_behalf_of_another(workspace, gateway):
    workspace.users.create(user_name="dave@example.com")
    made = workspace.token_management.create_obo_token(application_id="dave@example.com", comment="for dave")
    assert (
        gateway.call("GET", "/api/2.0/preview/scim/v2/Me", token=made.token_value).ok()["userName"]
        == "dave@example.com"
    )


@pytest.mark.parametrize(
    "call",
    [
        lambda api, name: api.put_ai_gateway(
            name, usage_tracking_config=serving.AiGatewayUsageTrackingConfig(enabled=True)
        ),
        lambda api, name: api.update_notifications(name, email_notifications=serving.EmailNotifications()),
        lambda api, name: api.patch_telemetry_config(name),
        lambda api, name: api.export_metrics(name),
        lambda api, name: api.get_open_api(name),
        lambda api, name: api.build_logs(name, "gpt-4o-mini"),
        lambda api, name: api.logs(name, "gpt-4o-mini"),
        lambda api, name: api.get_permission_levels("0" * 32),
        lambda api, name: api.get_permissions("0" * 32),
        lambda api, name: api.set_permissions("0" * 32),
        lambda api, name: api.update_permissions("0" * 32),
        lambda api, name: api.create_provisioned_throughput_endpoint(
            name="pt1",
            config=serving.PtEndpointCoreConfig(served_entities=[serving.PtServedModel("system.ai.x", 1)]),
        ),
        lambda api, name: api.http_request("conn", serving.ExternalFunctionRequestHttpMethod.GET, "/x"),
    ],
)
def test_what_a_later_version_brings_is_not_implemented(workspace, recorder, make_endpoint, call):
    name = make_endpoint()
    recorder.clear()
    with pytest.raises(errors.NotImplemented):
        call(workspace.serving_endpoints, name)
    assert len(recorder.calls) == 1, "a client must not be led to repeat this"


def test_registry_models_are_not_implemented(workspace, recorder, free_name):
    with pytest.raises(errors.NotImplemented):
        workspace.serving_endpoints.create(
            name=free_name,
            config=config(
                serving.ServedEntityInput(
                    entity_name="main.default.model",
                    entity_version="1",
                    workload_size="Small",
                    scale_to_zero_enabled=True,
                )
            ),
        )
    assert len(recorder.calls) == 1


def test_no_credential(gateway, recorder):
    from databricks.sdk import WorkspaceClient

    client = WorkspaceClient(host=recorder.url, token="dapi-wrong")
    with pytest.raises(errors.Unauthenticated):
        client.serving_endpoints.get("chat")
    assert len(recorder.calls) == 1


def test_a_user_who_may_only_query(make_user, recorder, make_endpoint, free_name):
    from databricks.sdk import WorkspaceClient

    client = WorkspaceClient(host=recorder.url, token=make_user("erin@example.com"))
    shared = make_endpoint()
    assert client.serving_endpoints.query(name=shared, messages=[hello()]).choices
    seen = client.serving_endpoints.get(shared)
    assert seen.permission_level == serving.ServingEndpointDetailedPermissionLevel.CAN_QUERY
    with pytest.raises(errors.PermissionDenied):
        client.serving_endpoints.create(name=free_name, config=config(openai_entity()))
    with pytest.raises(errors.PermissionDenied):
        client.serving_endpoints.delete(shared)
    with pytest.raises(errors.PermissionDenied):
        client.secrets.get_secret("my_scope", "my_openai_api_key")
    with pytest.raises(errors.PermissionDenied):
        client.users.create(user_name="frank@example.com")
