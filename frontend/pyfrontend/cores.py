"""grpcio and protobuf through their C cores: calls over a channel, and message classes.

Importing the Python code around these cores would take longer than everything a build does itself, for
interfaces that it does not use.  This module relies on the following, checks it when loaded, and falls back
to the public API (`import grpc`, `google.protobuf.message_factory`) if it does not hold:

- `grpc._cython.cygrpc` can be imported without `grpc`, has the names in `CALLS`, and accepts calls started
  the way `grpc._channel` does, as in the `RELEASES` below.  During its import, modules that it does not
  need are not loaded (`LATER`), nor those of which it needs next to nothing (`GIVEN`).
- `google._upb._message` has the names in `MESSAGES`, and creates classes as `message_factory` does (protobuf
  6.31 to 7.36).  It looks for the extra methods of well-known types, which no message here has.

`tests/test_cores.py` fails if a release of either changes this.  The frontend image pins both and contains
only their cores (hack/rootfs.py), so there is no fallback in it.
"""

from __future__ import annotations

import sys
from time import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import ModuleType
    from typing import Any

    #: Options of a channel, by the names of gRPC.
    Options = Sequence[tuple[str, str | int]]
    #: What waits for the end of a call and returns the bytes of the answer.
    Wait = Callable[[], bytes]

#: Take the public way in any case; for tests, and for a look at what it costs.
PUBLIC = False
#: Releases of grpcio: what another one needs while it is imported is not known, and it can be imported once.
RELEASES = tuple(f"1.{minor}." for minor in range(80, 86))
#: The extra of our wheel that brings grpcio and protobuf.
EXTRA = "build"
#: Names of `cygrpc`.
CALLS = (
    *("Channel", "OperationType", "PropagationConstants", "StatusCode", "SendInitialMetadataOperation"),
    *("SendMessageOperation", "SendCloseFromClientOperation", "ReceiveInitialMetadataOperation"),
    *("ReceiveMessageOperation", "ReceiveStatusOnClientOperation"),
)
#: Names of `google._upb._message`.
MESSAGES = ("MessageMeta", "default_pool")
#: What `cygrpc` imports for the asynchronous interface, for servers and for TLS.
LATER = ("asyncio", "inspect", "pkgutil", "socket", "traceback")
#: What it needs in full.
AS_THEY_ARE = ("atexit", "codecs", "collections", "enum", "errno", "os", "threading")
#: The status of gRPC for what has no other, and for an answer that is none.
UNKNOWN, INTERNAL = 2, 13

_Module: type[ModuleType] = type(sys)


class CallError(Exception):
    """A call that has failed: gRPC's code and text, and the bytes of the status that came with it, if any."""

    def __init__(self, code: int, message: str, status: bytes | None) -> None:
        """Remember what came."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class MissingExtraError(ImportError):
    """Something needs grpcio or protobuf, and neither came with ``pip install pyfrontend``."""

    def __init__(self, package: str) -> None:
        """Name the ``package`` that is missing, and how to get it."""
        super().__init__(f"this needs {package}, which is not installed: pip install 'pyfrontend[{EXTRA}]'")


class StandIn(_Module):  # type: ignore[misc, valid-type] # `types` would be one more import
    """Takes a module's place in `sys.modules` for a while.

    It is not a dummy: everything it was not given comes from the real module, loaded on demand.
    """

    def __init__(self, name: str, given: Mapping[str, object] | None = None) -> None:
        """Stand for the module ``name``, with the attributes ``given``."""
        super().__init__(name)
        self.__dict__.update(given or {})

    def __getattr__(self, name: str) -> Any:
        """Return attribute ``name`` of the real module."""
        from importlib import import_module

        if sys.modules.get(self.__name__) is self:
            if name == "__path__" or "__path__" in self.__dict__:  # a package, of which a module is asked for
                raise AttributeError(name)
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


class standing_in:  # noqa: N801 - reads as a keyword: `with standing_in(modules):`
    """Has modules stand in for those of their names that are not loaded; whatever comes meanwhile goes again.

    Only what `keep` begins the names of stays: it is what the stand-ins are for.
    """

    def __init__(self, modules: Sequence[ModuleType], keep: str) -> None:
        """Prepare for ``modules``."""
        self.modules = {module.__name__: module for module in modules if module.__name__ not in sys.modules}
        self.keep = keep
        self.before: set[str] = set()

    def __enter__(self) -> None:
        """Put them in their places."""
        self.before = set(sys.modules)
        sys.modules.update(self.modules)

    def __exit__(self, *_: object) -> None:
        """Take them out, and what has seen them where it expected the real ones."""
        for name in set(sys.modules) - self.before:
            if name in self.modules or not name.startswith(self.keep):
                del sys.modules[name]


# ---------------------------------------------------------------------------------------------- grpcio


class _Log:
    """As the logger of `cygrpc`, which hardly ever has anything to say."""

    def __getattr__(self, name: str) -> Any:
        from logging import getLogger

        return getattr(getLogger("grpc._cython.cygrpc"), name)


class _NoPlugin:
    """As the place of a plugin for tracing when there is none."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


#: What `cygrpc` needs of modules that a build does not: some of its own Python and of the library.
GIVEN: dict[str, dict[str, object]] = {
    "grpc._observability": {"get_plugin": _NoPlugin, "_SERVICES_TO_EXCLUDE": ()},
    "logging": {"getLogger": lambda _: _Log()},
    "typing": {"Optional": list},
}


def grpc_core() -> Any:
    """Return `cygrpc`; raises ImportError where it is not as it is known here."""
    if PUBLIC:
        raise ImportError("the public way is asked for")
    if "grpc" in sys.modules:
        from grpc._cython import cygrpc  # type: ignore[attr-defined] # it has no stub
    else:
        # It must find these as they are, before there are stand-ins.
        for name in AS_THEY_ARE:
            __import__(name)

        modules = {name: StandIn(name, GIVEN.get(name)) for name in (*LATER, *GIVEN)}
        package, inner = _packages("grpc", "_cython")
        package.__dict__["_observability"] = modules["grpc._observability"]  # as importing that would do
        with standing_in([package, inner, *modules.values()], "grpc._cython."):
            _check_release()
            from grpc._cython import cygrpc  # type: ignore[attr-defined] # it has no stub
    return _with_names(cygrpc, CALLS)


def _check_release() -> None:
    from grpc._grpcio_metadata import __version__

    if not __version__.startswith(RELEASES):
        raise ImportError(f"grpcio {__version__} is not known here")


def _packages(name: str, inner: str) -> Iterator[StandIn]:
    """Yield the package ``name`` and one in it, as places of what is in them: their own code is not run."""
    found = [spec for finder in sys.meta_path if (spec := finder.find_spec(name, None))]
    folders = list(found[0].submodule_search_locations or ()) if found else []
    yield StandIn(name, {"__path__": folders})
    yield StandIn(f"{name}.{inner}", {"__path__": [f"{folder}/{inner}" for folder in folders]})


def _with_names(core: Any, names: Sequence[str]) -> Any:
    for name in names:
        if not hasattr(core, name):
            raise ImportError(f"{core.__name__} has no {name}")
    return core


class Channel:
    """A channel to the server at ``target``, with ``options`` of gRPC; calls may come from any thread.

    Nothing is connected before the first call.  ``core`` is `cygrpc`, None where calls take the public way.
    """

    def __init__(self, target: str, options: Options) -> None:
        """Open the channel, through the core where that is as it is known here."""
        self._target, self._options = target, options
        try:
            self.core = grpc_core()
            texts = [(name, value.encode() if isinstance(value, str) else value) for name, value in options]
            encoded = tuple([(name.encode(), value) for name, value in texts])
            self.channel = self.core.Channel(target.encode(), encoded, None)
        except (ImportError, AttributeError, TypeError):
            self.open_publicly()

    def open_publicly(self) -> None:
        """Take the public way from now on."""
        try:
            import grpc  # a tenth of a second, where it has to be
        except ModuleNotFoundError as error:
            raise MissingExtraError("grpcio") from error
        self.core = None
        self.channel = grpc.insecure_channel(self._target, self._options)

    def start(self, method: str, data: bytes, timeout: float | None = None) -> Wait:
        """Begin a call, and return what waits for the answer; it raises CallError.

        Calls are sent in the order in which they were begun.  ``timeout`` is in seconds.
        """
        if self.core is not None:
            try:
                return self._begin(method, data, timeout)
            except (AttributeError, TypeError):  # a release that begins a call otherwise: none has begun
                self.open_publicly()
        future = self.channel.unary_unary(method).future(data, timeout=timeout)
        return lambda: _public_answer(future)

    def _begin(self, method: str, data: bytes, timeout: float | None) -> Wait:
        core = self.core
        operations = (
            core.SendInitialMetadataOperation(None, 0),
            core.SendMessageOperation(data, 0),
            core.SendCloseFromClientOperation(0),
            core.ReceiveInitialMetadataOperation(0),
            core.ReceiveMessageOperation(0),
            core.ReceiveStatusOnClientOperation(0),
        )
        call = self.begin(method, (operations,), timeout)
        return lambda: _core_answer(core, call.next_event())

    def begin(self, method: str, batches: Sequence[Any], timeout: float | None) -> Any:
        """Begin a call of the core with ``batches`` of operations, and return it; for `streams` too."""
        flags = self.core.PropagationConstants.GRPC_PROPAGATE_DEFAULTS
        deadline = None if timeout is None else time() + timeout
        tagged = tuple([(one, None) for one in batches])
        name = method.encode()
        return self.channel.segregated_call(flags, name, None, deadline, None, None, tagged, None, None)

    def close(self) -> None:
        """Close the channel; calls under way in other threads fail."""
        if self.core is None:
            self.channel.close()
        else:
            self.channel.close(self.core.StatusCode.cancelled, "the channel was closed")


def _core_answer(core: Any, event: Any) -> bytes:
    """Return what the operations of a finished call received."""
    found = {operation.type(): operation for operation in event.batch_operations}
    status = found[core.OperationType.receive_status_on_client]
    data: bytes | None = found[core.OperationType.receive_message].message()
    if status.code() or data is None:
        raise CallError(
            status.code() or INTERNAL, status.details() or "", status_of(status.trailing_metadata())
        )
    return data


def _public_answer(future: Any) -> bytes:
    from grpc import RpcError

    try:
        data: bytes = future.result()
    except RpcError as error:
        known: Any = error  # it is a call as well
        code = known.code()
        number = code.value[0] if code else UNKNOWN
        raise CallError(number, known.details() or "", status_of(known.trailing_metadata())) from None
    return data


def status_of(metadata: Iterable[tuple[str, bytes]] | None) -> bytes | None:
    """Return the status that a server sends with an error."""
    return dict(metadata or ()).get("grpc-status-details-bin")


# -------------------------------------------------------------------------------------------- protobuf


def protobuf_core() -> Any:
    """Return `google._upb._message`; raises ImportError where it is not as it is known here."""
    if PUBLIC:
        raise ImportError("the public way is asked for")
    import _collections_abc

    # The core asks for the one by the name of the other, for which `collections` would be loaded as a whole.
    lent = "collections" not in sys.modules
    if lent:
        sys.modules["collections.abc"] = _collections_abc
    from google._upb import _message

    # Since Python 3.13 `collections` makes this name itself, once: no later import would bring it back.
    if lent and not hasattr(sys.modules.get("collections"), "abc"):
        del sys.modules["collections.abc"]
    return _with_names(_message, MESSAGES)


class Messages:
    """The messages and enumerations of a file, by name; each is made when it is first asked for."""

    def __init__(self, serialized: bytes, found: dict[str, Any]) -> None:
        """Take the file descriptor ``serialized``; what is made is put into ``found``."""
        try:
            self._core: Any = protobuf_core()
            self._file = self._core.default_pool.AddSerializedFile(serialized)
        except ImportError:
            self._core, self._file = None, _public_file(serialized)
        self._found = found

    def get(self, name: str) -> Any:
        """Return the message, the enumeration or the value of one that has this name.

        Raises `MissingExtraError` where protobuf is not installed.
        """
        if self._file is None:
            raise AttributeError(name) if name.startswith("__") else MissingExtraError("protobuf")
        if name in self._file.message_types_by_name:
            found = self._class(self._file.message_types_by_name[name])
        else:
            found = _enumerated(self._file.enum_types_by_name, name)
        self._found[name] = found
        return found

    def _class(self, descriptor: Any) -> Any:
        if self._core is None:
            from google.protobuf.message_factory import GetMessageClass

            return GetMessageClass(descriptor)
        if _CLASSES:
            return self._make(descriptor)
        # For the first class of all, the core asks for more methods of messages that protobuf itself defines,
        # and keeps what it gets: none, for none is used here.
        known = StandIn("google.protobuf.internal.well_known_types", {"WKTBASES": {}})
        with standing_in([known], "google."):
            return self._make(descriptor)

    def _make(self, descriptor: Any) -> Any:
        """Return the class of a message, made with those of all messages that it can hold."""
        from google.protobuf.message import Message

        made = _CLASSES.get(descriptor.full_name)
        if made is None:
            names = {"DESCRIPTOR": descriptor, "__module__": "pyfrontend.pb"}
            made = _CLASSES[descriptor.full_name] = self._core.MessageMeta(descriptor.name, (Message,), names)
            for field in descriptor.fields:
                if field.message_type is not None:
                    self._make(field.message_type)
        return made


def _public_file(serialized: bytes) -> Any:
    """Return a file descriptor as protobuf itself reads it; None where protobuf is not installed."""
    try:
        from google.protobuf import descriptor_pool  # a large part of protobuf
    except ModuleNotFoundError:
        return None
    return descriptor_pool.Default().AddSerializedFile(serialized)


#: The classes that have been made, by full name.
_CLASSES: dict[str, Any] = {}


def _enumerated(enums: Mapping[str, Any], name: str) -> Any:
    """Return the enumeration ``name`` of a file, or the number of the value with that name."""
    if name in enums:
        from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

        return EnumTypeWrapper(enums[name])
    for enum in enums.values():
        if name in enum.values_by_name:
            return enum.values_by_name[name].number
    raise AttributeError(name)
