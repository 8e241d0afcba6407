"""The playground: a chat with several endpoints at once. And the page that says how other clients are set up."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.parse

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def playground(page, sign_in):
    """playground(endpoint, …, on_page=…) -> the page, with these endpoints side by side."""

    def show(*names: str, on_page: Page | None = None) -> Page:
        query = urllib.parse.urlencode([("endpoint", name) for name in names])
        shown = sign_in(on_page or page, f"/ml/playground?{query}")
        expect(field(shown)).to_be_visible()
        return shown

    return show


def field(page: Page):
    return page.get_by_label("Message", exact=True)


def say(page: Page, text: str) -> None:
    field(page).fill(text)
    field(page).press("Enter")


def reply(page: Page, name: str):
    """The newest one of that endpoint."""
    return page.get_by_role("article", name=name, exact=True).last


def ended(page: Page) -> None:
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_attached()


def at_end(page: Page) -> None:
    """The last line is in sight. Asked by a timer: what a frame begins with, it puts right before it is painted."""
    page.wait_for_function(
        "e => e.scrollHeight - e.scrollTop - e.clientHeight < 10",
        arg=page.locator(".playground-scroller").element_handle(),
        polling=50,
    )


def test_three_answer_side_by_side(playground, make_endpoint, page, check_axe):
    names = [make_endpoint(model) for model in ("gpt-4o-sim-n30-d30", "echo", "gpt-4o-sim-e429")]
    playground(*names)
    say(page, "Hello, all")
    expect(page.get_by_role("button", name="Stop all")).to_be_visible()
    ended(page)
    slow, echo, failing = (reply(page, name) for name in names)
    expect(slow.locator(".answer-text")).not_to_be_empty()
    expect(slow).to_contain_text("First token")
    expect(echo.locator(".answer-text")).to_have_text("Hello, all")
    expect(echo).to_contain_text("Latency")
    expect(failing.locator(".error-note")).to_contain_text("429")
    boxes = [each.bounding_box() for each in (slow, echo, failing)]
    assert len({box["y"] for box in boxes}) == 1 and boxes[0]["x"] < boxes[1]["x"] < boxes[2]["x"]
    log = page.get_by_role("log", name="Answers")
    expect(log.locator("p")).to_have_count(3)
    expect(log).to_contain_text(f"{names[1]} has answered: Hello, all")
    check_axe(page)


def test_the_chat_so_far_goes_along(playground, make_endpoint, page):
    """Each endpoint gets the system prompt and its own answers; what failed leaves nothing behind."""
    name, failing = make_endpoint("echo-request"), make_endpoint("gpt-4o-sim-e500")
    playground(name, failing)
    page.get_by_label("System prompt").fill("Be brief.")
    page.get_by_label("Temperature").fill("0.25")
    page.get_by_label("Max tokens").fill("77")
    page.get_by_label("Stop sequences").fill("END\n\\n\\n")
    page.get_by_role("switch", name="Stream").uncheck()
    say(page, "one")
    ended(page)
    say(page, "two")
    ended(page)
    seen = json.loads(reply(page, name).locator(".answer-text").inner_text())
    assert [each["role"] for each in seen["messages"]] == ["system", "user", "assistant", "user"]
    assert seen["messages"][0]["content"] == "Be brief." and seen["messages"][3]["content"] == "two"
    assert (seen["temperature"], seen["max_tokens"], seen["stop"]) == (0.25, 77, ["END", "\n\n"])
    assert not seen.get("stream")


def test_settings_that_are_wrong_keep_it_from_sending(playground, make_endpoint, page, check_axe):
    playground(make_endpoint())
    field(page).fill("Hello")
    send = page.get_by_role("button", name="Send", exact=True)
    for label, wrong in (("Temperature", "3"), ("Temperature", "warm"), ("Max tokens", "0"), ("Max tokens", "1.5")):
        page.get_by_label(label).fill(wrong)
        expect(page.get_by_label(label)).to_have_attribute("aria-invalid", "true")
        expect(send).to_be_disabled()
        check_axe(page)
        page.get_by_label(label).fill("")
        expect(send).to_be_enabled()


def test_stop_retry_and_edit(playground, make_endpoint, page):
    name = make_endpoint("gpt-4o-sim-n200-d100")
    echo = make_endpoint("echo")
    playground(name, echo)
    say(page, "first")
    expect(reply(page, name).locator(".answer-text")).not_to_be_empty()
    page.get_by_role("button", name=f"Stop {name}").click()
    expect(reply(page, name)).to_contain_text("Stopped")
    expect(reply(page, name).locator(".answer-text")).not_to_be_empty()
    ended(page)
    page.get_by_role("button", name=f"Ask {name} again").click()
    page.get_by_role("button", name="Stop all").click()
    ended(page)
    page.get_by_role("button", name="Edit the last message").click()
    expect(field(page)).to_have_value("first")
    expect(field(page)).to_be_focused()
    field(page).press("Escape")
    expect(field(page)).to_have_value("")
    page.get_by_role("button", name="Edit the last message").click()
    say(page, "second")
    expect(reply(page, echo).locator(".answer-text")).to_have_text("second")
    expect(page.locator(".playground-user")).to_have_count(1)
    page.get_by_role("button", name="Stop all").click()
    ended(page)


def test_enter_shift_enter_and_composition(playground, make_endpoint, page):
    echo = make_endpoint("echo")
    playground(echo)
    text = field(page)
    text.press_sequentially("one")
    text.press("Shift+Enter")
    text.press_sequentially("two")
    expect(text).to_have_value("one\ntwo")
    # The Enter that ends the composition of a syllable sends nothing.
    for how in ({"isComposing": True}, {"keyCode": 229}):
        text.dispatch_event("keydown", {"key": "Enter", "bubbles": True, **how})
    expect(text).to_have_value("one\ntwo")
    text.press("Enter")
    expect(reply(page, echo).locator(".answer-text")).to_have_text("one\ntwo")
    expect(text).to_have_value("")
    expect(text).to_be_focused()


def test_it_sticks_to_the_end_unless_scrolled_up(playground, make_endpoint, page):
    name = make_endpoint("gpt-4o-sim-n3000-d6")
    playground(name)
    say(page, "A long answer, please")
    scroller = page.locator(".playground-scroller")
    page.wait_for_function("e => e.scrollHeight > 2 * e.clientHeight", arg=scroller.element_handle())
    at_end(page)
    scroller.hover()
    page.mouse.wheel(0, -600)
    newest = page.get_by_role("button", name="To the newest")
    expect(newest).to_be_visible()
    top = scroller.evaluate("e => e.scrollTop")
    height = scroller.evaluate("e => e.scrollHeight")
    page.wait_for_function("([e, h]) => e.scrollHeight > h", arg=[scroller.element_handle(), height])
    assert scroller.evaluate("e => e.scrollTop") == top
    newest.click()
    expect(newest).to_be_hidden()
    at_end(page)
    page.get_by_role("button", name="Stop all").click()
    ended(page)
    at_end(page)


def test_endpoints_are_chosen_from_the_list_and_stand_in_the_address(playground, make_endpoint, page, check_axe):
    first, second = make_endpoint("echo"), make_endpoint("echo", name="another-chat")
    make_endpoint("echo", name="third-chat")
    vectors = make_endpoint("text-embedding-3-small", "llm/v1/embeddings")
    playground(first)
    page.get_by_role("combobox", name="Endpoint 1").click()
    search = page.get_by_role("combobox", name="Search endpoints")
    check_axe(page)
    search.fill(vectors)
    expect(page.get_by_role("option", name="No endpoint has this in its name.")).to_be_visible()
    search.fill("ANOTHER")
    search.press("Enter")
    expect(page).to_have_url(re.compile(f"endpoint={second}$"))
    page.get_by_role("button", name="Add endpoint").click()
    expect(page).to_have_url(re.compile(r"endpoint=.*&endpoint="))
    page.get_by_role("button", name="Add endpoint").click()
    expect(page.get_by_role("button", name="Add endpoint")).to_be_hidden()
    say(page, "Hello")
    ended(page)
    remove = page.get_by_role("button", name=f"Remove {second}")
    remove.click()
    asked = page.get_by_role("dialog", name=f"Remove {second}?")
    check_axe(page)
    asked.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("article")).to_have_count(3)
    remove.click()
    asked.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_role("article")).to_have_count(2)
    expect(page).not_to_have_url(re.compile(second))


def test_an_endpoint_made_meanwhile_can_be_chosen(playground, make_endpoint, page):
    playground(make_endpoint("echo"))
    late = make_endpoint("echo", name="made-late")
    page.get_by_role("combobox", name="Endpoint 1").click()
    expect(page.get_by_role("option", name=late)).to_be_visible()


def test_one_that_is_gone_fails_alone(playground, make_endpoint, page):
    echo = make_endpoint("echo")
    playground(echo, "never-made")
    say(page, "Hello")
    expect(reply(page, echo).locator(".answer-text")).to_have_text("Hello")
    expect(reply(page, "never-made").locator(".error-note")).to_contain_text("never-made")


@pytest.mark.parametrize("width", [360, 2560])
def test_hostile_words_break_nothing(new_page, playground, make_endpoint, width, check_axe):
    page = new_page(width=width)
    echo, other = make_endpoint("echo"), make_endpoint("echo")
    playground(echo, other, on_page=page)
    text = "<b>bold</b><script>alert(1)</script> \u202eevil\u202c " + "w" * 3000  # the answer may have 1024 tokens
    say(page, text)
    for name in (echo, other):
        expect(reply(page, name).locator(".answer-text")).to_have_text(text)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".playground-scroller").evaluate("e => e.scrollWidth <= e.clientWidth")
    check_axe(page)


def test_copy_as_json_and_clear(playground, make_endpoint, page, gateway):
    echo, failing = make_endpoint("echo"), make_endpoint("gpt-4o-sim-e500")
    playground(echo, failing)
    say(page, "Hello")
    ended(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy as JSON").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert [chat["endpoint"] for chat in copied["chats"]] == [echo, failing]
    asked, answer = copied["chats"][0]["messages"]
    assert asked == {"role": "user", "content": "Hello"}
    assert answer["content"] == "Hello" and answer["usage"]["output"] > 0 and answer["latency_ms"] >= 0
    assert copied["chats"][1]["messages"][1]["error"]["kind"] == "said"
    kept = page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert "Hello" not in kept and echo not in kept
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("dialog").get_by_role("button", name="Clear").click()
    expect(page.get_by_role("article")).to_have_count(0)
    expect(page.get_by_text("Ask one to three models")).to_be_visible()


def test_without_any_endpoint(page, sign_in, make_user, check_axe):
    token = make_user("nobody-yet@example.com")
    sign_in(page, "/ml/playground", token=token)
    expect(page.get_by_role("heading", name="Playground")).to_be_visible()


# Client set-up.


def setup_of(page: Page, endpoint: str, client: str) -> str:
    """The code that the page shows for the client."""
    page.get_by_role("tab", name=client, exact=True).click()
    return page.get_by_role("tabpanel").locator("pre code").inner_text()


def test_set_ups_work_as_shown(page, sign_in, make_endpoint, gateway, tmp_path, check_axe):
    name = make_endpoint("echo")
    sign_in(page, f"/ml/client-setup?endpoint={name}")
    expect(page).to_have_title("Client set-up · Sluice")
    check_axe(page)
    env = {**os.environ, "SLUICE_TOKEN": gateway.token, "DATABRICKS_CONFIG_FILE": "/nonexistent"}
    env["MLFLOW_DISABLE_TELEMETRY"] = "true"
    for client in ("Python (openai)", "MLflow Deployments", "databricks-sdk", "Anthropic SDK"):
        code = setup_of(page, name, client)
        assert gateway.token not in code and name in code
        script = tmp_path / "setup.py"
        script.write_text(code, encoding="utf-8")
        done = subprocess.run([sys.executable, str(script)], env=env, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0 and done.stdout.strip(), f"{client}: {done.stderr}"
    done = subprocess.run(["sh"], input=setup_of(page, name, "Curl"), env=env, capture_output=True, text=True, timeout=60)
    assert json.loads(done.stdout)["choices"]
    assert page.url.endswith(f"?endpoint={name}&client=curl")


@pytest.mark.parametrize(
    "client, base",
    [
        ("Codex", "/ai-gateway/codex/v1"),
        ("Cursor", "/ai-gateway/cursor/v1"),
        ("Claude Code", "/serving-endpoints/anthropic"),
        ("Node (openai)", "/serving-endpoints"),
    ],
)
def test_base_urls_are_those_that_the_gateway_serves(page, sign_in, make_endpoint, gateway, client, base):
    name = make_endpoint("echo")
    sign_in(page, f"/ml/client-setup?endpoint={name}")
    page.get_by_role("tab", name=client, exact=True).click()
    panel = page.get_by_role("tabpanel")
    expect(panel.locator("dd code").first).to_have_text(gateway.url + base)
    expect(panel.locator("dd code").nth(1)).to_have_text(name)
    expect(panel.get_by_role("link", name="Make a token")).to_have_attribute("href", "/ml/tokens")
    path = {"Codex": "/responses", "Claude Code": "/v1/messages"}.get(client, "/chat/completions")
    asked = {"input": "Hello"} if client == "Codex" else {"max_tokens": 20, "messages": [{"role": "user", "content": "Hello"}]}
    gateway.call("POST", base + path, {"model": name, **asked}).ok()


def test_clients_that_cannot_ask_say_why(page, sign_in, make_endpoint):
    vectors = make_endpoint("text-embedding-3-small", "llm/v1/embeddings")
    sign_in(page, f"/ml/client-setup?endpoint={vectors}&client=anthropic")
    expect(page.get_by_role("tabpanel")).to_contain_text("needs an endpoint whose task is chat")
    chat = make_endpoint("echo", name="set-up-chat")
    page.get_by_role("combobox", name="Endpoint").click()
    page.get_by_role("option", name=chat).click()
    expect(page.get_by_role("tabpanel")).to_contain_text("messages.create")
    page.get_by_role("tab", name="Google GenAI").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("Gemini on Vertex AI")
