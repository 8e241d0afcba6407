"""The administration pages: secrets, users, groups, service principals, tokens and the audit log."""

import base64
import json
import re

import pytest
from conftest import external_entity
from playwright.sync_api import Page, expect

SCIM = "/api/2.0/preview/scim/v2"
HOSTILE = "<img src=x onerror=alert(1)>\u202e" + "long" * 40


def row(page: Page, text: str):
    """The row, not the head, that has the text."""
    return page.get_by_role("row").filter(has=page.get_by_role("cell")).filter(has_text=text)


def open_menu(page: Page, text: str, item: str) -> None:
    row(page, text).get_by_role("button", name="Actions for").click()
    page.get_by_role("menuitem", name=item).click()


def dialog(page: Page, name: str | re.Pattern | None = None):
    return page.get_by_role("dialog", name=name) if name else page.get_by_role("dialog")


def told(page: Page, text: str) -> None:
    expect(page.get_by_role("status").filter(has_text=text)).to_be_visible()


def pick(page: Page, label: str, typed: str, option: str) -> None:
    field = page.get_by_role("combobox", name=label)
    field.fill(typed)
    page.get_by_role("option", name=re.compile(re.escape(option))).click()


def copied_value(page: Page, label: str) -> str:
    """What a dialog shows once; closes it."""
    box = dialog(page, re.compile("is made"))
    value = box.get_by_label(label, exact=True).input_value()
    box.get_by_role("button", name="Copy", exact=True).last.click()
    box.get_by_role("button", name="Done").click()
    expect(box).to_be_hidden()
    return value


@pytest.fixture
def scope(gateway):
    """A scope with the secret `key`. Deleted after the test."""
    name = "ui.scope"
    gateway.call("POST", "/api/2.0/secrets/scopes/create", {"scope": name}).ok()
    body = {"scope": name, "key": "key", "string_value": "sk-first"}
    gateway.call("POST", "/api/2.0/secrets/put", body).ok()
    yield name
    gateway.call("POST", "/api/2.0/secrets/scopes/delete", {"scope": name})


def delete_by_name(gateway, kind: str, attribute: str, *names: str) -> None:
    for each in gateway.call("GET", f"{SCIM}/{kind}").ok()["Resources"]:
        if each[attribute] in names:
            gateway.call("DELETE", f"{SCIM}/{kind}/{each['id']}").ok()


# Secrets


def test_a_scope_is_made_filled_and_deleted(page, gateway, sign_in, check_axe):
    sign_in(page, "/ml/secrets")
    expect(page).to_have_title("Secrets · Sluice")
    page.get_by_role("button", name="New scope").click()
    box = dialog(page, "New scope")
    box.get_by_label("Name").fill("no/good")
    box.get_by_role("button", name="Create").click()
    expect(box.get_by_role("alert")).to_contain_text("'scope' must be")
    expect(box.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    check_axe(page)
    box.get_by_label("Name").fill("team-a")
    box.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="team-a")).to_be_visible()
    expect(page).to_have_url(re.compile(r"scope=team-a"))

    page.get_by_role("button", name="New secret").click()
    box = dialog(page, "New secret")
    box.get_by_label("Key").fill("private_key")
    value = "-----BEGIN-----\nline 2\n-----END-----"
    box.get_by_label("Value", exact=False).first.fill(value + "\n")
    expect(box.get_by_role("status")).to_contain_text("line break")
    box.get_by_role("button", name="Cut it off").click()
    box.get_by_role("button", name="Save").click()
    told(page, "The secret private_key has been saved.")
    expect(row(page, "private_key")).to_be_visible()
    assert value not in page.content()
    got = gateway.call("GET", "/api/2.0/secrets/get?scope=team-a&key=private_key").ok()
    assert base64.b64decode(got["value"]).decode() == value

    page.get_by_role("button", name="Delete the scope…").click()
    box = dialog(page, re.compile("Delete the scope"))
    button = box.get_by_role("button", name="Delete")
    expect(button).to_be_disabled()
    box.get_by_role("textbox").fill("team-a")
    button.click()
    told(page, "The scope team-a has been deleted.")
    names = [each["name"] for each in gateway.call("GET", "/api/2.0/secrets/scopes/list").ok()["scopes"]]
    assert "team-a" not in names


def test_a_deletion_names_the_endpoints_that_use_the_secret(page, gateway, sign_in, scope, make_endpoint, check_axe):
    reference = "{{secrets/%s/key}}" % scope
    name = make_endpoint(entities=[external_entity(openai_api_key=reference)])
    sign_in(page, f"/ml/secrets?scope={scope}")
    expect(row(page, "key").get_by_role("link", name=name)).to_be_visible()
    check_axe(page)
    open_menu(page, "key", "Delete…")
    box = dialog(page, "Delete the secret key?")
    expect(box.get_by_role("note")).to_contain_text(name)
    check_axe(page)
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(row(page, "key").get_by_role("button", name="Actions for")).to_be_focused()
    open_menu(page, "key", "Delete…")
    box.get_by_role("button", name="Delete").click()
    told(page, "The secret key has been deleted.")
    expect(page.get_by_text("There are no secrets in this scope yet.")).to_be_visible()
    assert gateway.call("GET", f"/api/2.0/secrets/list?scope={scope}").ok()["secrets"] == []


def test_a_scope_is_shared_and_unshared(page, gateway, sign_in, scope, make_user, check_axe):
    make_user("reader@example.com")
    sign_in(page, f"/ml/secrets?scope={scope}")
    page.get_by_role("tab", name="Permissions").click()
    page.get_by_role("button", name="Add").click()
    box = dialog(page, "Share with")
    box.get_by_role("button", name="Add").click()
    expect(box.get_by_role("alert")).to_have_text("Choose whom to share with.")
    pick(page, "Principal", "reader@", "reader@example.com")
    box.get_by_label("Permission").select_option("WRITE")
    box.get_by_role("button", name="Add").click()
    told(page, "reader@example.com now has WRITE.")
    row(page, "reader@example.com").get_by_role("combobox").select_option("READ")
    told(page, "reader@example.com now has READ.")
    check_axe(page)
    path = f"/api/2.0/secrets/acls/get?scope={scope}&principal=reader@example.com"
    assert gateway.call("GET", path).ok()["permission"] == "READ"
    page.get_by_role("button", name="Remove reader@example.com").click()
    dialog(page).get_by_role("button", name="Remove").click()
    expect(row(page, "reader@example.com")).to_have_count(0)
    assert gateway.call("GET", path).status == 404
    delete_by_name(gateway, "Users", "userName", "reader@example.com")


# Users


def test_a_user_is_made_edited_and_deleted(page, gateway, sign_in, check_axe):
    gateway.call("POST", f"{SCIM}/Groups", {"displayName": "science"}).ok()
    sign_in(page, "/ml/users")
    expect(page).to_have_title("Users · Sluice")
    page.get_by_role("button", name="New user").click()
    box = dialog(page, "New user")
    expect(box.get_by_label("User name")).to_be_focused()
    box.get_by_role("button", name="Create").click()
    expect(box.get_by_role("alert")).to_have_text("Enter a user name.")
    box.get_by_label("User name").fill("alice@example.com")
    box.get_by_label("Display name").fill(HOSTILE)
    box.get_by_label("May create endpoints").check()
    pick(page, "Add to a group", "scien", "science")
    check_axe(page)
    box.get_by_role("button", name="Create").click()
    expect(row(page, "alice@example.com")).to_contain_text("science")
    expect(row(page, "alice@example.com")).to_contain_text("<img src=x")
    expect(page.get_by_role("button", name="New user")).to_be_focused()
    check_axe(page)

    page.get_by_role("button", name="alice@example.com", exact=True).click()
    box = dialog(page, "Edit alice@example.com")
    box.get_by_label("Display name").fill("Alice")
    box.get_by_role("button", name="Remove science").click()
    box.get_by_role("button", name="Save").click()
    told(page, "Alice has been saved.")
    expect(row(page, "alice@example.com")).not_to_contain_text("science")
    user = gateway.call("GET", f'{SCIM}/Users?filter=userName+eq+%22alice@example.com%22').ok()["Resources"][0]
    assert user["displayName"] == "Alice"
    assert user["groups"] == []
    assert user["entitlements"] == [{"value": "workspace-access"}]

    open_menu(page, "alice@example.com", "Delete…")
    dialog(page).get_by_role("button", name="Delete").click()
    expect(row(page, "alice@example.com")).to_have_count(0)
    delete_by_name(gateway, "Groups", "displayName", "science")


def test_a_name_that_is_taken_is_said_in_the_dialog(page, sign_in):
    sign_in(page, "/ml/users")
    page.get_by_role("button", name="New user").click()
    box = dialog(page, "New user")
    box.get_by_label("User name").fill("admin")
    box.get_by_role("button", name="Create").click()
    expect(box.get_by_role("alert")).to_contain_text("already exists")
    expect(box.get_by_label("User name")).to_have_value("admin")


def test_a_user_is_put_to_sleep_and_woken(page, gateway, sign_in, make_user):
    token = make_user("sleeper@example.com")
    sign_in(page, "/ml/users")
    open_menu(page, "sleeper@example.com", "Deactivate…")
    dialog(page).get_by_role("button", name="Deactivate").click()
    expect(row(page, "sleeper@example.com")).to_contain_text("Inactive")
    assert gateway.call("GET", f"{SCIM}/Me", token=token).status == 401
    open_menu(page, "sleeper@example.com", "Activate")
    told(page, "sleeper@example.com is active.")
    expect(row(page, "sleeper@example.com")).not_to_contain_text("Inactive")
    gateway.call("GET", f"{SCIM}/Me", token=token).ok()
    delete_by_name(gateway, "Users", "userName", "sleeper@example.com")


def test_users_are_searched_and_come_in_pages(page, make_gateway, sign_in):
    gateway = make_gateway()
    for i in range(130):
        gateway.call("POST", f"{SCIM}/Users", {"userName": f"user{i:03}@example.com"}).ok()
    sign_in(page, "/ml/users", on=gateway)
    expect(page.get_by_role("status").filter(has_text="100 of 131")).to_be_visible()
    drawn = page.get_by_role("row").count()
    assert drawn < 60, "only the rows in sight are drawn"
    page.get_by_role("button", name="Load more").click()
    expect(page.get_by_role("status").filter(has_text="131 in all")).to_be_visible()
    page.get_by_role("searchbox", name="Search users").fill("USER12")
    expect(page.get_by_role("status").filter(has_text="10 in all")).to_be_visible()
    page.get_by_role("searchbox", name="Search users").fill('no "such" \\ user')
    expect(page.get_by_text("Nothing matches.")).to_be_visible()


def test_a_token_on_behalf_of_a_user_works(page, gateway, sign_in, make_user):
    make_user("bob@example.com")
    sign_in(page, "/ml/users")
    open_menu(page, "bob@example.com", "Make a token…")
    box = dialog(page, "New token for bob@example.com")
    box.get_by_label("Comment").fill("for Bob's script")
    box.get_by_label("Lifetime").select_option("7")
    box.get_by_role("button", name="Create").click()
    token = copied_value(page, "Token")
    assert gateway.call("GET", f"{SCIM}/Me", token=token).ok()["userName"] == "bob@example.com"
    delete_by_name(gateway, "Users", "userName", "bob@example.com")


# Groups


def test_a_group_is_made_filled_renamed_and_deleted(page, gateway, sign_in, make_user, check_axe):
    make_user("carol@example.com")
    sign_in(page, "/ml/groups")
    page.get_by_role("button", name="New group").click()
    box = dialog(page, "New group")
    box.get_by_label("Name").fill("research")
    box.get_by_role("button", name="Create").click()
    told(page, "research has been created.")
    page.get_by_role("button", name="research", exact=True).click()
    box = dialog(page, "Members of research")
    expect(box.get_by_text("Nobody is in this group yet.")).to_be_visible()
    pick(page, "Add a member", "carol", "carol@example.com")
    expect(box.get_by_role("row").filter(has_text="carol@example.com")).to_be_visible()
    check_axe(page)
    box.get_by_role("button", name="Remove carol@example.com").click()
    dialog(page, "Remove carol@example.com?").get_by_role("button", name="Remove").click()
    expect(box.get_by_text("Nobody is in this group yet.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()

    open_menu(page, "research", "Rename…")
    box = dialog(page, "Rename research")
    box.get_by_label("Name").fill("research-2")
    box.get_by_role("button", name="Save").click()
    expect(row(page, "research-2")).to_be_visible()
    open_menu(page, "research-2", "Delete…")
    dialog(page).get_by_role("button", name="Delete").click()
    expect(row(page, "research-2")).to_have_count(0)
    delete_by_name(gateway, "Users", "userName", "carol@example.com")


def test_built_in_groups_cannot_be_renamed_or_deleted(page, sign_in, check_axe):
    sign_in(page, "/ml/groups")
    for name in ("admins", "users"):
        row(page, "built in").filter(has_text=name).get_by_role("button", name="Actions for").click()
        expect(page.get_by_role("menuitem", name="Members…")).to_be_visible()
        expect(page.get_by_role("menuitem", name="Delete…")).to_have_count(0)
        expect(page.get_by_role("menuitem", name="Rename…")).to_have_count(0)
        page.keyboard.press("Escape")
    check_axe(page)


# Service principals


def test_a_service_principal_gets_secrets_that_work(page, gateway, sign_in, check_axe):
    sign_in(page, "/ml/service-principals")
    page.get_by_role("button", name="New service principal").first.click()
    box = dialog(page, "New service principal")
    box.get_by_label("Application ID").fill("no good")
    box.get_by_role("button", name="Create").click()
    expect(box.get_by_label("Application ID")).to_have_attribute("aria-invalid", "true")
    box.get_by_label("Application ID").fill("nightly-job")
    box.get_by_label("Display name").fill("Nightly job")
    box.get_by_role("button", name="Create").click()
    expect(row(page, "nightly-job")).to_contain_text("Nightly job")

    open_menu(page, "nightly-job", "OAuth secrets…")
    box = dialog(page, "OAuth secrets of Nightly job")
    expect(box.get_by_text("There are no secrets yet.")).to_be_visible()
    box.get_by_role("button", name="New secret").click()
    made = dialog(page, "New secret")
    made.get_by_label("Lifetime").select_option("other")
    made.get_by_label("Days").fill("731")
    made.get_by_role("button", name="Create").click()
    expect(made.get_by_role("alert")).to_contain_text("from 1 to 730")
    made.get_by_label("Days").fill("30")
    made.get_by_role("button", name="Create").click()
    secret = copied_value(page, "Client secret")
    answer = gateway.call(
        "POST",
        "/oidc/v1/token",
        f"grant_type=client_credentials&client_id=nightly-job&client_secret={secret}&scope=all-apis",
        token=None,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.ok()["token_type"] == "Bearer"
    expect(box.get_by_role("row")).to_have_count(2)
    check_axe(page)
    box.get_by_role("button", name="Delete").click()
    dialog(page, "Delete this secret?").get_by_role("button", name="Delete").click()
    expect(box.get_by_text("There are no secrets yet.")).to_be_visible()
    page.keyboard.press("Escape")
    open_menu(page, "nightly-job", "Make a token…")
    dialog(page).get_by_role("button", name="Create").click()
    token = copied_value(page, "Token")
    gateway.call("GET", f"{SCIM}/Me", token=token).ok()
    delete_by_name(gateway, "ServicePrincipals", "applicationId", "nightly-job")


# Tokens


def test_a_token_is_made_shown_once_and_deleted(page, gateway, sign_in, check_axe):
    sign_in(page, "/ml/tokens")
    page.get_by_role("button", name="New token").click()
    box = dialog(page, "New token")
    expect(box.get_by_label("Comment")).to_be_focused()
    box.get_by_label("Comment").fill("my laptop")
    box.get_by_label("Lifetime").select_option("never")
    box.get_by_role("button", name="Create").click()
    box = dialog(page, "The token is made")
    value = box.get_by_label("Token", exact=True).input_value()
    check_axe(page)
    page.keyboard.press("Escape")  # a slip loses nothing
    expect(box.get_by_role("alert")).to_contain_text("You have not copied it")
    box.get_by_role("button", name="Copy", exact=True).click()
    box.get_by_role("button", name="Done").click()
    expect(box).to_be_hidden()
    assert value not in page.content()
    gateway.call("GET", f"{SCIM}/Me", token=value).ok()
    expect(row(page, "my laptop")).to_contain_text("Never")
    check_axe(page)
    page.get_by_role("button", name="Delete the token my laptop").click()
    dialog(page).get_by_role("button", name="Delete").click()
    expect(row(page, "my laptop")).to_have_count(0)
    assert gateway.call("GET", f"{SCIM}/Me", token=value).status == 401


def test_a_value_is_copied_without_the_clipboard_of_https(page, sign_in):
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.add_init_script("addEventListener('copy', () => { window.taken = String(document.activeElement.value); }, true)")
    sign_in(page, "/ml/tokens")
    page.get_by_role("button", name="New token").click()
    dialog(page, "New token").get_by_role("button", name="Create").click()
    box = dialog(page, "The token is made")
    value = box.get_by_label("Token", exact=True).input_value()
    box.get_by_role("button", name="Copy", exact=True).click()
    expect(box.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("window.taken") == value


def test_admins_see_and_delete_the_tokens_of_all(page, gateway, sign_in, make_user, check_axe):
    token = make_user("dave@example.com")
    sign_in(page, "/ml/tokens")
    page.get_by_role("tab", name="All tokens").click()
    expect(row(page, "dave@example.com")).to_contain_text("made by admin")
    page.get_by_role("searchbox").fill("dave@")
    expect(page.get_by_role("row")).to_have_count(2)
    check_axe(page)
    page.get_by_role("button", name="Delete the token").click()
    dialog(page).get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Nothing matches.")).to_be_visible()
    assert gateway.call("GET", f"{SCIM}/Me", token=token).status == 401
    delete_by_name(gateway, "Users", "userName", "dave@example.com")


def test_the_admin_token_stays(page, sign_in):
    sign_in(page, "/ml/tokens")
    page.get_by_role("button", name="Delete the token admin token").click()
    dialog(page).get_by_role("button", name="Delete").click()
    expect(dialog(page).get_by_role("alert")).to_contain_text("The admin token cannot be deleted")


# Audit


def test_the_audit_log_shows_what_has_changed(page, gateway, sign_in, make_endpoint, check_axe):
    name = make_endpoint()
    path = f"/api/2.0/serving-endpoints/{name}/tags"
    gateway.call("PATCH", path, {"add_tags": [{"key": "team", "value": HOSTILE}]}).ok()
    sign_in(page, f"/ml/audit?target=serving-endpoints/{name}")
    expect(page.get_by_label("Of", exact=True)).to_have_value(f"serving-endpoints/{name}")
    expect(page.get_by_role("row")).to_have_count(3)
    check_axe(page)
    row(page, "updateServingEndpointTags").get_by_role("button").click()
    box = dialog(page, re.compile("Entry"))
    expect(box.locator("ins").filter(has_text="team")).to_be_visible()
    expect(box.locator("ins").filter(has_text="<img src=x")).to_be_visible()
    check_axe(page)
    box.get_by_role("button", name="Older entry").click()
    expect(box.get_by_text("modelServing.createServingEndpoint")).to_be_visible()
    expect(box.get_by_role("button", name="Older entry")).to_be_disabled()
    box.get_by_role("button", name="modelServing.createServingEndpoint").click()
    expect(box).to_be_hidden()
    expect(page.get_by_label("Action")).to_have_value("modelServing.createServingEndpoint")
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_label("By").fill("nobody")
    expect(page.get_by_text("Nothing matches.")).to_be_visible()
    page.get_by_role("button", name="Clear the filters").click()
    expect(page).to_have_url(re.compile(r"/ml/audit$"))


def test_the_audit_log_is_live_and_downloaded(page, gateway, sign_in, scope):
    sign_in(page, "/ml/audit?range=hour")
    expect(row(page, f"secrets/{scope}").first).to_be_visible()
    page.get_by_role("button", name="Live").click()
    expect(page.get_by_role("button", name="Live")).to_have_attribute("aria-pressed", "true")
    body = {"scope": scope, "key": "live", "string_value": "sk-must-not-be-seen"}
    gateway.call("POST", "/api/2.0/secrets/put", body).ok()
    expect(row(page, f"secrets/{scope}/live")).to_be_visible()
    with page.expect_download() as got:
        page.get_by_role("button", name="Download").click()
    lines = got.value.path().read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in lines]
    assert events[0]["target"] == f"secrets/{scope}/live"
    assert [each["event_id"] for each in events] == sorted((each["event_id"] for each in events), reverse=True)
    assert "sk-must-not-be-seen" not in "".join(lines) + page.content()
    assert got.value.suggested_filename.endswith(".jsonl")


def test_the_audit_log_comes_in_pages(page, gateway, sign_in, scope):
    for i in range(60):
        gateway.call("POST", "/api/2.0/secrets/put", {"scope": scope, "key": f"k{i}", "string_value": "x"}).ok()
    sign_in(page, "/ml/audit?action=secrets.putSecret")
    page.get_by_role("button", name="Load more").click()
    expect(page.get_by_role("table")).to_have_attribute("aria-rowcount", re.compile(r"^(6\d|[7-9]\d|1\d\d)$"))


# Others than admins


@pytest.mark.parametrize("path", ["users", "groups", "service-principals", "audit"])
def test_pages_for_admins_say_so_to_others(page, gateway, sign_in, make_user, check_axe, path):
    token = make_user("eve@example.com")
    sign_in(page, f"/ml/{path}", token=token)
    expect(page.get_by_text("This page is for admins.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    check_axe(page)
    delete_by_name(gateway, "Users", "userName", "eve@example.com")


def test_others_see_their_own_tokens_and_scopes_only(page, gateway, sign_in, make_user, scope):
    token = make_user("frank@example.com")
    sign_in(page, "/ml/secrets", token=token)
    expect(page.get_by_text("There are no scopes that you may read.")).to_be_visible()
    expect(page.get_by_role("button", name="New scope")).to_have_count(0)
    acl = {"scope": scope, "principal": "frank@example.com", "permission": "READ"}
    gateway.call("POST", "/api/2.0/secrets/acls/put", acl).ok()
    page.goto(page.url + f"?scope={scope}")
    expect(row(page, "key")).to_be_visible()
    page.get_by_role("tab", name="Permissions").click()
    expect(page.get_by_text("Only those with MANAGE")).to_be_visible()
    page.get_by_role("tab", name="Secrets").click()
    open_menu(page, "key", "New value…")
    dialog(page).get_by_label("Value", exact=False).first.fill("x")
    dialog(page).get_by_role("button", name="Save").click()
    expect(dialog(page).get_by_role("alert")).to_contain_text("You need the permission WRITE")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Close without saving").click()
    page.get_by_role("navigation", name="Sections").get_by_role("link", name="Tokens").click()
    expect(page.get_by_role("heading", name="Access tokens")).to_be_visible()
    expect(page.get_by_role("tab")).to_have_count(0)
    delete_by_name(gateway, "Users", "userName", "frank@example.com")


# All of them


@pytest.mark.parametrize("path", ["secrets?scope=my_scope", "users", "groups", "service-principals", "tokens", "audit"])
@pytest.mark.parametrize("width", [360, 2560])
def test_every_page_fits_its_window(new_page, sign_in, check_axe, path, width):
    page = new_page(width=width, color_scheme="dark", locale="ko-KR")
    sign_in(page, f"/ml/{path}")
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    page.locator(".loading").first.wait_for(state="detached")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    check_axe(page)
