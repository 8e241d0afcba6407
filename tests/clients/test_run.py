"""tools/run, the first command of the README, as a person uses it: to Ctrl-C, and then once more."""

import contextlib
import os
import signal
import subprocess

import processes
import rest
from processes import wait_until

import pytest


@pytest.fixture
def start_run(tmp_path):
    """start_run(port, *arguments) -> the running tools/run; its output is in tmp_path / "output"."""
    started = []

    def start(port: int, *arguments: str, **env: str) -> subprocess.Popen:
        with open(tmp_path / "output", "wb") as output:
            one = subprocess.Popen(
                [str(processes.TOP / "tools" / "run"), *arguments],
                stdout=output,
                stderr=subprocess.STDOUT,
                env={
                    **os.environ,
                    "SLUICE_LISTEN": f"127.0.0.1:{port}",
                    "SLUICE_RUN_DATA": str(tmp_path / "data"),
                    "SLUICE_BUILD": str(processes.BUILD),
                    **env,
                },
                # As in a terminal: a shell's job in the background ignores Ctrl-C, and so would all that it starts.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )
        started.append(one)
        return one

    yield start
    for one in started:
        if one.poll() is None:
            one.send_signal(signal.SIGTERM)
            one.wait(timeout=60)


def test_run_serves_until_ctrl_c_and_the_next_run_finds_everything(tmp_path, start_run):
    port = processes.free_port()
    url = f"http://127.0.0.1:{port}"

    def output() -> str:
        return (tmp_path / "output").read_text()

    def ready(one: subprocess.Popen) -> bool:
        assert one.poll() is None, output()
        return "Ctrl-C" in output()

    first = start_run(port)
    wait_until(lambda: ready(first), 300, "tools/run is ready")
    token = (tmp_path / "data" / "admin-token").read_text().strip()
    assert (tmp_path / "data" / "admin-token").stat().st_mode & 0o777 == 0o600
    for expected in (
        token,
        "demo-chat",
        "curl",
        "OpenAI(",
        "get_deploy_client",
        "simulated",
        "export DATABRICKS_HOST",
    ):
        assert expected in output(), expected
    endpoints = {
        one["name"]: one["task"]
        for one in rest.call(url, "GET", "/api/2.0/serving-endpoints", token=token).ok()["endpoints"]
    }
    assert endpoints == {
        "demo-chat": "llm/v1/chat",
        "demo-completions": "llm/v1/completions",
        "demo-embeddings": "llm/v1/embeddings",
    }
    # The seed's names are free, and the secrets of its examples are there.
    entity = processes.external_entity("gpt-4", openai_api_key="{{secrets/scope/key}}")
    rest.call(
        url,
        "POST",
        "/api/2.0/serving-endpoints/",
        {"name": "chat", "config": {"served_entities": [entity]}},
        token=token,
    ).ok()
    first.send_signal(signal.SIGINT)
    assert first.wait(timeout=60) == 0, output()
    with contextlib.suppress(OSError):
        rest.call(url, "GET", "/healthz")
        raise AssertionError("the gateway still runs")

    second = start_run(port)
    wait_until(lambda: ready(second), 60, "tools/run is ready again")
    assert token in output()
    rest.call(
        url,
        "POST",
        "/serving-endpoints/chat/invocations",
        {"messages": [{"role": "user", "content": "Hello"}]},
        token=token,
    ).ok()
    second.send_signal(signal.SIGTERM)
    assert second.wait(timeout=60) == 0, output()


def test_run_check_ends_by_itself(tmp_path, start_run):
    assert start_run(processes.free_port(), "--check").wait(timeout=300) == 0, (
        tmp_path / "output"
    ).read_text()


def test_run_says_when_the_port_is_taken(tmp_path, start_run, gateway):
    assert start_run(gateway.port, "--check").wait(timeout=300) != 0
    output = (tmp_path / "output").read_text()
    assert "in use" in output and "SLUICE_LISTEN" in output
    assert rest.call(gateway.url, "GET", "/healthz").status == 200, "the other program was left alone"
