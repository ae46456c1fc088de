"""The options that say where files come from: the main context, the Dockerfile, named contexts, sessions."""

from __future__ import annotations

from pyfrontend.golang.strconv import parse_bool
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyfrontend.driver.options.request import Request


class ContextOptions(NamedTuple):
    """Where the files of a build are (areas CTX and NCTX).

    ``address`` is that of a main context in a repository or on a web server, ``subdirectory`` a part of it
    that is the whole context, None where nothing says so.  ``filename`` is the Dockerfile's; it is in the
    client's directory ``dockerfile_local`` for a local context, and if ``dockerfile_is_local`` for any.
    ``named`` are the specifications of named contexts, ``input_metadata`` what is known of inputs, and
    ``shared_keys`` hints by which the daemon finds named directories.  ``sessions`` serve single directories
    of the client instead of ``session_id``; without any ``unique`` marks them.
    """

    address: str
    subdirectory: str | None
    filename: str
    dockerfile_local: str
    dockerfile_is_local: bool
    keep_git_dir: bool
    by_commit_time: bool
    named: Mapping[str, str]
    input_metadata: Mapping[str, str]
    shared_keys: Mapping[str, str]
    session_id: str
    sessions: Mapping[str, str]
    unique: str

    def session_of(self, directory: str) -> str:
        """Return the session that serves a directory of the client (CTX-026, NCTX-014)."""
        return self.sessions.get(directory, self.session_id)


def read_context_options(request: Request) -> ContextOptions:
    """Read them; none of them can be wrong by itself."""
    options = request.options
    return ContextOptions(
        options.get(options.get("contextkey", "context"), ""),
        options.get("contextsubdir"),
        options.get("filename", "Dockerfile"),
        options.get("dockerfilekey", "dockerfile"),
        "dockerfilekey" in options,
        _is_true(options.get("build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR", "")),
        bool(options.get("build-arg:SOURCE_DATE_EPOCH")),
        with_prefix(options, "context:"),
        with_prefix(options, "input-metadata:"),
        with_prefix(options, "sharedkey:localdir:"),
        request.session_id,
        with_prefix(options, "local-sessionid:"),
        request.unique,
    )


def with_prefix(options: Mapping[str, str], prefix: str) -> dict[str, str]:
    """Return the options whose names begin with ``prefix``, by the rest of their names."""
    return {name[len(prefix) :]: text for name, text in options.items() if name.startswith(prefix)}


def _is_true(text: str) -> bool:
    try:
        return parse_bool(text)
    except ValueError:
        return False
