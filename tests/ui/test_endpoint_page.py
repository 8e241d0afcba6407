"""One endpoint's page: its head and facts, updates, served entities, history, permissions, and who may do what."""

import re

import pytest
from playwright.sync_api import expect

from processes import external_entity, wait_until

API = "/api/2.0/serving-endpoints"


def where(name, tab=None):
    return f"/ml/endpoints/{name}" + (f"?tab={tab}" if tab else "")


def put_config(gateway, name, *entities, traffic=None):
    config = {"served_entities": list(entities)}
    if traffic:
        config["traffic_config"] = {
            "routes": [{"served_model_name": key, "traffic_percentage": share} for key, share in traffic.items()]
        }
    return gateway.call("PUT", f"{API}/{name}/config", config)


def get(gateway, name):
    return gateway.call("GET", f"{API}/{name}").ok()


def model_of(gateway, name):
    return get(gateway, name)["config"]["served_entities"][0]["external_model"]["name"]


def card(page, version):
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=f"Version {version}", exact=True))


# Head and facts


def test_the_head_says_what_and_where_it_is(page, gateway, sign_in, make_endpoint, check_axe):
    make_endpoint(name="page-1", description="Answers\nquestions.", tags=[{"key": "team", "value": "gen-ai"}])
    sign_in(page, where("page-1"))
    expect(page.get_by_role("heading", name="page-1", level=1)).to_be_visible()
    expect(page).to_have_title("page-1 · Sluice")
    expect(page.locator(".endpoint-head .chip")).to_have_text("Ready")
    expect(page.locator(".endpoint-url code")).to_have_text(re.compile(r"^http://.*/serving-endpoints/page-1/invocations$"))
    about = page.get_by_role("region", name="About this endpoint")
    for text in ("Answers", "admin", "Chat", "Can manage", get(gateway, "page-1")["id"], "team: gen-ai"):
        expect(about).to_contain_text(text)
    row = page.get_by_role("row").nth(1)
    for text in ("gpt-4o-mini", "OpenAI", "Chat", "100%", "Ready", "admin"):
        expect(row).to_contain_text(text)
    check_axe(page)


def test_the_url_is_copied(new_page, sign_in, make_endpoint):
    make_endpoint(name="page-2")
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    sign_in(page, where("page-2"))
    page.get_by_role("button", name="Copy the invocation URL").click()
    expect(page.locator(".endpoint-url").get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").endswith("/serving-endpoints/page-2/invocations")


def test_the_tab_is_in_the_address(page, sign_in, make_endpoint):
    make_endpoint(name="page-3")
    sign_in(page, where("page-3", "permissions"))
    expect(page.get_by_role("tab", name="Permissions")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("table", name="Permissions")).to_be_visible()
    page.get_by_role("tab", name="Permissions").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="History")).to_have_attribute("aria-selected", "true")
    expect(page).to_have_url(re.compile(r"\?tab=history$"))
    page.get_by_role("tab", name="Served entities").click()
    expect(page).to_have_url(re.compile(r"/ml/endpoints/page-3$"))
    page.goto(page.url.split("/ml/")[0] + where("page-3", "nonsense"))
    expect(page.get_by_role("tab", name="Served entities")).to_have_attribute("aria-selected", "true")


def test_buttons_lead_to_edit_playground_and_duplicate(page, sign_in, make_endpoint):
    make_endpoint(name="page-4")
    sign_in(page, where("page-4"))
    expect(page.get_by_role("button", name="Query", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Edit", exact=True)).to_have_attribute("href", "/ml/endpoints/page-4/edit")
    for item, address in (
        ("Open in playground", "/ml/playground?endpoint=page-4"),
        ("Duplicate", "/ml/create-endpoint?from=page-4"),
    ):
        page.get_by_role("button", name="More actions").click()
        page.get_by_role("menuitem", name=item).click()
        expect(page).to_have_url(re.compile(re.escape(address) + "$"))
        page.go_back()


def test_delete_leads_back_to_the_list(page, gateway, sign_in, make_endpoint):
    make_endpoint(name="page-5")
    sign_in(page, where("page-5"))
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete endpoint")
    dialog.get_by_label("Type page-5 to confirm").fill("page-5")
    dialog.get_by_role("button", name="Delete endpoint").click()
    expect(page).to_have_url(re.compile("/ml/endpoints$"))
    expect(page.get_by_text("Endpoint page-5 was deleted.")).to_be_visible()
    assert gateway.call("GET", f"{API}/page-5").status == 404


def test_deleted_while_it_is_open(page, gateway, sign_in, make_endpoint, check_axe):
    make_endpoint(name="page-6")
    sign_in(page, where("page-6"))
    expect(page.get_by_role("tab", name="Served entities")).to_be_visible()
    gateway.call("DELETE", f"{API}/page-6").ok()
    expect(page.get_by_text("The endpoint page-6 was deleted.")).to_be_visible()
    check_axe(page)
    page.get_by_role("link", name="To the serving endpoints").click()
    expect(page.get_by_role("heading", name="Serving endpoints")).to_be_visible()


def test_one_that_is_not_there(page, sign_in):
    sign_in(page, where("nobody"))
    expect(page.get_by_text("There is no endpoint with the name nobody")).to_be_visible()


def test_changes_of_others_appear(page, gateway, sign_in, make_endpoint):
    make_endpoint(name="page-7")
    sign_in(page, where("page-7"))
    expect(page.get_by_text("No tags")).to_be_visible()
    gateway.call("PATCH", f"{API}/page-7/tags", {"add_tags": [{"key": "from", "value": "elsewhere"}]}).ok()
    expect(page.get_by_text("from: elsewhere")).to_be_visible()
    put_config(gateway, "page-7", external_entity("gpt-5")).ok()
    expect(page.get_by_role("heading", name="Active configuration, version 2")).to_be_visible()
    expect(page.get_by_role("row").nth(1)).to_contain_text("gpt-5")


def test_hostile_texts_are_text_and_break_nothing(page, sign_in, make_endpoint, check_axe):
    bad = "<script>alert(1)</script>"
    tags = [{"key": bad, "value": "y" * 2000}, {"key": "\u202eback", "value": "🦀" * 100}]
    make_endpoint(name="page-8", description=bad + "x" * 900, tags=tags)
    sign_in(page, where("page-8"))
    expect(page.locator(".endpoint-description")).to_contain_text(bad)
    expect(page.get_by_role("group", name="Tags")).to_contain_text(bad)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Edit tags").click()
    check_axe(page)


# Tags


def test_tags_are_edited_in_place(page, gateway, sign_in, make_endpoint, check_axe):
    make_endpoint(name="tags-1", tags=[{"key": "team", "value": "gen-ai"}, {"key": "old"}])
    sign_in(page, where("tags-1"))
    page.get_by_role("button", name="Edit tags").click()
    form = page.get_by_role("form", name="Edit tags")
    form.get_by_label("Value").first.fill("search")
    form.get_by_role("button", name="Remove tag old").click()
    form.get_by_label("Key").last.fill("team")
    form.get_by_role("button", name="Save tags").click()
    expect(form.get_by_role("alert")).to_have_text("This key is there twice.")
    check_axe(page)
    form.get_by_label("Key").last.fill("new")
    form.get_by_label("Key").last.press("Enter")
    expect(form).to_have_count(0)
    expect(page.get_by_role("button", name="Edit tags")).to_be_focused()
    expect(page.get_by_role("group", name="Tags")).to_contain_text("team: search")
    tags = {each["key"]: each.get("value") for each in get(gateway, "tags-1")["tags"]}
    assert tags == {"team": "search", "new": None}


def test_the_servers_word_on_tags(page, sign_in, make_endpoint):
    make_endpoint(name="tags-2")
    refusal = {"error_code": "INVALID_PARAMETER_VALUE", "message": "A tag is too long."}
    page.route("**/tags", lambda route: route.fulfill(status=400, json=refusal))
    sign_in(page, where("tags-2"))
    page.get_by_role("button", name="Edit tags").click()
    form = page.get_by_role("form", name="Edit tags")
    form.get_by_label("Key").fill("x")
    form.get_by_role("button", name="Save tags").click()
    expect(form.get_by_role("alert")).to_contain_text("A tag is too long.")
    form.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Close without saving").click()
    expect(form).to_have_count(0)


# Updates


def test_a_new_endpoint_becomes_ready_before_ones_eyes(page, make_gateway, sign_in, make_endpoint):
    slow = make_gateway(update_delay_ms=12_000)
    sign_in(page, on=slow)
    make_endpoint(name="new-1", on=slow)
    page.goto(slow.url + where("new-1"))
    chip = page.locator(".endpoint-head .chip")
    expect(chip).to_have_text("Not ready")
    expect(page.get_by_text("The endpoint is being made ready.")).to_be_visible()
    expect(page.get_by_role("heading", name="Pending configuration, version 1")).to_be_visible()
    expect(chip).to_have_text("Ready", timeout=40_000)
    expect(page.get_by_role("heading", name="Active configuration, version 1")).to_be_visible()
    expect(page.get_by_text("The endpoint is being made ready.")).to_have_count(0)


def test_an_update_is_shown_beside_the_active_config_and_canceled(
    page, make_gateway, sign_in, make_endpoint, check_axe
):
    slow = make_gateway(update_delay_ms=12_000)
    make_endpoint(name="update-1", on=slow, entities=[external_entity("gpt-4o", name="main")])
    wait_until(lambda: get(slow, "update-1")["state"]["ready"] == "READY", 30, "the endpoint is ready")
    sign_in(page, where("update-1"), on=slow)
    chip = page.locator(".endpoint-head .chip")
    expect(chip).to_have_text("Ready")
    put_config(slow, "update-1", external_entity("gpt-5", name="main")).ok()
    expect(chip).to_have_text("Updating")
    diff = page.get_by_label("Differences between the active and the pending config")
    expect(diff.locator("del")).to_contain_text("gpt-4o")
    expect(diff.locator("ins")).to_contain_text("gpt-5")
    expect(page.get_by_text("Until then version 1 goes on serving.")).to_be_visible()
    page.get_by_role("button", name="Cancel update").click()
    expect(chip).to_have_text("Update canceled")
    expect(page.get_by_text("The update to config version 2 was canceled.")).to_be_visible()
    expect(page.get_by_text("Version 1 goes on serving.")).to_be_visible()
    check_axe(page)
    assert model_of(slow, "update-1") == "gpt-4o"

    page.get_by_role("tab", name="History").click()
    expect(card(page, 2)).to_contain_text("Canceled")
    page.get_by_role("button", name="Try again").click()
    expect(chip).to_have_text("Updating")
    expect(chip).to_have_text("Ready", timeout=30_000)
    expect(page.locator(".history-version").first).to_contain_text("Active")
    assert model_of(slow, "update-1") == "gpt-5"


def test_a_failed_update_says_why_and_what(page, make_gateway, sign_in, make_endpoint, check_axe):
    probing = make_gateway(probe_updates=True)
    make_endpoint(name="failing-1", on=probing, entities=[external_entity("gpt-4o", name="main")])
    wait_until(lambda: get(probing, "failing-1")["state"]["ready"] == "READY", 30, "the endpoint is ready")
    put_config(probing, "failing-1", external_entity("gpt-sim-e401", name="main")).ok()
    ended = lambda: get(probing, "failing-1")["state"]["config_update"] == "UPDATE_FAILED"  # noqa: E731
    wait_until(ended, 30, "the update fails")
    cause = get(probing, "failing-1")["pending_config"]["served_entities"][0]["state"]["deployment_state_message"]
    sign_in(page, where("failing-1"), on=probing)
    expect(page.locator(".endpoint-head .chip")).to_have_text("Update failed")
    banner = page.get_by_role("region", name="Config update")
    expect(banner).to_contain_text("The update to config version 2 failed.")
    expect(banner).to_contain_text(cause)
    banner.get_by_text("What would have changed").click()
    expect(banner.locator("ins")).to_contain_text("gpt-sim-e401")
    failed = page.get_by_role("region", name="Failed configuration, version 2")
    expect(failed.get_by_role("row").nth(1)).to_contain_text(cause)
    check_axe(page)
    page.get_by_role("tab", name="History").click()
    expect(card(page, 2)).to_contain_text(cause)


# History


@pytest.fixture
def four_versions(gateway, make_endpoint):
    make_endpoint(name="history-1", entities=[external_entity("model-1", name="main")])
    for i in (2, 3, 4):
        put_config(gateway, "history-1", external_entity(f"model-{i}", name="main")).ok()
    return "history-1"


def test_the_history_shows_what_each_version_changed(page, sign_in, four_versions, check_axe):
    sign_in(page, where(four_versions, "history"))
    expect(card(page, 4)).to_contain_text("Active")
    expect(card(page, 4)).to_contain_text("admin")
    expect(card(page, 3)).to_contain_text("Superseded")
    page.get_by_role("button", name="Version 3: Changes").click()
    diff = page.get_by_label("Changes of version 3")
    expect(diff.locator("del")).to_contain_text("model-2")
    expect(diff.locator("ins")).to_contain_text("model-3")
    page.get_by_role("button", name="Version 1: Compare with active").click()
    diff = page.get_by_label("Active config against version 1")
    expect(diff.locator("del")).to_contain_text("model-4")
    expect(diff.locator("ins")).to_contain_text("model-1")
    page.get_by_role("button", name="Version 1: Changes").click()
    expect(page.get_by_text("The oldest version that is kept.")).to_be_visible()
    check_axe(page)


def test_one_click_and_a_yes_roll_back(page, gateway, sign_in, four_versions, check_axe):
    sign_in(page, where(four_versions, "history"))
    expect(page.get_by_role("button", name="Roll back to version 4")).to_have_count(0)
    page.get_by_role("button", name="Roll back to version 2").click()
    dialog = page.get_by_role("dialog", name="Roll back to version 2?")
    expect(dialog.locator("ins")).to_contain_text("model-2")
    check_axe(page)
    dialog.get_by_role("button", name="Cancel").click()
    assert model_of(gateway, four_versions) == "model-4"
    page.get_by_role("button", name="Roll back to version 2").click()
    dialog.get_by_role("button", name="Roll back").click()
    expect(dialog).to_have_count(0)
    expect(card(page, 5)).to_contain_text("Active")
    expect(card(page, 4)).to_contain_text("Superseded")
    assert model_of(gateway, four_versions) == "model-2"


def test_a_refused_roll_back_is_said_in_the_dialog(page, sign_in, four_versions):
    refusal = {"error_code": "RESOURCE_CONFLICT", "message": "An update is under way."}
    page.route("**/restore", lambda route: route.fulfill(status=409, json=refusal))
    sign_in(page, where(four_versions, "history"))
    page.get_by_role("button", name="Roll back to version 1").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Roll back").click()
    expect(dialog.get_by_role("alert")).to_contain_text("An update is under way.")


def test_a_long_history_comes_in_pages(page, gateway, sign_in, make_endpoint):
    make_endpoint(name="history-2", entities=[external_entity("model-1", name="main")])
    for i in range(2, 24):
        put_config(gateway, "history-2", external_entity(f"model-{i}", name="main")).ok()
    sign_in(page, where("history-2", "history"))
    expect(card(page, 23)).to_be_visible()
    expect(card(page, 1)).to_have_count(0)
    # The oldest one in sight is compared with one that is not here yet.
    oldest = page.locator(".history-version").last
    number = re.search(r"\d+", oldest.locator("h2").inner_text())[0]
    page.get_by_role("button", name=f"Version {number}: Changes").click()
    expect(page.get_by_label(f"Changes of version {number}").locator("ins")).to_contain_text(f"model-{number}")
    while page.get_by_role("button", name="Show older versions").count():
        page.get_by_role("button", name="Show older versions").click()
    expect(card(page, 1)).to_be_visible()


# Permissions


def grant_row(page, name):
    return page.get_by_role("table", name="Permissions").get_by_role("row").filter(has_text=name)


def grants(gateway, name):
    answer = gateway.call("GET", f"/api/2.0/permissions/serving-endpoints/{get(gateway, name)['id']}").ok()
    return {
        each.get("user_name") or each.get("group_name") or each.get("service_principal_name"): [
            one["permission_level"] for one in each["all_permissions"] if not one["inherited"]
        ]
        for each in answer["access_control_list"]
    }


def test_permissions_are_given_changed_and_taken(page, gateway, sign_in, make_endpoint, make_user, check_axe):
    make_endpoint(name="share-1")
    make_user("carol@example.com")
    sign_in(page, where("share-1", "permissions"))
    expect(grant_row(page, "admins")).to_contain_text("(inherited)")
    expect(grant_row(page, "admins").get_by_role("button")).to_have_count(0)
    form = page.get_by_role("form", name="Add a permission")
    form.get_by_role("combobox", name="User name").fill("caro")
    page.get_by_role("option", name="carol@example.com").click()
    check_axe(page)
    form.get_by_role("button", name="Add").click()
    expect(grant_row(page, "carol@example.com")).to_be_visible()
    assert grants(gateway, "share-1")["carol@example.com"] == ["CAN_QUERY"]

    grant_row(page, "carol@example.com").get_by_role("combobox").select_option("Can manage")
    expect(page.get_by_text("The permission of carol@example.com was changed.")).to_be_visible()
    assert grants(gateway, "share-1")["carol@example.com"] == ["CAN_MANAGE"]

    before = grants(gateway, "share-1")
    grant_row(page, "carol@example.com").get_by_role("button", name="Remove").click()
    dialog = page.get_by_role("dialog", name="Remove this permission?")
    expect(dialog).to_contain_text("carol@example.com")
    dialog.get_by_role("button", name="Remove").click()
    expect(grant_row(page, "carol@example.com")).to_have_count(0)
    del before["carol@example.com"]
    assert grants(gateway, "share-1") == before


def test_groups_service_principals_and_names_that_nobody_has(page, gateway, sign_in, make_endpoint, check_axe):
    make_endpoint(name="share-2")
    made = gateway.call("POST", "/api/2.0/preview/scim/v2/ServicePrincipals", {"displayName": "Robot"}).ok()
    sign_in(page, where("share-2", "permissions"))
    form = page.get_by_role("form", name="Add a permission")
    form.get_by_label("Type").select_option("Service principal")
    form.get_by_role("combobox", name="Application ID").fill("robo")
    page.get_by_role("option", name="Robot").click()
    form.get_by_label("Permission").select_option("Can view")
    form.get_by_role("button", name="Add").click()
    expect(grant_row(page, made["applicationId"])).to_contain_text("Service principal")
    form.get_by_label("Type").select_option("Group")
    form.get_by_role("combobox", name="Group name").fill("nobodies")
    form.get_by_role("button", name="Add").click()
    expect(form.get_by_role("alert")).to_contain_text("nobodies")
    check_axe(page)
    form.get_by_role("combobox", name="Group name").fill("users")
    form.get_by_role("button", name="Add").click()
    expect(grant_row(page, "users")).to_contain_text("Group")
    assert grants(gateway, "share-2")["users"] == ["CAN_VIEW"]


def test_who_may_not_list_people_types_the_name(page, gateway, sign_in, make_endpoint, make_user):
    make_endpoint(name="share-3")
    make_user("dave@example.com")
    refusal = {"error_code": "PERMISSION_DENIED", "message": "Only admins."}
    page.route("**/scim/v2/Users*", lambda route: route.fulfill(status=403, json=refusal))
    sign_in(page, where("share-3", "permissions"))
    form = page.get_by_role("form", name="Add a permission")
    form.get_by_role("combobox", name="User name").fill("dave@example.com")
    form.get_by_role("button", name="Add").click()
    expect(grant_row(page, "dave@example.com")).to_be_visible()


# Three kinds of user


@pytest.mark.parametrize(
    ("level", "may_query", "may_manage"),
    [("CAN_VIEW", False, False), ("CAN_QUERY", True, False), ("CAN_MANAGE", True, True)],
)
def test_each_is_offered_what_he_may_do(
    page, gateway, sign_in, make_endpoint, make_user, check_axe, level, may_query, may_manage
):
    name = f"kinds-{level}"
    user = f"{level.lower()}@example.com"
    make_endpoint(name=name, entities=[external_entity("model-1", name="main")])
    put_config(gateway, name, external_entity("model-2", name="main")).ok()
    token = make_user(user)
    endpoint_id = get(gateway, name)["id"]
    acl = {"access_control_list": [{"user_name": user, "permission_level": level}]}
    gateway.call("PUT", f"/api/2.0/permissions/serving-endpoints/{endpoint_id}", acl).ok()
    sign_in(page, where(name), token=token)
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    expect(page.get_by_role("button", name="Query", exact=True)).to_have_count(int(may_query))
    expect(page.get_by_role("link", name="Edit", exact=True)).to_have_count(int(may_manage))
    expect(page.get_by_role("button", name="Edit tags")).to_have_count(int(may_manage))
    if may_query:
        page.get_by_role("button", name="More actions").click()
        expect(page.get_by_role("menuitem", name="Open in playground")).to_be_visible()
        expect(page.get_by_role("menuitem", name="Duplicate")).to_have_count(0)
        expect(page.get_by_role("menuitem", name="Delete")).to_have_count(int(may_manage))
        page.keyboard.press("Escape")
    else:
        expect(page.get_by_role("button", name="More actions")).to_have_count(0)
    page.get_by_role("tab", name="History").click()
    expect(card(page, 1)).to_be_visible()
    expect(page.get_by_role("button", name="Roll back to version 1")).to_have_count(int(may_manage))
    page.get_by_role("tab", name="Permissions").click()
    expect(grant_row(page, user)).to_contain_text("(you)")
    expect(page.get_by_role("form", name="Add a permission")).to_have_count(int(may_manage))
    expect(page.get_by_role("button", name=f"Remove the permission of {user}")).to_have_count(int(may_manage))
    check_axe(page)
    if may_manage:  # giving it up wants a yes, and takes effect at once
        grant_row(page, user).get_by_role("combobox").select_option("Can view")
        dialog = page.get_by_role("dialog", name="Give up managing this endpoint?")
        dialog.get_by_role("button", name="Give up").click()
        expect(page.get_by_role("form", name="Add a permission")).to_have_count(0)
        expect(page.get_by_role("link", name="Edit", exact=True)).to_have_count(0)
        assert grants(gateway, name)[user] == ["CAN_VIEW"]


# Windows and languages


@pytest.mark.parametrize("tab", [None, "history", "permissions"])
@pytest.mark.parametrize("width", [360, 2560])
def test_fits_every_window(new_page, sign_in, four_versions, check_axe, tab, width):
    page = new_page(width=width)
    sign_in(page, where(four_versions, tab))
    expect(page.get_by_role("tabpanel")).not_to_be_empty()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    check_axe(page)


def test_in_korean_and_dark(new_page, sign_in, four_versions, check_axe):
    page = new_page(locale="ko-KR", color_scheme="dark")
    sign_in(page, where(four_versions))
    expect(page.locator(".endpoint-head .chip")).to_have_text("준비됨")
    expect(page.get_by_role("tab", name="제공된 엔터티")).to_be_visible()
    check_axe(page)
    page.get_by_role("tab", name="기록").click()
    expect(page.get_by_role("button", name="버전 1(으)로 롤백")).to_be_visible()
    check_axe(page)
    page.get_by_role("tab", name="권한").click()
    expect(page.get_by_text("(상속됨)")).to_be_visible()
    check_axe(page)
