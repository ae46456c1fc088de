"""The examples, built through our image and run for real."""

from __future__ import annotations

import socket
import ssl
import time
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from engine.client import Vertex, build, container, docker

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("localhost", "www.example.test")


@pytest.mark.parametrize("dockerfile", ["Dockerfile", "Dockerfile.named"])
def test_nginx_answers_over_https_with_the_certificate_that_the_build_made(
    root: Path, image: str, dockerfile: str
) -> None:
    example = root / "examples/nginx-with-cert"
    tag = f"pyfrontend-test-{dockerfile.lower()}"
    built = build(example, "--file", str(example / dockerfile), "--tag", tag, "--load")
    assert built.code == 0, built.output
    assert built.ran(f"docker-image://docker.io/{image}")
    with container("--publish", "127.0.0.1::443", tag) as name:
        port = int(docker("port", name, "443/tcp").rpartition(":")[2])
        trusted = docker("exec", name, "cat", "/etc/nginx/cert.pem")
        for host in NAMES:
            answer, names = ask(host, port, trusted)
            assert answer.startswith("HTTP/1.1 200 OK")
            assert "Hello over HTTPS" in answer
            assert names == tuple(("DNS", known) for known in NAMES)


def ask(host: str, port: int, trusted: str) -> tuple[str, object]:
    """Ask for / under the name ``host``; return the answer and the certificate's names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=trusted)
    with (
        connected(context, host, port) as connection,
        connection.makefile("rw", newline="") as stream,
    ):
        stream.write(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
        stream.flush()
        return stream.read(), (connection.getpeercert() or {}).get("subjectAltName")


def connected(context: ssl.SSLContext, host: str, port: int) -> ssl.SSLSocket:
    """Connect over TLS, waiting for a server that is still starting."""
    deadline = time.monotonic() + 30
    while True:
        try:
            plain = socket.create_connection(("127.0.0.1", port), timeout=10)
            return context.wrap_socket(plain, server_hostname=host)
        except (ConnectionError, ssl.SSLEOFError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_pipeline_runs_independent_stages_together_and_leaves_the_unused_one_out(root: Path) -> None:
    # Each of the two steps ends only after the other has left its note, so one after the other cannot work;
    # the fresh MEETING makes sure that neither comes from the cache nor finds an old note.
    tag, meeting = "pyfrontend-test-pipeline", uuid4().hex
    options = ("--build-arg", f"MEETING={meeting}", "--tag", tag, "--load")
    built = build(root / "examples/pipeline", *options)
    assert built.code == 0, built.output
    words, numbers = only(built.ran("[words 1/2] RUN")), only(built.ran("[numbers 1/2] RUN"))
    assert overlap(words, numbers)
    assert built.ran("[join 3/3] RUN paste")
    assert not [name for name in built.steps if "unused" in name or "nobody asked" in name]
    assert docker("run", "--rm", tag) == "1\tone\n2\ttwo\n3\tthree\n"


def only(steps: list[Vertex]) -> Vertex:
    """The one step of the list, which really ran."""
    (step,) = steps
    assert not step.cached
    return step


def overlap(one: Vertex, other: Vertex) -> bool:
    """Tell whether each of the steps had started before the other was completed."""
    assert one.started
    assert other.started
    assert one.completed
    assert other.completed
    return one.started < other.completed and other.started < one.completed


def test_pipeline_fails_where_the_unused_stage_is_asked_for(root: Path) -> None:
    built = build(root / "examples/pipeline", "--target", "unused")
    assert built.code != 0
    assert 'process "/bin/sh -c echo \\"nobody asked' in built.message
    assert "exit code: 1" in built.message
    assert not built.ran("[words")
