"""A container whose daemon goes: the build in it ends although its first process cannot be killed."""

from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING

from process import Daemon, environment

if TYPE_CHECKING:
    from pathlib import Path

#: A build that keeps Python's lock for longer than any test lasts, once it has called Inputs.
PROGRAM = """\
import runpy, sys, types

def serve(bridge, request):
    bridge.inputs()
    sum(range(10**12))

module = sys.modules["pyfrontend.driver.serve"] = types.ModuleType("pyfrontend.driver.serve")
module.serve = serve
sys.argv[1:] = []
runpy.run_module("pyfrontend", run_name="__main__", alter_sys=True)
"""


def test_a_container_ends_with_its_daemon_whatever_it_computes(image: str, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    options = [f"--env={name}={value}" for name, value in environment().items()]
    mount = f"--volume={tmp_path}/program.py:/program.py:ro"
    command = [
        "docker",
        "run",
        "--rm",
        "--interactive",
        *options,
        mount,
        "--entrypoint=/usr/bin/python3",
        image,
    ]
    with Daemon(b"FROM scratch\n") as peer:
        read_fd, write_fd = peer.fds
        process = subprocess.Popen(
            [*command, "-I", "-S", "/program.py"],
            stdin=read_fd,
            stdout=write_fd,
            stderr=subprocess.PIPE,
            text=True,
        )
        os.close(read_fd)
        os.close(write_fd)
        deadline = time.monotonic() + 60
        while not peer.requests("Inputs"):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        peer.hang_up()
        _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (1, "pyfrontend: BuildKit has gone before the build was done\n")
