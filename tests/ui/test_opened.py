"""What opens over a page, each with axe: menus, popovers, lists to choose from, dialogs. And how they close."""

import re

import pytest
from conftest import external_entity
from playwright.sync_api import Page, expect

TRACKED = {"rate_limits": [{"calls": 9, "key": "user", "renewal_period": "minute"}]}
NAME = "opened-1"
ENDPOINT = f"/ml/endpoints/{NAME}"


@pytest.fixture
def endpoint(make_endpoint):
    tags = [{"key": f"key-{i}", "value": "value"} for i in range(5)]
    return make_endpoint(name=NAME, entities=[external_entity(name="main")], tags=tags, ai_gateway=TRACKED)


def button(name: str):
    return lambda page: page.get_by_role("button", name=re.compile(name)).first.click()


def item(name: str):
    return lambda page: page.get_by_role("menuitem", name=re.compile(name)).click()


def tab(name: str):
    return lambda page: page.get_by_role("tab", name=name).click()


def find(label: str):
    """A field that finds users and groups while one types."""

    def click(page: Page) -> None:
        page.get_by_role("combobox", name=re.compile(label)).click()
        page.locator(".principal-found").wait_for()

    return click


def choose(label: str):
    return lambda page: page.get_by_role("combobox", name=label).click()


def type_in(label: str):
    return lambda page: page.get_by_role("textbox", name=re.compile(label)).first.fill("typed")


def type_in_search(page: Page) -> None:
    page.get_by_role("combobox", name="Search endpoints").fill("no such endpoint")
    page.locator(".menu-note", has_text="No endpoint has this in its name.").wait_for()


def leave(page: Page) -> None:
    page.keyboard.press("Escape")
    question(page).wait_for()


def question(page: Page, title: str = "Close without saving?"):
    return page.get_by_role("dialog", name=title)


OPENED = {
    "account": ("/ml/endpoints", button("Account of")),
    "actions of a row": (f"/ml/endpoints?q={NAME}", button(f"Actions for {NAME}")),
    "tags of a row": (f"/ml/endpoints?q={NAME}", button("key-0")),
    "actions of an endpoint": (ENDPOINT, button("More actions")),
    "delete": (ENDPOINT, button("More actions"), item("Delete")),
    "query": (ENDPOINT, button("^Query$")),
    "usage tracking": (f"{ENDPOINT}?tab=gateway", button("Edit: Usage")),
    "rate limits": (f"{ENDPOINT}?tab=gateway", button("Edit: Rate"), button("Add a limit"), find("User name")),
    "permission": (f"{ENDPOINT}?tab=permissions", find("User name")),
    "provider": ("/ml/create-endpoint", button("Select an entity")),
    "playground": (f"/ml/playground?endpoint={NAME}", choose("Endpoint 1")),
    "playground without a match": (f"/ml/playground?endpoint={NAME}", choose("Endpoint 1"), type_in_search),
    "client set-up": (f"/ml/client-setup?endpoint={NAME}", choose("Endpoint")),
    "token": ("/ml/tokens", button("New token")),
    "scope": ("/ml/secrets", button("New scope")),
    "secret": ("/ml/secrets?scope=my_scope", button("New secret")),
    "actions of a secret": ("/ml/secrets?scope=my_scope", button("Actions for")),
    "share a scope": ("/ml/secrets?scope=my_scope", tab("Permissions"), button("^Add$"), find("Principal|User, group")),
    "user": ("/ml/users", button("New user"), find("Add to a group")),
    "actions of a user": ("/ml/users", button("Actions for")),
    "group": ("/ml/groups", button("New group")),
    "members": ("/ml/groups", button("^admins$"), find("Add a member")),
    "service principal": ("/ml/service-principals", button("New service principal")),
    "audit entry": ("/ml/audit", lambda page: page.get_by_role("row").nth(1).get_by_role("button").first.click()),
    "question": ("/ml/secrets", button("New scope"), type_in("Name"), leave),
}


@pytest.mark.parametrize("what", OPENED)
def test_axe_finds_nothing_in_what_opens(page, sign_in, endpoint, check_axe, what):
    path, *steps = OPENED[what]
    sign_in(page, path)
    for step in steps:
        step(page)
    page.locator("[role=menu], [role=dialog], [role=listbox]").first.wait_for()
    check_axe(page)


def test_tab_goes_on_from_the_button_of_what_is_open(page, sign_in, endpoint):
    sign_in(page, f"/ml/endpoints?q={NAME}")
    tags = page.get_by_role("row").filter(has_text=NAME).get_by_role("button").first
    actions = page.get_by_role("button", name=f"Actions for {NAME}")
    tags.click()
    expect(page.get_by_role("dialog")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(actions).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="View")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(actions).to_be_focused()

    page.goto(page.url.split("/ml/")[0] + f"/ml/playground?endpoint={NAME}")
    picker = page.get_by_role("combobox", name="Endpoint 1")
    picker.click()
    expect(page.get_by_role("combobox", name="Search endpoints")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("combobox", name="Search endpoints")).to_have_count(0)
    expect(page.get_by_role("button", name="Add endpoint")).to_be_focused()


def outside(page: Page) -> None:
    page.mouse.click(5, 400)


@pytest.mark.parametrize(
    "how",
    [
        lambda page: page.keyboard.press("Escape"),
        lambda page: page.get_by_role("dialog", name="New scope").get_by_role("button", name="Cancel").click(),
        lambda page: page.get_by_role("dialog", name="New scope").get_by_role("button", name="Close").click(),
        outside,
    ],
    ids=["escape", "cancel", "cross", "outside"],
)
def test_a_dialog_with_something_typed_asks_before_it_closes(page, sign_in, how):
    sign_in(page, "/ml/secrets")
    page.get_by_role("button", name="New scope").first.click()
    how(page)
    expect(page.get_by_role("dialog")).to_have_count(0)  # nothing was typed

    page.get_by_role("button", name="New scope").first.click()
    name = page.get_by_role("dialog", name="New scope").get_by_role("textbox").first
    name.fill("typed")
    how(page)
    question(page).get_by_role("button", name="Cancel").click()
    expect(question(page)).to_have_count(0)
    expect(name).to_have_value("typed")
    how(page)
    expect(question(page).locator(":focus")).to_have_count(1)
    page.keyboard.press("Escape")  # of the question alone
    expect(question(page)).to_have_count(0)
    expect(name).to_have_value("typed")
    how(page)
    question(page).get_by_role("button", name="Close without saving").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("link", name="Tokens").click()
    expect(page).to_have_url(re.compile("/ml/tokens$"))


def test_a_choice_and_a_removal_in_a_dialog_count_too(page, sign_in, endpoint):
    sign_in(page, "/ml/users")
    page.get_by_role("button", name="New user").click()
    page.get_by_role("combobox", name="Add to a group").click()
    page.get_by_role("option", name="admins").click()
    page.keyboard.press("Escape")
    question(page).get_by_role("button", name="Close without saving").click()
    expect(page.get_by_role("dialog")).to_have_count(0)

    page.goto(page.url.split("/ml/")[0] + f"{ENDPOINT}?tab=gateway")
    page.get_by_role("button", name="Edit: Rate limits").click()
    page.get_by_role("button", name="Add a limit").click()
    page.get_by_role("button", name="Remove the limit 1").click()
    page.keyboard.press("Escape")
    question(page).get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog", name="Rate limits")).to_be_visible()


def test_tags_that_are_edited_ask_before_they_are_dropped(page, sign_in, endpoint):
    sign_in(page, ENDPOINT)
    page.get_by_role("button", name="Edit tags").click()
    form = page.get_by_role("form", name="Edit tags")
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    page.get_by_role("button", name="Edit tags").click()
    key = form.get_by_label("Key").last
    key.fill("typed")
    key.press("Escape")
    question(page).get_by_role("button", name="Cancel").click()
    expect(key).to_have_value("typed")
    form.get_by_role("button", name="Cancel").click()
    question(page).get_by_role("button", name="Close without saving").click()
    expect(form).to_have_count(0)


def test_a_name_on_the_permissions_tab_is_asked_about(page, sign_in, endpoint):
    sign_in(page, f"{ENDPOINT}?tab=permissions")
    name = page.get_by_role("combobox", name="User name")
    name.fill("nobody-yet@example.com")
    page.get_by_role("tab", name="History").click()
    question(page).get_by_role("button", name="Cancel").click()
    expect(name).to_have_value("nobody-yet@example.com")
    expect(page.get_by_role("tab", name="Permissions")).to_have_attribute("aria-selected", "true")
    page.get_by_role("tab", name="History").click()
    question(page).get_by_role("button", name="Close without saving").click()
    expect(page.get_by_role("tab", name="History")).to_have_attribute("aria-selected", "true")
    page.get_by_role("tab", name="Permissions").click()
    expect(name).to_have_value("")


def test_a_conversation_is_asked_about(page, sign_in, make_endpoint):
    name = make_endpoint("echo")
    sign_in(page, "/ml/tokens")
    page.get_by_role("link", name="Playground").click()
    page.get_by_role("combobox", name="Endpoint 1").click()
    page.get_by_role("option", name=name).click()
    message = page.get_by_label("Message", exact=True)
    message.fill("Hello")
    message.press("Enter")
    expect(page.get_by_role("article").locator(".answer-text")).to_have_text("Hello")
    for leave_by in (lambda: page.get_by_role("link", name="Secrets").click(), page.go_back):
        leave_by()
        expect(question(page, "Leave without saving?")).to_contain_text("This conversation is kept nowhere else")
        question(page, "Leave without saving?").get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("article")).to_have_count(1)
    message.fill("a draft")
    page.get_by_role("button", name="Edit the last message").click()
    message.fill("typed")
    message.press("Escape")
    question(page).get_by_role("button", name="Cancel").click()
    expect(message).to_have_value("typed")
    page.get_by_role("button", name="Cancel", exact=True).click()
    question(page).get_by_role("button", name="Close without saving").click()
    expect(message).to_have_value("a draft")
    message.fill("")
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("dialog").get_by_role("button", name="Clear").click()
    page.get_by_role("link", name="Secrets").click()
    expect(page).to_have_url(re.compile("/ml/secrets$"))


def test_a_query_that_was_typed_and_not_sent_is_asked_about(page, sign_in, endpoint):
    sign_in(page, ENDPOINT)
    page.get_by_role("button", name="Query", exact=True).click()
    page.get_by_label("Request").fill('{"messages": []}')
    page.keyboard.press("Escape")  # it stays in the drawer
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("link", name="Tokens").click()
    question(page, "Leave without saving?").get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Query", exact=True).click()
    expect(page.get_by_label("Request")).to_have_value('{"messages": []}')
    page.get_by_role("button", name="Send request").click()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Tokens").click()
    expect(page).to_have_url(re.compile("/ml/tokens$"))
