"""A plain HTTP/1.1 call: no retries, no redirects, no headers but those that are asked for. Standard library only."""

from __future__ import annotations

import http.client
import json
import urllib.parse
from dataclasses import dataclass, field


@dataclass
class Answer:
    status: int
    headers: dict[str, str] = field(default_factory=dict)  # names in lower case; of repeated ones the last
    body: bytes = b""

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error_code(self) -> str | None:
        return self.json.get("error_code")

    @property
    def message(self) -> str | None:
        return self.json.get("message")

    def ok(self):
        """The JSON of an answer that must be a 200."""
        assert self.status == 200, f"{self.status} {self.body[:2000]!r}"
        return self.json


def connect(url: str, timeout: float = 30) -> http.client.HTTPConnection:
    parts = urllib.parse.urlsplit(url)
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)


def send(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body=None,
    token: str | None = None,
    headers: dict[str, str] | None = None,
) -> http.client.HTTPResponse:
    """Sends one request and reads the head of its answer. `body`: bytes and text as they are, anything else as JSON."""
    all_headers = {}
    if token is not None:
        all_headers["Authorization"] = f"Bearer {token}"
    if body is not None:
        all_headers["Content-Type"] = "application/json"
        if not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
    connection.request(method, path, body=body, headers={**all_headers, **(headers or {})})
    return connection.getresponse()


def call(
    url: str,
    method: str,
    path: str,
    body=None,
    *,
    token: str | None = None,
    headers: dict[str, str] | None = None,
    timeout: float = 30,
) -> Answer:
    connection = connect(url, timeout)
    try:
        response = send(connection, method, path, body, token, headers)
        content = response.read()
        return Answer(
            response.status, {name.lower(): value for name, value in response.getheaders()}, content
        )
    finally:
        connection.close()
