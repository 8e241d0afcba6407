"""The form that makes and edits an endpoint."""

import json
import re

import pytest
from conftest import TOP, external_entity
from playwright.sync_api import expect

from processes import wait_until

REFUSALS = json.loads((TOP / "proxy/ui/src/pages/endpoint_form/refusals.json").read_text(encoding="utf-8"))
KEY = "{{secrets/my_scope/my_openai_api_key}}"
NAMES = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "cohere": "Cohere",
    "ai21labs": "AI21 Labs",
    "amazon-bedrock": "Amazon Bedrock",
    "google-cloud-vertex-ai": "Google Cloud Vertex AI",
    "databricks-model-serving": "Databricks Model Serving",
    "palm": "PaLM",
    "custom": "Custom",
}


def choose_provider(page, provider: str, entity: int = 0) -> None:
    page.get_by_role("button", name=re.compile("^Entity")).nth(entity).click()
    dialog = page.get_by_role("dialog", name="Select a served entity")
    dialog.get_by_role("radio", name="External model").check()
    dialog.get_by_role("radio", name=NAMES[provider], exact=True).check()
    dialog.get_by_role("button", name="Confirm").click()
    expect(dialog).to_be_hidden()


def choose_secret(page, label: str) -> None:
    page.get_by_label(f"Scope of {label}").select_option("my_scope")
    page.get_by_label(f"Key of {label}").select_option("my_openai_api_key")


def textbox(page, name: str):
    return page.get_by_role("textbox", name=name, exact=True)


def start(page, name: str, model: str = "gpt-4o-mini") -> None:
    textbox(page, "Name").fill(name)
    choose_provider(page, "openai")
    textbox(page, "External model name").fill(model)
    choose_secret(page, "OpenAI API key")


def create(page) -> None:
    page.get_by_role("button", name="Create", exact=True).click()


def review(page):
    page.get_by_role("button", name="Review and save").click()
    dialog = page.get_by_role("dialog", name="What will change")
    expect(dialog).to_be_visible()
    return dialog


def shown(gateway, name: str) -> dict:
    return gateway.call("GET", f"/api/2.0/serving-endpoints/{name}").ok()


def test_the_gateway_refuses_in_the_words_that_the_form_knows(gateway):
    said = {case["message"]: gateway.call("POST", "/api/2.0/serving-endpoints", case["body"]) for case in REFUSALS}
    assert {known: answer.message for known, answer in said.items() if answer.message != known} == {}


# What a user types for each provider: (label, value), or the label of a secret.
PROVIDERS = {
    "openai": [("OpenAI API key", None), ("API base URL", "https://127.0.0.1:9/v1")],
    "anthropic": [("Anthropic API key", None)],
    "cohere": [("Cohere API key", None), ("API base URL", "https://127.0.0.1:9/v1")],
    "ai21labs": [("AI21 Labs API key", None)],
    "amazon-bedrock": [("AWS region", "us-east-1"), ("AWS access key id", None), ("AWS secret access key", None)],
    "databricks-model-serving": [("Workspace URL", "https://127.0.0.1:9"), ("Databricks API token", None)],
    "palm": [("PaLM API key", None)],
    "custom": [("Provider URL", "https://127.0.0.1:9/v1"), ("Header name", "X-Key"), ("Header value (API key)", None)],
}


@pytest.fixture(scope="module")
def all_providers(provider, tmp_path_factory):
    """A gateway whose providers are all at an address that may be used; nothing is asked there."""
    from conftest import processes, settings, upstream_flags

    bases = dict.fromkeys([*NAMES, "microsoft-entra"], "https://127.0.0.1:9/v1")
    directory = tmp_path_factory.mktemp("providers")
    config = settings(provider) | {"provider_base_urls": bases}
    running = processes.Gateway(directory, config, upstream_flags(provider)).start()
    yield running
    assert running.stop() == 0


@pytest.mark.parametrize("provider_name", PROVIDERS)
def test_the_form_of_each_provider(page, all_providers, sign_in, provider_name):
    sign_in(page, "/ml/create-endpoint", on=all_providers)
    name = f"of-{provider_name}"
    textbox(page, "Name").fill(name)
    choose_provider(page, provider_name)
    textbox(page, "External model name").fill("anthropic.claude-3" if "bedrock" in provider_name else "command-r")
    if provider_name == "amazon-bedrock":
        page.get_by_label("Provider in Bedrock").select_option("anthropic")
    for label, value in PROVIDERS[provider_name]:
        if value is None:
            choose_secret(page, label)
        else:
            textbox(page, label).fill(value)
    create(page)
    page.wait_for_url(f"**/ml/endpoints/{name}")
    model = shown(all_providers, name)["config"]["served_entities"][0]["external_model"]
    assert model["provider"] == provider_name
    block = json.dumps(model)
    for _, value in PROVIDERS[provider_name]:
        assert (value or KEY) in block


def test_the_form_changes_with_type_and_authentication(page, sign_in):
    sign_in(page, "/ml/create-endpoint")
    choose_provider(page, "openai")
    expect(textbox(page, "Organization")).to_be_visible()
    page.get_by_label("API type").select_option("azuread")
    expect(textbox(page, "Organization")).to_be_hidden()
    expect(page.get_by_role("group", name="OpenAI API key")).to_be_hidden()
    for label in ("API version", "Deployment name", "Microsoft Entra tenant id"):
        expect(textbox(page, label)).to_be_visible()
    choose_provider(page, "amazon-bedrock")
    expect(page.get_by_role("group", name="AWS secret access key")).to_be_visible()
    page.get_by_role("radio", name="Role", exact=True).check()
    expect(page.get_by_role("group", name="AWS secret access key")).to_be_hidden()
    expect(textbox(page, "Role ARN")).to_be_visible()


def test_mistakes_are_said_at_their_fields_and_the_first_gets_the_focus(page, sign_in, check_axe):
    sign_in(page, "/ml/create-endpoint")
    name = textbox(page, "Name")
    name.fill("no blanks")
    expect(page.get_by_role("alert")).to_have_text('Only letters, digits, "-" and "_" are allowed.')
    name.fill("")
    name.press("Enter")
    expect(name).to_be_focused()
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("2 fields need attention.")).to_be_visible()
    name.fill("good")
    create(page)
    expect(page.get_by_role("button", name=re.compile("^Entity"))).to_be_focused()
    check_axe(page)


def test_the_gateways_refusal_stands_at_its_field(page, make_endpoint, sign_in):
    taken = make_endpoint()
    sign_in(page, "/ml/create-endpoint")
    start(page, taken)
    create(page)
    expect(page.get_by_role("alert")).to_contain_text(f"'{taken}' exists already")
    expect(textbox(page, "Name")).to_be_focused()
    textbox(page, "Name").fill("free-name")
    expect(page.get_by_role("alert")).to_be_hidden()
    page.get_by_role("button", name="Add limit").click()
    textbox(page, "Group name").fill("nobody-at-all")
    textbox(page, "Queries per minute").last.fill("5")
    create(page)
    expect(page.get_by_role("alert")).to_contain_text("'nobody-at-all', which does not exist")
    expect(textbox(page, "Group name")).to_be_focused()


def test_traffic_is_green_at_100_and_red_otherwise(page, gateway, sign_in):
    sign_in(page, "/ml/create-endpoint")
    start(page, "two-entities")
    page.get_by_role("button", name="Add served entity").click()
    choose_provider(page, "openai", 1)
    textbox(page, "External model name").nth(1).fill("gpt-4o")
    page.get_by_label("Scope of OpenAI API key").nth(1).select_option("scope")
    page.get_by_label("Key of OpenAI API key").nth(1).select_option("key")
    total = page.locator(".form-total .chip")
    expect(total).to_contain_text("Traffic total: 100 %")
    expect(total).to_have_class(re.compile("good"))
    textbox(page, "Traffic %").nth(1).fill("20")
    expect(total).to_contain_text("Traffic total: 120 %")
    expect(total).to_have_class(re.compile("bad"))
    page.get_by_role("button", name="Split evenly").click()
    expect(total).to_have_class(re.compile("good"))
    create(page)
    page.wait_for_url("**/ml/endpoints/two-entities")
    routes = shown(gateway, "two-entities")["config"]["traffic_config"]["routes"]
    assert [each["traffic_percentage"] for each in routes] == [50, 50]
    gateway.call("DELETE", "/api/2.0/serving-endpoints/two-entities").ok()


def test_a_new_secret_is_made_in_place(page, gateway, sign_in, check_axe):
    sign_in(page, "/ml/create-endpoint")
    textbox(page, "Name").fill("with-new-secret")
    choose_provider(page, "openai")
    textbox(page, "External model name").fill("gpt-4o-mini")
    page.get_by_role("button", name="New secret for OpenAI API key").click()
    dialog = page.get_by_role("dialog", name="New secret")
    check_axe(page)
    dialog.get_by_role("button", name="Create secret").click()
    expect(dialog.get_by_role("alert")).to_have_text("This is required.")
    textbox(dialog, "Name of the new scope").fill("scope-of-the-form")
    textbox(dialog, "Key").fill("fresh")
    dialog.get_by_label("Value").fill("sk-fresh-value")
    dialog.get_by_role("button", name="Create secret").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_label("Key of OpenAI API key")).to_have_value("fresh")
    create(page)
    page.wait_for_url("**/ml/endpoints/with-new-secret")
    config = shown(gateway, "with-new-secret")["config"]["served_entities"][0]["external_model"]["openai_config"]
    assert config == {"openai_api_key": "{{secrets/scope-of-the-form/fresh}}"}
    gateway.call("DELETE", "/api/2.0/serving-endpoints/with-new-secret").ok()


def test_form_and_json_are_one(page, gateway, sign_in, check_axe):
    sign_in(page, "/ml/create-endpoint")
    start(page, "by-json")
    page.get_by_role("tab", name="JSON").click()
    editor = page.get_by_label("Request body")
    body = json.loads(editor.input_value())
    assert body["config"]["served_entities"][0]["external_model"]["openai_config"] == {"openai_api_key": KEY}
    check_axe(page)
    body["tags"] = [{"key": "team", "value": "<script>alert(1)</script>"}]
    body["future_member"] = {"kept": True}
    body["rate_limits"] = [{"calls": 100, "key": "user", "renewal_period": "minute"}]
    editor.fill(json.dumps(body, indent=2))
    page.get_by_role("tab", name="Form").click()
    expect(textbox(page, "Value")).to_have_value("<script>alert(1)</script>")
    expect(page.get_by_role("group", name="Each user").get_by_label("Queries per minute")).to_have_value("100")
    page.get_by_role("tab", name="JSON").click()
    assert json.loads(editor.input_value())["future_member"] == {"kept": True}

    editor.fill('{\n  "name": "by-json",\n  broken\n}')
    expect(page.get_by_role("alert")).to_contain_text("line 3")
    page.get_by_role("tab", name="Form").click()
    expect(page.get_by_role("alert")).to_contain_text("The JSON is broken")
    expect(textbox(page, "Name")).to_have_value("by-json")
    page.get_by_role("button", name="Back to the JSON").click()
    expect(editor).to_have_value(re.compile("broken"))
    page.get_by_role("tab", name="Form").click()
    page.get_by_role("button", name="Drop the JSON text").click()
    create(page)
    page.wait_for_url("**/ml/endpoints/by-json")
    made = shown(gateway, "by-json")
    assert made["tags"] == [{"key": "team", "value": "<script>alert(1)</script>"}]
    assert made["ai_gateway"]["rate_limits"] == [{"calls": 100, "key": "user", "renewal_period": "minute"}]
    gateway.call("DELETE", "/api/2.0/serving-endpoints/by-json").ok()


def test_what_is_not_built_cannot_be_switched_on(page, sign_in):
    sign_in(page, "/ml/create-endpoint")
    for part in ("Inference tables", "Guardrails", "Fallbacks"):
        expect(page.get_by_role("switch", name=part)).to_be_disabled()
    expect(page.get_by_label("Tokens per minute").first).to_be_disabled()
    page.get_by_role("button", name=re.compile("^Entity")).click()
    expect(page.get_by_role("radio", name="Foundation model")).to_be_disabled()
    expect(page.get_by_text("This gateway serves no models of its own.")).to_be_visible()


def test_an_edit_shows_its_diff_and_sends_what_changed(page, gateway, make_endpoint, sign_in, check_axe):
    name = make_endpoint(description="kept", tags=[{"key": "old", "value": "1"}])
    before = shown(gateway, name)
    sign_in(page, f"/ml/endpoints/{name}/edit")
    expect(page).to_have_title(f"Edit {name} · Sluice")
    expect(textbox(page, "Name")).not_to_be_editable()
    textbox(page, "External model name").fill("gpt-4o")
    page.get_by_role("group", name="Endpoint").get_by_label("Queries per minute").fill("60")
    page.get_by_role("button", name="Remove tag 1").click()
    page.get_by_label("E-mail when an update fails").fill("ops@example.com, dev@example.com")
    dialog = review(page)
    diff = dialog.get_by_label(f"Changes of {name}")
    expect(diff.locator("del").filter(has_text='"name": "gpt-4o-mini"').first).to_be_visible()
    expect(diff.locator("ins").filter(has_text='"name": "gpt-4o"').first).to_be_visible()
    expect(dialog.get_by_role("listitem")).to_have_count(4)
    check_axe(page)
    dialog.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**/ml/endpoints/{name}")
    after = shown(gateway, name)
    assert after["config"]["served_entities"][0]["external_model"]["name"] == "gpt-4o"
    assert after["config"]["config_version"] == before["config"]["config_version"] + 1
    assert after["ai_gateway"] == {"rate_limits": [{"calls": 60, "key": "endpoint", "renewal_period": "minute"}]}
    assert after["tags"] == []
    assert after["email_notifications"]["on_update_failure"] == ["ops@example.com", "dev@example.com"]
    assert after["description"] == "kept"


def test_a_plaintext_key_is_never_lost_silently(page, gateway, make_endpoint, sign_in):
    entity = {
        "name": "one",
        "external_model": {
            "name": "gpt-4o-mini",
            "provider": "openai",
            "task": "llm/v1/chat",
            "openai_config": {"openai_api_key_plaintext": "sk-of-the-form"},
        },
    }
    name = make_endpoint(entities=[entity])
    sign_in(page, f"/ml/endpoints/{name}/edit")
    expect(page.get_by_role("radio", name="As it is")).to_be_checked()

    # Tags alone leave the config, and the key in it, as they are.
    page.get_by_role("button", name="Add tag").click()
    textbox(page, "Key").fill("team")
    review(page).get_by_role("button", name="Save").click()
    page.wait_for_url(f"**/ml/endpoints/{name}")
    assert shown(gateway, name)["config"]["config_version"] == 1

    # A change of the config needs the key.
    page.goto(f"{page.url}/edit")
    textbox(page, "External model name").fill("gpt-4o")
    expect(page.get_by_role("alert")).to_contain_text("needs this key again")
    page.get_by_role("button", name="Review and save").click()
    expect(page.get_by_role("radio", name="As it is")).to_be_focused()
    page.get_by_role("radio", name="Plaintext").check()
    page.get_by_role("textbox", name="OpenAI API key").fill("sk-given-again")
    dialog = review(page)
    expect(dialog).not_to_contain_text("sk-given-again")
    dialog.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**/ml/endpoints/{name}")
    assert shown(gateway, name)["config"]["config_version"] == 2


def test_one_of_several_calls_fails(page, gateway, make_endpoint, sign_in):
    name = make_endpoint()
    sign_in(page, f"/ml/endpoints/{name}/edit")
    textbox(page, "External model name").fill("gpt-4o")
    page.get_by_role("button", name="Add limit").click()
    textbox(page, "Group name").fill("nobody-at-all")
    textbox(page, "Queries per minute").last.fill("5")
    page.get_by_role("button", name="Add tag").click()
    textbox(page, "Key").fill("team")
    dialog = review(page)
    dialog.get_by_role("button", name="Save").click()
    rows = dialog.get_by_role("listitem")
    expect(rows).to_have_text([re.compile("Config.*Saved"), re.compile("AI Gateway.*Failed"), re.compile("Tags.*Not tried")])
    expect(dialog.get_by_role("alert")).to_contain_text("'nobody-at-all', which does not exist")
    dialog.get_by_role("button", name="Cancel").click()
    expect(textbox(page, "Group name")).to_be_focused()
    textbox(page, "Group name").fill("admins")
    dialog = review(page)
    expect(dialog.get_by_role("listitem")).to_have_count(2)  # the config is saved already
    dialog.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**/ml/endpoints/{name}")
    after = shown(gateway, name)
    assert after["config"]["config_version"] == 2
    assert after["tags"] == [{"key": "team", "value": ""}]


def test_an_update_that_runs_can_be_canceled(page, make_gateway, make_endpoint, sign_in):
    slow = make_gateway(update_delay_ms=60_000)
    name = make_endpoint(on=slow)
    sign_in(page, f"/ml/endpoints/{name}/edit", on=slow)
    expect(page.get_by_text("A config update of this endpoint is under way.")).to_be_visible()
    textbox(page, "External model name").fill("gpt-4o")
    dialog = review(page)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("is in progress")
    dialog.get_by_role("button", name="Cancel update").click()
    expect(page.get_by_text("The update was canceled.")).to_be_visible()
    dialog.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**/ml/endpoints/{name}")
    pending = shown(slow, name)["pending_config"]
    assert pending["served_entities"][0]["external_model"]["name"] == "gpt-4o"


def test_the_update_that_failed_takes_the_place_of_what_was_typed_only_when_asked(
    page, make_gateway, make_endpoint, sign_in
):
    probing = make_gateway(probe_updates=True)
    name = make_endpoint(on=probing)
    wait_until(lambda: shown(probing, name)["state"]["ready"] == "READY", 30, "the endpoint is ready")
    as_somebody_else(probing, name, "gpt-sim-e401")
    ended = lambda: shown(probing, name)["state"]["config_update"] == "UPDATE_FAILED"  # noqa: E731
    wait_until(ended, 30, "the update fails")
    sign_in(page, f"/ml/endpoints/{name}/edit", on=probing)
    model = textbox(page, "External model name")
    model.fill("mine")
    page.get_by_role("button", name="Show the one that failed").click()
    question = page.get_by_role("dialog", name="Replace what you typed?")
    question.get_by_role("button", name="Cancel").click()
    expect(model).to_have_value("mine")
    page.get_by_role("button", name="Show the one that failed").click()
    question.get_by_role("button", name="Replace").click()
    expect(model).to_have_value("gpt-sim-e401")


def leaving(page):
    return page.get_by_role("dialog", name="Leave without saving?")


def test_what_is_typed_is_not_lost_by_a_click(page, sign_in, check_axe):
    sign_in(page, "/ml/create-endpoint")
    textbox(page, "Name").fill("typed")
    page.get_by_role("link", name="Tokens").click()
    check_axe(page)
    leaving(page).get_by_role("button", name="Cancel").click()
    expect(textbox(page, "Name")).to_have_value("typed")
    page.get_by_role("link", name="Sluice").click()
    leaving(page).get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Account of").click()
    page.get_by_role("menuitem", name="Sign out").click()
    leaving(page).get_by_role("button", name="Cancel").click()
    expect(textbox(page, "Name")).to_have_value("typed")
    page.get_by_role("button", name="Cancel", exact=True).click()
    leaving(page).get_by_role("button", name="Leave").click()
    page.wait_for_url("**/ml/endpoints")


def test_what_is_typed_is_not_lost_by_a_step_back_or_forward(page, sign_in):
    sign_in(page)
    page.get_by_role("link", name="Create serving endpoint").first.click()
    page.get_by_role("link", name="Tokens").click()
    page.go_back()
    textbox(page, "Name").fill("typed")
    page.go_back()
    leaving(page).get_by_role("button", name="Cancel").click()
    expect(page).to_have_url(re.compile("/ml/create-endpoint$"))
    page.go_forward()
    leaving(page).get_by_role("button", name="Cancel").click()
    expect(page).to_have_url(re.compile("/ml/create-endpoint$"))
    expect(textbox(page, "Name")).to_have_value("typed")
    page.go_back()
    leaving(page).get_by_role("button", name="Leave").click()
    expect(page.get_by_role("heading", name="Serving endpoints")).to_be_visible()
    expect(page).to_have_url(re.compile("/ml/endpoints$"))
    page.go_forward()
    expect(textbox(page, "Name")).to_have_value("")


def test_closing_the_window_is_asked_about(page, sign_in):
    sign_in(page, "/ml/create-endpoint")
    textbox(page, "Name").fill("typed")
    asked = []

    def answer(dialog):
        asked.append(dialog.type)
        dialog.dismiss() if len(asked) == 1 else dialog.accept()

    page.on("dialog", answer)
    page.evaluate("setTimeout(() => location.reload())")
    page.wait_for_timeout(300)
    expect(textbox(page, "Name")).to_have_value("typed")
    assert asked == ["beforeunload"]


def test_what_is_typed_in_a_dialog_or_beside_tags_is_asked_about_too(page, make_endpoint, sign_in):
    name = make_endpoint()
    sign_in(page, "/ml/tokens")
    page.get_by_role("link", name="Secrets").click()
    page.get_by_role("button", name="New scope").first.click()
    scope = page.get_by_role("dialog").get_by_role("textbox").first
    scope.fill("typed")
    page.go_back()
    leaving(page).get_by_role("button", name="Cancel").click()
    expect(scope).to_have_value("typed")
    page.go_back()
    leaving(page).get_by_role("button", name="Leave").click()
    expect(page).to_have_url(re.compile("/ml/tokens$"))

    page.get_by_role("link", name="Serving", exact=True).click()
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_role("button", name="Edit tags").click()
    textbox(page, "Key").fill("team")
    page.get_by_role("link", name="Tokens").click()
    leaving(page).get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("button", name="Close without saving").click()
    page.get_by_role("link", name="Tokens").click()
    expect(page).to_have_url(re.compile("/ml/tokens$"))


def as_somebody_else(gateway, name: str, model: str) -> None:
    config = {"served_entities": [external_entity(model)]}
    gateway.call("PUT", f"/api/2.0/serving-endpoints/{name}/config", config).ok()


def test_a_change_of_somebody_else_is_seen_and_kept_or_dropped(page, gateway, make_endpoint, sign_in, check_axe):
    name = make_endpoint()
    sign_in(page, f"/ml/endpoints/{name}/edit")
    model = textbox(page, "External model name")
    model.fill("mine")
    as_somebody_else(gateway, name, "theirs")
    note = page.get_by_text("Somebody else has changed this endpoint")
    expect(note).to_be_visible()
    save = page.get_by_role("button", name="Review and save")
    expect(save).to_be_disabled()
    expect(model).to_have_value("mine")
    check_axe(page)

    page.get_by_role("button", name="Show their version").click()
    dialog = page.get_by_role("dialog", name="Changed meanwhile")
    expect(dialog.locator("ins").filter(has_text='"name": "theirs"').first).to_be_visible()
    check_axe(page)
    dialog.get_by_role("button", name="Keep mine").click()
    expect(note).to_be_hidden()
    dialog = review(page)
    expect(dialog.locator("del").filter(has_text='"name": "theirs"').first).to_be_visible()

    # Faster again, while the changes are reviewed.
    as_somebody_else(gateway, name, "theirs-again")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(note).to_be_visible()
    assert shown(gateway, name)["config"]["served_entities"][0]["external_model"]["name"] == "theirs-again"
    page.get_by_role("button", name="Show their version").click()
    page.get_by_role("button", name="Take theirs").click()
    expect(model).to_have_value("theirs-again")
    model.fill("agreed")
    review(page).get_by_role("button", name="Save").click()
    page.wait_for_url(f"**/ml/endpoints/{name}")
    assert shown(gateway, name)["config"]["served_entities"][0]["external_model"]["name"] == "agreed"


def test_a_change_of_somebody_else_between_two_calls_is_not_taken_for_ones_own(page, gateway, make_endpoint, sign_in):
    name = make_endpoint()
    sign_in(page, f"/ml/endpoints/{name}/edit")
    textbox(page, "External model name").fill("mine")
    page.get_by_role("button", name="Add limit").click()
    textbox(page, "Group name").fill("nobody-at-all")
    textbox(page, "Queries per minute").last.fill("5")

    def be_faster(route):
        tags = {"add_tags": [{"key": "theirs", "value": "1"}]}
        gateway.call("PATCH", f"/api/2.0/serving-endpoints/{name}/tags", tags).ok()
        route.continue_()

    page.route("**/ai-gateway", be_faster, times=1)
    dialog = review(page)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("listitem")).to_have_text([re.compile("Config.*Saved"), re.compile("AI Gateway.*Failed")])
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Somebody else has changed this endpoint")).to_be_visible()
    expect(page.get_by_role("button", name="Review and save")).to_be_disabled()
    page.get_by_role("button", name="Show their version").click()
    theirs = page.get_by_role("dialog", name="Changed meanwhile")
    expect(theirs.locator("ins").filter(has_text='"key": "theirs"').first).to_be_visible()
    theirs.get_by_role("button", name="Take theirs").click()
    expect(textbox(page, "External model name")).to_have_value("mine")


def test_a_deletion_by_somebody_else_is_seen_and_what_was_typed_made_again(
    page, gateway, make_endpoint, sign_in, check_axe
):
    entity = external_entity(name="one", openai_api_key_plaintext="sk-of-the-form")
    name = make_endpoint(entities=[entity], tags=[{"key": "team", "value": "a"}])
    sign_in(page, f"/ml/endpoints/{name}/edit")
    textbox(page, "Value").fill("typed")
    gateway.call("DELETE", f"/api/2.0/serving-endpoints/{name}").ok()
    expect(page.get_by_text("This endpoint was deleted meanwhile")).to_be_visible()
    expect(page.get_by_role("button", name="Review and save")).to_be_disabled()
    check_axe(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy as JSON").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert copied["name"] == name and copied["tags"] == [{"key": "team", "value": "typed"}]
    assert "_plaintext" not in json.dumps(copied)

    page.get_by_role("button", name="Create it again").click()
    expect(page.get_by_role("heading", name="Create serving endpoint", level=1)).to_be_visible()
    note = page.get_by_text(f"The endpoint {name} was deleted.")
    expect(note).to_contain_text("give them again for one")
    expect(note).to_be_focused()
    expect(note).to_be_in_viewport()
    expect(textbox(page, "Name")).to_have_value(name)
    expect(textbox(page, "Value")).to_have_value("typed")
    check_axe(page)
    page.get_by_role("link", name="Tokens").click()
    leaving(page).get_by_role("button", name="Cancel").click()
    create = page.get_by_role("button", name="Create", exact=True)
    create.click()
    expect(page.get_by_text("One field needs attention.")).to_be_visible()  # the key went with the endpoint
    page.get_by_role("radio", name="Plaintext").check()
    page.get_by_role("textbox", name="OpenAI API key").fill("sk-given-again")
    create.click()
    page.wait_for_url(f"**/ml/endpoints/{name}")
    made = shown(gateway, name)
    assert made["tags"] == [{"key": "team", "value": "typed"}]
    assert made["config"]["served_entities"][0]["external_model"]["name"] == "gpt-4o-mini"


def test_who_may_create_nothing_keeps_what_was_typed_as_json(page, gateway, make_endpoint, make_user, sign_in):
    name = make_endpoint()
    token = make_user("only-manages@example.com")
    gateway.grant(name, "CAN_MANAGE", user_name="only-manages@example.com")
    sign_in(page, f"/ml/endpoints/{name}/edit", token=token)
    textbox(page, "External model name").fill("mine")
    gateway.call("DELETE", f"/api/2.0/serving-endpoints/{name}").ok()
    expect(page.get_by_role("button", name="Copy as JSON")).to_be_visible()
    expect(page.get_by_role("button", name="Create it again")).to_have_count(0)
    page.get_by_role("tab", name="JSON").click()
    expect(page.get_by_label("Request body")).to_have_value(re.compile('"name": "mine"'))


def test_who_may_not_manage_reads_and_does_not_type(page, gateway, make_endpoint, make_user, sign_in, check_axe):
    name = make_endpoint(tags=[{"key": "team", "value": "a"}])
    token = make_user("form-reader@example.com")
    gateway.grant(name, "CAN_QUERY", user_name="form-reader@example.com")
    sign_in(page, f"/ml/endpoints/{name}/edit", token=token)
    expect(page.get_by_text("You need the permission to manage this endpoint to change it.")).to_be_visible()
    expect(textbox(page, "External model name")).to_have_value("gpt-4o-mini")
    expect(textbox(page, "External model name")).to_be_disabled()
    expect(page.get_by_role("button", name="Add tag")).to_be_disabled()
    check_axe(page)
    page.get_by_role("tab", name="JSON").click()
    expect(page.get_by_label("Request body")).not_to_be_editable()
    expect(page.get_by_role("button", name="Review and save")).to_have_count(0)
    page.get_by_role("link", name="Back to the endpoint").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def test_an_endpoint_can_be_copied(page, gateway, make_endpoint, sign_in):
    source = make_endpoint(tags=[{"key": "team", "value": "a"}], description="first")
    sign_in(page, f"/ml/create-endpoint?from={source}")
    expect(page.get_by_text(f"Started as a copy of {source}.")).to_be_visible()
    expect(textbox(page, "Description")).to_have_value("first")
    textbox(page, "Name").fill("copied")
    create(page)
    page.wait_for_url("**/ml/endpoints/copied")
    assert shown(gateway, "copied")["tags"] == [{"key": "team", "value": "a"}]
    gateway.call("DELETE", "/api/2.0/serving-endpoints/copied").ok()


def test_an_endpoint_that_is_not_there(page, sign_in, check_axe):
    sign_in(page, "/ml/endpoints/nobody/edit")
    expect(page.get_by_role("alert")).to_contain_text("'nobody' does not exist")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    check_axe(page)


@pytest.mark.parametrize("width", [360, 2560])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_width_and_no_theme_breaks_it(new_page, make_endpoint, sign_in, check_axe, width, scheme):
    hostile = "‮" + "<b>" + "w" * 3000 + "😀"
    name = make_endpoint(tags=[{"key": hostile, "value": hostile}], description=hostile[:900])
    page = sign_in(new_page(width=width, color_scheme=scheme), f"/ml/endpoints/{name}/edit")
    expect(textbox(page, "Name")).to_have_value(name)
    textbox(page, "External model name").fill(hostile)
    page.get_by_role("button", name="Add served entity").click()
    page.get_by_role("button", name="Add limit").click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    check_axe(page)
