"""The query pane of an endpoint: requests of each task, streams, stops and failures, and the snippets, which are run as they stand."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from processes import external_entity

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \u202eevil\u202c \U0001f600 " + "w" * 10_000


@pytest.fixture
def open_pane(page, sign_in):
    """open_pane(endpoint) -> the drawer."""

    def show(name: str, on_page: Page | None = None, **how):
        shown = on_page or page
        sign_in(shown, f"/ml/endpoints/{name}", **how)
        shown.get_by_role("button", name="Query", exact=True).click()
        return shown.get_by_role("dialog")

    return show


def request_of(pane):
    return pane.get_by_label("Request")


def body_in(pane) -> dict:
    return json.loads(request_of(pane).input_value())


def ask(pane, body: dict | None = None) -> None:
    if body is not None:
        request_of(pane).fill(json.dumps(body))
    pane.get_by_role("button", name="Send request").click()


def chat(text: str, **more) -> dict:
    return {"messages": [{"role": "user", "content": text}], **more}


def status(pane):
    return pane.locator(".query-summary .chip")


def test_a_chat_is_streamed_with_its_numbers_and_headers(open_pane, make_endpoint, check_axe, page):
    name = make_endpoint("gpt-4o-sim-n20-d30", entities=[external_entity("gpt-4o-sim-n20-d30", name="the-entity")])
    pane = open_pane(name)
    assert body_in(pane)["stream"] is True and body_in(pane)["messages"]
    check_axe(page)
    ask(pane)
    expect(pane.get_by_role("button", name="Stop")).to_be_visible()
    expect(status(pane)).to_have_text("200")
    expect(pane.get_by_role("button", name="Send request")).to_be_enabled()
    expect(pane.locator(".query-text .answer-text")).not_to_be_empty()
    summary = pane.locator(".query-summary")
    expect(summary).to_contain_text("First token")
    expect(summary).to_contain_text(" out")
    headers = pane.locator(".query-headers")
    expect(headers).to_contain_text("served-model-name")
    expect(headers).to_contain_text("the-entity")
    expect(headers).to_contain_text("x-request-id")
    expect(pane.locator(".query-raw pre").first).to_contain_text("[DONE]")
    expect(page.get_by_text("The answer is complete.")).to_be_attached()
    check_axe(page)


def test_the_text_comes_before_the_end(open_pane, make_endpoint):
    pane = open_pane(make_endpoint("gpt-4o-sim-n100-d100"))
    ask(pane)
    expect(pane.locator(".query-text .answer-text")).not_to_be_empty()
    stop = pane.get_by_role("button", name="Stop")
    expect(stop).to_be_visible()
    stop.click()
    expect(status(pane)).to_have_text("Stopped")
    expect(pane.locator(".query-text .answer-text")).not_to_be_empty()
    expect(pane.get_by_role("button", name="Send request")).to_be_enabled()


def test_without_a_stream(open_pane, make_endpoint):
    pane = open_pane(make_endpoint())
    stream = pane.get_by_role("switch", name="Stream")
    stream.uncheck()
    assert "stream" not in body_in(pane) and "stream_options" not in body_in(pane)
    ask(pane)
    expect(status(pane)).to_have_text("200")
    expect(pane.locator(".query-raw pre").first).to_contain_text('"object": "chat.completion"')
    expect(pane.locator(".query-summary")).to_contain_text(" out")
    stream.check()
    assert body_in(pane)["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize(
    "model, task, main, shown",
    [
        ("gpt-3.5-turbo-instruct", "llm/v1/completions", "prompt", " out"),
        ("text-embedding-3-small", "llm/v1/embeddings", "input", "vectors of"),
    ],
)
def test_other_tasks(open_pane, make_endpoint, model, task, main, shown):
    pane = open_pane(make_endpoint(model, task))
    request_of(pane).fill("{}")
    pane.get_by_role("button", name="Show example").click()
    assert main in body_in(pane)
    expect(pane.get_by_role("switch", name="Stream")).to_have_count(int(task == "llm/v1/completions"))
    ask(pane)
    expect(status(pane)).to_have_text("200")
    expect(pane.get_by_role("region", name="Response")).to_contain_text(shown)


def test_one_served_entity_is_asked(open_pane, make_endpoint):
    entities = [external_entity("gpt-4o", name="all"), external_entity("gpt-4o", name="none")]
    pane = open_pane(make_endpoint(entities=entities, traffic={"all": 100, "none": 0}))
    for chosen, answers in (("none", "none"), ("As the traffic is split", "all")):
        pane.get_by_label("Served entity").select_option(chosen)
        ask(pane)
        row = pane.locator(".query-headers > div", has_text="served-model-name")
        expect(row).to_contain_text(answers)
        expect(pane.get_by_role("button", name="Send request")).to_be_enabled()


def test_broken_json_is_not_sent(open_pane, make_endpoint):
    pane = open_pane(make_endpoint())
    for text in ('{"messages": [', "[1]"):
        request_of(pane).fill(text)
        expect(request_of(pane)).to_have_attribute("aria-invalid", "true")
        expect(pane.get_by_role("button", name="Send request")).to_be_disabled()
        expect(pane.get_by_role("switch", name="Stream")).to_be_disabled()
    pane.get_by_role("tab", name="Curl").click()
    expect(pane).to_contain_text("not a JSON object")


def test_the_words_of_the_server(open_pane, make_endpoint):
    pane = open_pane(make_endpoint())
    ask(pane, {"prompt": "Once"})
    expect(status(pane)).to_have_text("400")
    expect(pane.locator(".error-note")).to_contain_text("messages")


def test_a_provider_that_refuses_its_key_does_not_sign_out(open_pane, make_endpoint, page):
    pane = open_pane(make_endpoint("gpt-4o-sim-e401"))
    ask(pane)
    expect(status(pane)).to_have_text("401")
    expect(pane.locator(".error-note")).to_contain_text("openai: ")
    ask(pane)
    expect(status(pane)).to_have_text("401")
    expect(page.get_by_role("main")).to_be_attached()


@pytest.mark.parametrize("fault", ["err3", "cut3"])
def test_a_stream_that_breaks_keeps_its_text(open_pane, make_endpoint, fault):
    pane = open_pane(make_endpoint(f"gpt-4o-sim-n9-{fault}"))
    ask(pane)
    expect(pane.locator(".error-note")).to_be_visible()
    expect(pane.locator(".query-text .answer-text")).not_to_be_empty()
    expect(pane.get_by_role("button", name="Send request")).to_be_enabled()


@pytest.mark.parametrize("width", [360, 1280])
def test_hostile_text_is_text(new_page, open_pane, make_endpoint, width):
    page = new_page(width=width)
    pane = open_pane(make_endpoint("echo"), on_page=page)
    for stream in (False, True):
        ask(pane, chat(HOSTILE, stream=stream))
        expect(pane.locator(".query-text .answer-text")).to_have_text(HOSTILE)
        expect(pane.get_by_role("button", name="Send request")).to_be_enabled()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    body = pane.locator(".dialog-body")
    assert body.evaluate("each => each.scrollWidth <= each.clientWidth")


def test_control_enter_sends_and_the_draft_stays(open_pane, make_endpoint, page):
    pane = open_pane(make_endpoint("echo"))
    request_of(pane).fill(json.dumps(chat("kept")))
    request_of(pane).press("Control+Enter")
    expect(pane.locator(".query-text .answer-text")).to_have_text("kept")
    pane.get_by_role("tab", name="Curl").click()
    pane.get_by_role("tab", name="Browser").click()
    expect(pane.locator(".query-text .answer-text")).to_have_text("kept")
    page.keyboard.press("Escape")
    expect(pane).to_be_hidden()
    opener = page.get_by_role("button", name="Query", exact=True)
    expect(opener).to_be_focused()
    opener.click()
    assert body_in(pane) == chat("kept")


# The snippets.


def copied(pane, tab: str) -> str:
    """What the copy button of the tab puts into the clipboard."""
    page = pane.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    pane.get_by_role("tab", name=tab).click()
    panel = pane.get_by_role("tabpanel")
    panel.get_by_role("button").click()
    expect(panel.get_by_role("button")).to_contain_text("Copied")
    return page.evaluate("navigator.clipboard.readText()")


def run(command: list[str], gateway, tmp_path, code: str | None = None) -> str:
    """The snippet, with the token where it says."""
    assert gateway.token not in " ".join(command) + (code or "")
    env = {**os.environ, "SLUICE_TOKEN": gateway.token, "MLFLOW_DISABLE_TELEMETRY": "true"}
    env["DATABRICKS_CONFIG_FILE"] = "/nonexistent"
    done = subprocess.run(command, input=code, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


TASKS = {
    "chat": ("echo", "llm/v1/chat", chat("It's $HOME, \"quoted\" \\ and 한글\nin two lines.", max_tokens=200)),
    "stream": ("echo", "llm/v1/chat", chat("It's $HOME, \"quoted\" \\ and 한글\nin two lines.", stream=True)),
    "completions": ("echo", "llm/v1/completions", {"prompt": "Once `upon` a $(time)", "top_k": 3}),
    "streamed completions": ("echo", "llm/v1/completions", {"prompt": "Once `upon` a $(time)", "stream": True}),
    "embeddings": ("text-embedding-3-small", "llm/v1/embeddings", {"input": ["one", "two"]}),
}


def answered(kind: str, out: str) -> bool:
    body = TASKS[kind][2]
    if kind == "embeddings":
        return len(json.loads(out)) > 100
    said = body["messages"][0]["content"] if "messages" in body else body["prompt"]
    return said in out


@pytest.mark.parametrize("kind", TASKS)
def test_curl_as_copied(open_pane, make_endpoint, gateway, tmp_path, kind):
    model, task, body = TASKS[kind]
    pane = open_pane(make_endpoint(model, task))
    request_of(pane).fill(json.dumps(body))
    out = run(["sh"], gateway, tmp_path, copied(pane, "Curl"))
    if body.get("stream"):
        assert out.endswith("data: [DONE]\n\n")
        return
    answer = json.loads(out)
    if kind == "embeddings":
        assert len(answer["data"]) == 2
    else:
        choice = answer["choices"][0]
        assert answered(kind, choice["message"]["content"] if "message" in choice else choice["text"])


@pytest.mark.parametrize("tab", ["Python (OpenAI client)", "MLflow SDK"])
@pytest.mark.parametrize("kind", TASKS)
def test_python_as_copied(open_pane, make_endpoint, gateway, tmp_path, kind, tab):
    model, task, body = TASKS[kind]
    pane = open_pane(make_endpoint(model, task))
    request_of(pane).fill(json.dumps(body))
    script = tmp_path / "snippet.py"
    script.write_text(copied(pane, tab), encoding="utf-8")
    assert answered(kind, run([sys.executable, str(script)], gateway, tmp_path))


def test_curl_asks_one_entity(open_pane, make_endpoint, gateway, tmp_path):
    entities = [external_entity("echo", name="all"), external_entity("echo", name="none")]
    pane = open_pane(make_endpoint(entities=entities, traffic={"all": 100, "none": 0}))
    pane.get_by_label("Served entity").select_option("none")
    pane.get_by_role("switch", name="Stream").uncheck()
    text = copied(pane, "Curl").replace("curl ", "curl -sSi ", 1)
    assert "served-model-name: none" in run(["sh"], gateway, tmp_path, text)
    pane.get_by_role("tab", name="Node").click()
    expect(pane).to_contain_text("Curl can ask one.")
    expect(pane.get_by_role("tabpanel")).to_contain_text("process.env.SLUICE_TOKEN")
