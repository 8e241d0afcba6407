"""Fixtures: a gateway that has the Serving UI, the simulated provider, and Debian's Chromium by Playwright.

A page fails its test when it breaks its own content security policy, throws, or writes an error to the console.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pathlib
import sys
import urllib.parse

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "clients"))

import processes  # noqa: E402
from processes import Gateway, Program, Provider, external_entity, upstream_flags  # noqa: E402

AXE = TOP / "proxy" / "ui" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM_FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
expect.set_options(timeout=15_000)  # machines that run tests are busy


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failure shows the end of the log of every program that runs, and leaves a picture."""
    report = (yield).get_result()
    if report.failed:
        for program in Program.running:
            report.sections.append((f"log of {program.name} ({program.pid})", program.output()[-4000:]))
        page = getattr(item, "funcargs", {}).get("page")
        if page is not None and not page.is_closed():
            pictures = TOP / "build" / "test-reports" / "pictures"
            pictures.mkdir(parents=True, exist_ok=True)
            picture = pictures / f"{item.name}.png"
            with contextlib.suppress(Error):  # a page that hangs has none
                page.screenshot(path=picture)
            report.sections.append(("picture", str(picture)))


@pytest.fixture(scope="session", autouse=True)
def plain_environment():
    patch = pytest.MonkeyPatch()
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "SLUICE_ADMIN_TOKEN", "SLUICE_MASTER_KEY"):
        patch.delenv(name, raising=False)
    patch.setenv("NO_PROXY", "*")
    yield
    patch.undo()


@pytest.fixture(scope="session")
def provider(tmp_path_factory) -> Provider:
    directory = tmp_path_factory.mktemp("provider") / "tls"
    directory.mkdir()
    program = Provider(directory)
    yield program
    program.stop()


def settings(provider: Provider, **more) -> dict:
    return {
        "secrets": processes.SEED_SECRETS,
        "provider_base_urls": {"openai": provider.base_url},
        **more,
    }


@pytest.fixture(scope="session")
def gateway(provider, tmp_path_factory) -> Gateway:
    running = Gateway(tmp_path_factory.mktemp("gateway"), settings(provider), upstream_flags(provider)).start()
    yield running
    if running.program.alive():
        assert running.stop() == 0


@pytest.fixture
def make_gateway(provider, tmp_path):
    """make_gateway(**config): another gateway for this test alone, for example with update_delay_ms."""
    made = []

    def make(flags: list[str] | None = None, **config) -> Gateway:
        directory = tmp_path / f"gateway{len(made)}"
        one = Gateway(directory, settings(provider, **config), [*upstream_flags(provider), *(flags or [])])
        made.append(one)
        return one.start()

    yield make
    for one in made:
        if one.program.alive():
            assert one.stop() == 0


numbers = itertools.count(1)


@pytest.fixture
def make_endpoint(gateway):
    """make_endpoint(model=..., task=..., name=..., on=..., entities=[...], **more members of the create call) -> its name. Deleted after the test."""
    made = []

    def make(model="gpt-4o-mini", task="llm/v1/chat", name=None, on=None, entities=None, traffic=None, **more) -> str:
        name = name or f"endpoint-{next(numbers)}"
        config = {"served_entities": entities or [external_entity(model, task)]}
        if traffic is not None:
            config["traffic_config"] = {
                "routes": [{"served_model_name": key, "traffic_percentage": share} for key, share in traffic.items()]
            }
        where = on or gateway
        where.call("POST", "/api/2.0/serving-endpoints", {"name": name, "config": config, **more}).ok()
        made.append((where, name))
        return name

    yield make
    for where, name in made:
        if where.program.alive():
            where.call("DELETE", f"/api/2.0/serving-endpoints/{urllib.parse.quote(name, safe='')}")


@pytest.fixture
def make_user(gateway):
    """make_user(name, entitlements) -> a token of a new user."""

    def make(name: str, *entitlements: str, on: Gateway | None = None) -> str:
        where = on or gateway
        body = {"userName": name, "entitlements": [{"value": each} for each in entitlements]}
        where.call("POST", "/api/2.0/preview/scim/v2/Users", body).ok()
        made = where.call("POST", "/api/2.0/token-management/on-behalf-of/tokens", {"user_name": name}).ok()
        return made["token_value"]

    return make


@pytest.fixture(scope="session")
def browser() -> Browser:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=os.environ.get("SLUICE_CHROMIUM", "/usr/bin/chromium"),
            args=[*CHROMIUM_FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])],
        )
        yield running
        running.close()


class Watched:
    """What a page did that no page may do."""

    def __init__(self, page: Page):
        self.faults: list[str] = []
        self.allowed: list[str] = []  # parts of texts that a test expects on the console
        page.on("pageerror", lambda error: self.faults.append(f"thrown: {error}"))
        page.on("console", self._said)

    def _said(self, message) -> None:
        # Chromium also logs every answer that is not 2xx: the page shows those itself.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.faults.append(f"console: {message.text}")
        if "Content Security Policy" in message.text:
            self.faults.append(f"policy: {message.text}")

    def check(self) -> None:
        left = [each for each in self.faults if not any(part in each for part in self.allowed)]
        assert left == []


@pytest.fixture
def new_page(browser):
    """new_page(width=..., height=..., **context options): a page of a new browser context, watched."""
    contexts: list[tuple[BrowserContext, Watched]] = []

    def make(width: int = 1280, height: int = 800, **options) -> Page:
        options.setdefault("locale", "en-US")
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.watched = Watched(page)
        contexts.append((context, page.watched))
        return page

    yield make
    for context, _ in contexts:
        context.close()
    for _, watched in contexts:
        watched.check()


@pytest.fixture
def page(new_page) -> Page:
    return new_page()


@pytest.fixture
def sign_in(gateway):
    """sign_in(page, path="/ml/endpoints", token=None, on=None): opens the path and signs in as the admin or with the token."""

    def enter(page: Page, path: str = "/ml/endpoints", token: str | None = None, on: Gateway | None = None) -> Page:
        where = on or gateway
        page.goto(where.url + path)
        page.locator("input[name=token]").fill(token or where.token)
        page.locator("input[name=token]").press("Enter")
        page.locator("main#content").wait_for()
        return page

    return enter


def serious_faults(page: Page) -> list[str]:
    """What axe finds that keeps people out: "rule: where"."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']} ({each['impact']}): {node['target']} {node.get('failureSummary', '')}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


@pytest.fixture
def check_axe():
    def check(page: Page) -> None:
        assert serious_faults(page) == []

    return check
