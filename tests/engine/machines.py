"""Other machines as a build meets them, all on this one: a registry, an engine, a builder behind a port."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engine.client import docker

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"
ROOT = Path(__file__).resolve().parents[2]

REGISTRY_CONFIG = """version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {folder}}}, delete: {{enabled: true}}}}
http: {{addr: {address}}}
"""
#: What the engine's API answers to before it speaks the protocol of BuildKit (HTTP/2) on a connection.
UPGRADE = (
    b"POST /grpc HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n"
)


def missing_registry() -> str:
    """Tell why no registry can be started, or nothing."""
    return "" if _registry_program() else "docker-registry is not here (hack/engine up unpacks it)"


@contextmanager
def registry(folder: Path) -> Iterator[str]:
    """Start a registry that keeps its data in ``folder``; yields its host and port."""
    address = f"{HOST}:{free_port()}"
    config = folder / "registry.yml"
    config.write_text(REGISTRY_CONFIG.format(folder=folder / "data", address=address))
    program = _registry_program()
    assert program
    server = subprocess.Popen(
        [program, "serve", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(address)
        yield address
    finally:
        server.terminate()
        server.wait(10)


#: A device of the second engine, in the Container Device Interface: all that it gives is a variable.
DEVICE = "example.test/thing=one"
DEVICES = {
    "cdiVersion": "0.6.0",
    "kind": "example.test/thing",
    "annotations": {"org.mobyproject.buildkit.device.autoallow": "true"},
    "devices": [{"name": "one", "containerEdits": {"env": ["THING=here"]}}],
}


class Engine(NamedTuple):
    """Another Docker Engine, by its socket."""

    host: str

    def docker(self, *arguments: str) -> str:
        """Run docker against this engine."""
        return docker("--host", self.host, *arguments)


def missing_second_engine() -> str:
    """Tell why no second engine can be started, or nothing."""
    if os.getuid() != 0:
        return "starting a second engine needs root"
    return (
        ""
        if _own_engine()
        else "a second engine needs the programs of the first one to be ours (hack/engine)"
    )


@contextmanager
def second_engine(folder: Path, *images: str) -> Iterator[Engine]:
    """Start an engine with nothing in it but ``images`` and a device, from the programs of the first one."""
    state = folder / "engine"
    (state / "config/cli-plugins").mkdir(parents=True)
    own = _own_engine()
    assert own
    (state / "root").symlink_to(own / "root")
    (state / "cdi").mkdir()
    (state / "cdi/test.json").write_text(json.dumps(DEVICES))
    env = os.environ | {"PYFRONTEND_STATE": str(folder)}
    subprocess.run([ROOT / "hack/engine", "up"], env=env, check=True, capture_output=True)
    engine = Engine(f"unix://{state}/docker.sock")
    try:
        archive = folder / "images.tar"
        docker("save", "--output", str(archive), *images)
        engine.docker("load", "--input", str(archive))
        archive.unlink()
        yield engine
    finally:
        subprocess.run([ROOT / "hack/engine", "remove"], env=env, check=False, capture_output=True)


@contextmanager
def builder_behind_a_port(*hosts: str, platforms: tuple[str, ...] = ()) -> Iterator[str]:
    """Name one buildx builder over engines by ``hosts``, each reached like a buildkitd: by TCP.

    ``platforms`` are those that each engine shall build, in the same order.
    """
    name = f"pyfrontend-test-{free_port()}"
    tunnels = [Tunnel(host) for host in hosts]
    try:
        for number, tunnel in enumerate(tunnels):
            more = [f"--platform={platforms[number]}"] if platforms else []
            more += ["--append"] if number else []
            docker("buildx", "create", "--name", name, "--driver", "remote", *more, f"tcp://{tunnel.address}")
        yield name
    finally:
        docker("buildx", "rm", "--force", name, check=False)
        for tunnel in tunnels:
            tunnel.close()


class Tunnel:
    """A port of this machine behind which an engine speaks the protocol of BuildKit from the first byte."""

    def __init__(self, host: str) -> None:
        """Listen for connections to the engine at ``host``, a ``unix://`` URL."""
        self._path = host.removeprefix("unix://")
        self._listener = socket.create_server((HOST, 0))
        self._sockets: list[socket.socket] = []
        self.address = f"{HOST}:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Take no more connections, and end those that there are."""
        for end in (self._listener, *self._sockets):
            end.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._sockets.append(client)
            try:
                engine = _upgraded(self._path)
            except OSError:
                # The engine is gone, which its client is to find out the usual way.
                client.close()
                continue
            self._sockets.append(engine)
            for ends in ((client, engine), (engine, client)):
                threading.Thread(target=_pump, args=ends, daemon=True).start()


def _upgraded(path: str) -> socket.socket:
    """Return a connection to the engine on which it speaks the protocol of BuildKit from now on."""
    engine = socket.socket(socket.AF_UNIX)
    engine.connect(path)
    engine.sendall(UPGRADE)
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = engine.recv(1)
        if not byte:
            break
        head += byte
    if b" 101 " not in head.partition(b"\r\n")[0]:
        engine.close()
        raise ConnectionError(f"the engine does not answer as one: {head!r}")
    return engine


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _registry_program() -> str | None:
    own = _own_engine()
    more = f":{own}/root/usr/bin" if own else ""
    return shutil.which("docker-registry", path=os.environ.get("PATH", "") + more)


def _own_engine() -> Path | None:
    """Return the folder of the engine in use if hack/engine made it."""
    path = Path(os.environ.get("DOCKER_HOST", "").removeprefix("unix://")).parent
    return path if (path / "root/usr/sbin/dockerd").exists() else None


def _wait_for(address: str) -> None:
    host, _, port = address.partition(":")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nothing listens on {address}")
