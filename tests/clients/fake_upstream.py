"""A provider that says what a test tells it to and remembers what it was sent. Plain HTTP on loopback, which the gateway
under test allows by --upstream-allow. The simulated provider is the realistic one; this one is for looking behind the gateway.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Callable, Iterable

CHAT_ANSWER = {
    "id": "chatcmpl-fake",
    "object": "chat.completion",
    "created": 1700000000,
    "model": "gpt-4-fake",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello!"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11},
}

EMBEDDINGS_ANSWER = {
    "object": "list",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.5, -0.25]}],
    "model": "gpt-4-fake",
    "usage": {"prompt_tokens": 1, "total_tokens": 1},
}


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


@dataclass
class Reply:
    status: int = 200
    body: bytes | str | dict | Iterable[bytes] = field(default_factory=lambda: dict(CHAT_ANSWER))
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False  # a stream: close without the last chunk


def usual_answer(seen: Seen) -> Reply:
    is_embeddings = seen.path.partition("?")[0].endswith("/embeddings")
    return Reply(body=dict(EMBEDDINGS_ANSWER)) if is_embeddings else Reply()


def chunk(content: str | None = None, finish: str | None = None, **extra) -> bytes:
    """One event of an OpenAI chat stream."""
    delta = {} if content is None else {"content": content}
    event = {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "gpt-4-fake",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        **extra,
    }
    return b"data: " + json.dumps(event).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


class FakeUpstream:
    def __init__(self):
        self.seen: list[Seen] = []
        self.answer: Callable[[Seen], Reply] = usual_answer
        self.closed = threading.Event()  # the gateway closed a connection in the middle of a stream
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                seen = Seen(
                    "POST", self.path, {name.lower(): value for name, value in self.headers.items()}, body
                )
                upstream.seen.append(seen)
                try:
                    self._reply(upstream.answer(seen))
                except OSError:
                    upstream.closed.set()
                    self.close_connection = True

            def _reply(self, reply: Reply) -> None:
                body = reply.body
                if isinstance(body, dict):
                    body = json.dumps(body)
                if isinstance(body, str):
                    body = body.encode()
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if isinstance(body, bytes):
                    if "Content-Type" not in reply.headers:
                        self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                    return
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for piece in body:
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                    self.wfile.flush()
                if reply.cut:
                    self.close_connection = True
                else:
                    self.wfile.write(b"0\r\n\r\n")

            def log_message(self, *arguments):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
