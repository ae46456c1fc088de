"""Exceptions in, `google.rpc.Status` with typed details out, and back: failed calls in, `BridgeError` out."""

from __future__ import annotations

from pyfrontend import limits
from pyfrontend.errors import DAEMON_ERROR, ERROR, Diagnostic, DockerfileError
from pyfrontend.gateway.limits import OUT_OF_MEMORY
from pyfrontend.golang.json import base64_text, json_text, load_json
from pyfrontend.pb import gateway_pb2
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from pyfrontend.span import SourceFile, Span

# The gRPC codes that a frontend gives or looks at.
CANCELLED, UNKNOWN, NOT_FOUND = 1, 2, 5
RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE = 8, 12, 13, 14

#: A message must be smaller than this in either direction (GW-025).
MESSAGE_LIMIT = limits.MESSAGE_BYTES
#: What a status may take of it: details beyond are left out rather than the whole error.
STATUS_LIMIT = MESSAGE_LIMIT - (1 << 20)

_BUILDKIT = "github.com/moby/buildkit/"
SOURCE_URL = _BUILDKIT + "errdefs.Source+json"
FRONTEND_CAP_URL = _BUILDKIT + "errdefs.FrontendCap+json"
SUBREQUEST_URL = _BUILDKIT + "errdefs.Subrequest+json"
VERTEX_URL = _BUILDKIT + "errdefs.Vertex+json"
SOLVE_URL = _BUILDKIT + "errdefs.Solve+json"
EXIT_URL = _BUILDKIT + "gatewayapi.ExitMessage+json"
#: Details that the reference unpacks when it reads an error (WIRE-12); see `_relayed`.
TYPED_URLS = frozenset(
    {
        SOURCE_URL,
        FRONTEND_CAP_URL,
        SUBREQUEST_URL,
        _BUILDKIT + "stack.Stack+json",
        VERTEX_URL,
        _BUILDKIT + "errdefs.Frontend+json",
        SOLVE_URL,
        _BUILDKIT + "errdefs.CompatibilityFeature+json",
        _BUILDKIT + "errdefs.ProvenanceMaterialsIncomplete+json",
        EXIT_URL,
        _BUILDKIT + "policysession.DecisionResponse+json",
    }
)


class Detail(NamedTuple):
    """One typed detail of an error, as it travels: a type URL and the bytes that go with it."""

    type_url: str
    value: bytes


class BridgeError(Exception):
    """A call that the daemon refused, or an error in its terms: gRPC code, text, details as they came."""

    def __init__(self, code: int, message: str, details: Sequence[Detail] = (), *, help: str = "") -> None:  # noqa: A002 - as in Diagnostic
        """Remember what the daemon said, and the ``help`` that was found for it here."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = tuple(details)
        self.help = help

    @property
    def helped(self) -> str:
        """The message, and after it the help."""
        return f"{self.message}: {self.help}" if self.help else self.message

    def wrapped(self, text: str) -> BridgeError:
        """Return this error with ``text: `` before its message, all else kept."""
        return BridgeError(self.code, f"{text}: {self.message}", self.details, help=self.help)

    def again(self) -> BridgeError:
        """Return the same error as a new exception."""
        return BridgeError(self.code, self.message, self.details, help=self.help)

    def diagnostic(self) -> Diagnostic:
        """Return what all exchange of this error."""
        return Diagnostic(ERROR, DAEMON_ERROR, self.message, help=self.help)

    @property
    def has_source(self) -> bool:
        """Tell whether the error already says where in a file it happened (ERR-010)."""
        return any(detail.type_url == SOURCE_URL for detail in self.details)

    @property
    def is_not_found(self) -> bool:
        """Tell whether a file was not there; the daemon gives no code for it, only Go's text."""
        return self.code == NOT_FOUND or self.message.endswith("no such file or directory")


class NotAnImage(BridgeError):  # noqa: N818 - what the answer turned out to be
    """A source policy made something else of an image: its new ``identifier`` (NCTX-006)."""

    def __init__(self, written: str, identifier: str) -> None:
        """Say what became of the image ``written`` (with its scheme)."""
        super().__init__(UNKNOWN, f"ref mutated by policy to non-image: {written} -> {identifier}")
        self.written = written
        self.identifier = identifier

    def again(self) -> NotAnImage:
        """Return the same error as a new exception."""
        return NotAnImage(self.written, self.identifier)


def unsupported_frontend_cap(name: str) -> BridgeError:
    """Return the error for a capability that a client insists on and nobody has (GW-009)."""
    detail = Detail(FRONTEND_CAP_URL, _name_json(name))
    return BridgeError(UNIMPLEMENTED, f"unsupported frontend capability {name}", [detail])


def unsupported_request(name: str) -> BridgeError:
    """Return the error for a subrequest that is not known here (ERR-011)."""
    return BridgeError(UNKNOWN, f"unsupported request {name}", [Detail(SUBREQUEST_URL, _name_json(name))])


def _name_json(name: str) -> bytes:
    return _json({"name": name} if name else {})


def from_status(status: gateway_pb2.Status) -> BridgeError:
    """Return the error that ``status`` describes."""
    return BridgeError(
        status.code or UNKNOWN, status.message, [Detail(any_.type_url, any_.value) for any_ in status.details]
    )


def to_status(error: BaseException, *, alone: bool = False) -> gateway_pb2.Status:
    """Return ``error`` as a status; the spans of a DockerfileError become details with their files.

    ``alone`` is for a daemon that shows nothing but the message: it names the line then, and has the help.
    Errors of the daemon keep code and details, also where a DockerfileError was raised from one.
    Anything that is not an error of the user or the daemon is a defect here: the status says so in
    plain words and the traceback goes to stderr (ERR-002, ERR-003, ERR-011, ERR-012).
    """
    if isinstance(error, KeyboardInterrupt):
        return _status(CANCELLED, "the Dockerfile frontend was interrupted", [])
    if isinstance(error, MemoryError):
        return _status(RESOURCE_EXHAUSTED, OUT_OF_MEMORY, [])
    cause = _daemon_error(error)
    if isinstance(error, DockerfileError):
        code = cause.code if cause else UNKNOWN
        # Outermost first on the wire, while `spans` begins with the innermost.  Clients show the last first:
        # the lines that lead to another file, and then, next to the message, what is wrong in it.
        details = source_details([*error.places[::-1], *(() if alone else error.chain())])
    elif isinstance(error, BridgeError):
        code, details = error.code, []
    else:
        return _defect(error)
    details += _relayed(cause.details if cause else ())
    return _status(code, _message(error, details, alone=alone), details)


def _message(error: DockerfileError | BridgeError, details: Sequence[Detail], *, alone: bool) -> str:
    """Return what the client prints: the words of the reference or of the daemon, then the help."""
    import re  # only for an error

    shown = error.diagnostic().displayed()
    if alone and not re.search(r"\bline \d", shown.text):
        shown = shown._replace(message=shown.message + _first_line(details), detail="")
    return shown.helped


def _first_line(details: Sequence[Detail]) -> str:
    """Return the innermost place that ``details`` know, in brackets; empty where they know none."""
    for detail in details[::-1]:
        if detail.type_url == SOURCE_URL:
            source = load_json(detail.value.decode())
            if source.get("ranges"):
                start = source["ranges"][0]["start"]
                # BuildKit 0.8 writes the name with a capital letter.
                return f" ({source['info']['filename']}:{start.get('line') or start.get('Line', 0)})"
    return ""


def _daemon_error(error: BaseException | None) -> BridgeError | None:
    """Return the first error of the daemon among ``error`` and what it was raised from."""
    while error is not None and not isinstance(error, BridgeError):
        error = error.__cause__
    return error


def _relayed(details: Sequence[Detail]) -> list[Detail]:
    """Return foreign details in the order in which the reference would send them on.

    It unpacks the first typed detail as the innermost error and sends the outermost first, so the
    typed ones turn round at every hop; what it does not know stays at the front.
    """
    typed = [detail for detail in details if detail.type_url in TYPED_URLS]
    return [detail for detail in details if detail.type_url not in TYPED_URLS] + typed[::-1]


def source_details(spans: Sequence[Span]) -> list[Detail]:
    """Return one detail for each span: its file, and one range for each line (WIRE-12).

    Each carries the whole file: of many spans in a large one, the last come along, as many as fit.
    """
    from pyfrontend.llb.json_view import ranges_json

    infos: dict[SourceFile, dict[str, Any]] = {}
    details: list[Detail] = []
    left = limits.MESSAGE_BYTES // 2
    for span in reversed(spans):
        if left <= 0:
            break
        info = infos.get(span.file) or infos.setdefault(span.file, _info(span.file))
        details.append(Detail(SOURCE_URL, _json({"info": info, "ranges": ranges_json(span)})))
        left -= len(details[-1].value)
    return details[::-1]


def _info(file: SourceFile) -> dict[str, Any]:
    from pyfrontend.display import one_line

    info: dict[str, Any] = {"filename": one_line(file.name), "data": base64_text(file.data)}
    if file.definition is not None:
        from pyfrontend.llb.json_view import go_struct

        info["definition"] = go_struct(file.definition)
    info["language"] = file.language
    return info


def _defect(error: BaseException) -> gateway_pb2.Status:
    from pyfrontend.display import one_line, print_exception

    try:
        print_exception(error)
    except Exception:  # noqa: BLE001, S110 - there may be no stderr
        pass
    kind = type(error).__name__
    text = one_line(str(error))
    message = (
        f"internal error of the Dockerfile frontend: {kind}{': ' if text else ''}{text} "
        "(this is a defect in pyfrontend, not in the Dockerfile; the daemon's log has the details)"
    )
    return _status(INTERNAL, message, [])


def _status(code: int, message: str, details: Sequence[Detail]) -> gateway_pb2.Status:
    """Put a status together, leaving out details from the end on where it would grow too large to send."""
    status = gateway_pb2.Status(code=code or UNKNOWN, message=_sendable(message))
    room = STATUS_LIMIT - status.ByteSize()
    for detail in details:
        room -= len(detail.value) + len(detail.type_url) + 32
        if room < 0:
            break
        status.details.append(gateway_pb2.Any(type_url=detail.type_url, value=detail.value))
    return status


def _sendable(message: str) -> str:
    """Return ``message`` as protobuf takes it: no lone surrogates (bytes that were no UTF-8), not endless."""
    return message[: STATUS_LIMIT // 8].encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def go_metadata(metadata: Mapping[str, bytes]) -> bytes:
    """Return the metadata of a result as Go's encoding/json writes a map of bytes."""
    return _json({key: base64_text(metadata[key]) for key in sorted(metadata)})


def _json(value: Any) -> bytes:
    return json_text(value).encode("utf-8")
