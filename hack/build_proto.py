"""Generates the protobuf modules in ``pyfrontend.pb`` from ``proto/`` for `hack/proto` and package builds."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from grpc_tools import protoc  # type: ignore[import-untyped] # ships no types
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MODULE = '''\
"""Messages of proto/{source}, made by hack/proto."""

from pyfrontend.cores import Messages
{imports}
__getattr__ = Messages({data}, globals()).get
'''


def generate(root: Path) -> None:
    """Write ``pyfrontend/pb/*_pb2.py`` and ``*_pb2.pyi`` into ``root/frontend``.

    Not what protoc writes for Python: that loads most of protobuf's own Python (`pyfrontend.cores`).
    Raises RuntimeError when the compiler refuses a proto file; it has said why on stderr.
    """
    protos, out = root / "proto", root / "frontend"
    sources = sorted(protos.rglob("*.proto"))
    known = files("grpc_tools") / "_proto"
    with TemporaryDirectory() as folder:
        described = Path(folder, "descriptors")
        status = protoc.main(
            ["protoc", f"-I{protos}", f"-I{known}", f"--descriptor_set_out={described}", f"--pyi_out={out}"]
            + [str(source) for source in sources]
        )
        if status:
            raise RuntimeError("the protobuf modules could not be made")
        files_ = FileDescriptorSet.FromString(described.read_bytes()).file
    for file in files_:
        target = out / file.name.replace(".proto", "_pb2.py")
        target.write_text(_module(file), "utf-8")


def _module(file: FileDescriptorProto) -> str:
    """Return the module of a proto file: its descriptor, after the modules of the files that it imports."""
    names = [name.removesuffix(".proto").replace("/", ".") + "_pb2" for name in file.dependency]
    imports = "".join(f"import {name}  # first, for its messages are in use here\n" for name in names)
    return MODULE.format(source=file.name, imports=imports, data=file.SerializeToString())


class ProtoBuildHook(BuildHookInterface[Any]):
    """Puts freshly made protobuf modules into a package, although git ignores them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's own
        """Make the modules before hatchling collects the files of the package."""
        generate(Path(self.root))
        build_data["artifacts"] += ["/frontend/pyfrontend/pb/*_pb2.py", "/frontend/pyfrontend/pb/*_pb2.pyi"]


if __name__ == "__main__":
    generate(Path(sys.argv[1]))
