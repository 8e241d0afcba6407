"""Rate limits: per user, per endpoint, closed, changed; what the caller is told."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from processes import wait_until

CHAT = {"messages": [{"role": "user", "content": "Hello!"}]}


def limit(calls: int, key: str | None = None) -> dict:
    entry = {"calls": calls, "renewal_period": "minute"}
    return entry if key is None else {**entry, "key": key}


def ask(gateway, name: str, token: str | None = None, **options):
    return gateway.call(
        "POST", f"/serving-endpoints/{name}/invocations", CHAT, token=token or gateway.token, **options
    )


def set_limits(gateway, name: str, *limits: dict):
    return gateway.call(
        "PUT", f"/api/2.0/serving-endpoints/{name}/rate-limits", {"rate_limits": list(limits)}
    ).ok()


def test_exactly_as_many_as_allowed_pass_at_once(gateway, make_endpoint):
    name = make_endpoint(rate_limits=[limit(20, "endpoint")])
    with ThreadPoolExecutor(32) as pool:
        statuses = list(pool.map(lambda _: ask(gateway, name).status, range(100)))
    # A token comes back every three seconds: a slow machine may see one or two more pass.
    assert 20 <= statuses.count(200) <= 22
    assert statuses.count(429) == 100 - statuses.count(200)


def test_the_answer_to_one_too_many(gateway, make_endpoint):
    name = make_endpoint(rate_limits=[limit(1, "user")])
    assert ask(gateway, name).status == 200
    refused = ask(gateway, name)
    assert (refused.status, refused.error_code) == (429, "REQUEST_LIMIT_EXCEEDED")
    assert f"'{name}'" in refused.message and "user" in refused.message
    assert 1 <= int(refused.headers["retry-after"]) <= 60


def test_a_user_limit_is_each_user_s_own(gateway, make_endpoint, make_user):
    name = make_endpoint(rate_limits=[limit(1, "user")])
    gateway.grant(name, "CAN_QUERY", group_name="users")
    gina, hugo = make_user("gina@example.com"), make_user("hugo@example.com")
    assert [ask(gateway, name, token).status for token in (gina, hugo, gina, hugo)] == [200, 200, 429, 429]


def test_an_endpoint_limit_is_shared(gateway, make_endpoint, make_user):
    name = make_endpoint(rate_limits=[limit(2, "endpoint"), limit(100, "user")])
    gateway.grant(name, "CAN_QUERY", group_name="users")
    ina, jon = make_user("ina@example.com"), make_user("jon@example.com")
    assert [ask(gateway, name, token).status for token in (ina, jon, ina, jon)] == [200, 200, 429, 429]


def test_the_key_is_endpoint_when_none_is_given(gateway, make_endpoint):
    name = make_endpoint()
    assert set_limits(gateway, name, limit(3)) == {
        "rate_limits": [{"calls": 3, "renewal_period": "minute", "key": "endpoint"}]
    }


@pytest.mark.parametrize("key", ["user", "endpoint"])
def test_a_limit_of_zero_closes_the_endpoint(gateway, make_endpoint, key):
    name = make_endpoint(rate_limits=[limit(0, key)])
    refused = ask(gateway, name)
    assert (refused.status, refused.error_code) == (403, "PERMISSION_DENIED")
    assert "retry-after" not in refused.headers and refused.headers["x-should-retry"] == "false"


def test_a_change_applies_at_once(gateway, make_endpoint):
    name = make_endpoint(rate_limits=[limit(1, "endpoint")])
    assert [ask(gateway, name).status for _ in range(2)] == [200, 429]
    # What was used up stays used up, as a share; it comes back at the new pace, so within 0.1 s instead of a minute.
    set_limits(gateway, name, limit(600, "endpoint"))
    wait_until(lambda: ask(gateway, name).status == 200, 5, "the new limit counts")
    set_limits(gateway, name, limit(0, "endpoint"))
    assert ask(gateway, name).status == 403
    set_limits(gateway, name)
    assert ask(gateway, name).status == 200
    assert "ai_gateway" not in gateway.call("GET", f"/api/2.0/serving-endpoints/{name}").ok()


def test_a_config_update_gives_no_new_calls(gateway, make_endpoint):
    from processes import external_entity

    name = make_endpoint(rate_limits=[limit(1, "endpoint")])
    assert ask(gateway, name).status == 200
    gateway.call(
        "PUT",
        f"/api/2.0/serving-endpoints/{name}/config",
        {"served_entities": [external_entity("gpt-4", name="other")]},
    ).ok()
    assert ask(gateway, name).status == 429


def test_a_call_that_never_reached_a_provider_is_given_back(gateway, make_endpoint):
    name = make_endpoint(rate_limits=[limit(1, "endpoint")])
    wrong = gateway.call("POST", f"/serving-endpoints/{name}/invocations", {"messages": "none"})
    assert wrong.status == 400
    assert [ask(gateway, name).status for _ in range(2)] == [200, 429]


def test_openai_paths_and_served_model_paths_count_too(gateway, make_endpoint):
    name = make_endpoint(rate_limits=[limit(2, "endpoint")])
    assert gateway.call("POST", "/serving-endpoints/chat/completions", {"model": name, **CHAT}).status == 200
    assert (
        gateway.call("POST", f"/serving-endpoints/{name}/served-models/gpt-4o-mini/invocations", CHAT).status
        == 200
    )
    assert gateway.call("POST", "/serving-endpoints/chat/completions", {"model": name, **CHAT}).status == 429


@pytest.mark.parametrize(
    "limits",
    [
        [{"calls": -1, "renewal_period": "minute"}],
        [{"calls": 1, "renewal_period": "hour"}],
        [{"renewal_period": "minute"}],
        [{"calls": 1}],
        [{"calls": 1, "renewal_period": "minute", "key": "nobody"}],
        [limit(1, "user"), limit(2, "user")],
        [limit(1)] * 21,
    ],
)
def test_limits_that_are_wrong(gateway, make_endpoint, limits):
    name = make_endpoint()
    refused = gateway.call("PUT", f"/api/2.0/serving-endpoints/{name}/rate-limits", {"rate_limits": limits})
    assert (refused.status, refused.error_code) == (400, "INVALID_PARAMETER_VALUE")
    assert "ai_gateway" not in gateway.call("GET", f"/api/2.0/serving-endpoints/{name}").ok()
