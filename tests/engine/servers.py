"""Servers on this machine that the engine fetches from: a web server, and git repositories on both."""

from __future__ import annotations

import functools
import os
import shutil
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

#: The engine of the tests runs on this machine, and fetches in the machine's own network.
HOST = "127.0.0.1"


class Web(NamedTuple):
    """A web server: where it is, and the paths that it was asked for."""

    url: str
    asked: list[str]


class _Files(SimpleHTTPRequestHandler):
    """Serves a folder, and takes note instead of writing a log."""

    asked: list[str]
    tell_time: bool

    def send_header(self, keyword: str, value: str) -> None:
        if keyword != "Last-Modified" or self.tell_time:
            super().send_header(keyword, value)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        if format.startswith('"%s" %s'):
            self.asked.append(str(args[0]))


@contextmanager
def web(folder: Path, *, tell_time: bool = True) -> Iterator[Web]:
    """Serve ``folder`` over HTTP; a bare repository below it is one for git's dumb protocol.

    Without ``tell_time`` no file has a Last-Modified.
    """
    asked: list[str] = []
    handler = type("Files", (_Files,), {"asked": asked, "tell_time": tell_time})
    server = ThreadingHTTPServer((HOST, 0), functools.partial(handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Web(f"http://{HOST}:{server.server_port}", asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def git_daemon(folder: Path) -> Iterator[str]:
    """Serve the repositories below ``folder`` over git's own protocol; yields the start of their URLs."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    options = ("--export-all", "--reuseaddr", f"--base-path={folder}", f"--listen={HOST}", f"--port={port}")
    # Uploads of any commit are how GitHub serves, and what `fetch-by-commit` needs.
    command = ["git", "-c", "uploadpack.allowAnySHA1InWant=true", "daemon", *options, str(folder)]
    # A process group of its own: git starts the daemon as a child, and would leave it behind.
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        _wait_for(port)
        yield f"git://{HOST}:{port}"
    finally:
        os.killpg(server.pid, 15)
        server.wait(10)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nothing listens on port {port}")


class Repository(NamedTuple):
    """A git repository with a history of three commits, each at a known time."""

    folder: Path
    commits: dict[str, str]


#: Seconds since the epoch of the commits, by the tag or else the branch that holds them.
TIMES = {"v1": 1_000_000_000, "main": 1_100_000_000, "feature": 1_200_000_000}


def make_repository(folder: Path, modules: Path, files: Mapping[str, str] = {}) -> Repository:
    """Make the bare repository ``folder``.git: tag v1 on main, main with a submodule, branch feature.

    The submodule is the repository ``modules``; ``files`` are there beside its own files. No commit is like
    one of another run.
    """
    inner = folder.with_name("inner")
    _start(inner)
    _commit(inner, {"inner.txt": "inner"}, TIMES["v1"])
    _publish(inner, modules)
    _start(folder)
    commits = {"v1": _commit(folder, {"file.txt": "one", "sub/below.txt": "below one", **files}, TIMES["v1"])}
    git(folder, "tag", "v1")
    git(
        folder,
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        f"../{modules.name}",
        "module",
    )
    commits["main"] = _commit(folder, {"file.txt": "two", "sub/below.txt": "below two"}, TIMES["main"])
    git(folder, "checkout", "--quiet", "-b", "feature")
    commits["feature"] = _commit(folder, {"file.txt": "three"}, TIMES["feature"])
    git(folder, "checkout", "--quiet", "main")
    bare = _publish(folder, folder.with_name(f"{folder.name}.git"))
    return Repository(bare, commits)


def git(folder: Path, *arguments: str, **environment: str) -> str:
    """Run git in ``folder`` with none of the user's settings; returns what it prints."""
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-c", "user.name=Tester", "-c", "user.email=tester@example.test", *arguments]
    env = os.environ | own | environment
    return subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, check=True
    ).stdout.strip()


def _start(folder: Path) -> None:
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")


def _commit(folder: Path, files: dict[str, str], when: int) -> str:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    git(folder, "add", "--all")
    date = f"@{when} +0000"
    git(folder, "commit", "--quiet", "--message", uuid4().hex, GIT_AUTHOR_DATE=date, GIT_COMMITTER_DATE=date)
    return git(folder, "rev-parse", "HEAD")


def _publish(folder: Path, bare: Path) -> Path:
    git(folder.parent, "clone", "--quiet", "--bare", str(folder), str(bare))
    git(bare, "update-server-info")
    git(bare, "config", "uploadpack.allowAnySHA1InWant", "true")
    return bare


def missing_git() -> str:
    """Tell why git cannot be served here, or nothing."""
    if not shutil.which("git"):
        return "git is not installed here"
    known = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip()
    return "" if shutil.which("git-daemon", path=known) else "this git has no git-daemon"
