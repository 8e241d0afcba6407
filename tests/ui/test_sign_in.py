"""Sign-in, the session's ends, and the frame around all pages."""

from playwright.sync_api import expect


def test_a_token_signs_in_and_is_kept_nowhere(page, gateway, sign_in):
    sign_in(page)
    assert "token" not in page.url
    assert gateway.token not in page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert page.evaluate("document.cookie") == ""
    page.reload()
    expect(page.get_by_role("navigation", name="Sections")).to_be_visible()


def test_a_wrong_token_is_said_at_its_field(page, gateway, check_axe):
    page.goto(gateway.url + "/ml/endpoints")
    field = page.get_by_label("Access token")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Enter a token.")
    field.fill("dapi-wrong")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("does not know this token")
    expect(field).to_have_attribute("aria-invalid", "true")
    check_axe(page)


def test_sign_out_ends_the_session(page, sign_in):
    sign_in(page)
    page.get_by_role("button", name="Account of").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_label("Access token")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Access token")).to_be_visible()


def test_korean_and_dark_are_kept(page, gateway, sign_in):
    page.goto(gateway.url)
    page.get_by_role("button", name="한국어").click()
    expect(page.get_by_role("heading", name="Sluice 로그인")).to_be_visible()
    sign_in(page)
    page.get_by_role("button", name="계정").click()
    page.get_by_role("menuitem", name="어둡게").click()
    page.reload()
    expect(page.get_by_role("navigation", name="메뉴")).to_be_visible()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("document.documentElement.lang") == "ko"


def test_a_browser_in_korean_gets_korean(new_page, gateway):
    page = new_page(locale="ko-KR")
    page.goto(gateway.url)
    expect(page.get_by_role("button", name="로그인")).to_be_visible()
