"""What a plain build loads, and nothing else: every import is paid by every user in every build."""

from __future__ import annotations

import ast
import os
import site
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from process import Daemon, environment

if TYPE_CHECKING:
    from pathlib import Path

#: One of everything that most Dockerfiles have.
DOCKERFILE = b"""\
FROM alpine AS one
RUN echo one > /one
FROM alpine
WORKDIR /src
ARG NAME="one"
COPY file ${NAME:-two}/
COPY --from=one /one .
ENV A=b
CMD ["cat", "one"]
"""

#: Our modules, in the order of the floors.
OURS = """
    cores record span errors limits shared spelling giturl parallel units lookups memo
    golang golang.json golang.paths golang.quote golang.strconv golang.strings
    oci oci.image oci.image_json oci.platforms oci.reference
    pb pb.gateway_pb2 pb.ops_pb2
    syntax syntax.cursor syntax.declare syntax.directives syntax.document syntax.expand syntax.extended
    syntax.fields
    syntax.grammars syntax.heredocs syntax.inputs syntax.instructions syntax.instructions.settings
    syntax.instructions.steps syntax.lines
    llb llb.caps llb.env llb.execop llb.fileop llb.imported llb.marshal llb.ops llb.sources llb.state
    lint lint.checks lint.facts lint.linter lint.registry lint.rules lint.rules.syntax lint.rules.values
    gateway gateway.bridge gateway.caps gateway.errors gateway.limits gateway.opening
    gateway.requests gateway.results gateway.run gateway.supervisor gateway.transport
    gateway.lookups
    lower lower.bases lower.dispatch lower.lowering lower.onbuild lower.plan lower.ports lower.scope
    lower.stage lower.target
    lower.instructions lower.instructions.config lower.instructions.copy lower.instructions.expose
    lower.instructions.run lower.instructions.variables
    driver driver.convert driver.forward driver.result driver.serve driver.session driver.solve
    driver.contexts driver.contexts.base driver.contexts.dockerfile driver.contexts.main
    driver.contexts.resolver
    driver.options driver.options.build_options driver.options.context_options driver.options.request
"""

#: What these modules use themselves.
STANDARD = """
    fcntl gc hashlib math os posixpath resource select
"""

#: What gRPC and protobuf need, or the start of Python.
BELOW = """
    abc atexit codecs collections contextvars copyreg encodings enum errno functools genericpath importlib io
    itertools keyword linecache operator posix reprlib runpy stat threading time token tokenize traceback
    types warnings weakref zipimport zlib
"""

#: grpcio and protobuf.
THIRD = "grpc google"

ALLOWED = {"pyfrontend", "pyfrontend.__main__", *(f"pyfrontend.{name}" for name in OURS.split())}
ALLOWED_PACKAGES = {*STANDARD.split(), *BELOW.split(), *THIRD.split()}
#: What gRPC and protobuf bring along unless `pyfrontend.cores` keeps it out.
KEPT_OUT = (
    *(
        "asyncio",
        "contextlib",
        "grpc",
        "google.protobuf.internal.python_message",
        "inspect",
        "json",
        "logging",
    ),
    *("re", "socket", "typing"),
)


#: As the image starts it: -m would load a dozen modules more.
START = """
from pyfrontend.__main__ import main
from pyfrontend.gateway.run import leave
leave(main())
"""


@pytest.fixture(scope="module")
def loaded(root: Path) -> set[str]:
    """The modules that the process of a plain build loads, without what this machine's `site` adds."""
    with Daemon(DOCKERFILE) as peer:
        read_fd, write_fd = peer.fds
        path = os.pathsep.join([str(root / "frontend"), *site.getsitepackages()])
        process = subprocess.Popen(
            [sys.executable, "-S", "-X", "importtime", "-c", START],
            stdin=read_fd,
            stdout=write_fd,
            stderr=subprocess.PIPE,
            env={**environment(), "PYTHONPATH": path},
        )
        os.close(read_fd)
        os.close(write_fd)
        _, report = process.communicate(timeout=60)
    assert process.returncode == 0
    assert peer.returned().HasField("result")
    lines = [line for line in report.decode().splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines[1:]}


def test_a_plain_build_loads_no_module_of_ours_off_the_list(loaded: set[str]) -> None:
    assert {name for name in loaded if name.partition(".")[0] == "pyfrontend"} == ALLOWED


def test_a_plain_build_loads_no_package_of_others_off_the_list(loaded: set[str]) -> None:
    packages = {name.partition(".")[0] for name in loaded}
    # Modules in C beside a module, and those in the interpreter itself, cost next to nothing.
    packages = {name for name in packages if not name.startswith("_")}
    assert packages - {"pyfrontend"} - set(sys.builtin_module_names) <= ALLOWED_PACKAGES


@pytest.mark.parametrize("name", KEPT_OUT)
def test_what_is_large_and_unused_stays_out(loaded: set[str], name: str) -> None:
    assert name not in loaded


#: Where a module is imported late although every build loads it, so that something comes before.
LATE = {
    "__main__": "the first bytes to the daemon, and what may not be imported for a person",
    "gateway.run": "the check of what the process may take",
    "driver.serve": "the request for the Dockerfile, for which the daemon takes as long as these imports",
}


def test_imports_inside_functions_are_of_modules_that_a_plain_build_does_not_need(root: Path) -> None:
    package = root / "frontend" / "pyfrontend"
    found = []
    for path in package.rglob("*.py"):
        name = ".".join(path.relative_to(package).with_suffix("").parts)
        functions = (
            node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.FunctionDef)
        )
        if name not in LATE:
            found += [f"{name} imports {module}" for function in functions for module in imported(function)]
    assert found == [], "import them at the top"


def imported(function: ast.FunctionDef) -> set[str]:
    """Return the modules of a plain build that ``function`` imports."""
    nodes = [node for node in ast.walk(function) if isinstance(node, ast.ImportFrom)]
    names = {f"{node.module}.{alias.name}" for node in nodes for alias in node.names}
    names |= {str(node.module) for node in nodes}
    # A package is not what is imported from it.
    return {name for name in names & ALLOWED if not any(other.startswith(f"{name}.") for other in ALLOWED)}
