"""A daemon in the test process, and a bridge to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from peer import API, Peer, pong

from pyfrontend.gateway.bridge import Bridge
from pyfrontend.gateway.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer({"Ping": pong(API)}) as daemon:
        yield daemon


@pytest.fixture
def connect(peer: Peer) -> Iterator[Callable[..., Bridge]]:
    """Connect to the peer, with gateway capabilities taken away and options that are passed on."""
    transport = Transport(*peer.fds)

    def make(*, without: str = "", **options: str) -> Bridge:
        peer.answers["Ping"] = pong([name for name in API if name not in without.split()])
        bridge = Bridge(
            transport, {name.replace("_", "-"): text for name, text in options.items()}, "buildkit"
        )
        peer.calls.clear()
        return bridge

    yield make
    transport.close()
