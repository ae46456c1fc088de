"""What is fuzzed.  A target does with bytes what a build does with input of others.

Errors of ours may come of that; any other exception that leaves a target is a defect, and so is what takes
longer or more memory than `fuzz.limits` says.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from zlib import crc32

from google.protobuf.message import DecodeError

from fuzz.wire import CONFIG, Wire, parts, replacements
from pyfrontend import parallel
from pyfrontend.display import many_lines, one_line, safe_json, source_line
from pyfrontend.dockerignore import Matcher, read_patterns
from pyfrontend.driver.contexts.archives import is_archive, newest_file
from pyfrontend.driver.contexts.remote import git_context
from pyfrontend.driver.options.build_options import parse_options
from pyfrontend.driver.options.request import Request, read_request
from pyfrontend.driver.serve import serve
from pyfrontend.driver.session import open_session
from pyfrontend.driver.subrequests import PREFIX, SUBREQUESTS
from pyfrontend.driver.subrequests.lint import check
from pyfrontend.errors import DockerfileError
from pyfrontend.extend.lockfile import lock_text, read_lock
from pyfrontend.extend.valuefile import read_values
from pyfrontend.fix.mend import mend
from pyfrontend.gateway.bridge import Bridge
from pyfrontend.gateway.errors import BridgeError, to_status
from pyfrontend.gateway.offline import Offline
from pyfrontend.gateway.opening import PREFACE, AckFilter, PrefaceFilter
from pyfrontend.giturl import locate, parse_git_ref, parse_url
from pyfrontend.golang import csv, durations, json_reader, paths, quote, strconv
from pyfrontend.golang import strings as go_strings
from pyfrontend.lint.config import parse_check_config
from pyfrontend.lint.registry import STRICT, CheckConfig
from pyfrontend.llb.imported import imported
from pyfrontend.llb.marshal import marshal
from pyfrontend.llb.sources import image as image_source
from pyfrontend.oci import platforms, reference
from pyfrontend.oci.image_json import read_image, write_image
from pyfrontend.pb import ops_pb2
from pyfrontend.span import SourceFile
from pyfrontend.syntax.document import parse_dockerfile, parse_instruction
from pyfrontend.syntax.expand import expand, expand_words
from pyfrontend.syntax.mounts import expand_mount, read_device, read_mount
from pyfrontend.units import parse_chmod, parse_signal, parse_size

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pyfrontend.errors import Diagnostic
    from pyfrontend.gateway.transport import Transport


OURS = (DockerfileError, BridgeError)
#: What can be asked, the plain build among it.
REQUESTS = ("", *(PREFIX + subrequest.name for subrequest in SUBREQUESTS), f"{PREFIX}graph+full+all")


class Target(NamedTuple):
    """One target: what it does, and words that are worth trying."""

    run: Callable[[bytes], object]
    words: tuple[str, ...] = ()
    #: Whether it reads lines, which are worth moving as a whole.
    lines: bool = False


def text_of(data: bytes) -> str:
    """Return bytes as the frontend holds text."""
    return data.decode("utf-8", "surrogateescape")


def build(wire: Wire, options: Mapping[str, str]) -> None:
    """Build over ``wire`` and return the outcome, as `pyfrontend.gateway.run` does."""
    try:
        bridge = Bridge(cast("Transport", wire), options, "fuzz")
    except OURS:
        return
    request = Request(options, "session", [platforms.parse("linux/amd64")], unique="u")
    try:
        last: Any = bridge.prepare(serve(bridge, request))
    except OURS as error:
        last = bridge.prepare_error(to_status(error))
    with suppress(*OURS):
        bridge.finish(last)


def conversion(data: bytes) -> None:
    """Convert a Dockerfile.

    Further parts are options, the ignore file, the config of all images, a file to include, and the lock.
    """
    dockerfile, more, ignored, config, included, lock = parts(data, 6)
    options = dict(line.partition("=")[::2] for line in text_of(more).splitlines())
    chosen = crc32(data)
    if chosen % 7:  # else the syntax line hands the build over
        options.setdefault("cmdline", "ourorg/pyfrontend")
    request = REQUESTS[chosen % len(REQUESTS)]
    if request:
        options.setdefault("requestid", request)
    name = options.get("filename", "Dockerfile")
    files = {
        "a.env": b"A=1\nB='$A'\n",
        "inc": included,
        f"{name}.lock": lock or b"version 1\n",
        ".dockerignore": ignored,
        name: dockerfile,
        "context": dockerfile,
    }
    build(Wire(files, config or CONFIG), options)


def fixes(data: bytes) -> None:
    """Fix what all rules find in a file: what was a Dockerfile is one afterwards."""
    mended = mend(data, _all_findings)
    if parse_dockerfile(SourceFile("Dockerfile", data)).errors:
        assert mended.data == data
    else:
        assert not parse_dockerfile(SourceFile("Dockerfile", mended.data)).errors


def _all_findings(data: bytes) -> list[Diagnostic]:
    request = Request({"cmdline": "x"}, "session", [platforms.parse("linux/amd64")], unique="u")
    session = open_session(Offline("Dockerfile", data, None, None), request)
    return list(check(session, CheckConfig(experimental=frozenset((STRICT,)))).diagnostics)


#: A build that makes every call.
EVERY_CALL = b"""\
ARG SOURCE_DATE_EPOCH=context
FROM busybox AS a
COPY --from=named x y
ADD https://h.invalid/f.tar /f
FROM handed
COPY --from=a x y
COPY . .
env x y
"""
EVERY_OPTION = {
    "cmdline": "x",
    "context": "https://github.com/o/r.git",
    "context:named": "docker-image://named",
    "context:handed": "input:handed",
    "attest:sbom": "generator=scanner",
    "platform": "linux/amd64,linux/arm64",
}


def gateway(data: bytes) -> None:
    """Build one file, with answers of the daemon that are anything."""
    files = {"Dockerfile": EVERY_CALL}
    handed = marshal(image_source("docker.io/library/x", None).output, caps=None)
    build(Wire(files, inputs={"handed": handed}, replaced=replacements(data)), EVERY_OPTION)


def opening(data: bytes) -> None:
    """Take the opening of a connection out of a stream: what is left must not depend on how it is cut."""
    cut, stream = parts(data, 2)
    sizes = [size or 1 for size in cut] or [1]
    for make in (PrefaceFilter, AckFilter):
        whole, pieces = make(), make()
        expected = whole.feed(PREFACE + stream)
        found, at, number = b"", 0, 0
        while at < len(PREFACE + stream):
            size = sizes[number % len(sizes)]
            found += pieces.feed((PREFACE + stream)[at : at + size])
            at, number = at + size, number + 1
        assert found == expected


def ignore(data: bytes) -> None:
    """Read an ignore file, and meet its patterns with paths."""
    patterns, found = parts(data, 2)
    with suppress(DockerfileError):
        matcher = Matcher(read_patterns(SourceFile(".dockerignore", patterns)))
        for path in [*text_of(found).split("\n")[:20], text_of(patterns)[:500]]:
            matcher.matches(path)


def expansion(data: bytes) -> None:
    """Expand a word in every way in which instructions do."""
    word, given = map(text_of, parts(data, 2))
    env = dict(line.partition("=")[::2] for line in given.splitlines())
    for raw, skip in ((False, False), (True, False), (False, True)):
        with suppress(DockerfileError):
            found = expand(word, env, raw_quotes=raw, raw_escapes=raw, skip_unset=skip, skip_quotes=skip)
            found.text.encode("utf-8", "surrogateescape")
    with suppress(DockerfileError):
        expand_words(word, env)


VALUES: tuple[Callable[[str], object], ...] = (
    csv.parse_csv_fields,
    durations.parse_duration,
    json_reader.loads,
    quote.go_quote,
    strconv.parse_bool,
    strconv.parse_uint,
    strconv.parse_int,
    strconv.parse_octal,
    strconv.parse_float,
    paths.clean,
    lambda text: paths.normalize_workdir("/w", text, "windows"),
    lambda text: paths.normalize("/w", text, "linux", keep_slash=True),
    go_strings.to_lower,
    go_strings.to_upper,
    go_strings.trim_space,
    go_strings.scrub,
    one_line,
    source_line,
    many_lines,
    lambda text: safe_json(f'"{text}"'),
    parse_chmod,
    parse_size,
    parse_signal,
    parse_git_ref,
    parse_url,
    locate,
    git_context,
    reference.parse,
    reference.check_digest,
    lambda text: str(reference.tag_name_only(reference.parse_normalized(text))),
    lambda text: platforms.format_all(platforms.normalize(platforms.parse(text))),
    lambda text: platforms.nearest_platform(platforms.parse(text)),
    lambda text: expand_mount(read_mount("mount", text), lambda value: value),
    lambda text: read_device("device", text),
    parse_check_config,
    parse_instruction,
)


def values(data: bytes) -> None:
    """Read a text as every kind of value; errors of values are `ValueError`, but not those of codecs."""
    text = text_of(data)
    for read in VALUES:
        try:
            read(text)
        except UnicodeError:
            raise
        except (ValueError, *OURS):
            continue


def options(data: bytes) -> None:
    """Read the environment that a daemon starts a frontend with: options, a line each, and the workers."""
    lines, workers = map(text_of, parts(data, 2))
    environ = {f"BUILDKIT_FRONTEND_OPT_{n}": line for n, line in enumerate(lines.splitlines())}
    request = read_request({**environ, "BUILDKIT_WORKERS": workers})
    bridge = Bridge(cast("Transport", Wire({})), {}, "fuzz")
    with suppress(*OURS):
        parse_options(request, bridge.llb_caps)


def files(data: bytes) -> None:
    """Read files beside a Dockerfile: locks and values."""
    with suppress(DockerfileError):
        read_values(SourceFile("a.env", data))
    with suppress(DockerfileError):
        file = SourceFile("Dockerfile.lock", data)
        assert read_lock(SourceFile("Dockerfile.lock", lock_text(read_lock(file)).encode())) == read_lock(
            file
        )


def image(data: bytes) -> None:
    """Read the config of an image, and write it; what was written once stays the same."""
    with suppress(DockerfileError):
        once = write_image(read_image(data))
        assert write_image(read_image(once)) == once


def archives(data: bytes) -> None:
    """Look for the newest file of an archive."""
    is_archive(data)
    newest_file(data)


def graphs(data: bytes) -> None:
    """Take a graph of somebody else over: it is written as it came, whatever that is."""
    with suppress(*OURS, DecodeError):
        output = imported(ops_pb2.Definition.FromString(data))
        marshal(output, caps=None)


INSTRUCTIONS = (
    *("FROM ", "RUN ", "COPY ", "ADD ", "ARG ", "ENV ", "LABEL ", "WORKDIR ", "USER ", "CMD ", "ENTRYPOINT "),
    *("SHELL ", "EXPOSE ", "VOLUME ", "STOPSIGNAL ", "HEALTHCHECK ", "MAINTAINER ", "ONBUILD ", "INCLUDE "),
    *(" AS ", " CMD ", " NONE", "--from=", "--mount=type=", "cache,", "secret,", "ssh,", "tmpfs,", "bind,"),
    *("target=", "source=", "id=", "--chown=", "--chmod=", "--link", "--parents", "--exclude=", "--if="),
    *("--file=", "--checksum=", "--platform=", "--network=", "--security=", "--device=", "--if-exists"),
    *("<<E", "<<-'E'", "\nE\n", "\\\n", "# syntax=", "# escape=`\n", "# check=", "scratch", "busybox"),
    *("\n---\n", "target=", "platform=", "build-arg:", "context:", "no-cache=", "requestid=frontend."),
)
EXPRESSIONS = ("${", "}", ":-", ":+", ":?", "##", "%%", "//", "*", "?", "\\", '"', "'", "$A", "\n---\nA=")
TEXTS = (
    *("1h", "ms", "0x", "1e9", "Inf", "kb", "GiB", "u+rwx", "SIGRTMIN+", "linux/", "arm64/v8", "windows("),
    *("https://", "git@", "ssh://", ".git", "#ref:", "?ref=", "docker.io/", ":tag", "@sha256:", "[::1]"),
    *("type=cache", "sharing=locked", "target=", "size=", "mode=0", "\\u00", "\ufeff", "\udc80"),
)
OPTIONS = (
    *("context=", "filename=", "platform=", "multi-platform=", "add-hosts=", "shm-size=", "ulimit="),
    *("memory=", "cpusetcpus=", "cache-imports=", '[{"Type":', "attest:sbom=", "label:", "frontend.caps="),
    *("no-cache", "image-resolve-mode=", '[{"platforms":[{"os":"linux"'),
)
JSON = (
    '{"',
    '":',
    "[",
    "null",
    "true",
    "1e3",
    '"config":',
    '"Env":',
    '"history":',
    '"created":',
    '"rootfs":',
)
PATTERNS = ("**", "/**", "!", "[^a-z]", "[[:alpha:]]", "\\", "\n---\n", "# ")

#: All targets by the names that ``hack/fuzz`` knows.
TARGETS = {
    "conversion": Target(conversion, INSTRUCTIONS, lines=True),
    "fixes": Target(fixes, INSTRUCTIONS, lines=True),
    "ignore": Target(ignore, PATTERNS, lines=True),
    "expansion": Target(expansion, EXPRESSIONS),
    "values": Target(values, TEXTS),
    "options": Target(options, OPTIONS, lines=True),
    "files": Target(files, ("version 1\n", "image ", " sha256:", "=", "export "), lines=True),
    "image": Target(image, JSON),
    "archives": Target(archives, ("ustar", "BZh9", "\x1f\udc8b", "mtime=")),
    "graphs": Target(graphs, ("sha256:", "docker-image://")),
    "gateway": Target(gateway, ("sha256:", "docker-image://", "git://", "https://")),
    "opening": Target(opening, ("\n---\n", "\x00\x00\x00\x04\x01\x00\x00\x00\x00")),
}


def without_threads() -> None:
    """Let calls come one after the other in this process, so that an input does the same every time."""

    def start(work: Callable[[], object]) -> bool:
        work()
        return True

    parallel._start = start
