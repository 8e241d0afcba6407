"""The seed's section "Serving UI", step by step, in English and in the seed's own language."""

import pytest
from playwright.sync_api import expect

# In the order of the seed: name field, entity field, external model, provider, confirm, model name, task, configuration, create.
WORDS = {
    "en-US": {
        "name": "Name",
        "entity": "Entity",
        "form": "Select a served entity",
        "external": "External model",
        "confirm": "Confirm",
        "model": "External model name",
        "task": "Task",
        "tasks": ["Chat", "Completions", "Embeddings"],
        "scope": "Scope of OpenAI API key",
        "key": "Key of OpenAI API key",
        "create": "Create",
    },
    "ko-KR": {
        "name": "이름",
        "entity": "엔터티",
        "form": "제공된 엔터티 선택",
        "external": "외부 모델",
        "confirm": "확인",
        "model": "외부 모델 이름",
        "task": "작업",
        "tasks": ["채팅", "완료", "포함(임베딩)"],
        "scope": "OpenAI API 키의 범위",
        "key": "OpenAI API 키의 키",
        "create": "만들기",
    },
}


@pytest.mark.parametrize("locale", WORDS)
def test_an_endpoint_for_an_external_model(new_page, make_gateway, sign_in, locale):
    words = WORDS[locale]
    gateway = make_gateway(update_delay_ms=12_000)
    page = sign_in(new_page(locale=locale), "/ml/create-endpoint", on=gateway)

    # In the name field, enter a name for the endpoint.
    page.get_by_label(words["name"]).first.fill("openai_endpoint")

    # In the section of served entities, click the entity field: it opens the form "Select a served entity".
    page.get_by_role("button", name=words["entity"]).first.click()
    dialog = page.get_by_role("dialog", name=words["form"])
    expect(dialog).to_be_visible()

    # Choose external model, then the model provider that you wish to use, and click confirm.
    dialog.get_by_role("radio", name=words["external"]).check()
    dialog.get_by_role("radio", name="OpenAI").check()
    dialog.get_by_role("button", name=words["confirm"]).click()
    expect(dialog).to_be_hidden()

    # Enter the name of the external model; the form has changed with the choice.
    page.get_by_label(words["model"]).fill("text-embedding-ada-002")

    # Choose the task type: chat, completions and embeddings are there.
    task = page.get_by_label(words["task"])
    assert task.locator("option").all_inner_texts() == words["tasks"]
    task.select_option(label=words["tasks"][2])

    # Give the configuration details: a secret that refers to the access token of the provider.
    page.get_by_label(words["scope"]).select_option("my_scope")
    page.get_by_label(words["key"]).select_option("my_openai_api_key")

    # Click create: the page of the endpoint appears, and the endpoint is not ready yet.
    page.get_by_role("button", name=words["create"], exact=True).click()
    page.wait_for_url("**/ml/endpoints/openai_endpoint")
    not_ready = "준비되지 않음" if locale.startswith("ko") else "Not ready"
    expect(page.locator(".endpoint-head .chip")).to_have_text(not_ready)
    shown = gateway.call("GET", "/api/2.0/serving-endpoints/openai_endpoint").ok()
    assert shown["state"] == {"ready": "NOT_READY", "config_update": "IN_PROGRESS"}

    # It is the endpoint of the seed's REST example.
    entity = shown["pending_config"]["served_entities"][0]
    assert entity["name"] == "text-embedding-ada-002"
    assert entity["external_model"] == {
        "provider": "openai",
        "name": "text-embedding-ada-002",
        "task": "llm/v1/embeddings",
        "openai_config": {"openai_api_key": "{{secrets/my_scope/my_openai_api_key}}"},
    }
