"""The usage table over REST: the row that each client's query leaves, filters, pages, CSV, who sees what, and kill -9."""

import contextlib
import csv
import io
import re
import sqlite3
import time
import urllib.parse

import openai
import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.service import serving
from mlflow.deployments import get_deploy_client

from fake_upstream import DONE, Reply, chunk
from processes import external_entity, wait_until
from sdk import ENDPOINTS, hello

USAGE = "/api/2.0/sluice/usage"
ENTITIES = "/api/2.0/sluice/served-entities"
MESSAGES = [{"role": "user", "content": "Hello!"}]
CHAT = {"messages": MESSAGES}
TRACKING = {"usage_tracking_config": {"enabled": True}}


def path_of(path: str, filters: dict) -> str:
    return f"{path}?{urllib.parse.urlencode(filters)}"


def rows(gateway, token: str | None = None, **filters) -> list[dict]:
    """The usage rows that the caller sees, the newest first. It has the row of every answer that came before."""
    return gateway.call("GET", path_of(USAGE, filters), token=token or gateway.token).ok()["usage"]


def entities(gateway, token: str | None = None, **filters) -> list[dict]:
    path = path_of(ENTITIES, filters)
    return gateway.call("GET", path, token=token or gateway.token).ok()["served_entities"]


def ask(gateway, name: str, token: str | None = None, **more):
    path = f"/serving-endpoints/{name}/invocations"
    return gateway.call("POST", path, {**CHAT, **more}, token=token or gateway.token)


@pytest.fixture
def make_tracked(gateway, make_endpoint):
    """make_tracked(…) as make_endpoint, of an endpoint that everybody may query and whose usage is tracked."""

    def make(*arguments, **options) -> str:
        name = make_endpoint(*arguments, **options)
        where = options.get("on") or gateway
        where.call("PUT", f"{ENDPOINTS}/{name}/ai-gateway", TRACKING).ok()
        where.grant(name, "CAN_QUERY", group_name="users")
        return name

    return make


def by_the_sdk(url, token, name):
    WorkspaceClient(host=url, token=token).serving_endpoints.query(
        name=name, messages=[hello()], client_request_id="mine", usage_context={"team": "a"}
    )


def by_openai(url, token, name):
    openai.OpenAI(base_url=f"{url}/serving-endpoints", api_key=token).chat.completions.create(
        model=name,
        messages=MESSAGES,
        extra_body={"client_request_id": "mine", "usage_context": {"team": "a"}},
    )


def by_openai_as_a_stream(url, token, name):
    stream = openai.OpenAI(base_url=f"{url}/serving-endpoints", api_key=token).chat.completions.create(
        model=name,
        messages=MESSAGES,
        stream=True,
        extra_body={"client_request_id": "mine", "usage_context": {"team": "a"}},
    )
    assert list(stream)


def by_mlflow(url, token, name):
    inputs = {**CHAT, "client_request_id": "mine", "usage_context": {"team": "a"}}
    get_deploy_client("databricks").predict(endpoint=name, inputs=inputs)


@pytest.mark.parametrize("client", [by_the_sdk, by_openai, by_openai_as_a_stream, by_mlflow])
def test_the_row_of_a_query(gateway, clients_of, upstream, make_tracked, make_person, client):
    """One row, known by the request id in the header of the answer; its tokens are those that the provider counted."""
    counted = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}
    last = chunk(finish="stop", usage=counted)
    if client is by_openai_as_a_stream:
        upstream.answer = lambda seen: Reply(body=[chunk("Hello!"), last, DONE])
    person = make_person()
    name = make_tracked(entities=[external_entity(name="one", openai_api_base=upstream.base_url)])
    began = time.time() * 1000
    recorder = clients_of(gateway, token=person.token)
    client(recorder.url, person.token, name)
    (row,) = rows(gateway, endpoint_name=name)
    endpoint = gateway.call("GET", f"{ENDPOINTS}/{name}").ok()
    (entity,) = entities(gateway, endpoint_name=name)
    answered = re.findall(rb"(?i)^x-request-id: (\S+)\r$", recorder.answers, re.MULTILINE)
    assert row["databricks_request_id"] == answered[-1].decode()
    assert (row["endpoint_name"], row["endpoint_id"]) == (name, endpoint["id"])
    assert row["served_entity_id"] == entity["served_entity_id"]
    assert (row["requester"], row["principal_id"]) == (person.name, person.id)
    assert (row["client_request_id"], row["usage_context"]) == ("mine", {"team": "a"})
    assert (row["status_code"], row["request_streaming"]) == (200, client is by_openai_as_a_stream)
    assert (row["input_token_count"], row["output_token_count"]) == (9, 2)
    assert began - 5000 <= row["request_time"] <= time.time() * 1000 + 5000
    assert row["latency_ms"] >= 0
    assert (row["time_to_first_byte_ms"] is not None) is row["request_streaming"]
    discovered = gateway.call("GET", "/.well-known/databricks-config", token=None).ok()
    assert (row["workspace_id"], row["account_id"]) == (discovered["workspace_id"], discovered["account_id"])


def test_a_service_principal_is_known_by_its_application_id(gateway, make_tracked, sdk_as, service_principal):
    name = make_tracked()
    w, _ = sdk_as(client_id=service_principal.application_id, client_secret=service_principal.secret())
    w.serving_endpoints.query(name=name, messages=[hello()])
    (row,) = rows(gateway, requester=service_principal.application_id)
    assert row["endpoint_name"] == name


def test_embeddings_and_completions(gateway, workspace, make_tracked):
    """Token counts are those that the caller sees."""
    embeddings = make_tracked("text-embedding-ada-002", "llm/v1/embeddings")
    answer = workspace.serving_endpoints.query(name=embeddings, input="Hello")
    (row,) = rows(gateway, endpoint_name=embeddings)
    assert row["input_token_count"] == answer.usage.prompt_tokens > 0
    completions = make_tracked("gpt-3.5-turbo-instruct", "llm/v1/completions")
    answer = workspace.serving_endpoints.query(name=completions, prompt="Once")
    (row,) = rows(gateway, endpoint_name=completions)
    assert (row["input_token_count"], row["output_token_count"]) == (
        answer.usage.prompt_tokens,
        answer.usage.completion_tokens,
    )


def test_what_failed_or_was_refused_leaves_a_row_too(gateway, make_tracked, make_endpoint, make_user):
    """But not what its caller had no right to ask."""
    limit = {"renewal_period": "minute", "key": "endpoint"}
    for model, limits, body, status in (
        ("gpt-4-sim-e500", [], {}, 500),
        ("gpt-4-sim-e503-ra1", [], {}, 503),
        ("gpt-4-sim-cut", [], {}, 502),
        ("gpt-4", [], {"messages": "none"}, 400),
        ("gpt-4", [{"calls": 0, **limit}], {}, 403),
    ):
        name = make_tracked(model)
        gateway.call("PUT", f"{ENDPOINTS}/{name}/ai-gateway", {**TRACKING, "rate_limits": limits}).ok()
        answer = ask(gateway, name, **body)
        assert answer.status == status
        (row,) = rows(gateway, endpoint_name=name)
        assert (row["status_code"], row["databricks_request_id"]) == (status, answer.headers["x-request-id"])
        assert (row["served_entity_id"] is None) is (status in (400, 403)), "no entity was asked"
        assert row["input_token_count"] is None
    name = make_tracked()
    gateway.call(
        "PUT", f"{ENDPOINTS}/{name}/ai-gateway", {**TRACKING, "rate_limits": [{"calls": 1, **limit}]}
    ).ok()
    assert [ask(gateway, name).status for _ in range(2)] == [200, 429]
    assert [row["status_code"] for row in rows(gateway, endpoint_name=name, order="ascending")] == [200, 429]
    private = make_endpoint()
    gateway.call("PUT", f"{ENDPOINTS}/{private}/ai-gateway", TRACKING).ok()
    assert ask(gateway, private, make_user("uninvited@example.com")).status == 403
    assert ask(gateway, private, "dapi-wrong").status == 401
    assert rows(gateway, endpoint_name=private) == []


def test_a_stream_that_breaks_has_the_status_that_it_ended_with(gateway, make_tracked):
    name = make_tracked("gpt-4-sim-n5-cut2")
    assert ask(gateway, name, stream=True).status == 200
    (row,) = rows(gateway, endpoint_name=name)
    assert (row["status_code"], row["request_streaming"]) == (502, True)


def test_only_while_tracking_is_on(gateway, workspace, make_endpoint):
    name = make_endpoint()
    statuses = [ask(gateway, name).status]
    on = serving.AiGatewayUsageTrackingConfig(enabled=True)
    workspace.serving_endpoints.put_ai_gateway(name, usage_tracking_config=on)
    statuses.append(ask(gateway, name, client_request_id="tracked").status)
    workspace.serving_endpoints.put_ai_gateway(name)
    statuses.append(ask(gateway, name).status)
    assert statuses == [200] * 3
    assert [row["client_request_id"] for row in rows(gateway, endpoint_name=name)] == ["tracked"]


@pytest.fixture
def five(gateway, make_tracked, make_person):
    """An endpoint with two entities and five rows, the oldest first: a person's, three that differ in one thing, another
    person's."""
    a, b = make_person(), make_person()
    both = [external_entity(name="one"), external_entity("gpt-4-sim-e500", name="two")]
    name = make_tracked(entities=both, traffic={"one": 100, "two": 0})
    statuses = [ask(gateway, name, a.token, client_request_id="first").status]
    statuses.append(ask(gateway, name, a.token, stream=True).status)
    broken = f"/serving-endpoints/{name}/served-models/two/invocations"
    statuses.append(gateway.call("POST", broken, CHAT, token=a.token).status)
    statuses.append(ask(gateway, name, a.token, messages="none").status)
    statuses.append(ask(gateway, name, b.token).status)
    assert statuses == [200, 200, 500, 400, 200]
    found = rows(gateway, endpoint_name=name, order="ascending")
    # Rows of one millisecond have no order of their own.
    assert sorted(row["status_code"] for row in found) == sorted(statuses)
    return name, found


def test_filters(gateway, five):
    """Each of them, with each value that is in the table, and together."""
    name, found = five

    def same(filters: dict, wanted: list[dict]) -> bool:
        seen = rows(gateway, endpoint_name=name, order="ascending", **filters)
        return seen == wanted and 0 < len(wanted) < len(found)

    for filter, column in (
        ("requester", "requester"),
        ("status_code", "status_code"),
        ("request_id", "databricks_request_id"),
        ("served_entity_id", "served_entity_id"),
        ("client_request_id", "client_request_id"),
        ("streaming", "request_streaming"),
    ):
        values = {row[column] for row in found} - {None}
        assert values
        for value in values:
            shown = str(value).lower() if isinstance(value, bool) else value
            assert same({filter: shown}, [row for row in found if row[column] == value]), (filter, value)
    endpoint_id = found[0]["endpoint_id"]
    assert rows(gateway, endpoint_id=endpoint_id, order="ascending") == found
    assert rows(gateway, endpoint_id="0" * 32) == rows(gateway, endpoint_name="nobody") == []
    both = {"status_code": 200, "requester": found[0]["requester"]}
    assert same(both, [r for r in found if r["status_code"] == 200 and r["requester"] == both["requester"]])
    assert rows(gateway, endpoint_name=name) == found[::-1], "the newest first unless told otherwise"


def test_times(gateway, five):
    """The start belongs to them, the end does not."""
    name, found = five
    times = sorted({row["request_time"] for row in found})
    for at in (*times, times[-1] + 1):
        before = rows(gateway, endpoint_name=name, order="ascending", end_time=at)
        after = rows(gateway, endpoint_name=name, order="ascending", start_time=at)
        assert before == [row for row in found if row["request_time"] < at]
        assert after == [row for row in found if row["request_time"] >= at]


@pytest.mark.parametrize("order", ["ascending", "descending"])
@pytest.mark.parametrize("size", [1, 2, 5, 6])
def test_pages(gateway, five, order, size):
    """All rows once, in order; the last page has no token; a page goes on where the last ended, new rows or not."""
    name, found = five
    filters = {"endpoint_name": name, "order": order, "max_results": size}
    seen, pages, token = [], 0, ""
    while token is not None:
        page = gateway.call("GET", path_of(USAGE, {**filters, "page_token": token})).ok()
        assert 0 < len(page["usage"]) <= size
        seen += page["usage"]
        pages, token = pages + 1, page.get("next_page_token")
        if pages == 1 and order == "descending":
            assert ask(gateway, name).status == 200
    assert seen == (found if order == "ascending" else found[::-1])
    assert pages == -(-len(found) // size)


def test_a_token_of_another_query(gateway, five):
    name, _ = five
    filters = {"endpoint_name": name, "max_results": 2}
    token = gateway.call("GET", path_of(USAGE, filters)).ok()["next_page_token"]
    for other in (
        {**filters, "status_code": 200},
        {**filters, "order": "ascending"},
        {"max_results": 2},
    ):
        refused = gateway.call("GET", path_of(USAGE, {**other, "page_token": token}))
        assert (refused.status, refused.error_code) == (400, "INVALID_PARAMETER_VALUE"), other
    refused = gateway.call("GET", path_of(USAGE, {**filters, "page_token": token[:-1] + "x"}))
    assert refused.status == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_results": 0},
        {"max_results": 10001},
        {"max_results": "many"},
        {"order": "sideways"},
        {"format": "xml"},
        {"status_code": "ok"},
        {"streaming": "perhaps"},
        {"start_time": -1},
        {"end_time": "today"},
        {"requester": "a" * 1025},
    ],
    ids=lambda wrong: "+".join(f"{key}={str(value)[:8]}" for key, value in wrong.items()),
)
@pytest.mark.parametrize("path", [USAGE, ENTITIES])
def test_parameters_that_are_wrong(gateway, path, wrong):
    refused = gateway.call("GET", path_of(path, wrong))
    assert (refused.status, refused.error_code) == (400, "INVALID_PARAMETER_VALUE")
    assert next(iter(wrong)) in refused.message


def cell(value) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def test_csv(gateway, five):
    """The rows and columns of the JSON form; pages by a field of the answer."""
    name, found = five
    filters = {"endpoint_name": name, "order": "ascending"}
    for answer in (
        gateway.call("GET", path_of(USAGE, {**filters, "format": "csv"})),
        gateway.call("GET", path_of(USAGE, filters), headers={"Accept": "text/csv"}),
    ):
        assert answer.status == 200 and answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert "x-next-page-token" not in answer.headers
        table = list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))
        assert table == [{key: cell(value) for key, value in row.items()} for row in found]
    filters = {**filters, "format": "csv", "max_results": 3}
    first = gateway.call("GET", path_of(USAGE, filters))
    token = first.headers["x-next-page-token"]
    second = gateway.call("GET", path_of(USAGE, {**filters, "page_token": token}))
    assert "x-next-page-token" not in second.headers
    table = [
        row["databricks_request_id"]
        for page in (first, second)
        for row in csv.DictReader(io.StringIO(page.body.decode(), newline=""))
    ]
    assert table == [row["databricks_request_id"] for row in found]


def test_csv_that_a_spreadsheet_opens(gateway, make_tracked):
    """What its caller wrote comes back whole, and is no formula."""
    name = make_tracked()
    texts = ["=1+1", "+1", "-1", "@a", 'a "quoted", text', "two\r\nlines", "ordinary"]
    for text in texts:
        assert ask(gateway, name, client_request_id=text, usage_context={"a": text}).status == 200
    found = rows(gateway, endpoint_name=name)
    assert {row["client_request_id"] for row in found} == set(texts)
    assert {row["usage_context"]["a"] for row in found} == set(texts)
    answer = gateway.call("GET", path_of(USAGE, {"endpoint_name": name, "format": "csv"}))
    table = list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))
    assert {row["client_request_id"] for row in table} == {
        f"'{text}" if text[0] in "=+-@" else text for text in texts
    }


def test_who_sees_which_rows(gateway, make_tracked, make_person, service_principal):
    """Everybody his own, who manages an endpoint those of it when he names it, and admins all."""
    a, b, manager, viewer = (make_person() for _ in range(4))
    name, other = make_tracked(), make_tracked()
    robot = service_principal.token()
    for at, token in ((name, a.token), (name, b.token), (other, a.token), (name, robot)):
        assert ask(gateway, at, token).status == 200
    gateway.grant(name, "CAN_MANAGE", user_name=manager.name)
    gateway.grant(name, "CAN_VIEW", user_name=viewer.name)

    def seen(token, **filters):
        return [
            (row["endpoint_name"], row["requester"])
            for row in rows(gateway, token, order="ascending", **filters)
        ]

    mine = [(name, a.name), (other, a.name)]
    theirs = [(name, a.name), (name, b.name), (name, service_principal.application_id)]
    assert seen(a.token) == mine and seen(b.token) == [(name, b.name)]
    assert seen(robot) == [(name, service_principal.application_id)]
    assert seen(a.token, endpoint_name=name) == mine[:1] and seen(a.token, requester=b.name) == []
    endpoint_id = gateway.call("GET", f"{ENDPOINTS}/{name}").ok()["id"]
    for which in ({"endpoint_name": name}, {"endpoint_id": endpoint_id}):
        assert sorted(seen(manager.token, **which)) == sorted(theirs)
        assert sorted(seen(gateway.token, **which)) == sorted(theirs)
        assert seen(viewer.token, **which) == []
    assert seen(manager.token, endpoint_name=name, requester=b.name) == [(name, b.name)]
    assert seen(manager.token) == seen(manager.token, endpoint_name=other) == []
    assert seen(manager.token, endpoint_name=other, endpoint_id=endpoint_id) == []
    for token, path in (("dapi-wrong", USAGE), ("dapi-wrong", ENTITIES)):
        assert gateway.call("GET", path, token=token).status == 401


def test_rows_of_an_earlier_endpoint_of_the_same_name(gateway, make_person, make_tracked, free_name):
    """Who makes an endpoint of a name that another had before does not see what was asked there."""
    owner, asker = make_person("workspace-access"), make_person()
    make_tracked(name=free_name)
    assert ask(gateway, free_name, asker.token).status == 200
    gateway.call("DELETE", f"{ENDPOINTS}/{free_name}").ok()
    owner.w.serving_endpoints.create(free_name)
    assert rows(gateway, owner.token, endpoint_name=free_name) == []
    assert entities(gateway, owner.token, endpoint_name=free_name) == []
    assert len(rows(gateway, endpoint_name=free_name)) == 1, "an admin sees both"


def test_served_entities(gateway, workspace, make_endpoint):
    """A row for each entity of each config that came into force; an entity keeps its id while it serves on."""
    name = make_endpoint(entities=[external_entity("gpt-4", name="one")])
    body = {
        "served_entities": [external_entity("gpt-4", name="one"), external_entity("o3", name="two")],
        "traffic_config": {"routes": [{"served_model_name": "one", "traffic_percentage": 100}]},
    }
    gateway.call("PUT", f"{ENDPOINTS}/{name}/config", body).ok()
    found = entities(gateway, endpoint_name=name, order="ascending")
    endpoint = workspace.serving_endpoints.get(name)
    assert [
        (row["served_entity_name"], row["entity_name"], row["endpoint_config_version"]) for row in found
    ] == [
        ("one", "gpt-4", 1),
        ("one", "gpt-4", 2),
        ("two", "o3", 2),
    ]
    first, again, new = found
    assert first["served_entity_id"] == again["served_entity_id"] != new["served_entity_id"]
    for row in found:
        assert (row["endpoint_id"], row["created_by"]) == (endpoint.id, "admin")
        assert (row["entity_type"], row["task"]) == ("EXTERNAL_MODEL", "llm/v1/chat")
        assert row["external_model_config"] == {"provider": "openai"}
        assert row["endpoint_delete_time"] is None
        assert abs(row["change_time"] / 1000 - time.time()) < 60
    assert entities(gateway, served_entity_id=new["served_entity_id"]) == [new]
    assert entities(gateway, endpoint_id=endpoint.id, order="ascending") == found
    filters = {"endpoint_name": name, "order": "ascending", "max_results": 2}
    page = gateway.call("GET", path_of(ENTITIES, filters)).ok()
    assert page["served_entities"] == found[:2]
    last = gateway.call("GET", path_of(ENTITIES, {**filters, "page_token": page["next_page_token"]})).ok()
    assert last == {"served_entities": found[2:]}
    answer = gateway.call(
        "GET", path_of(ENTITIES, {"endpoint_name": name, "order": "ascending", "format": "csv"})
    )
    table = list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))
    assert [row["served_entity_id"] for row in table] == [row["served_entity_id"] for row in found]
    workspace.serving_endpoints.delete(name)
    gone = entities(gateway, endpoint_name=name, order="ascending")
    assert [row["served_entity_id"] for row in gone] == [row["served_entity_id"] for row in found]
    assert all(abs(row["endpoint_delete_time"] / 1000 - time.time()) < 60 for row in gone)


def test_who_sees_which_entities(gateway, make_endpoint, make_person):
    name = make_endpoint()
    for level, sees in ((None, False), ("CAN_VIEW", False), ("CAN_QUERY", False), ("CAN_MANAGE", True)):
        person = make_person()
        if level is not None:
            gateway.grant(name, level, user_name=person.name)
        assert bool(entities(gateway, person.token, endpoint_name=name)) is sees, level
    assert len(entities(gateway, endpoint_name=name)) == 1


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_rows_outlive_the_gateway(make_gateway, make_endpoint, end):
    """A stop loses no row. A kill loses none that a query of the table has shown: that one waits for the disk."""
    gateway = make_gateway()
    name = make_endpoint(on=gateway)
    gateway.call("PUT", f"{ENDPOINTS}/{name}/ai-gateway", TRACKING).ok()
    answered = [ask(gateway, name).headers["x-request-id"] for _ in range(20)]
    if end == "kill":
        before = rows(gateway, endpoint_name=name, order="ascending")
        assert sorted(row["databricks_request_id"] for row in before) == sorted(answered)
    known = entities(gateway)
    getattr(gateway, end)()
    gateway.start()
    after = rows(gateway, endpoint_name=name, order="ascending")
    assert sorted(row["databricks_request_id"] for row in after) == sorted(answered)
    assert entities(gateway) == known
    if end == "kill":
        assert after == before
    # And it goes on from there.
    answered.append(ask(gateway, name).headers["x-request-id"])
    again = rows(gateway, endpoint_name=name)
    assert sorted(row["databricks_request_id"] for row in again) == sorted(answered)


def test_rows_are_written_when_nobody_asks(make_gateway, make_endpoint):
    """Looked at in the file; what is there outlives a kill."""
    gateway = make_gateway()
    name = make_endpoint(on=gateway)
    gateway.call("PUT", f"{ENDPOINTS}/{name}/ai-gateway", TRACKING).ok()
    answered = [ask(gateway, name).headers["x-request-id"] for _ in range(20)]

    def written() -> int:
        database = sqlite3.connect(f"file:{gateway.data / 'usage.db'}?mode=ro", uri=True)
        with contextlib.closing(database):
            return database.execute("SELECT count(*) FROM endpoint_usage").fetchone()[0]

    wait_until(lambda: written() == 20, 20, "the rows are written")
    gateway.kill()
    gateway.start()
    found = rows(gateway, endpoint_name=name)
    assert sorted(row["databricks_request_id"] for row in found) == sorted(answered)
