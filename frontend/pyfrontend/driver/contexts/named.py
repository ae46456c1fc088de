"""Named contexts: ``--build-context name=...`` by the scheme of its specification (area NCTX)."""

from __future__ import annotations

from pyfrontend.driver.contexts.base import IGNORE_FILE, directory, patterns_of, read_inputs
from pyfrontend.errors import DAEMON_ERROR, DockerfileError
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.golang.quote import go_quote
from pyfrontend.llb.ops import CUSTOM_NAME, Deferred, OpMeta, Output
from pyfrontend.llb.sources import http, image, local, oci_layout
from pyfrontend.llb.state import State
from pyfrontend.lookups import ImageQuery, NotAnImageError
from pyfrontend.lower.ports import LoadedContext
from pyfrontend.oci.image_json import read_image
from pyfrontend.oci.reference import parse, parse_normalized, tag_name_only, with_digest
from pyfrontend.record import NamedTuple
from pyfrontend.spelling import did_you_mean
from pyfrontend.syntax.inputs import SCRATCH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from pyfrontend.driver.contexts.main import MainContext
    from pyfrontend.driver.options.build_options import BuildOptions
    from pyfrontend.lower.ports import Images, Policies
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.plugins.declared import Scheme

#: Rewrites by source policies after which they must be going round in circles (NCTX-006).
MAX_REWRITES = 10
#: The member of an input's metadata that is the config of its image.
IMAGE_CONFIG = "containerimage.config"
#: Sources whose identifier is a URL to fetch.
URL_SCHEMES = ("git", "http", "https")

#: The end of a host that is the scheme of a plugin: ``https://mirror.plugin/alpine`` is ``mirror:alpine``.
PLUGIN_HOST = ".plugin"

#: The request for the graph that a build would get.
GRAPH_REQUEST = "frontend.convertllb"


class ContextQuery(NamedTuple):
    """One named context that lowering asks for; ``key`` is its ``name`` as the options have it.

    ``used_paths`` returns, once all stages are lowered, the paths of it that the build needs; none: all.
    """

    name: str
    key: str
    platform: Platform | None
    used_paths: Callable[[], Sequence[str]]


class Means(NamedTuple):
    """What named contexts are loaded with; ``waiting`` are local ones whose paths are not known yet.

    ``policies`` are asked about each before it is loaded, None where there are none.  ``schemes`` are those
    of plugins.
    """

    main: MainContext
    options: BuildOptions
    images: Images
    waiting: list[Callable[[], None]]
    policies: Policies | None = None
    schemes: Mapping[str, Scheme] | None = None


class Context:
    """One named context; its ``specification`` changes where a source policy makes another source of it."""

    def __init__(self, query: ContextQuery, specification: str, means: Means) -> None:
        """Hold what loading needs; nothing is asked of the daemon yet."""
        self.query = query
        self.specification = specification
        self.means = means

    @property
    def key(self) -> str:
        """Its name in the options."""
        return self.query.key

    @property
    def platform(self) -> Platform | None:
        """The platform that it is for, None for any."""
        return self.query.platform

    def load(self) -> LoadedContext:
        """Return the context's files and config; raises `DockerfileError` for a bad specification."""
        for _ in range(MAX_REWRITES + 1):
            try:
                loaded = self._load_once()
            except BridgeError as error:
                raise DockerfileError(error.message, code=DAEMON_ERROR) from error
            if loaded is not None:
                return loaded
        raise DockerfileError(
            "context recursion limit exceeded; this may indicate a cycle in the provided source policies: "
            + self.specification,
            code="InvalidContext",
        )

    def _load_once(self) -> LoadedContext | None:
        """Load by scheme; None when a policy or a plugin gave the context another specification."""
        if self.means.schemes and self._is_plugged(self.means.schemes):
            return None
        self.apply_policies()
        scheme, colon, rest = self.specification.partition(":")
        if not colon:
            raise DockerfileError(
                f"invalid context specifier {self.specification} for {self.key}",
                code="InvalidContext",
                kind="specifier",
                name=self.key,
            )
        loader = SCHEMES.get("git" if scheme.startswith("git@") else scheme)
        if loader is None:
            raise DockerfileError(
                f"unsupported context source {scheme} for {self.key}",
                code="InvalidContext",
                kind="scheme",
                value=scheme,
            )
        return loader(self, rest)

    def _is_plugged(self, schemes: Mapping[str, Scheme]) -> bool:
        """Let a plugin say what the context stands for, if its scheme is that of a plugin.

        `docker buildx build` sends no scheme that it does not know, but any address of the web.
        """
        scheme, _, rest = self.specification.partition(":")
        host, _, path = rest.removeprefix("//").partition("/")
        if scheme in URL_SCHEMES and host.endswith(PLUGIN_HOST):
            scheme, rest = host.removesuffix(PLUGIN_HOST), path
            if scheme not in schemes:
                raise DockerfileError(
                    f"no plugin has the kind of context {scheme}{did_you_mean(scheme, schemes)}",
                    code="InvalidContext",
                )
        plugged = schemes.get(scheme)
        if plugged is not None:
            self.specification = plugged.specification(rest)
        return plugged is not None

    def apply_policies(self) -> None:
        """Let policies change what it is; raises `DockerfileError` for one that they deny."""
        policies = self.means.policies
        if policies is not None:
            self.specification = policies.context(self.key, self.specification, self.platform)

    def describe(self, text: str) -> OpMeta:
        """Return the description of an op of this context (PROG-014)."""
        return OpMeta({CUSTOM_NAME: f"[context {self.key}] {text}"})


def _docker_image(context: Context, rest: str) -> LoadedContext | None:
    """``docker-image://ref`` (NCTX-005, NCTX-006)."""
    written = rest.removeprefix("//")
    if written == SCRATCH:
        return LoadedContext(State(), None)
    try:
        reference = str(tag_name_only(parse_normalized(written)))
    except ValueError as error:
        raise DockerfileError(
            str(error), code="InvalidContext", kind="image", name=context.key, value=written
        ) from None
    means = context.means
    log_name = f"[context {context.key}] load metadata for {written}"
    query = ImageQuery(reference, context.platform, log_name, means.options.resolve_mode)
    try:
        meta = means.images.resolve(query)
    except NotAnImageError as error:
        scheme, found, place = error.identifier.partition("://")
        if not found:
            raise DockerfileError(f"could not parse ref: {error.identifier}", code="InvalidContext") from None
        # URLs are meant as they are; the reference cuts their slashes off, and then cannot read them.
        context.specification = error.identifier if scheme in URL_SCHEMES else f"{scheme}:{place}"
        return None
    state = image(meta.name, context.platform, meta=context.describe(written))
    loaded = _with_config(state, meta.config)
    if loaded.image is not None:
        loaded.image.created = ""  # reset: the config of the base has no creation time
    return loaded


def _oci_layout(context: Context, rest: str) -> LoadedContext:
    """``oci-layout://name@digest`` from the client's disk (NCTX-007)."""
    written = rest.removeprefix("//")
    try:
        store = parse(written)
    except ValueError as error:
        raise DockerfileError(
            f"could not parse oci-layout reference {go_quote(written)}: {error}",
            code="InvalidContext",
            kind="layout",
            name=context.key,
        ) from None
    if not store.digest:
        raise DockerfileError(
            f"oci-layout reference {go_quote(str(store))} has no digest",
            code="InvalidContext",
            kind="digest",
            name=context.key,
            value=written,
        )
    try:
        reference = str(with_digest(parse_normalized(context.query.name), store.digest))
    except ValueError as error:
        raise DockerfileError(
            f"could not parse oci-layout reference {go_quote(context.query.name)}: {error}",
            code="InvalidContext",
        ) from None
    session = context.means.options.contexts.session_id
    log_name = f"[context {context.key}] load metadata for {reference}"
    query = ImageQuery(reference, context.platform, log_name, session=session, store=store.name)
    meta = context.means.images.resolve(query)
    state = oci_layout(
        reference,
        context.platform,
        session_id=session,
        store_id=store.name,
        meta=context.describe("OCI load from client"),
    )
    return _with_config(state, meta.config)


def _with_config(state: State, data: bytes) -> LoadedContext:
    """Return ``state`` with the environment, directory and platform that its image config names."""
    config = read_image(data)
    state = state.with_variables({key: value for key, value in config.variables().items() if key})
    if config.working_dir:
        state = state.with_cwd(config.working_dir)
    if config.platform.architecture and config.platform.os:
        state = state.with_platform(config.platform)
    return LoadedContext(state, config)


def _git(context: Context, _rest: str) -> LoadedContext:
    from pyfrontend.driver.contexts.remote import git_context

    state = git_context(context.specification)
    if state is None:
        raise DockerfileError(
            f"invalid git context {context.specification}",
            code="InvalidContext",
            kind="git",
            name=context.key,
        )
    return LoadedContext(state, None)


def _http(context: Context, _rest: str) -> LoadedContext:
    """Return a repository, or the one file that the URL gives (NCTX-008, NCTX-009)."""
    from pyfrontend.driver.contexts.remote import git_context

    state = git_context(context.specification)
    if state is None:
        url = context.specification
        state = http(url, filename="context", meta=context.describe(url))
    return LoadedContext(state, None)


def _local(context: Context, name: str) -> LoadedContext:
    """Send a directory of the client, with an ignore file of its own (NCTX-010, NCTX-014 to NCTX-016)."""
    excludes = _local_excludes(context, name)
    options = context.means.options.contexts
    shared_key = options.shared_keys.get(context.key, "")
    deferred = Deferred()

    def settle() -> None:
        deferred.fill(
            directory(
                options,
                name,
                follow_paths=context.query.used_paths(),
                exclude_patterns=excludes,
                shared_key=f"context:{context.key}-{shared_key}",
                meta=context.describe("load from client"),
            )
        )

    context.means.waiting.append(settle)
    return LoadedContext(State(Output(deferred)), None)


def _local_excludes(context: Context, name: str) -> list[str]:
    key, meta = f"context:{context.key}", context.describe(f"load {IGNORE_FILE}")
    file = context.means.main.read_ignore_file(name, key, meta, evaluate=True)
    return patterns_of(file)


def _input(context: Context, name: str) -> LoadedContext:
    """Use an input of the frontend, such as a bake target, maybe with a config (NCTX-011, NCTX-013)."""
    means = context.means
    inputs = read_inputs(means.main.bridge)
    if name not in inputs:
        raise DockerfileError(
            f"invalid input {name} for {context.key}", code="InvalidContext", kind="input", value=name
        )
    state = State(inputs[name].head)
    config = _input_config(means.options.contexts.input_metadata.get(name))
    return LoadedContext(state, None) if config is None else _with_config(state, config)


def _input_config(metadata: str | None) -> bytes | None:
    """Return the image config in the metadata of an input: a JSON object with bytes in base64."""
    if metadata is None:
        return None
    from pyfrontend.golang.json_reader import kind_of, loads

    try:
        values = loads(metadata)
        if isinstance(values, dict):
            return {name: _bytes(name, value) for name, value in values.items()}.get(IMAGE_CONFIG)
    except ValueError as error:
        raise DockerfileError(
            f"failed to parse input metadata {metadata}: {error}", code="InvalidContext"
        ) from None
    if values is None:
        return None
    kind = f"json: cannot unmarshal {kind_of(values)} into Go value of type map[string][]uint8"
    raise DockerfileError(f"failed to parse input metadata {metadata}: {kind}", code="InvalidContext")


def _bytes(name: str, value: Any) -> bytes:
    """Return the bytes of one member; null stands for none."""
    import base64

    if value is None:
        return b""
    if not isinstance(value, str):
        from pyfrontend.golang.json_reader import kind_of

        kind = kind_of(value)
        raise ValueError(  # noqa: TRY004 - an error in what was given
            f"json: cannot unmarshal {kind} into Go struct field .{name} of type []uint8"
        )
    try:
        return base64.b64decode(value.replace("\r", "").replace("\n", ""), validate=True)
    except ValueError:
        raise ValueError("illegal base64 data") from None


#: What loads a context, by the scheme of its specification.
def _bake_target(context: Context, rest: str) -> LoadedContext:
    """``target:NAME``: what bake builds from another target, and hands to builds only.

    For questions that build nothing it has files and a config that nobody knows; a build, and the graph that
    one would get, need them.
    """
    asked = context.means.options.request_id
    if asked is None or asked == GRAPH_REQUEST:
        raise DockerfileError(
            f"unsupported context source target for {context.key}",
            code="InvalidContext",
            kind="bake",
            value=rest,
        )
    return LoadedContext(local(context.key, meta=context.describe(f"target {rest}")), None)


SCHEMES: dict[str, Callable[[Context, str], LoadedContext | None]] = {
    "docker-image": _docker_image,
    "oci-layout": _oci_layout,
    "git": _git,
    "http": _http,
    "https": _http,
    "local": _local,
    "input": _input,
    "target": _bake_target,
}
