"""Makes the protobuf modules of ``pyfrontend.pb`` from ``proto/``: for `hack/proto` and package builds."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

from grpc_tools import protoc  # type: ignore[import-untyped] # ships no types
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def generate(root: Path) -> None:
    """Write ``pyfrontend/pb/*_pb2.py`` and ``*_pb2.pyi`` into ``root/frontend``.

    Raises RuntimeError when the compiler refuses a proto file; it has said why on stderr.
    """
    protos, out = root / "proto", root / "frontend"
    sources = sorted(str(path) for path in protos.rglob("*.proto"))
    known = files("grpc_tools") / "_proto"
    status = protoc.main(
        ["protoc", f"-I{protos}", f"-I{known}", f"--python_out={out}", f"--pyi_out={out}", *sources]
    )
    if status:
        raise RuntimeError("the protobuf modules could not be made")


class ProtoBuildHook(BuildHookInterface[Any]):
    """Puts freshly made protobuf modules into a package, although git ignores them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's own
        """Make the modules before hatchling collects the files of the package."""
        generate(Path(self.root))
        build_data["artifacts"] += ["/frontend/pyfrontend/pb/*_pb2.py", "/frontend/pyfrontend/pb/*_pb2.pyi"]
        if self.target_name == "wheel":
            build_data["dependencies"].append(f"protobuf>={_protobuf_version(Path(self.root))}")


def _protobuf_version(root: Path) -> str:
    """Return the protobuf release that the modules were made for: they refuse to load with an older one."""
    made = (root / "frontend/pyfrontend/pb/ops_pb2.py").read_text("utf-8")
    return made.partition("# Protobuf Python Version: ")[2].partition("\n")[0]


if __name__ == "__main__":
    generate(Path(sys.argv[1]))
