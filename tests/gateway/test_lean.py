"""Imports without what a build never runs; each in a new interpreter, since imports happen once."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def python(root: Path, code: str) -> str:
    # What measures branches would load modules of its own.
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=root,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


LOADED = """
import sys
import pyfrontend.gateway.bridge, pyfrontend.gateway.transport
from pyfrontend.pb import gateway_pb2
from pyfrontend.gateway.transport import grpc
channel = grpc.insecure_channel("unix-abstract:nobody")
channel.close()
gateway_pb2.PingRequest().SerializeToString()
print(*sorted(sys.modules))
"""


@pytest.mark.parametrize(
    "name",
    [
        *("asyncio", "ssl", "inspect", "dataclasses", "concurrent.futures", "grpc.aio", "subprocess"),
        *("calendar", "urllib", "tempfile", "google.protobuf.internal.python_message"),
    ],
)
def test_a_build_does_not_load(root: Path, name: str) -> None:
    assert name not in python(root, LOADED).split()


def test_a_module_is_loaded_when_it_is_used(root: Path) -> None:
    code = """
import sys
from pyfrontend.gateway.lean import unused
with unused("calendar"):
    import calendar as stand_in
assert "calendar" not in sys.modules
assert stand_in.timegm((1970, 1, 2, 0, 0, 0)) == 86400
import calendar
assert calendar is not stand_in and calendar.timegm is stand_in.timegm
"""
    python(root, code)


def test_a_module_that_is_loaded_already_stays(root: Path) -> None:
    python(root, "import calendar as first\nfrom pyfrontend.gateway.lean import unused\n"
                 "with unused('calendar'):\n  import calendar\n  assert calendar is first")  # fmt: skip


def test_submodules_are_found_behind_a_stand_in(root: Path) -> None:
    code = """
from pyfrontend.gateway.lean import unused
with unused("asyncio"):
    import asyncio.events as events
print(events.__name__)
"""
    assert python(root, code) == "asyncio.events"


def test_a_grpc_that_stumbles_is_imported_in_full(root: Path) -> None:
    code = """
import sys
from pyfrontend.gateway import lean
class Broken(lean.StandIn):
    def __getattr__(self, name): raise AttributeError(name)
lean.StandIn = Broken
lean.GRPC_EXTRAS = ("logging",)  # grpc cannot do without it
grpc = lean.import_grpc()
print(grpc.__name__, sys.modules["logging"].getLogger("x").name)
"""
    assert python(root, code) == "grpc x"


def test_the_asynchronous_api_still_works(root: Path) -> None:
    code = """
from pyfrontend.gateway.transport import grpc
import asyncio, grpc.aio
async def call():
    async with grpc.aio.insecure_channel("unix-abstract:nobody") as channel:
        try:
            await channel.unary_unary("/a/b")(b"")
        except grpc.RpcError as error:
            print(error.code().name)
asyncio.run(call())
"""
    assert python(root, code) == "UNAVAILABLE"
