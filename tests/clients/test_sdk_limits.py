"""databricks-sdk: limits on calls for every kind of key, which of them counts for whom, and what the one too many is told."""

import openai
import pytest
from databricks.sdk import errors
from databricks.sdk.service import iam, serving

from sdk import ENDPOINTS, SkippingClock, hello

CHAT = {"messages": [{"role": "user", "content": "Hello!"}]}
Key = serving.AiGatewayRateLimitKey
USER, ENDPOINT, GROUP, ROBOT = Key.USER, Key.ENDPOINT, Key.USER_GROUP, Key.SERVICE_PRINCIPAL


def limit(
    calls: int | None, key: Key | None = None, principal: str | None = None
) -> serving.AiGatewayRateLimit:
    """Small ones only: nothing comes back while a test runs, with one call it takes a minute."""
    minute = serving.AiGatewayRateLimitRenewalPeriod.MINUTE
    return serving.AiGatewayRateLimit(calls=calls, key=key, principal=principal, renewal_period=minute)


@pytest.fixture
def limited(workspace, recorder, gateway, make_endpoint):
    """limited(limit, …) -> the name of an endpoint with these limits that everybody may query."""

    def make(*limits: serving.AiGatewayRateLimit) -> str:
        name = make_endpoint()
        gateway.grant(name, "CAN_QUERY", group_name="users")
        with recorder.expects(f"PUT {ENDPOINTS}/{name}/ai-gateway"):
            answer = workspace.serving_endpoints.put_ai_gateway(name, rate_limits=list(limits))
        assert answer.rate_limits == list(limits)
        assert workspace.serving_endpoints.get(name).ai_gateway.rate_limits == list(limits)
        return name

    return make


@pytest.fixture
def asked(gateway):
    """asked(name, token, …) -> the status of one query by each of them in turn."""

    def ask(name: str, *tokens: str) -> list[int]:
        path = f"/serving-endpoints/{name}/invocations"
        return [gateway.call("POST", path, CHAT, token=token).status for token in tokens]

    return ask


@pytest.fixture
def robot(service_principal):
    """A service principal's application id, and its token."""
    return service_principal.application_id, service_principal.token()


def test_the_default_is_each_user_s_own(limited, asked, make_person, robot):
    """Service principals are users too."""
    a, b = make_person().token, make_person().token
    name = limited(limit(1, USER))
    assert asked(name, a, b, robot[1]) == [200] * 3
    assert asked(name, a, b, robot[1]) == [429] * 3


def test_a_named_user_has_a_limit_of_his_own(limited, asked, make_person):
    """More than the default, or less; and the other way round the default does not touch him."""
    more, less, other = make_person(), make_person(), make_person()
    name = limited(limit(2, USER), limit(3, USER, more.name), limit(1, USER, less.name))
    assert asked(name, *[more.token] * 4) == [200, 200, 200, 429]
    assert asked(name, *[less.token] * 2) == [200, 429]
    assert asked(name, *[other.token] * 3) == [200, 200, 429]


def test_a_limit_for_one_user_alone(limited, asked, make_person):
    named, other = make_person(), make_person()
    name = limited(limit(1, USER, named.name))
    assert asked(name, *[named.token] * 2) == [200, 429]
    assert asked(name, *[other.token] * 4) == [200] * 4


def test_the_members_of_a_group_share_its_limit(limited, asked, make_person, make_group):
    """Those of a group inside it too; whom no limit is for asks as often as he likes."""
    a, b, nested, other = (make_person() for _ in range(4))
    group = make_group(a.id, b.id, make_group(nested.id).id)
    name = limited(limit(3, GROUP, group.name))
    assert asked(name, a.token, b.token, nested.token) == [200] * 3
    assert asked(name, a.token, b.token, nested.token) == [429] * 3
    assert asked(name, *[other.token] * 4) == [200] * 4


def test_who_joins_a_group_shares_its_limit_from_then_on(workspace, limited, asked, make_person, make_group):
    a, b = make_person(), make_person()
    group = make_group(a.id)
    name = limited(limit(1, GROUP, group.name), limit(2, USER))
    assert asked(name, a.token, a.token, b.token) == [200, 429, 200]
    change = iam.Patch(op=iam.PatchOp.ADD, value={"members": [{"value": b.id}]})
    schema = iam.PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP
    workspace.groups.patch(group.id, operations=[change], schemas=[schema])
    assert asked(name, b.token) == [429]
    workspace.groups.delete(group.id)
    assert asked(name, a.token, b.token, b.token) == [200, 200, 429], "back to the default"


def test_a_service_principal_has_a_limit_of_its_own(
    gateway, limited, asked, service_principal, sdk_as, robot
):
    """The same with a token as with a client secret."""
    name = limited(limit(1, USER), limit(3, ROBOT, robot[0]))
    w, recorder = sdk_as(client_id=robot[0], client_secret=service_principal.secret())
    assert w.serving_endpoints.query(name=name, messages=[hello()]).choices
    bearer = recorder.requests[-1].headers["authorization"].removeprefix("Bearer ")
    assert bearer != robot[1]
    assert asked(name, robot[1], bearer, robot[1], bearer) == [200, 200, 429, 429]
    assert asked(name, gateway.token, gateway.token) == [200, 429]


def test_only_all_groups_together_refuse(limited, asked, make_person, make_group):
    both, first_only, second_only = (make_person() for _ in range(3))
    first, second = make_group(both.id, first_only.id), make_group(both.id, second_only.id)
    name = limited(limit(1, GROUP, first.name), limit(2, GROUP, second.name))
    assert asked(name, *[both.token] * 4) == [200, 200, 200, 429]
    assert asked(name, first_only.token, second_only.token) == [429, 429]


def test_the_order_of_the_keys(limited, asked, make_person, make_group):
    """The own limit beats that of a group, a group beats the default, and the endpoint's is on top of all."""
    named, member, other = make_person(), make_person(), make_person()
    group = make_group(named.id, member.id)
    name = limited(
        limit(7, ENDPOINT), limit(1, USER), limit(3, USER, named.name), limit(2, GROUP, group.name)
    )
    assert asked(name, *[named.token] * 4) == [200, 200, 200, 429]
    assert asked(name, *[member.token] * 3) == [200, 200, 429], "the other took nothing from the group"
    assert asked(name, other.token, other.token) == [200, 429]
    # Six of seven: those that another limit refused took nothing from the endpoint.
    last, late = make_person(), make_person()
    assert asked(name, last.token, late.token) == [200, 429]


def test_the_deprecated_call_takes_users_and_endpoint(workspace, recorder, limited, asked, make_person):
    """It replaces every limit, also those that it could not have made."""
    person = make_person()
    name = limited(limit(1, USER, person.name), limit(5, ENDPOINT))
    assert asked(name, person.token, person.token) == [200, 429]
    minute = serving.RateLimitRenewalPeriod.MINUTE
    wanted = [
        serving.RateLimit(calls=2, key=serving.RateLimitKey.USER, renewal_period=minute),
        serving.RateLimit(calls=3, key=serving.RateLimitKey.ENDPOINT, renewal_period=minute),
    ]
    with recorder.expects(f"PUT {ENDPOINTS}/{name}/rate-limits"):
        assert workspace.serving_endpoints.put(name, rate_limits=wanted).rate_limits == wanted
    assert workspace.serving_endpoints.get(name).ai_gateway.rate_limits == [
        limit(2, USER),
        limit(3, ENDPOINT),
    ]
    other = make_person()
    assert asked(name, *[other.token] * 3) == [200, 200, 429]


KINDS = [ENDPOINT, USER, "named user", GROUP, ROBOT]


@pytest.fixture
def concerned(make_person, make_group, robot):
    """concerned(kind) -> key and principal of a limit, and the token of somebody whom it is for."""

    def make(kind: Key | str) -> tuple[Key, str | None, str]:
        person = make_person()
        if kind == "named user":
            return USER, person.name, person.token
        if kind == GROUP:
            return GROUP, make_group(person.id).name, person.token
        return (ROBOT, *robot) if kind == ROBOT else (kind, None, person.token)

    return make


@pytest.mark.parametrize("kind", KINDS)
def test_the_answer_to_one_too_many(gateway, limited, concerned, sdk_as, kind):
    """It says which limit, and when to come again, in whole seconds that the SDK keeps to."""
    key, principal, token = concerned(kind)
    name = limited(limit(1, key, principal))
    path = f"/serving-endpoints/{name}/invocations"
    assert gateway.call("POST", path, CHAT, token=token).status == 200
    refused = gateway.call("POST", path, CHAT, token=token)
    assert (refused.status, refused.error_code) == (429, "REQUEST_LIMIT_EXCEEDED")
    assert set(refused.json) == {"error_code", "message"}
    assert f"'{name}'" in refused.message and f"'{key.value}'" in refused.message
    assert "Requests-per-minute (RPM) limit of 1" in refused.message
    assert principal is None or f"'{principal}'" in refused.message
    assert refused.headers["retry-after"].isdigit() and 1 <= int(refused.headers["retry-after"]) <= 60

    clock = SkippingClock()
    w, recorder = sdk_as(token, clock=clock)
    with recorder.expects(f"POST {path}"), pytest.raises(TimeoutError) as late:
        w.serving_endpoints.query(name=name, messages=[hello()])
    assert type(late.value.__cause__) is errors.RequestLimitExceeded
    # It would wait as long as it is told, and at random up to a second more.
    (waited,) = clock.waits
    assert 1 <= waited <= int(refused.headers["retry-after"]) + 1

    client = openai.OpenAI(base_url=f"{recorder.url}/serving-endpoints", api_key=token, max_retries=0)
    with recorder.expects("POST /serving-endpoints/chat/completions"), pytest.raises(openai.RateLimitError):
        client.chat.completions.create(model=name, **CHAT)


@pytest.mark.parametrize("kind", KINDS)
def test_a_limit_of_zero_closes_for_those_it_is_for(
    gateway, limited, concerned, sdk_as, asked, make_person, kind
):
    """Coming again would not help, so no client does."""
    key, principal, token = concerned(kind)
    name = limited(limit(0, key, principal))
    w, recorder = sdk_as(token)
    with recorder.expects(f"POST /serving-endpoints/{name}/invocations"):
        with pytest.raises(errors.PermissionDenied, match="temporarily disabled"):
            w.serving_endpoints.query(name=name, messages=[hello()])
    refused = gateway.call("POST", f"/serving-endpoints/{name}/invocations", CHAT, token=token)
    assert "retry-after" not in refused.headers and refused.headers["x-should-retry"] == "false"
    client = openai.OpenAI(base_url=f"{recorder.url}/serving-endpoints", api_key=token)
    with recorder.expects("POST /serving-endpoints/chat/completions"):
        with pytest.raises(openai.PermissionDeniedError):
            client.chat.completions.create(model=name, **CHAT)
    assert asked(name, make_person().token) == [403 if kind in (ENDPOINT, USER) else 200]


def test_a_group_of_zero_beside_one_that_has_room(limited, asked, make_person, make_group):
    person = make_person()
    closed, open_one = make_group(person.id), make_group(person.id)
    name = limited(limit(0, GROUP, closed.name), limit(1, GROUP, open_one.name))
    assert asked(name, person.token, person.token) == [200, 429]


def test_a_wait_that_ends_well(workspace, limited, asked, gateway, sdk_as):
    """The SDK comes again by itself, and its caller never knows. While it waits, the limit is taken away."""

    class Wait(SkippingClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(1)
            workspace.serving_endpoints.put_ai_gateway(name)

    name = limited(limit(1, ENDPOINT))
    assert asked(name, gateway.token, gateway.token) == [200, 429]
    w, recorder = sdk_as(clock=Wait())
    with recorder.expects(*[f"POST /serving-endpoints/{name}/invocations"] * 2):
        assert w.serving_endpoints.query(name=name, messages=[hello()]).choices


@pytest.mark.parametrize(
    "wrong",
    [
        [limit(1, GROUP)],
        [limit(1, ROBOT)],
        [limit(1, ENDPOINT, "admin")],
        [limit(1, USER, "nobody@example.com")],
        [limit(1, GROUP, "no such group")],
        [limit(1, ROBOT, "00000000-0000-0000-0000-000000000000")],
        [limit(-1, USER)],
        [limit(None, USER)],
        [limit(1, USER), limit(2, USER)],
        [limit(1, USER, "admin"), limit(2, USER, "admin")],
    ],
    ids=lambda limits: "-".join(f"{one.key.value}+{one.principal}+{one.calls}" for one in limits),
)
def test_limits_that_are_wrong(workspace, recorder, limited, wrong):
    name = limited(limit(5, ENDPOINT))
    with recorder.expects(f"PUT {ENDPOINTS}/{name}/ai-gateway"), pytest.raises(errors.InvalidParameterValue):
        workspace.serving_endpoints.put_ai_gateway(name, rate_limits=wrong)
    assert workspace.serving_endpoints.get(name).ai_gateway.rate_limits == [limit(5, ENDPOINT)]


def test_how_many_limits_there_may_be(workspace, recorder, make_endpoint, make_person, make_group):
    """Twenty in all, five of them for groups."""
    name = make_endpoint()
    groups = [limit(1, GROUP, make_group().name) for _ in range(6)]
    people = [limit(1, USER, make_person().name) for _ in range(16)]
    put = workspace.serving_endpoints.put_ai_gateway
    for too_many in (groups, groups[:5] + people):
        with recorder.expects(f"PUT {ENDPOINTS}/{name}/ai-gateway"), pytest.raises(
            errors.InvalidParameterValue
        ):
            put(name, rate_limits=too_many)
    with recorder.expects(f"PUT {ENDPOINTS}/{name}/ai-gateway"):
        assert len(put(name, rate_limits=groups[:5] + people[:15]).rate_limits) == 20
