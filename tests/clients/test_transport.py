"""Raw HTTP/1.1 over sockets: what two parsers could read differently is refused, and clients that leave are noticed."""

import json
import re
import socket
import time

import pytest

from fake_upstream import DONE, Reply, chunk
from processes import wait_until

CHAT = b'{"messages":[{"role":"user","content":"Hello!"}]}'


def exchange(gateway, request: bytes, seconds: float = 10) -> bytes:
    """Sends these bytes and reads until the gateway closes, or has nothing more to say."""
    with socket.create_connection(("127.0.0.1", gateway.port)) as connection:
        connection.sendall(request)
        connection.settimeout(seconds)
        received = b""
        try:
            while data := connection.recv(65536):
                received += data
                if b"GHOST" in received:
                    break
        except TimeoutError:
            pass
        return received


def query(
    gateway,
    name: str,
    *fields: bytes,
    version: bytes = b"1.1",
    body: bytes = CHAT,
    host: bytes | None = b"127.0.0.1",
    length: bool = True,
) -> bytes:
    lines = [b"POST /serving-endpoints/%s/invocations HTTP/%s" % (name.encode(), version)]
    if host is not None:
        lines.append(b"Host: " + host)
    lines.append(b"Authorization: Bearer " + gateway.token.encode())
    if length:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join([*lines, *fields, b"", b""]) + body


def statuses(answer: bytes) -> list[int]:
    """Of all answers in these bytes."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


# A request that would be answered if anything behind the first one were taken for a request.
GHOST = b"GET /GHOST HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize(
    "fields, options",
    [
        ([b"Transfer-Encoding: chunked"], {}),
        ([b"Transfer-Encoding: chunked, identity"], {"length": False}),
        ([b"Transfer-Encoding: identity"], {}),
        ([b"Transfer-Encoding: gzip"], {"length": False}),
        ([b"Transfer-Encoding: xchunked"], {}),
        ([b"Transfer-Encoding: chunked;q=1"], {"length": False}),
        ([b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"], {"length": False}),
        ([b"Transfer-Encoding: chunked"], {"length": False, "version": b"1.0"}),
        ([b"Content-Length: 5"], {}),
        ([b"Content-Length: +5"], {"length": False}),
        ([b"Content-Length: -5"], {"length": False}),
        ([b"Content-Length: 5, 5"], {"length": False}),
        ([b"Content-Length: 99999999999999999999"], {"length": False}),
        ([b"Host: other"], {}),
        ([], {"host": None}),
        ([], {"host": b"a b"}),
        ([b"X-Folded: a\r\n b"], {}),
        ([b"X-Blank : a"], {}),
        ([b"X-Nul: a\0b"], {}),
        ([b"X-Cr: a\rb"], {}),
        ([b": nothing"], {}),
        ([b"X-Long: " + b"a" * 40_000], {}),
        ([b"X-%d: a" % number for number in range(120)], {}),
        ([], {"version": b"2.0"}),
        ([], {"version": b"9.9"}),
    ],
)
def test_ambiguous_requests_are_refused_and_the_connection_closed(
    gateway, upstream, make_endpoint, fields, options
):
    name = make_endpoint(openai_api_base=upstream.base_url)
    answer = exchange(gateway, query(gateway, name, *fields, **options) + GHOST)
    assert statuses(answer) == [400] and b"GHOST" not in answer, answer[:500]
    assert upstream.seen == []


@pytest.mark.parametrize(
    "body", [b"5\r\nhello\r\n0\r\n\r\n", b"5;a=b\r\nhello\r\n0\r\nX-Trailer: Authorization\r\n\r\n"]
)
def test_chunked_bodies_are_read(gateway, make_endpoint, body):
    """They arrive whole: the answer is about their content, which is no JSON."""
    request = query(
        gateway, make_endpoint(), b"Transfer-Encoding: chunked", b"Connection: close", body=body, length=False
    )
    answer = exchange(gateway, request)
    assert statuses(answer) == [400]
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error_code"] == "BAD_REQUEST"


@pytest.mark.parametrize(
    "body",
    [
        b"g\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhelloX\r\n0\r\n\r\n",
        b"-5\r\nhello\r\n",
        b"ffffffffffffffff1\r\nhello\r\n",
        b"5;a\0=b\r\nhello\r\n0\r\n\r\n",
    ],
)
def test_broken_chunks_are_refused(gateway, make_endpoint, body):
    request = query(gateway, make_endpoint(), b"Transfer-Encoding: chunked", body=body, length=False)
    answer = exchange(gateway, request + GHOST)
    assert statuses(answer) == [400], answer[:500]


def test_keep_alive_and_pipelining(gateway, make_endpoint):
    name = make_endpoint()
    request = query(gateway, name)
    answer = exchange(gateway, request * 2 + query(gateway, name, b"Connection: close"))
    assert statuses(answer) == [200, 200, 200]


def test_a_head_that_never_ends_is_closed(gateway):
    began = time.monotonic()
    answer = exchange(gateway, b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ", seconds=20)
    assert 4 <= time.monotonic() - began < 10, "5 s by default"
    assert statuses(answer) in ([], [400]), answer


def leave_during(gateway, name: str, upstream, stream: bool, after_bytes: int) -> float:
    """Sends a query, reads a little, and goes away: how long until the provider's connection is closed?"""
    body = json.dumps({**json.loads(CHAT), "stream": stream}).encode()
    connection = socket.create_connection(("127.0.0.1", gateway.port))
    connection.sendall(query(gateway, name, body=body))
    wait_until(lambda: upstream.seen, 10, "the query reaches the provider")
    received = b""
    while len(received) < after_bytes:
        received += connection.recv(4096)
    connection.close()
    began = time.monotonic()
    assert upstream.closed.wait(10), "the provider goes on answering nobody"
    return time.monotonic() - began


def endless(seen):
    def events():
        while True:
            yield chunk("again and again")
            time.sleep(0.01)

    return Reply(body=events())


def test_a_client_that_leaves_during_a_stream_stops_the_provider(gateway, upstream, make_endpoint):
    upstream.answer = endless
    assert leave_during(gateway, make_endpoint(openai_api_base=upstream.base_url), upstream, True, 1) < 1


def test_a_slow_reader_holds_the_provider_back(gateway, upstream, make_endpoint):
    """Nobody reads: what the gateway and two kernels hold of a stream is bounded, so the provider stops being read."""
    sent = [0]

    def large(seen):
        def events():
            piece = chunk("x" * 65536)
            for _ in range(2000):
                sent[0] += len(piece)
                yield piece
            yield DONE

        return Reply(body=events())

    upstream.answer = large
    name = make_endpoint(openai_api_base=upstream.base_url)
    connection = socket.create_connection(("127.0.0.1", gateway.port))
    connection.sendall(query(gateway, name, body=json.dumps({**json.loads(CHAT), "stream": True}).encode()))

    def stands_still():
        before = sent[0]
        time.sleep(0.5)
        return 0 < before == sent[0]

    wait_until(stands_still, 20, "the provider is held back")
    assert sent[0] < 40_000_000, "of 131 MB"
    connection.close()
    assert upstream.closed.wait(10)
