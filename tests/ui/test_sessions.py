"""Sessions that end or change while a page is open."""

from playwright.sync_api import expect


def test_what_one_user_has_seen_is_not_for_the_next(page, gateway, sign_in, make_endpoint, make_user):
    name = make_endpoint()
    stranger = make_user("stranger@example.com")
    sign_in(page)
    expect(page.get_by_text(name, exact=True).first).to_be_visible()
    # Another tab ends the session.
    page.evaluate(
        """async () => {
            const asked = await (await fetch('/api/2.0/sluice/session')).json();
            await fetch('/api/2.0/sluice/session', {method: 'DELETE', headers: {'x-csrf-token': asked.csrf_token}});
        }"""
    )
    expect(page.get_by_text("Your session has ended.")).to_be_visible()
    page.locator("input[name=token]").fill(stranger)
    page.locator("input[name=token]").press("Enter")
    expect(page.get_by_role("heading", name="Serving endpoints")).to_be_visible()
    expect(page.get_by_text("There are no serving endpoints yet")).to_be_visible()
    expect(page.get_by_text(name, exact=True)).to_have_count(0)


def test_a_tab_follows_the_user_who_signs_in_in_another(page, gateway, sign_in, make_endpoint, make_user):
    make_endpoint()
    user = make_user("second@example.com")
    sign_in(page)
    other = page.context.new_page()
    sign_in_again = """async (token) => {
        await fetch('/api/2.0/sluice/session', {method: 'POST', body: JSON.stringify({token}), headers: {'content-type': 'application/json'}});
    }"""
    other.goto(gateway.url + "/healthz")
    other.evaluate(sign_in_again, user)
    expect(page.get_by_role("button", name="Account of second@example.com")).to_be_visible()
    expect(page.get_by_text("There are no serving endpoints yet")).to_be_visible()


def test_a_sign_out_that_fails_says_so(page, sign_in):
    sign_in(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="Account of").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_text("You are still signed in")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("button", name="Account of").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_label("Access token")).to_be_visible()


END = """async () => {
    const asked = await (await fetch('/api/2.0/sluice/session')).json();
    await fetch('/api/2.0/sluice/session', {method: 'DELETE', headers: {'x-csrf-token': asked.csrf_token}});
}"""


def enter(page, token):
    field = page.locator("input[name=token]")
    field.fill(token)
    field.press("Enter")


def test_what_was_typed_waits_for_its_user(page, gateway, sign_in, make_endpoint, check_axe):
    name = make_endpoint()
    sign_in(page, f"/ml/endpoints/{name}/edit")
    model = page.get_by_role("textbox", name="External model name")
    model.fill("typed")
    page.evaluate(END)
    dialog = page.get_by_role("dialog", name="Your session has ended")
    expect(dialog).to_contain_text("Sign in as admin to go on")
    check_axe(page)
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    enter(page, "dapi-wrong")
    expect(dialog.get_by_role("alert")).to_contain_text("does not know this token")
    enter(page, gateway.token)
    expect(dialog).to_be_hidden()
    expect(model).to_have_value("typed")
    page.get_by_role("button", name="Review and save").click()
    page.get_by_role("dialog", name="What will change").get_by_role("button", name="Save").click()
    page.wait_for_url(f"**/ml/endpoints/{name}")
    made = gateway.call("GET", f"/api/2.0/serving-endpoints/{name}").ok()
    assert made["config"]["served_entities"][0]["external_model"]["name"] == "typed"


def test_a_save_that_finds_the_session_ended_is_done_after_signing_in(page, gateway, sign_in):
    sign_in(page, "/ml/secrets")
    page.get_by_role("button", name="New scope").first.click()
    page.get_by_role("dialog").get_by_role("textbox").first.fill("scope-of-two-sessions")
    page.evaluate(END)
    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    enter(page, gateway.token)
    expect(page.get_by_role("dialog")).to_have_count(0)
    scopes = gateway.call("GET", "/api/2.0/secrets/scopes/list").ok()["scopes"]
    assert "scope-of-two-sessions" in [each["name"] for each in scopes]


def test_what_was_typed_is_not_for_another_user(page, sign_in, make_user):
    stranger = make_user("another@example.com", "workspace-access")
    sign_in(page, "/ml/create-endpoint")
    field = page.get_by_role("textbox", name="Name", exact=True)
    field.fill("typed")
    page.evaluate(END)
    expect(page.get_by_role("dialog", name="Your session has ended")).to_be_visible()
    enter(page, stranger)
    expect(page.get_by_role("button", name="Account of another@example.com")).to_be_visible()
    expect(field).to_have_value("")


def test_what_was_typed_can_be_thrown_away(page, sign_in):
    sign_in(page, "/ml/create-endpoint")
    page.get_by_role("textbox", name="Name", exact=True).fill("typed")
    page.evaluate(END)
    page.get_by_role("button", name="Throw it away").click()
    expect(page.get_by_role("heading", name="Sign in to Sluice")).to_be_visible()
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_count(0)
