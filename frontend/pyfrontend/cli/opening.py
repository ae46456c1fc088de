"""The input of a command: its options and a file name in, a session out."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pyfrontend.display import one_line
from pyfrontend.driver.options.client_options import ClientOptions
from pyfrontend.driver.options.request import Request, policy_variables
from pyfrontend.driver.session import Session, open_session
from pyfrontend.driver.subrequests import PREFIX
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.gateway.offline import Offline
from pyfrontend.oci.platforms import default as default_platform

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

#: Names standard input among files.
STDIN = "-"


class UnusableError(Exception):
    """There is nothing to look at."""


def opened(options: argparse.Namespace, file: str, subrequest: str, data: bytes | None = None) -> Session:
    """Return a session for ``file``, which is asked for ``subrequest``; raises `UnusableError`.

    It is about the platform of the command line, if there is one.  ``data`` is what the file holds if it has
    been read already.
    """
    name, folder = (options.name, None) if file == STDIN else (Path(file).name, Path(file).parent)
    daemon = Offline(name, read(options, file) if data is None else data, folder, _context(options.context))
    try:
        session = open_session(daemon, _request(options, name, subrequest))
    except (DockerfileError, BridgeError) as error:
        raise UnusableError(error.diagnostic().displayed().helped) from None
    platforms = session.options.platforms
    return session._replace(platform=platforms[0]) if platforms else session


def read(options: argparse.Namespace, file: str) -> bytes:
    """Return what ``file`` holds; raises `UnusableError`."""
    if file != STDIN:
        try:
            return Path(file).read_bytes()
        except OSError as error:
            raise UnusableError(f"cannot read {one_line(file)}: {error.strerror}") from None
    if sys.stdin is None or sys.stdin.isatty():
        raise UnusableError(f"no Dockerfile on standard input; try: pyfrontend {options.command} < FILE")
    data = sys.stdin.buffer.read()
    if not data:
        raise UnusableError("standard input is empty (is -i missing in docker run -i?)")
    return data


def _request(options: argparse.Namespace, name: str, subrequest: str) -> Request:
    asked = ClientOptions(
        PREFIX + subrequest,
        name,
        options.target,
        options.platform,
        dict(_pairs(options.build_arg)),
        dict(_contexts(options.build_context)),
    )
    policies = policy_variables(os.environ)
    return Request(
        asked.written(),
        workers=[default_platform()],
        unique="offline",
        policies=policies,
        plugins=options.plugins,
    )


def _context(folder: str | None) -> Path | None:
    """Return the build context of the command line, None where it names none."""
    if folder is not None and not Path(folder).is_dir():
        raise UnusableError(f"--context {one_line(folder)}: no such directory")
    return None if folder is None else Path(folder)


def _pairs(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Split ``NAME=VALUE``; a bare name takes its value from the environment, if it has one there."""
    for text in texts:
        name, equals, value = text.partition("=")
        if equals or name in os.environ:
            yield name, value if equals else os.environ[name]


def _contexts(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield contexts as a client sends them: a place without a scheme is a local directory."""
    for text in texts:
        name, _, place = text.partition("=")
        if not (name and place):
            raise UnusableError(
                f"--build-context {one_line(text)} has no value: write {one_line(name) or 'NAME'}=PLACE"
            )
        yield name, place if "://" in place or place.startswith("git@") else f"local:{name}"
