"""Fixtures: one gateway with one simulated provider for all tests, others on demand, and the real clients in front of a recorder."""

from __future__ import annotations

import itertools
import pathlib
import types

import pytest

import processes
from fake_upstream import FakeUpstream
from processes import Gateway, Program, Provider, external_entity, upstream_flags
from recorder import Recorder


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failure shows the end of the log of every program that runs."""
    report = (yield).get_result()
    if report.failed:
        for program in Program.running:
            report.sections.append((f"log of {program.name} ({program.pid})", program.output()[-6000:]))


@pytest.fixture(scope="session", autouse=True)
def plain_environment():
    """No proxy, profile or token of the person who runs the tests reaches the clients."""
    patch = pytest.MonkeyPatch()
    for name in (
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "DATABRICKS_CONFIG_PROFILE",
        "SLUICE_ADMIN_TOKEN",
        "SLUICE_MASTER_KEY",
    ):
        patch.delenv(name, raising=False)
    patch.setenv("NO_PROXY", "*")
    patch.setenv("DATABRICKS_CONFIG_FILE", "/nonexistent")
    patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    yield
    patch.undo()


@pytest.fixture(scope="session")
def provider(tmp_path_factory) -> Provider:
    directory = tmp_path_factory.mktemp("provider") / "tls"
    directory.mkdir()
    program = Provider(directory)
    yield program
    program.stop()


def close_down(gateway: Gateway) -> None:
    """Stops it and looks for secrets in everything it wrote."""
    if gateway.program is not None and gateway.program.alive():
        assert gateway.stop() == 0, gateway.output()[-4000:]
    assert gateway.files_with_secrets() == []


def settings(provider: Provider | None, **more) -> dict:
    """The config file of a gateway under test: the seed's secrets, and the provider `openai` at the simulated one."""
    config = {"secrets": processes.SEED_SECRETS, **more}
    if provider is not None:
        config["provider_base_urls"] = {"openai": provider.base_url}
    return config


@pytest.fixture(scope="session")
def gateway(provider, tmp_path_factory) -> Gateway:
    running = Gateway(
        tmp_path_factory.mktemp("gateway"), settings(provider), upstream_flags(provider)
    ).start()
    yield running
    close_down(running)


@pytest.fixture
def make_gateway(provider, tmp_path):
    """make_gateway(env=..., flags=..., **config): another gateway for this test alone."""
    made = []

    def make(
        env: dict[str, str] | None = None, flags: list[str] | None = None, start: bool = True, **config
    ) -> Gateway:
        directory = tmp_path / f"gateway{len(made)}"
        one = Gateway(
            directory, settings(provider, **config), [*upstream_flags(provider), *(flags or [])], env
        )
        made.append(one)
        return one.start() if start else one

    yield make
    for one in made:
        close_down(one)


@pytest.fixture
def upstream() -> FakeUpstream:
    fake = FakeUpstream()
    yield fake
    fake.close()


names = itertools.count(1)
SCIM = "/api/2.0/preview/scim/v2"


@pytest.fixture
def make_endpoint(gateway):
    """make_endpoint(model=..., task=..., **openai_config) -> its name. It is deleted after the test."""
    made = []

    def make(
        model: str = "gpt-4o-mini",
        task: str = "llm/v1/chat",
        name: str | None = None,
        on: Gateway | None = None,
        entities: list[dict] | None = None,
        rate_limits: list[dict] | None = None,
        traffic: dict | None = None,
        **openai_config,
    ) -> str:
        name = name or f"endpoint-{next(names)}"
        config = {"served_entities": entities or [external_entity(model, task, **openai_config)]}
        if traffic is not None:
            config["traffic_config"] = {
                "routes": [
                    {"served_model_name": entity, "traffic_percentage": share}
                    for entity, share in traffic.items()
                ]
            }
        body = {"name": name, "config": config}
        if rate_limits is not None:
            body["rate_limits"] = rate_limits
        where = on or gateway
        where.call("POST", "/api/2.0/serving-endpoints", body).ok()
        made.append((where, name))
        return name

    yield make
    for where, name in made:
        if where.program.alive():
            assert where.call("DELETE", f"/api/2.0/serving-endpoints/{name}").status in (200, 404)


@pytest.fixture
def free_name(gateway) -> str:
    """A name that no endpoint has; what the test makes under it is deleted."""
    name = f"endpoint-{next(names)}"
    yield name
    assert gateway.call("DELETE", f"/api/2.0/serving-endpoints/{name}").status in (200, 404)


@pytest.fixture
def make_recorder():
    made = []

    def make(to: Gateway) -> Recorder:
        made.append(Recorder(("127.0.0.1", to.port)))
        return made[-1]

    yield make
    for one in made:
        one.close()
        leaked = [value for value in processes.SECRET_VALUES if value.encode() in one.answers]
        assert leaked == [], "an answer holds a secret"


@pytest.fixture
def recorder(gateway, make_recorder) -> Recorder:
    return make_recorder(gateway)


@pytest.fixture
def clients_of(make_recorder, monkeypatch):
    """clients_of(gateway, token=...): the environment that the Databricks clients read points at a recorder before it."""

    def point(to: Gateway, token: str | None = None, recorder: Recorder | None = None) -> Recorder:
        from mlflow.utils.rest_utils import get_workspace_client

        recorder = recorder or make_recorder(to)
        monkeypatch.setenv("DATABRICKS_HOST", recorder.url)
        monkeypatch.setenv("DATABRICKS_TOKEN", token or to.token)
        # mlflow keeps the client of the first host for the life of the process.
        get_workspace_client.cache_clear()
        return recorder

    return point


@pytest.fixture
def mlflow_client(gateway, recorder, clients_of):
    from mlflow.deployments import get_deploy_client

    clients_of(gateway, recorder=recorder)
    return get_deploy_client("databricks")


@pytest.fixture
def workspace(gateway, recorder, clients_of):
    """databricks-sdk, configured by the environment. It gives up soon, so that a test of an error does not take
    minutes, but never before a second try: that waits up to two seconds."""
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.config import Config

    clients_of(gateway, recorder=recorder)
    return WorkspaceClient(config=Config(retry_timeout_seconds=3))


@pytest.fixture
def sdk_as(gateway, make_recorder, monkeypatch):
    """sdk_as(token) -> databricks-sdk with that token, and the recorder of what it sends. `on`: another gateway."""
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.config import Config

    def make(token: str | None = None, on: Gateway | None = None, **settings):
        monkeypatch.delenv("DATABRICKS_TOKEN", raising=False)
        where = on or gateway
        recorder = make_recorder(where)
        if "client_id" not in settings:
            settings["token"] = token or where.token
        return WorkspaceClient(config=Config(host=recorder.url, retry_timeout_seconds=20, **settings)), recorder

    return make


@pytest.fixture
def openai_client(gateway, recorder):
    from openai import OpenAI

    return OpenAI(base_url=f"{recorder.url}/serving-endpoints", api_key=gateway.token)


@pytest.fixture
def make_user(gateway):
    """make_user(name, entitlements) -> a token of a new user."""

    def make(name: str, *entitlements: str, on: Gateway | None = None) -> str:
        where = on or gateway
        where.call(
            "POST",
            "/api/2.0/preview/scim/v2/Users",
            {"userName": name, "entitlements": [{"value": value} for value in entitlements]},
        ).ok()
        answer = where.call("POST", "/api/2.0/token-management/on-behalf-of/tokens", {"user_name": name}).ok()
        return answer["token_value"]

    return make


@pytest.fixture
def make_person(gateway, sdk_as, make_user):
    """make_person(*entitlements) -> a new user: name, SCIM id, token, and the SDK with that token beside its recorder."""

    def make(*entitlements: str) -> types.SimpleNamespace:
        name = f"person-{next(names)}@example.com"
        token = make_user(name, *entitlements)
        w, recorder = sdk_as(token)
        found = gateway.call("GET", f"{SCIM}/Me", token=token).ok()
        return types.SimpleNamespace(name=name, id=found["id"], token=token, w=w, recorder=recorder)

    return make


@pytest.fixture
def make_group(gateway):
    """make_group(*member ids) -> a new group: name and id."""
    made = []

    def make(*members: str) -> types.SimpleNamespace:
        name = f"group-{next(names)}"
        body = {"displayName": name, "members": [{"value": one} for one in members]}
        made.append(gateway.call("POST", f"{SCIM}/Groups", body).ok()["id"])
        return types.SimpleNamespace(name=name, id=made[-1])

    yield make
    for one in made:
        assert gateway.call("DELETE", f"{SCIM}/Groups/{one}").status in (200, 404)


class ServicePrincipal:
    """A service principal of one test; secret() makes it another client secret."""

    def __init__(self, gateway: Gateway, name: str):
        self.gateway = gateway
        made = gateway.call(
            "POST", "/api/2.0/preview/scim/v2/ServicePrincipals", {"displayName": name}
        ).ok()
        self.id, self.application_id = made["id"], made["applicationId"]

    def secret(self) -> str:
        path = f"/api/2.0/accounts/servicePrincipals/{self.id}/credentials/secrets"
        return self.gateway.call("POST", path, {}).ok()["secret"]

    def token(self) -> str:
        path = "/api/2.0/token-management/on-behalf-of/tokens"
        return self.gateway.call("POST", path, {"application_id": self.application_id}).ok()["token_value"]


@pytest.fixture
def make_service_principal(gateway):
    made = []

    def make(on: Gateway | None = None) -> ServicePrincipal:
        made.append(ServicePrincipal(on or gateway, f"robot-{next(names)}"))
        return made[-1]

    yield make
    for one in made:
        if one.gateway.program.alive():
            path = f"/api/2.0/preview/scim/v2/ServicePrincipals/{one.id}"
            assert one.gateway.call("DELETE", path).status in (200, 404)


@pytest.fixture
def service_principal(make_service_principal) -> ServicePrincipal:
    return make_service_principal()


@pytest.fixture(scope="session")
def top() -> pathlib.Path:
    return processes.TOP
