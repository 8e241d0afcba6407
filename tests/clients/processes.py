"""Starts the programs under test as a user would: `sluice serve` and `sluice-provider`, each a process with a log file.

Standard library only: tools/soak uses it too.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import re
import secrets
import signal
import socket
import subprocess
import time

import rest

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("SLUICE_BUILD", TOP / "build" / "release")).resolve()

# Values that must never come out again. They are distinctive, so that a search for them in logs, answers and files has no
# false positives.
OPENAI_KEY = "sk-conformance-6f1d2ac4b7e94d0f-openai"
OTHER_KEY = "sk-conformance-90b3c5d8e2174aaf-rotated"
PLAINTEXT_KEY = "sk-conformance-27c41f8e55d04b9a-plaintext"
SECRET_VALUES = (OPENAI_KEY, OTHER_KEY, PLAINTEXT_KEY)

SEED_SECRETS = [
    {"scope": "my_scope", "key": "my_openai_api_key", "string_value": OPENAI_KEY},
    {"scope": "scope", "key": "key", "string_value": OPENAI_KEY},
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, seconds: float, what: str):
    """Polls until `condition()` is true and returns its value."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


class Program:
    """One process; its output, both streams, goes to a file."""

    running: list["Program"] = []

    def __init__(self, name: str, command: list[str], log: pathlib.Path, env: dict[str, str] | None = None):
        self.name = name
        self.log = log
        with open(log, "ab") as output:
            self.process = subprocess.Popen(
                command,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=log.parent,
                env={**os.environ, **(env or {})},
            )
        Program.running.append(self)

    @property
    def pid(self) -> int:
        return self.process.pid

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def alive(self) -> bool:
        return self.process.poll() is None

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def wait(self, seconds: float = 40) -> int:
        """The exit status; -N when signal N ended it."""
        status = self.process.wait(timeout=seconds)
        if self in Program.running:
            Program.running.remove(self)
        return status

    def kill(self) -> int:
        """kill -9: nothing is flushed, nothing is said goodbye to."""
        self.signal(signal.SIGKILL)
        return self.wait()

    def stop(self) -> int:
        if self.alive():
            self.signal(signal.SIGTERM)
        try:
            return self.wait()
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(
                f"{self.name} did not stop within 40 s of SIGTERM\n{self.output()[-4000:]}"
            ) from None


class Provider(Program):
    """The simulated provider over TLS, with a certificate authority of its own in `directory`, or without TLS."""

    def __init__(self, directory: pathlib.Path, *flags: str, tls: bool = True):
        self.ca = directory / "ca.pem"
        where = ["--make-ca", str(directory), "--tls-listen"] if tls else ["--listen"]
        super().__init__(
            "provider",
            [str(BUILD / "sluice-provider"), *where, "127.0.0.1:0", *flags],
            directory.parent / "provider.log",
        )
        found = wait_until(self._listening, 20, "the simulated provider listens")
        self.port = int(found[1])
        self.base_url = f"{'https' if tls else 'http'}://localhost:{self.port}/v1"

    def _listening(self):
        assert self.alive(), f"the simulated provider ended:\n{self.output()}"
        return re.search(r"listening https? \S+:(\d+)", self.output())


class Gateway:
    """`sluice serve` with a data directory that outlives restarts. `config` is the config file as a dict (JSON is YAML)."""

    def __init__(
        self,
        directory: pathlib.Path,
        config: dict,
        flags: list[str] | None = None,
        env: dict[str, str] | None = None,
    ):
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.data = directory / "data"
        self.config = config
        self.flags = flags or []
        self.env = env or {}
        self.token = f"admin-{secrets.token_hex(16)}"
        self.port = 0  # chosen by the system at the first start, then kept
        self.url = ""
        self.log = directory / "gateway.log"
        self.program: Program | None = None

    def start(self, ready: bool = True) -> "Gateway":
        config_file = self.directory / "sluice.yaml"
        config_file.write_text(json.dumps(self.config), encoding="utf-8")
        command = [
            str(BUILD / "sluice"),
            "serve",
            "--config",
            str(config_file),
            "--listen",
            f"127.0.0.1:{self.port}",
            "--data",
            str(self.data),
            *self.flags,
        ]
        self.program = Program("gateway", command, self.log, {"SLUICE_ADMIN_TOKEN": self.token, **self.env})
        if ready:
            if self.port == 0:
                found = wait_until(self._listening, 20, "the gateway listens")
                self.port = int(found[1])
                self.url = f"http://127.0.0.1:{self.port}"
            wait_until(self.is_ready, 20, "the gateway is ready")
        return self

    def _listening(self):
        assert self.program.alive(), f"the gateway ended:\n{self.output()}"
        return re.search(r"^listening http \S+:(\d+)$", self.output(), re.MULTILINE)

    def is_ready(self) -> bool:
        assert self.program.alive(), f"the gateway ended:\n{self.output()}"
        with contextlib.suppress(OSError):
            return rest.call(self.url, "GET", "/readyz").status == 200
        return False

    def stop(self) -> int:
        return self.program.stop()

    def kill(self) -> int:
        return self.program.kill()

    def output(self) -> str:
        return self.program.output()

    def call(self, method: str, path: str, body=None, **options) -> rest.Answer:
        """One REST call as the admin, or as `token=`."""
        options.setdefault("token", self.token)
        return rest.call(self.url, method, path, body, **options)

    def grant(self, endpoint: str, level: str, **whom: str) -> None:
        """Adds a permission: user_name=, group_name= or service_principal_name=."""
        endpoint_id = self.call("GET", f"/api/2.0/serving-endpoints/{endpoint}").ok()["id"]
        entry = {**whom, "permission_level": level}
        path = f"/api/2.0/permissions/serving-endpoints/{endpoint_id}"
        self.call("PATCH", path, {"access_control_list": [entry]}).ok()

    def files_with_secrets(self) -> list[str]:
        """Where a secret value or the admin token stands in the clear: log and data directory. Must be empty."""
        needles = [value.encode() for value in (*SECRET_VALUES, self.token) if value]
        found = []
        for path in [self.log, *self.data.rglob("*")]:
            if path.is_file():
                content = path.read_bytes()
                found += [f"{path.name} holds {needle.decode()}" for needle in needles if needle in content]
        return found


def upstream_flags(provider: Provider | None = None) -> list[str]:
    flags = ["--upstream-allow", "127.0.0.1/32", "--upstream-allow", "::1/128"]
    if provider is not None:
        flags += ["--upstream-ca", str(provider.ca)]
    return flags


def external_entity(
    model: str = "gpt-4o-mini", task: str = "llm/v1/chat", name: str | None = None, **openai_config
) -> dict:
    """One served entity of provider openai. Its key is the seed's secret unless another is given."""
    if not any(field.startswith("openai_api_key") for field in openai_config):
        openai_config["openai_api_key"] = "{{secrets/my_scope/my_openai_api_key}}"
    entity = {
        "external_model": {"name": model, "provider": "openai", "task": task, "openai_config": openai_config}
    }
    if name is not None:
        entity["name"] = name
    return entity
