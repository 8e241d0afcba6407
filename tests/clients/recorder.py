"""A forwarder between a client and the gateway that writes down every request and every answer, byte for byte.

It counts what a client really sent: a silent retry of the SDKs shows as a second request.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass, field

DISCOVERY = "GET /.well-known/databricks-config"


@dataclass(frozen=True)
class many:
    """In a list of expected requests: this line one or more times, as a waiter that polls sends it."""

    line: str


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes = b""

    @property
    def line(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class Stream:
    """The bytes of one direction of a connection, cut into requests as they come."""

    requests: list[Request]
    lock: threading.Lock
    pending: bytes = b""

    def feed(self, data: bytes) -> None:
        self.pending += data
        while self._take_one():
            pass

    def _take_one(self) -> bool:
        head, separator, rest = self.pending.partition(b"\r\n\r\n")
        if not separator:
            return False
        lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            return False
        method, path, _ = lines[0].split(" ", 2)
        with self.lock:
            self.requests.append(Request(method, path, headers, rest[:length]))
        self.pending = rest[length:]
        return True


@dataclass
class Recorder:
    target: tuple[str, int]
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    answers: bytes = b""

    def __post_init__(self):
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        # shutdown() wakes the accept; close() alone would leave the thread in it.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def clear(self) -> None:
        with self._lock:
            self.requests.clear()
            self.connections = 0

    @property
    def lines(self) -> list[str]:
        """Method and path of each request."""
        with self._lock:
            return [request.line for request in self.requests]

    @property
    def calls(self) -> list[str]:
        """The same without the clients' discovery calls."""
        return [line for line in self.lines if line != DISCOVERY]

    @contextlib.contextmanager
    def expects(self, *lines: str | many, discoveries: int | None = 0):
        """The block sends exactly these requests in this order, beside so many discovery calls (None: any number).

        A silent retry, a redirect that was followed and a call that was left out all fail here."""
        before = len(self.lines)
        yield
        sent = self.lines[before:]
        calls = [line for line in sent if line != DISCOVERY]
        assert fits(calls, list(lines)), f"sent {calls}, expected {list(lines)}"
        if discoveries is not None:
            assert len(sent) - len(calls) == discoveries, f"{len(sent) - len(calls)} discovery calls"

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self.target)
            except OSError:
                client.close()
                continue
            for side in (client, server):
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self.connections += 1
            requests = Stream(self.requests, self._lock)
            threading.Thread(target=self._pump, args=(client, server, requests.feed), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, self._keep_answer), daemon=True).start()

    def _keep_answer(self, data: bytes) -> None:
        with self._lock:
            self.answers += data

    @staticmethod
    def _pump(source: socket.socket, sink: socket.socket, keep) -> None:
        """Writes down first, then passes on: what a client has an answer to is in the list."""
        try:
            while data := source.recv(65536):
                keep(data)
                sink.sendall(data)
        except OSError:
            pass
        for side in (source, sink):
            try:
                side.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        # Both pumps of a pair end here; a second close does nothing.
        source.close()
        sink.close()


def fits(sent: list[str], expected: list[str | many]) -> bool:
    """Whether `sent` is `expected`, where a `many` stands for one or more of its line."""
    sent = list(sent)
    for one in expected:
        line = one.line if isinstance(one, many) else one
        if not sent or sent.pop(0) != line:
            return False
        while isinstance(one, many) and sent and sent[0] == line:
            sent.pop(0)
    return not sent
