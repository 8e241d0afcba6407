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
