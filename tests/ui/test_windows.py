"""Every view in windows of every width: nothing flows over, and a wide window is filled from its middle."""

import pytest
from processes import wait_until

NAME = "windows-1"
HOSTILE = "<script>alert(1)</script> \u202egnihtyreve\u202c \U0001f469\u200d\U0001f469\u200d\U0001f467 " + "word" * 1000
ENDPOINT = f"/ml/endpoints/{NAME}"
PATHS = [
    "/ml/endpoints",
    "/ml/create-endpoint",
    f"{ENDPOINT}/edit",
    ENDPOINT,
    *[f"{ENDPOINT}?tab={tab}" for tab in ("metrics", "usage", "logs", "history", "permissions", "gateway")],
    "/ml/endpoints/no-such-endpoint",
    f"/ml/playground?endpoint={NAME}",
    f"/ml/playground?endpoint={NAME}&endpoint={NAME}&endpoint={NAME}",
    f"/ml/client-setup?endpoint={NAME}",
    "/ml/tokens",
    "/ml/secrets?scope=my_scope",
    "/ml/users",
    "/ml/groups",
    "/ml/service-principals",
    "/ml/audit",
    "/ml/no-such-page",
]

# Of the content and of the widest block in it: how much further it is to the one side than to the other.
ASKEW = """() => {
    const left = document.querySelector('#sections').getBoundingClientRect().right;
    const right = document.documentElement.clientWidth;
    const content = document.querySelector('#content');
    const blocks = [...content.children].map((each) => each.getBoundingClientRect()).sort((a, b) => b.width - a.width);
    return [content.getBoundingClientRect(), blocks[0]].map((each) => Math.abs(each.left - left - (right - each.right)));
}"""
OVERFLOW = "document.documentElement.scrollWidth - innerWidth"


@pytest.fixture
def endpoint(gateway, make_endpoint):
    """One with texts that would break a page."""
    tags = [{"key": HOSTILE[:60], "value": HOSTILE[:3000]}, {"key": "k" * 100, "value": "v"}]
    make_endpoint(name=NAME, description=HOSTILE[:1000], tags=tags)
    for person in ("<img src=x onerror=alert(1)>" + "long" * 40, "\u202egnihtyreve\u202c"):
        made = gateway.call("POST", "/api/2.0/preview/scim/v2/Groups", {"displayName": person})
        assert made.status in (200, 409), made.body
    gateway.call("POST", "/api/2.0/token/create", {"comment": HOSTILE[:900]}).ok()


def stands_still(page):
    """A part may come late, and what it shows later still: nothing is loading, and for a while nothing has come."""
    before = page.locator("#content").inner_html()
    page.wait_for_timeout(300)
    return page.locator(".loading, .bone").count() == 0 and page.locator("#content").inner_html() == before


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_nothing_flows_over_and_nothing_hangs_at_one_side(new_page, sign_in, endpoint, path, locale):
    page = new_page(width=2560, height=1200, locale=locale)
    sign_in(page, path)
    page.locator("h1, .state").first.wait_for()
    wait_until(lambda: stands_still(page), 30, "the view has all that it shows")
    assert page.evaluate(OVERFLOW) <= 0
    assert max(page.evaluate(ASKEW)) <= 2
    for width in (360, 1280, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        # Charts and rows follow the window a frame or two later.
        wait_until(lambda: page.evaluate(OVERFLOW) <= 0, 15, f"nothing flows over at {width}")
