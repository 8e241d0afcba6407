"""The list of endpoints: what it shows, its filters in the address, its rows' menus, live, long, narrow, by keyboard."""

import json
import re
import urllib.parse

import pytest
from conftest import TOP
from playwright.sync_api import expect

from processes import external_entity

LIST = "/ml/endpoints"


def row(page, name):
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def names(page):
    return page.locator("[role=row] .list-name").all_inner_texts()


def filters(page):
    return {key: value[0] for key, value in urllib.parse.parse_qs(urllib.parse.urlsplit(page.url).query).items()}


@pytest.fixture
def three(make_endpoint):
    """Of three kinds, with a prefix of their own: the gateway is shared with other tests."""
    make_endpoint(name="lst-chat", tags=[{"key": "team", "value": "gen-ai"}, {"key": "lst"}])
    make_endpoint(model="text-embedding-3-small", task="llm/v1/embeddings", name="lst-vectors", tags=[{"key": "lst"}])
    two = [external_entity("gpt-4o", name="big"), external_entity("gpt-4o-mini", name="small")]
    make_endpoint(name="lst-split", entities=two, traffic={"big": 80, "small": 20})


def test_a_row_says_what_the_endpoint_is(page, sign_in, three, check_axe):
    sign_in(page, f"{LIST}?q=lst-")
    table = page.get_by_role("table", name="Serving endpoints")
    expect(table).to_have_attribute("aria-rowcount", "4")
    expect(page.get_by_role("columnheader")).to_have_text(
        [re.compile(each) for each in ("Name", "State", "Served", "Task", "Tags", "Creator", "Last", "Actions")]
    )
    cells = row(page, "lst-split").get_by_role("cell")
    expect(cells.nth(1)).to_have_text("Ready")
    expect(cells.nth(2)).to_contain_text("gpt-4o")
    expect(cells.nth(2)).to_contain_text("80%")
    expect(cells.nth(2)).to_contain_text("20%")
    expect(cells.nth(3)).to_have_text("Chat")
    expect(cells.nth(5)).to_have_text("admin")
    expect(row(page, "lst-chat").get_by_role("cell").nth(4)).to_contain_text("team: gen-ai")
    expect(page).to_have_title("Serving endpoints · Sluice")
    check_axe(page)


def test_the_address_holds_the_view(page, new_page, sign_in, three):
    sign_in(page)
    page.get_by_label("Search endpoints").fill("LST-")
    expect(page).to_have_url(re.compile("q=LST-"))
    page.get_by_label("Task").select_option("Embeddings")
    expect(row(page, "lst-vectors")).to_be_visible()
    expect(row(page, "lst-chat")).to_have_count(0)
    page.get_by_label("Task").select_option("Any task")
    page.get_by_label("Tag", exact=True).select_option("lst")
    expect(row(page, "lst-split")).to_have_count(0)
    page.get_by_role("button", name="Created by me").click()
    page.get_by_role("columnheader", name="Name").get_by_role("button").click()
    expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "descending")
    assert filters(page) == {"q": "LST-", "tag": "lst", "mine": "1", "sort": "-name"}
    assert names(page) == ["lst-vectors", "lst-chat"]

    other = new_page()
    sign_in(other, urllib.parse.urlsplit(page.url).path + "?" + urllib.parse.urlsplit(page.url).query)
    expect(row(other, "lst-chat")).to_be_visible()
    assert names(other) == ["lst-vectors", "lst-chat"]
    expect(other.get_by_label("Search endpoints")).to_have_value("LST-")
    other.get_by_role("button", name="Clear filters").click()
    expect(row(other, "lst-split")).to_be_visible()
    assert filters(other) == {"sort": "-name"}


def test_a_filter_moves_nothing(page, sign_in, three):
    sign_in(page)
    top = page.locator(".list-table").bounding_box()["y"]
    page.get_by_role("button", name="Created by me").click()
    expect(page.get_by_role("button", name="Clear filters")).to_be_visible()
    assert page.locator(".list-table").bounding_box()["y"] == top


def test_filters_by_state_and_provider(page, sign_in, three):
    sign_in(page, f"{LIST}?q=lst-&state=ready&provider=openai")
    expect(row(page, "lst-chat")).to_be_visible()
    page.get_by_label("State").select_option("Update failed")
    expect(page.get_by_text("No endpoint matches.")).to_be_visible()
    page.locator(".state").get_by_role("button", name="Clear filters").click()
    expect(row(page, "lst-chat")).to_be_visible()


def test_changes_appear_without_a_reload(page, gateway, sign_in, make_endpoint):
    sign_in(page, f"{LIST}?q=live-")
    expect(page.get_by_role("heading", name="Serving endpoints")).to_be_visible()
    make_endpoint(name="live-1")
    expect(row(page, "live-1")).to_be_visible()
    change = {"add_tags": [{"key": "new", "value": "here"}]}
    gateway.call("PATCH", "/api/2.0/serving-endpoints/live-1/tags", change).ok()
    expect(row(page, "live-1")).to_contain_text("new: here")
    gateway.call("DELETE", "/api/2.0/serving-endpoints/live-1").ok()
    expect(row(page, "live-1")).to_have_count(0)


def test_delete_wants_the_name_typed(page, gateway, sign_in, make_endpoint, check_axe):
    make_endpoint(name="gone-1")
    sign_in(page, f"{LIST}?q=gone-")
    page.get_by_role("button", name="Actions for gone-1").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete endpoint")
    button = dialog.get_by_role("button", name="Delete endpoint")
    expect(button).to_be_disabled()
    dialog.get_by_label("Type gone-1 to confirm").fill("gone")
    expect(button).to_be_disabled()
    check_axe(page)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert gateway.call("GET", "/api/2.0/serving-endpoints/gone-1").status == 200

    page.get_by_role("button", name="Actions for gone-1").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog.get_by_label("Type gone-1 to confirm").fill("gone-1")
    button.click()
    expect(row(page, "gone-1")).to_have_count(0)
    assert gateway.call("GET", "/api/2.0/serving-endpoints/gone-1").status == 404


def test_the_menu_leads_to_the_places_of_the_endpoint(page, sign_in, make_endpoint):
    make_endpoint(name="menu-1")
    sign_in(page, f"{LIST}?q=menu-")
    for item, where in (
        ("View", "/ml/endpoints/menu-1"),
        ("Edit", "/ml/endpoints/menu-1/edit"),
        ("Query in playground", "/ml/playground?endpoint=menu-1"),
        ("Permissions", "/ml/endpoints/menu-1?tab=permissions"),
        ("Duplicate", "/ml/create-endpoint?from=menu-1"),
    ):
        page.get_by_role("button", name="Actions for menu-1").click()
        page.get_by_role("menuitem", name=item, exact=True).click()
        expect(page).to_have_url(re.compile(re.escape(where) + "$"))
        page.go_back()


def test_what_the_caller_may_not_do_is_not_offered(page, gateway, sign_in, make_endpoint, make_user):
    make_endpoint(name="rights-1")
    gateway.grant("rights-1", "CAN_VIEW", group_name="users")
    token = make_user("lister@example.com")
    sign_in(page, f"{LIST}?q=rights-", token=token)
    page.get_by_role("button", name="Actions for rights-1").click()
    expect(page.get_by_role("menuitem", name="View")).to_be_visible()
    expect(page.get_by_role("menuitem", name="Delete")).to_have_count(0)
    expect(page.get_by_role("menuitem", name="Edit")).to_have_count(0)
    expect(page.get_by_role("menuitem", name="Query in playground")).to_have_count(0)
    expect(page.get_by_role("menuitem", name="Duplicate")).to_have_count(0)
    expect(page.get_by_role("link", name="Create serving endpoint")).to_have_count(0)


def test_by_keyboard_alone(page, sign_in, make_endpoint):
    make_endpoint(name="keys-1")
    sign_in(page, f"{LIST}?q=keys-")
    page.get_by_role("link", name="keys-1", exact=True).focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Actions for keys-1")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="View")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="keys-1", level=1)).to_be_visible()


def test_the_menu_opens_by_arrows_and_gives_the_focus_back(page, sign_in, make_endpoint):
    make_endpoint(name="arrow-1")
    sign_in(page, f"{LIST}?q=arrow-")
    button = page.get_by_role("button", name="Actions for arrow-1")
    expect(button).to_have_attribute("aria-haspopup", "menu")
    expect(button).to_have_attribute("aria-expanded", "false")
    button.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="View")).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "true")
    menu = page.get_by_role("menu", name="Actions for arrow-1")
    expect(menu).to_have_attribute("id", button.get_attribute("aria-controls"))
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    expect(button).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="Delete")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(button).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="View")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Space")
    expect(page.get_by_role("menuitem", name="View")).to_be_focused()
    page.keyboard.press("Escape")
    button.click()
    expect(menu).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="View")).to_be_focused()
    button.click()
    expect(menu).to_have_count(0)
    button.click()
    page.get_by_role("heading", name="Serving endpoints").click()
    expect(menu).to_have_count(0)
    button.click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog", name="Delete endpoint").wait_for()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


def test_no_endpoints(page, make_gateway, sign_in, check_axe):
    sign_in(page, on=make_gateway())
    expect(page.get_by_text("There are no serving endpoints yet.")).to_be_visible()
    expect(page.get_by_role("link", name="Create serving endpoint").first).to_be_visible()
    check_axe(page)


def test_hostile_tags_are_text_and_break_nothing(page, sign_in, make_endpoint, check_axe):
    bad = "<img src=x onerror=alert(1)>"
    tags = [{"key": bad, "value": "x" * 3000}, {"key": "\u202edlrow", "value": "🦀" * 200}]
    make_endpoint(name="hostile-1", tags=tags)
    sign_in(page, f"{LIST}?q=hostile-")
    expect(row(page, "hostile-1")).to_contain_text(bad)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    check_axe(page)


def test_long_tags_are_read_in_whole(page, sign_in, make_endpoint, check_axe):
    long = "word " * 60 + "the end"
    make_endpoint(name="tagged-1", tags=[{"key": f"k{i}", "value": long if i == 0 else "v"} for i in range(5)])
    sign_in(page, f"{LIST}?q=tagged-")
    tags = row(page, "tagged-1").get_by_role("cell").nth(4).get_by_role("button")
    expect(tags).to_contain_text("+2")
    page.get_by_role("link", name="tagged-1", exact=True).focus()
    page.keyboard.press("Tab")
    expect(tags).to_be_focused()
    page.keyboard.press("Enter")
    whole = page.get_by_role("dialog", name="Tags of tagged-1")
    expect(whole.get_by_role("listitem")).to_have_count(5)
    expect(whole).to_contain_text("the end")
    expect(whole).to_be_in_viewport(ratio=1)
    check_axe(page)
    page.keyboard.press("Escape")
    expect(whole).to_be_hidden()
    expect(tags).to_be_focused()
    tags.click()
    expect(whole).to_be_visible()
    tags.click()
    expect(whole).to_be_hidden()


def test_what_will_serve_is_shown_before_it_does(page, make_gateway, make_endpoint, sign_in):
    slow = make_gateway(update_delay_ms=60_000)
    two = [external_entity("gpt-4o", name="big"), external_entity("gpt-4o-mini", name="small")]
    make_endpoint(name="slow-1", entities=two, traffic={"big": 80, "small": 20}, on=slow)
    sign_in(page, on=slow)
    cells = row(page, "slow-1").get_by_role("cell")
    expect(cells.nth(1)).to_have_text("Not ready")
    expect(cells.nth(2)).to_contain_text("gpt-4o-mini")
    expect(cells.nth(2)).to_contain_text("80%")


def test_the_header_ends_at_the_scrollbar_on_every_page(page, sign_in, make_gateway):
    sign_in(page, on=make_gateway())
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert page.evaluate("getComputedStyle(document.documentElement).overflowY") == "scroll"
    edges = "[document.querySelector('.top').getBoundingClientRect().right, document.documentElement.clientWidth]"
    short = page.evaluate(edges)
    assert short[0] == short[1]
    page.get_by_role("link", name="Create serving endpoint").first.click()
    page.get_by_role("button", name="Add tag").wait_for()
    assert page.evaluate("document.documentElement.scrollHeight > innerHeight")
    assert page.evaluate(edges) == short
    # Under a dialog the header stays, and the page does not scroll.
    page.get_by_role("textbox", name="Name", exact=True).fill("typed")
    page.evaluate("scrollTo(0, 200)")
    page.get_by_role("link", name="Tokens").click()
    page.get_by_role("dialog").wait_for()
    assert page.evaluate("document.querySelector('.top').getBoundingClientRect().top") == 0
    page.mouse.wheel(0, 300)
    page.wait_for_timeout(200)
    assert page.evaluate("scrollY") == 200


def many_endpoints(count):
    def one(i):
        model = {"name": f"gpt-{i % 7}", "provider": ["openai", "anthropic", "cohere"][i % 3], "task": "llm/v1/chat"}
        entities = [{"name": f"entity-{j}", "external_model": model} for j in range(1 + i % 3 % 2)]
        state = {"ready": "READY", "config_update": "NOT_UPDATING"}
        return {
            "name": f"endpoint-{i:05}",
            "id": f"{i:032x}",
            "creator": "admin",
            "last_updated_timestamp": 1_700_000_000_000 + i,
            "state": state,
            "task": "llm/v1/chat",
            "tags": [{"key": "n", "value": str(i % 10)}],
            "config": {"served_entities": entities},
        }

    return [one(i) for i in range(count)]


FRAMES = """async ([from, pixels, steps]) => {
    const times = [];
    let rows = 0;
    scrollTo(0, from);
    await new Promise(requestAnimationFrame);
    let last = performance.now();
    for (let step = 1; step <= steps; step += 1) {
        scrollTo(0, from + pixels * step);
        const now = await new Promise(requestAnimationFrame);
        times.push(now - last);
        last = now;
        rows = Math.max(rows, document.querySelectorAll('.list-row').length);
    }
    times.sort((a, b) => a - b);
    return {
        frames: times.length,
        median_ms: Math.round(times[times.length >> 1]),
        longest_ms: Math.round(times.at(-1)),
        over_50_ms: times.filter((each) => each > 50).length,
        rows_in_dom: rows,
    };
}"""


def test_figures_of_ten_thousand_endpoints(page, sign_in, capsys):
    """Says how long it takes, and holds none of it against the page."""
    everything = json.dumps({"revision": "1", "reset": True, "endpoints": many_endpoints(10_000), "deleted": []})
    nothing = {"revision": "1", "reset": False, "endpoints": [], "deleted": []}

    def answer(route):
        if "since=" in route.request.url:
            return route.fulfill(json=nothing)
        return route.fulfill(body=everything, content_type="application/json")

    page.route("**/api/2.0/serving-endpoints/endpoint-*", lambda route: route.fulfill(status=404, json={}))
    sign_in(page, "/ml/tokens")
    page.route("**/api/2.0/sluice/endpoints*", answer)
    # From the moment when the gateway has answered until the first row is drawn.
    page.evaluate(
        """() => {
            const asked = window.fetch;
            window.fetch = async (where, ...rest) => {
                const answer = await asked(where, ...rest);
                if (String(where).includes('/sluice/endpoints')) window.listCame ??= performance.now();
                return answer;
            };
            new MutationObserver(() => {
                if (!window.firstRow && document.querySelector('.list-row')) {
                    window.firstRow = -1;
                    requestAnimationFrame(() => setTimeout(() => (window.firstRow = performance.now())));
                }
            }).observe(document.body, {childList: true, subtree: true});
        }"""
    )
    page.get_by_role("link", name="Serving", exact=True).click()
    page.wait_for_function("() => window.firstRow > 0")
    figures = {"endpoints": 10_000, "first_row_ms": page.evaluate("Math.round(firstRow - listCame)")}
    height = page.evaluate("document.documentElement.scrollHeight - innerHeight")
    figures["by_the_wheel"] = page.evaluate(FRAMES, [1000, 120, 200])
    figures["by_the_scrollbar"] = page.evaluate(FRAMES, [0, height / 60, 60])  # every frame has other rows
    figures["dom_elements"] = page.evaluate("document.querySelectorAll('*').length")
    figures["search_ms"] = page.evaluate(
        """async () => {
            const field = document.querySelector('.list-search input');
            const begun = performance.now();
            Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, 'endpoint-0777');
            field.dispatchEvent(new Event('input', {bubbles: true}));
            while (!document.querySelector('.list-count').textContent.startsWith('10 of')) await new Promise(requestAnimationFrame);
            return Math.round(performance.now() - begun);
        }"""
    )
    reports = TOP / "build" / "test-reports"
    reports.mkdir(parents=True, exist_ok=True)
    (reports / "list_figures.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    with capsys.disabled():
        print(f"\nlist of 10,000 endpoints: {json.dumps(figures)}")
    assert figures["by_the_scrollbar"]["rows_in_dom"] < 80


def test_ten_thousand_endpoints_stay_smooth(page, sign_in, check_axe):
    everything = {"revision": "1", "reset": True, "endpoints": many_endpoints(10_000), "deleted": []}
    nothing = {"revision": "1", "reset": False, "endpoints": [], "deleted": []}

    def answer(route):
        route.fulfill(json=nothing if "since=" in route.request.url else everything)

    page.route("**/api/2.0/sluice/endpoints*", answer)
    page.route("**/api/2.0/serving-endpoints/endpoint-*", lambda route: route.fulfill(status=404, json={}))
    sign_in(page)
    expect(page.get_by_text("10,000 endpoints")).to_be_visible()
    table = page.get_by_role("table", name="Serving endpoints")
    expect(table).to_have_attribute("aria-rowcount", "10001")
    assert page.locator(".list-row").count() < 80  # only what is in sight, and a little more
    check_axe(page)

    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    last = row(page, "endpoint-09999")
    expect(last).to_be_in_viewport()
    expect(last).to_have_attribute("aria-rowindex", "10001")
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight / 2)")
    expect(page.get_by_role("link", name=re.compile("^endpoint-0(4|5)")).first).to_be_visible()

    page.get_by_label("Search endpoints").fill("endpoint-0777")
    expect(page.get_by_text("10 of 10,000 endpoints")).to_be_visible()
    expect(row(page, "endpoint-07770")).to_be_visible()


def test_only_the_rows_where_scrolling_ends_are_asked_for(page, sign_in):
    everything = {"revision": "1", "reset": True, "endpoints": many_endpoints(10_000), "deleted": []}
    nothing = {"revision": "1", "reset": False, "endpoints": [], "deleted": []}
    asked = []

    def whole(route):
        name = route.request.url.rsplit("/", 1)[1]
        asked.append(name)
        one = next(each for each in everything["endpoints"] if each["name"] == name)
        routes = [{"served_model_name": f"entity-{j}", "traffic_percentage": share} for j, share in enumerate((37, 63))]
        route.fulfill(json={**one, "config": {**one["config"], "traffic_config": {"routes": routes}}})

    page.route("**/api/2.0/sluice/endpoints*", lambda route: route.fulfill(json=nothing if "since=" in route.request.url else everything))
    page.route("**/api/2.0/serving-endpoints/endpoint-*", whole)
    sign_in(page)
    expect(row(page, "endpoint-00001")).to_contain_text("37%")
    begun = len(asked)
    height = page.evaluate("document.documentElement.scrollHeight - innerHeight")
    page.evaluate(FRAMES, [0, height / 60, 60])
    expect(row(page, "endpoint-09997")).to_contain_text("63%")
    assert "endpoint-09997" in asked
    assert len(asked) - begun < 100  # of about 450 that passed by


@pytest.mark.parametrize("width", [360, 768, 2560])
def test_fits_every_window(new_page, sign_in, three, check_axe, width):
    page = new_page(width=width)
    sign_in(page, f"{LIST}?q=lst-")
    expect(row(page, "lst-split")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    check_axe(page)
    if width < 1000:
        page.get_by_label("Sort by").select_option("task")
        assert filters(page)["sort"] == "task"


def test_in_korean(new_page, sign_in, three, check_axe):
    page = new_page(locale="ko-KR")
    sign_in(page, f"{LIST}?q=lst-")
    expect(page.get_by_role("heading", name="서비스 엔드포인트")).to_be_visible()
    expect(row(page, "lst-vectors").get_by_role("cell").nth(1)).to_have_text("준비됨")
    expect(page.get_by_role("link", name="서비스 엔드포인트 만들기")).to_be_visible()
    check_axe(page)


def test_the_feed_may_fail_and_come_back(page, sign_in, make_endpoint):
    make_endpoint(name="feed-1")
    broken = {"on": True}

    def answer(route):
        route.fulfill(status=503, json={"error_code": "TEMPORARILY_UNAVAILABLE", "message": "Too busy."}) if broken[
            "on"
        ] else route.fallback()

    page.route("**/api/2.0/sluice/endpoints*", answer)
    sign_in(page, f"{LIST}?q=feed-")
    expect(page.get_by_role("alert")).to_contain_text("Too busy.")
    broken["on"] = False
    page.get_by_role("button", name="Try again").click()
    expect(row(page, "feed-1")).to_be_visible()
    broken["on"] = True
    expect(page.get_by_text("Live updates are interrupted")).to_be_visible()
    expect(row(page, "feed-1")).to_be_visible()
