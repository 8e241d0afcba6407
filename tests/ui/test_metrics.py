"""The endpoint page's tabs metrics, usage, logs and AI Gateway."""

import re
import time
import urllib.parse

import pytest
from conftest import external_entity
from playwright.sync_api import expect

COUNTS = ["requests", "errors_4xx", "errors_5xx", "rate_limited", "input_tokens", "output_tokens"]
TIMES = [
    f"{what}_{which}"
    for what, unit in [("latency", "ms"), ("first_token", "ms"), ("overhead", "us")]
    for which in (f"p50_{unit}", f"p99_{unit}")
]
TITLES = ["Requests", "Latency", "Time to first token", "Tokens", "Errors", "Refused by limits", "Overhead of the gateway"]
STEP_MS = 60_000
HOUR_MS = 60 * STEP_MS


def series(points: int, **given) -> dict:
    out = {name: [0] * points for name in COUNTS} | {name: [None] * points for name in TIMES}
    return out | {name: (out[name] + values)[-points:] for name, values in given.items()}


def history(points: int = 60, entities: dict | None = None, **total) -> dict:
    """An answer of metrics-history whose last points are those that are given."""
    end = int(time.time() * 1000) // STEP_MS * STEP_MS + STEP_MS
    start = end - points * STEP_MS
    return {
        "start_ms": start,
        "end_ms": end,
        "step_seconds": 60,
        "times": list(range(start, end, STEP_MS)),
        "total": series(points, **total),
        "entities": [{"name": name, **series(points, **given)} for name, given in (entities or {}).items()],
    }


@pytest.fixture
def open_tab(sign_in):
    def enter(page, endpoint: str, tab: str, query: str = ""):
        sign_in(page, f"/ml/endpoints/{urllib.parse.quote(endpoint, safe='')}{query}")
        page.get_by_role("tab", name=tab, exact=True).click()
        return page

    return enter


@pytest.fixture
def answer_history(page):
    """answer_history({...} or a function of the query): instead of the gateway. Gives the list of the queries."""
    asked: list[dict] = []

    def install(answer) -> list[dict]:
        def fulfil(route):
            query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(route.request.url).query))
            asked.append(query)
            given = answer(query) if callable(answer) else answer
            if isinstance(given, int):
                body = {"error_code": "INTERNAL_ERROR", "message": "The history is broken."}
                return route.fulfill(status=given, json=body)
            return route.fulfill(json=given)

        page.route("**/metrics-history?**", fulfil)
        return asked

    return install


def chat(gateway, endpoint: str, times: int = 1, **more) -> list[int]:
    body = {"messages": [{"role": "user", "content": "hello"}], **more}
    path = f"/serving-endpoints/{endpoint}/invocations"
    return [gateway.call("POST", path, body).status for _ in range(times)]


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def settings_of(gateway, endpoint: str) -> dict:
    return gateway.call("GET", f"/api/2.0/serving-endpoints/{endpoint}/ai-gateway").ok()


# --- metrics


def test_charts_of_real_traffic(page, gateway, make_endpoint, open_tab, check_axe):
    name = make_endpoint(entities=[external_entity(name="one"), external_entity(name="two")], traffic={"one": 50, "two": 50})
    assert set(chat(gateway, name, 5)) == {200}
    open_tab(page, name, "Metrics")
    for title in TITLES:
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible(timeout=30_000)
        expect(page.get_by_role("img", name=re.compile(f"^{title}: "))).to_be_visible()
    expect(page.locator("canvas")).to_have_count(len(TITLES))
    check_axe(page)


def test_the_range_is_in_the_address_and_in_the_question(page, gateway, make_endpoint, open_tab, answer_history):
    asked = answer_history(history(requests=[3]))
    name = make_endpoint()
    open_tab(page, name, "Metrics")
    expect(page.get_by_role("button", name="1 hour")).to_have_attribute("aria-pressed", "true")
    for label, in_address, hours in [("15 min", "15m", 0.25), ("6 hours", "6h", 6), ("1 day", "1d", 24), ("1 week", "1w", 168)]:
        page.get_by_role("button", name=label, exact=True).click()
        expect(page).to_have_url(re.compile(rf"[?&]range={in_address}\b"))
        expect(page.get_by_role("button", name=label, exact=True)).to_have_attribute("aria-pressed", "true")
        page.wait_for_function("() => !document.querySelector('[aria-busy=true]')")
        assert int(asked[-1]["end_ms"]) - int(asked[-1]["start_ms"]) == hours * HOUR_MS
        step = int(asked[-1]["step_seconds"])
        assert step % 60 == 0 and hours * 3600 / step <= 200
        assert int(asked[-1]["start_ms"]) % (step * 1000) == 0


def test_a_table_has_the_numbers_of_the_chart(page, make_endpoint, open_tab, answer_history, check_axe):
    answer_history(history(requests=[1200, 34], latency_p50_ms=[120, None], latency_p99_ms=[1500, None]))
    open_tab(page, make_endpoint(), "Metrics")
    expect(page.get_by_role("img", name="Requests: 1,234 requests, at most 1,200 per minute")).to_be_visible()
    expect(page.get_by_role("img", name="Latency: p50 mostly 120 ms, p99 up to 1.5 s")).to_be_visible()
    expect(page.get_by_role("img", name="Time to first token: nothing measured")).to_be_visible()
    page.get_by_role("button", name="Requests as table").click()
    table = page.get_by_role("region", name="Requests as table").get_by_role("table")
    expect(table.get_by_role("row")).to_have_count(61)
    expect(table.get_by_role("row").nth(1)).to_contain_text("34")
    expect(table.get_by_role("row").nth(2)).to_contain_text("1,200")
    page.get_by_role("button", name="Latency as table").press("Enter")
    latency = page.get_by_role("region", name="Latency as table")
    expect(latency.get_by_role("row").nth(1)).to_contain_text("–")
    expect(latency.get_by_role("row").nth(2)).to_contain_text("1.5 s")
    check_axe(page)
    page.get_by_role("button", name="Requests as table").click()
    expect(page.get_by_role("img", name=re.compile("^Requests: "))).to_be_visible()


def test_one_entity_or_all(page, make_endpoint, open_tab, answer_history):
    both = {"one": {"requests": [7, 2]}, "gone": {"requests": [1]}}
    answer_history(history(requests=[7, 3], entities=both))
    name = make_endpoint(entities=[external_entity(name="one"), external_entity(name="two")], traffic={"one": 90, "two": 10})
    open_tab(page, name, "Metrics")
    expect(page.get_by_role("img", name=re.compile("^Requests: 10 requests"))).to_be_visible()
    page.get_by_label("Served entity").select_option("one")
    expect(page.get_by_role("img", name=re.compile("^Requests: 9 requests"))).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&]entity=one\b"))
    page.get_by_label("Served entity").select_option("two")
    expect(page.get_by_text("No queries in this range")).to_be_visible()
    page.get_by_label("Served entity").select_option(label="gone (not in the config)")
    expect(page.get_by_role("img", name=re.compile("^Requests: 1 request$"))).to_be_visible()


def test_the_split_that_was_asked_for_beside_the_measured(page, make_endpoint, open_tab, answer_history):
    both = {"one": {"requests": [60]}, "two": {"requests": [20]}, "old": {"requests": [20]}}
    answer_history(history(requests=[100], entities=both))
    name = make_endpoint(entities=[external_entity(name="one"), external_entity(name="two")], traffic={"one": 90, "two": 10})
    open_tab(page, name, "Metrics")
    rows = page.get_by_role("region", name="Traffic split").get_by_role("row")
    expect(rows).to_have_count(4)
    expect(rows.nth(1).get_by_role("cell")).to_have_text(["one", "90%", "60%", "60"])
    expect(rows.nth(2).get_by_role("cell")).to_have_text(["two", "10%", "20%", "20"])
    expect(rows.nth(3).get_by_role("cell")).to_have_text(["old", "–", "20%", "20"])


def test_the_charts_share_their_cursor(page, make_endpoint, open_tab, answer_history):
    answer_history(history(requests=list(range(60))))
    open_tab(page, make_endpoint(), "Metrics")
    expect(page.locator(".u-over")).to_have_count(len(TITLES))
    page.locator(".u-over").nth(1).hover()
    expect(page.locator(".chart-time")).to_have_count(len(TITLES))
    times = page.locator(".chart-time").all_inner_texts()
    assert len(set(times)) == 1 and re.fullmatch(r"\d\d:\d\d", times[0])
    page.get_by_role("tab", name="Metrics").hover()
    expect(page.locator(".chart-time")).to_have_count(0)


INK = """canvas => {
    const {width, height} = canvas;
    const rows = Math.round(24 * devicePixelRatio);
    const {data} = canvas.getContext('2d').getImageData(0, height - rows, width, rows);
    let right = 0;
    for (let i = 3; i < data.length; i += 4) if (data[i]) right = Math.max(right, ((i - 3) / 4) % width);
    return [right, width];
}"""


def test_the_last_time_of_the_axis_is_whole(page, make_endpoint, open_tab, answer_history):
    given = history(points=61, requests=list(range(61)))
    late = given["times"][-1] % HOUR_MS  # the last point is at a full hour, where a label stands
    given |= {"times": [each - late for each in given["times"]]}
    answer_history(given)
    open_tab(page, make_endpoint(), "Metrics")
    canvas = page.locator(".chart canvas").first
    expect(canvas).to_be_visible()
    page.wait_for_function("canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)", arg=canvas.element_handle())
    right, width = canvas.evaluate(INK)
    assert width - 60 < right < width - 2


def test_new_numbers_come_without_a_flicker(page, make_endpoint, open_tab, answer_history):
    seen = []

    def first_one_then_more(query):
        seen.append(query)
        return history(requests=[1 if len(seen) == 1 else 42])

    answer_history(first_one_then_more)
    page.clock.install()
    open_tab(page, make_endpoint(), "Metrics")
    expect(page.get_by_role("img", name=re.compile("^Requests: 1 request"))).to_be_visible()
    page.evaluate("window.firstCanvas = document.querySelector('canvas')")
    page.clock.run_for(16_000)
    expect(page.get_by_role("img", name=re.compile("^Requests: 42 requests"))).to_be_visible()
    assert page.evaluate("window.firstCanvas === document.querySelector('canvas')")


def test_no_queries_and_no_answer(page, make_endpoint, open_tab, answer_history, check_axe):
    given = [500]
    answer_history(lambda query: given[0])
    open_tab(page, make_endpoint(), "Metrics")
    expect(page.get_by_text("The history is broken.")).to_be_visible(timeout=30_000)
    given[0] = history()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("No queries in this range")).to_be_visible()
    check_axe(page)


# --- usage


def wait_for_rows(gateway, endpoint: str, count: int) -> None:
    path = f"/api/2.0/sluice/usage?endpoint_name={endpoint}&max_results=1000"
    deadline = time.monotonic() + 20
    while len(gateway.call("GET", path).ok()["usage"]) < count:
        assert time.monotonic() < deadline
        time.sleep(0.1)


TRACKED = {"usage_tracking_config": {"enabled": True}}


def test_usage_tracking_is_switched_on_where_it_is_missed(page, gateway, make_endpoint, open_tab, check_axe):
    limits = [{"calls": 1000, "key": "endpoint", "renewal_period": "minute"}]
    name = make_endpoint(ai_gateway={"rate_limits": limits})
    open_tab(page, name, "Usage")
    expect(page.get_by_text("Usage tracking is off")).to_be_visible()
    expect(page.get_by_role("link", name="Edit the endpoint")).to_have_attribute("href", f"/ml/endpoints/{name}/edit")
    check_axe(page)
    page.get_by_role("button", name="Switch on usage tracking").click()
    expect(page.get_by_text("Usage tracking is off")).to_have_count(0)
    settings = settings_of(gateway, name)
    assert settings["usage_tracking_config"] == {"enabled": True}
    assert settings["rate_limits"] == limits


def test_requests_page_by_page_and_in_detail(page, gateway, make_endpoint, open_tab, check_axe):
    name = make_endpoint(ai_gateway=TRACKED)
    chat(gateway, name, 54, usage_context={"team": "<b>red</b>"})
    wait_for_rows(gateway, name, 54)
    open_tab(page, name, "Usage")
    requests = page.get_by_role("region", name="Single requests", exact=True).get_by_role("table")
    expect(requests.get_by_role("row")).to_have_count(51)
    page.get_by_role("button", name="Older").click()
    expect(page.get_by_text("Page 2")).to_be_visible()
    expect(requests.get_by_role("row")).to_have_count(5)
    expect(page.get_by_role("button", name="Older")).to_be_disabled()
    check_axe(page)
    requests.get_by_role("button").first.click()
    details = page.get_by_role("dialog")
    expect(details).to_contain_text("<b>red</b>")
    expect(details).to_contain_text("Request ID")
    check_axe(page)
    page.keyboard.press("Escape")
    expect(requests.get_by_role("button").first).to_be_focused()
    page.get_by_role("button", name="Newer").click()
    expect(requests.get_by_role("row")).to_have_count(51)


def test_sums_by_user_and_by_entity(page, gateway, make_endpoint, open_tab):
    name = make_endpoint(ai_gateway=TRACKED)
    chat(gateway, name, 3)
    wait_for_rows(gateway, name, 3)
    open_tab(page, name, "Usage")
    for title in ["By user", "By served entity"]:
        table = page.get_by_role("region", name=title, exact=True).get_by_role("table")
        expect(table.get_by_role("row").last).to_contain_text("Total")
        rows = [
            [cell.strip().replace(",", "") for cell in row.locator("th, td").all_inner_texts()]
            for row in table.get_by_role("row").all()[1:]
        ]
        *others, total = rows
        assert total[0] == "Total" and others
        for column in range(1, 5):
            assert int(total[column]) == sum(int(row[column]) for row in others)


def test_what_the_summary_leaves_out_is_said(page, make_endpoint, open_tab):
    rows = [{"key": f"user-{i}", "requests": 100 - i, "errors": 0, "input_tokens": 1, "output_tokens": 2} for i in range(100)]
    page.route("**/api/2.0/sluice/usage/summary?**", lambda route: route.fulfill(json={"rows": rows, "truncated": True}))
    open_tab(page, make_endpoint(ai_gateway=TRACKED), "Usage")
    expect(page.get_by_text("Only the 100 with the most requests are shown")).to_have_count(2)
    expect(page.get_by_role("region", name="By user", exact=True).get_by_role("row").last).to_contain_text("5,050")


def test_no_requests(page, make_endpoint, open_tab, check_axe):
    page.route("**/api/2.0/sluice/usage/summary?**", lambda route: route.fulfill(json={"rows": [], "truncated": False}))
    open_tab(page, make_endpoint(ai_gateway=TRACKED), "Usage")
    expect(page.get_by_text("No requests in this range")).to_be_visible()
    check_axe(page)


def test_usage_as_csv(page, gateway, make_endpoint, open_tab):
    name = make_endpoint(ai_gateway=TRACKED)
    chat(gateway, name, 3)
    wait_for_rows(gateway, name, 3)
    open_tab(page, name, "Usage")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV: By user").click()
    text = download.value.path().read_text(encoding="utf-8")
    assert text.splitlines()[0] == "requester,requests,errors,input_tokens,output_tokens"
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV: Single requests").click()
    assert download.value.suggested_filename == f"usage-{name}-requests.csv"
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert len(lines) == 4 and "databricks_request_id" in lines[0]


def test_usage_between_two_dates(page, gateway, make_endpoint, open_tab):
    name = make_endpoint(ai_gateway=TRACKED)
    chat(gateway, name, 1)
    wait_for_rows(gateway, name, 1)
    open_tab(page, name, "Usage")
    page.get_by_role("button", name="Dates").click()
    expect(page).to_have_url(re.compile(r"range=custom&from=\d+&to=\d+"))
    page.get_by_label("From", exact=True).fill("2020-01-01T00:00")
    with page.expect_request(re.compile("/usage/summary.*end_ms=16")) as asked:
        page.get_by_label("To", exact=True).fill("2021-01-01T00:00")
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(asked.value.url).query)
    assert int(query["start_ms"][0]) < int(query["end_ms"][0])
    page.get_by_label("To", exact=True).fill("2019-01-01T00:00")
    expect(page.get_by_role("alert")).to_have_text("The first date must be before the second.")
    page.get_by_role("button", name="1 week").click()
    expect(page).not_to_have_url(re.compile("from="))


# --- logs


def test_logs_of_each_entity(page, gateway, make_endpoint, open_tab, check_axe):
    entities = [external_entity(name="fine"), external_entity(name="failing", model="sim-e500")]
    name = make_endpoint(entities=entities, traffic={"fine": 0, "failing": 100})
    assert 200 not in chat(gateway, name, 2)
    open_tab(page, name, "Logs")
    expect(page.get_by_text("Nothing is logged")).to_be_visible()
    page.get_by_label("Served entity").select_option("failing")
    log = page.get_by_role("region", name="Log of failing")
    expect(log).to_contain_text("status=")
    expect(page.get_by_text("2 of 2 lines")).to_be_visible()
    check_axe(page)
    page.get_by_label("Filter").fill("no such line")
    expect(page.get_by_text("No line has this text")).to_be_visible()
    page.get_by_label("Filter").fill("REQUEST_ID=")
    expect(page.get_by_text("2 of 2 lines")).to_be_visible()
    chat(gateway, name)
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_text("3 of 3 lines")).to_be_visible()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the lines that are shown").click()
    assert page.evaluate("navigator.clipboard.readText()").count("status=") == 3
    page.get_by_role("button", name="Build").click()
    expect(page.get_by_text("An external model is not built.")).to_be_visible()


# --- AI Gateway


def test_usage_tracking_keeps_the_rest(page, gateway, make_endpoint, open_tab, check_axe):
    given = {
        "rate_limits": [{"calls": 5, "key": "user", "renewal_period": "minute"}],
        "inference_table_config": {"enabled": False, "catalog_name": "main"},
    }
    name = make_endpoint(ai_gateway=given)
    before = settings_of(gateway, name)
    open_tab(page, name, "AI Gateway")
    check_axe(page)
    edit = page.get_by_role("button", name="Edit: Usage tracking")
    edit.click()
    page.get_by_role("switch", name="Keep a row for each request").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(edit).to_be_focused()
    assert settings_of(gateway, name) == {**before, "usage_tracking_config": {"enabled": True}}
    expect(page.get_by_role("region", name="Usage tracking")).to_contain_text("On")


def test_what_the_gateway_lacks_is_said(page, make_endpoint, open_tab):
    open_tab(page, make_endpoint(), "AI Gateway")
    for feature in ["Fallback", "Guardrails", "Inference tables"]:
        card = page.get_by_role("region", name=feature)
        expect(card).to_contain_text("Not available")
        expect(card).to_contain_text("501")
        expect(card.get_by_role("button")).to_have_count(0)


def test_rate_limits_are_edited(page, gateway, make_endpoint, make_user, open_tab, check_axe):
    make_user("limited@example.com")
    hostile = "<script>alert(1)</script> \u202egroup"
    gateway.call("POST", "/api/2.0/preview/scim/v2/Groups", {"displayName": hostile}).ok()
    name = make_endpoint(ai_gateway=TRACKED)
    open_tab(page, name, "AI Gateway")
    page.get_by_role("button", name="Edit: Rate limits").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("group", name="Whole endpoint").get_by_label("Calls per min").fill("100")
    dialog.get_by_role("button", name="Add a limit").click()
    first = dialog.get_by_role("group", name="Limit 1")
    expect(first.get_by_label("For")).to_be_focused()
    page.get_by_role("button", name="Save").click()
    expect(first.get_by_role("alert")).to_have_text(["Say whom the limit is for.", "Give a number, or remove the limit."])
    expect(first.get_by_label("User name")).to_be_focused()
    check_axe(page)
    first.get_by_label("User name").fill("nobody@example.com")
    first.get_by_label("Calls per min").fill("1.5")
    expect(first.get_by_role("alert")).to_have_text("A whole number, 0 or more.")
    first.get_by_label("Calls per min").fill("7")
    page.get_by_role("button", name="Save").click()
    expect(first.get_by_role("alert")).to_contain_text("'nobody@example.com', which does not exist")
    first.get_by_label("User name").fill("limited@example.com")
    expect(first.get_by_role("alert")).to_have_count(0)
    dialog.get_by_role("button", name="Add a limit").click()
    second = dialog.get_by_role("group", name="Limit 2")
    second.get_by_label("For").select_option("user_group")
    second.get_by_label("Group name").fill(hostile)
    second.get_by_label("Calls per min").fill("0")
    page.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    limits = page.get_by_role("region", name="Rate limits").get_by_role("table")
    expect(limits).to_contain_text("limited@example.com")
    expect(limits).to_contain_text(hostile)
    settings = settings_of(gateway, name)
    assert settings["usage_tracking_config"] == {"enabled": True}
    assert [(each["key"], each.get("principal"), each["calls"]) for each in settings["rate_limits"]] == [
        ("endpoint", None, 100),
        ("user", "limited@example.com", 7),
        ("user_group", hostile, 0),
    ]


def test_rate_limits_are_removed(page, gateway, make_endpoint, make_user, open_tab):
    make_user("removed@example.com")
    limits = [
        {"calls": 10, "key": "user", "renewal_period": "minute"},
        {"calls": 5, "key": "user", "principal": "removed@example.com", "renewal_period": "minute"},
    ]
    name = make_endpoint(ai_gateway={**TRACKED, "rate_limits": limits})
    open_tab(page, name, "AI Gateway")
    page.get_by_role("button", name="Edit: Rate limits").click()
    page.get_by_role("button", name="Remove the limit 1").click()
    expect(page.get_by_role("button", name="Add a limit")).to_be_focused()
    page.get_by_role("group", name="Each user").get_by_label("Calls per min").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("region", name="Rate limits")).to_contain_text("Off")
    assert settings_of(gateway, name) == TRACKED


def test_who_may_not_manage_sees_and_cannot_edit(page, make_endpoint, open_tab):
    def as_reader(route):
        answer = route.fetch()
        text = answer.text().replace('"is_admin":true', '"is_admin":false').replace("CAN_MANAGE", "CAN_QUERY")
        route.fulfill(response=answer, body=text)

    page.route(re.compile("/api/2.0/(sluice/session|sluice/endpoints|serving-endpoints/)"), as_reader)
    name = make_endpoint(ai_gateway={"rate_limits": [{"calls": 9, "key": "user", "renewal_period": "minute"}]})
    open_tab(page, name, "AI Gateway")
    expect(page.get_by_text("Only those who may manage the endpoint")).to_be_visible()
    expect(page.get_by_role("region", name="Rate limits").first).to_contain_text("Each user")
    expect(page.get_by_role("button", name=re.compile("^Edit:"))).to_have_count(0)
    page.get_by_role("tab", name="Usage").click()
    expect(page.get_by_text("You see your own requests.")).to_be_visible()
    expect(page.get_by_role("button", name="Switch on usage tracking")).to_have_count(0)


# --- all of them


@pytest.mark.parametrize("tab", ["Metrics", "Usage", "Logs", "AI Gateway"])
def test_narrow_and_dark(new_page, gateway, make_endpoint, open_tab, check_axe, tab):
    name = make_endpoint(ai_gateway=TRACKED)
    chat(gateway, name, 2)
    page = new_page(width=360, height=740, color_scheme="dark")
    open_tab(page, name, tab)
    expect(page.get_by_role("tabpanel").locator(".bone")).to_have_count(0)
    expect(page.get_by_role("tabpanel").get_by_role("button").first).to_be_visible()
    assert fits(page)
    check_axe(page)


def test_usage_is_whole_on_a_phone(new_page, gateway, make_endpoint, open_tab):
    name = make_endpoint(ai_gateway=TRACKED)
    chat(gateway, name, 2)
    wait_for_rows(gateway, name, 2)
    page = new_page(width=360, height=740)
    open_tab(page, name, "Usage")
    for table in ("By user", "By served entity", "Single requests"):
        region = page.get_by_role("region", name=table, exact=True).last
        expect(region.locator("td").first).to_be_visible()
        assert region.evaluate("each => each.scrollWidth <= each.clientWidth"), table
    assert fits(page)


def test_a_page_begins_at_its_top_whatever_tab_is_chosen(new_page, make_endpoint, sign_in):
    page = new_page(width=360, height=500)
    sign_in(page, f"/ml/endpoints/{make_endpoint()}?tab=gateway")
    expect(page.get_by_role("tab", name="AI Gateway")).to_have_attribute("aria-selected", "true")
    assert page.evaluate("scrollY") == 0
    inside = "tab => {const [a, b] = [tab, tab.parentElement].map((each) => each.getBoundingClientRect()); return a.left >= b.left - 1 && a.right <= b.right + 1}"
    assert page.get_by_role("tab", name="AI Gateway").evaluate(inside)


def test_in_korean(page, make_endpoint, open_tab, answer_history):
    answer_history(history(requests=[20_000], latency_p50_ms=[120], latency_p99_ms=[480]))
    open_tab(page, make_endpoint(), "Metrics")
    page.get_by_role("button", name="Account of").click()
    page.get_by_role("menuitem", name="한국어").click()
    expect(page.get_by_role("img", name="지연 시간: p50 대체로 120 ms, p99 최대 480 ms")).to_be_visible()
    expect(page.get_by_role("button", name="요청 표")).to_be_visible()
    expect(page.get_by_role("button", name="6시간")).to_be_visible()
