"""Pictures of every view, to be looked at: tools/pictures [DIRECTORY]. Not part of the tests; a view that fails to load fails."""

from __future__ import annotations

import os
import pathlib
import re

import pytest
from conftest import TOP, external_entity
from playwright.sync_api import Page

WHERE = pathlib.Path(os.environ.get("SLUICE_PICTURES", TOP / "build" / "pictures"))
VARIANTS = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "narrow": {"width": 360, "height": 740},
    "wide": {"width": 2560, "height": 1200},
    "korean": {"locale": "ko-KR"},
}
HOSTILE = "<script>alert(1)</script> \u202egnihtyreve\u202c 👩‍👩‍👧 " + "word" * 60


def two_entities() -> list[dict]:
    return [external_entity(name="cheap"), external_entity(model="gpt-4o", name="dear")]


@pytest.fixture(scope="module")
def filled(gateway):
    """A gateway that has been in use."""
    for number in range(12):
        body = {
            "name": f"assistant-{number}",
            "config": {"served_entities": [external_entity(task=["llm/v1/chat", "llm/v1/embeddings"][number % 2])]},
            "tags": [{"key": "team", "value": ["search", "support"][number % 2]}],
        }
        gateway.call("POST", "/api/2.0/serving-endpoints", body).ok()
    main = {
        "name": "support-chat",
        "description": "Answers the first question of each customer. " + HOSTILE[:40],
        "config": {
            "served_entities": two_entities(),
            "traffic_config": {
                "routes": [
                    {"served_model_name": "cheap", "traffic_percentage": 80},
                    {"served_model_name": "dear", "traffic_percentage": 20},
                ]
            },
        },
        "tags": [{"key": "team", "value": "gen-ai"}, {"key": "note", "value": HOSTILE}],
        "ai_gateway": {
            "usage_tracking_config": {"enabled": True},
            "rate_limits": [{"calls": 100, "key": "endpoint", "renewal_period": "minute"}],
        },
    }
    gateway.call("POST", "/api/2.0/serving-endpoints", main).ok()
    main["config"]["traffic_config"]["routes"][0]["traffic_percentage"] = 60
    main["config"]["traffic_config"]["routes"][1]["traffic_percentage"] = 40
    gateway.call("PUT", "/api/2.0/serving-endpoints/support-chat/config", main["config"]).ok()
    for number in range(40):
        chat = {"messages": [{"role": "user", "content": f"Question {number}"}], "stream": number % 2 == 0}
        gateway.call("POST", "/serving-endpoints/support-chat/invocations", chat)
    gateway.call("POST", "/serving-endpoints/support-chat/invocations", {"messages": 5})
    for person in ("alice@example.com", "김민지@example.kr"):
        gateway.call("POST", "/api/2.0/preview/scim/v2/Users", {"userName": person}).ok()
    gateway.call("POST", "/api/2.0/preview/scim/v2/Groups", {"displayName": "support-team"}).ok()
    gateway.call("POST", "/api/2.0/preview/scim/v2/ServicePrincipals", {"displayName": "nightly"}).ok()
    gateway.call("POST", "/api/2.0/token/create", {"comment": "laptop"}).ok()
    gateway.grant("support-chat", "CAN_QUERY", user_name="alice@example.com")
    return gateway


def tab(name: str):
    return f"/ml/endpoints/support-chat?tab={name}"


VIEWS = {
    "list": "/ml/endpoints",
    "create": "/ml/create-endpoint",
    "edit": "/ml/endpoints/support-chat/edit",
    "endpoint": "/ml/endpoints/support-chat",
    "metrics": tab("metrics"),
    "usage": tab("usage"),
    "logs": tab("logs"),
    "history": tab("history"),
    "permissions": tab("permissions"),
    "gateway": tab("gateway"),
    "no-such-endpoint": "/ml/endpoints/nothing-here",
    "playground": "/ml/playground?endpoint=support-chat&endpoint=assistant-0",
    "client-setup": "/ml/client-setup?endpoint=support-chat",
    "tokens": "/ml/tokens",
    "secrets": "/ml/secrets",
    "users": "/ml/users",
    "groups": "/ml/groups",
    "service-principals": "/ml/service-principals",
    "audit": "/ml/audit",
    "not-found": "/ml/nothing",
}


def take(page: Page, name: str, variant: str, full_page: bool = True) -> None:
    WHERE.mkdir(parents=True, exist_ok=True)
    page.locator(".loading").first.wait_for(state="detached")
    page.wait_for_timeout(700)  # charts are drawn after their data is there
    page.screenshot(path=WHERE / f"{name}-{variant}.png", full_page=full_page)


def press(page: Page, names: str) -> None:
    page.get_by_role("button", name=re.compile(names)).first.click()


def take_opened(page: Page, gateway, variant: str) -> None:
    """What opens over a page by one click."""
    for name, path, *buttons in (
        ("opened-entity", "/ml/create-endpoint", "Select an entity|엔터티 선택"),
        ("opened-limits", tab("gateway"), "Edit: Rate|편집: 속도"),
        ("opened-token", "/ml/tokens", "New token|새 토큰"),
        ("opened-scope", "/ml/secrets", "New scope|새 범위"),
        ("opened-secret", "/ml/secrets?scope=my_scope", "New secret|새 비밀"),
        ("opened-user", "/ml/users", "New user|새 사용자"),
        ("opened-members", "/ml/groups", "admins"),
        ("opened-account", "/ml/endpoints", "Account of|계정"),
        ("opened-actions", "/ml/endpoints/support-chat", "More actions|추가 동작"),
    ):
        page.goto(gateway.url + path)
        for each in buttons:
            press(page, each)
        page.locator("[role=dialog], [role=menu]").first.wait_for()
        take(page, name, variant, full_page=False)
    page.goto(gateway.url + "/ml/audit")
    page.get_by_role("row").nth(1).get_by_role("button").first.click()
    take(page, "opened-audit-entry", variant, full_page=False)
    page.goto(gateway.url + "/ml/playground?endpoint=support-chat")
    page.get_by_role("combobox").first.click()
    take(page, "opened-picker", variant, full_page=False)


def take_chat(page: Page, gateway, variant: str) -> None:
    for name, endpoints in (("chat", ["support-chat"]), ("chats", ["support-chat", "assistant-0", "assistant-2"])):
        page.goto(gateway.url + "/ml/playground?" + "&".join(f"endpoint={each}" for each in endpoints))
        for text in ("What is a sluice?", HOSTILE):
            page.locator(".playground-composer textarea").fill(text)
            page.keyboard.press("Enter")
            page.wait_for_timeout(1500)
        take(page, name, variant, full_page=False)


def take_deleted(page: Page, gateway, variant: str) -> None:
    name = f"deleted-{variant}"
    body = {"name": name, "config": {"served_entities": [external_entity()]}, "tags": [{"key": "team", "value": "a"}]}
    gateway.call("POST", "/api/2.0/serving-endpoints", body).ok()
    page.goto(f"{gateway.url}/ml/endpoints/{name}/edit")
    page.locator(".form-tag input").last.fill("typed")
    gateway.call("DELETE", f"/api/2.0/serving-endpoints/{name}").ok()
    page.locator(".form-foot .form-note").wait_for()
    take(page, "deleted-meanwhile", variant, full_page=False)
    page.locator(".form-foot .form-note .button").last.click()
    take(page, "created-again", variant, full_page=False)


def take_dialogs(page: Page, gateway, variant: str) -> None:
    """What only shows when something happens."""
    page.goto(gateway.url + "/ml/endpoints?q=support")
    page.locator(".list-tags-button").first.click()
    page.get_by_role("dialog").wait_for()
    take(page, "tags", variant, full_page=False)
    page.goto(gateway.url + "/ml/playground?endpoint=assistant-1&endpoint=nobody")
    page.locator(".playground-fault").first.wait_for()
    take(page, "playground-faults", variant, full_page=False)
    page.goto(gateway.url + "/ml/endpoints/assistant-0/edit")
    page.locator(".form-share, .form-fields input").nth(2).fill("typed")
    config = {"served_entities": [external_entity(model=f"gpt-of-{variant}")]}
    gateway.call("PUT", "/api/2.0/serving-endpoints/assistant-0/config", config).ok()
    page.locator(".form-foot .form-note button").first.click()
    page.get_by_role("dialog").wait_for()
    take(page, "changed-meanwhile", variant, full_page=False)
    page.keyboard.press("Escape")
    take(page, "changed-note", variant, full_page=False)
    page.locator(".brand").click()
    page.get_by_role("dialog").wait_for()
    take(page, "leave", variant, full_page=False)
    page.evaluate(
        """async () => {
            const asked = await (await fetch('/api/2.0/sluice/session')).json();
            await fetch('/api/2.0/sluice/session', {method: 'DELETE', headers: {'x-csrf-token': asked.csrf_token}});
        }"""
    )
    page.locator("input[name=token]").wait_for()
    take(page, "session-ended", variant, full_page=False)


@pytest.mark.parametrize("variant", VARIANTS)
def test_pictures(filled, new_page, sign_in, variant):
    page = new_page(**VARIANTS[variant])
    page.goto(filled.url)
    page.locator("input[name=token]").wait_for()
    take(page, "sign-in", variant)
    sign_in(page)
    for name, path in VIEWS.items():
        page.goto(filled.url + path)
        page.locator("h1, .state").first.wait_for()
        if name == "metrics":
            page.locator(".chart canvas").first.wait_for()
        take(page, name, variant)
    page.goto(filled.url + "/ml/endpoints/support-chat")
    page.get_by_role("button", name=re.compile("^(Query|쿼리)")).click()
    page.get_by_role("dialog").wait_for()
    take(page, "query", variant)
    take_opened(page, filled, variant)
    take_chat(page, filled, variant)
    take_deleted(page, filled, variant)
    take_dialogs(page, filled, variant)
