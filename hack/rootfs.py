"""Creates the root filesystem of the frontend image: Python, and the modules and libraries it needs.

In: unpacked Debian packages (``--debian``, with the directories ``root`` and ``packages``) and wheels
(``--site``) for the target's architecture, the package (``--package``), and the directory with the same
wheels for this interpreter's architecture (``--own-site``).  Out: ``OUT/system`` (interpreter, libraries,
third-party modules) and ``OUT/pyfrontend`` (our package), kept separate so that a change to our package is a
small layer; each with metadata about its content (hack/package_metadata.py).
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import marshal
import os
import py_compile
import re
import struct
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hack.package_metadata import Debian, copy, write_own, write_wheels

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
STDLIB = Path("usr/lib") / VERSION
#: Looked up by name at run time, imported from C as gRPC does contextvars, or late by the standard library as
#: tarfile does gzip, and gettext locale: no import statement that is read here tells of them.
BY_NAME = (
    "contextvars",
    "encodings.ascii",
    "encodings.idna",
    "encodings.latin_1",
    "encodings.utf_8",
    "gzip",
    "importlib",
    "linecache",
    "locale",
    "pkgutil",
    "runpy",
    "tokenize",
)
#: Left out, with the megabytes of libraries behind most of them: whoever imports these copes with their
#: absence, or is the public way to gRPC (`queue`), and the probe runs without them to be sure.
LEFT_OUT = ("_ctypes", "_hashlib", "_ssl", "_uuid", "_zoneinfo", "queue", "readline")
#: Of gRPC, its core alone: the Python around it is what `pyfrontend.cores` falls back to where a release is
#: unknown, and here the release is pinned. The probe takes that way, so an unknown one fails the build.
GRPC = ("grpc._cython.cygrpc", "grpc._grpcio_metadata")
#: The same for protobuf; its core imports the module of messages itself.
PROTOBUF = (
    "google._upb._message",
    "google.protobuf",
    "google.protobuf.internal",
    "google.protobuf.internal.enum_type_wrapper",
    "google.protobuf.message",
)
#: Packages of which no more than that is taken.
CORES = {"google": PROTOBUF, "grpc": GRPC}
#: The command line of the image, by its name. -I and -S as for the entry point.
COMMAND = """\
#!/usr/bin/python3 -IS
import sys
from pyfrontend.__main__ import console
sys.exit(console())
"""
#: Import all of these in a fresh interpreter, then print the names of all modules that are loaded.
PROBE = """
import importlib, sys
sys.path += sys.argv[1].split(':')
sys.modules.update(dict.fromkeys(sys.argv[3].split()))
for name in sys.argv[2].split():
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        # `from a import b` may name what is no module, and others' code may look for what it can do without.
        if name.partition('.')[0] == sys.argv[4] and not name.startswith(error.name): raise
cores = importlib.import_module(f'{sys.argv[4]}.cores')
cores.grpc_core(), cores.protobuf_core()
print(*(name for name, module in sys.modules.items() if module and name != '__main__'))
"""


def main() -> None:
    """Read the command line, and make both trees."""
    parser = argparse.ArgumentParser()
    for name in ("debian", "site", "package", "own-site", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    options = parser.parse_args()
    debian = Debian(options.debian / "root", options.debian / "packages")
    make_system(debian, options.site, modules(options.package, options.own_site), options.out / "system")
    make_package(options.package, options.out / "pyfrontend")


def make_system(debian: Debian, site: Path, names: set[str], out: Path) -> None:
    """Make the tree of the interpreter and all modules in ``names`` that Debian or a wheel has."""
    roots = [debian.root / STDLIB, debian.root / STDLIB / "lib-dynload", site]
    sources = [source for name in sorted(names) if (source := copy_module(name, roots, out))]
    sources += copy_programs(debian.root, out)
    taken = {str(path.relative_to(debian.root)) for path in sources if path.is_relative_to(debian.root)}
    debian.write(taken, out)
    write_wheels(site, out / STDLIB)
    settle(out)


def make_package(package: Path, out: Path) -> None:
    """Make the tree of our own package, found in ``package`` two folders below its ``pyproject.toml``."""
    for path in sorted(package.rglob("*.py")):
        compile_own_module(path, path.relative_to(package.parent), out)
    write_command(out / "usr/bin" / package.name)
    (version,) = re.findall(r'^__version__ = "(.*)"$', (package / "__init__.py").read_text(), re.MULTILINE)
    write_own(package.parents[1] / "pyproject.toml", version, out / STDLIB)
    settle(out)


def write_command(path: Path) -> None:
    """Write the command by its name, for a RUN in a derived image, where no shell could start anything."""
    path.parent.mkdir(parents=True)
    path.write_text(COMMAND)
    path.chmod(0o755)


def modules(package: Path, own_site: Path) -> set[str]:
    """Return the names of all modules that the package can load, early or late.

    Late imports count in our package and in the wheels; the standard library has too many that lead far away.
    """
    wanted = {*BY_NAME, *(name for path in package.rglob("*.py") for name in imports(path))}
    loaded = probe(wanted, package, own_site)
    paths = (Path(own_site, *name.split(".")) for name in loaded)
    sources = [
        file for path in paths for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()
    ]
    found = probe(wanted.union(*map(imports, sources)), package, own_site)
    return {name for name in found if not _of_cores(name)}.union(*CORES.values())


def probe(wanted: set[str], package: Path, own_site: Path) -> set[str]:
    """Return the names of the modules that a fresh interpreter has after importing those ``wanted``."""
    wanted = {name for name in wanted if not _of_cores(name)}
    search = f"{package.parent}:{own_site}"
    arguments = [search, " ".join(sorted(wanted)), " ".join(LEFT_OUT), package.name]
    command = [sys.executable, "-I", "-S", "-c", PROBE, *arguments]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit("the package cannot be imported: see above")
    return set(done.stdout.split())


def _of_cores(name: str) -> bool:
    return name.partition(".")[0] in CORES


def imports(path: Path) -> Iterator[str]:
    """Yield what the module at ``path`` imports anywhere; ``from a import b`` may mean the module a.b."""
    nodes: list[ast.AST] = [ast.parse(path.read_bytes())]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            nodes.extend(node.orelse)
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        nodes.extend(ast.iter_child_nodes(node))


def copy_module(name: str, roots: list[Path], out: Path) -> Path | None:
    """Copy the module from the first of ``roots`` that has it, and return the file; None if none does.

    Those of our package are not there on purpose, and those that are built in have no file.
    """
    relative = Path(*name.split("."))
    for root in roots:
        for source in (root / relative / "__init__.py", (root / relative).with_suffix(".py")):
            if source.is_file():
                compile_module(source, source.relative_to(root), out)
                return source
        for source in (root / relative.parent).glob(f"{relative.name}.*.so"):
            folder = "lib-dynload" if root.name == "lib-dynload" else ""
            copy(source, out / STDLIB / folder / source.relative_to(root))
            return source
    return None


def compile_module(source: Path, relative: Path, out: Path) -> None:
    """Compile to a .pyc in the place of the source; it cannot go stale, so its loading checks nothing.

    Docstrings are left out (and assertions with them, as by ``python -OO``): nobody reads them in the image,
    where they are one part in forty.
    """
    target = out / STDLIB / relative.with_suffix(".pyc")
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(
        str(source),
        str(target),
        dfile=f"/{STDLIB / relative}",
        doraise=True,
        invalidation_mode=mode,
        optimize=2,
    )


def compile_own_module(source: Path, relative: Path, out: Path) -> None:
    """Do as `compile_module` for a module of ours, and leave out what only type checkers read.

    It is a tenth of what a build loads of us.
    """
    tree = ast.fix_missing_locations(Untyped().visit(ast.parse(source.read_bytes())))
    code = compile(tree, f"/{STDLIB / relative}", "exec", dont_inherit=True, optimize=2)
    unchecked = struct.pack("<I", 0b01)
    header = importlib.util.MAGIC_NUMBER + unchecked + importlib.util.source_hash(source.read_bytes())
    target = out / STDLIB / relative.with_suffix(".pyc")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(header + marshal.dumps(code))


class Untyped(ast.NodeTransformer):
    """Takes the annotations of functions and module variables out of a module, and what is for type checkers.

    Those of classes stay: `pyfrontend.record` reads the fields of a tuple from them.
    """

    def visit_Module(self, node: ast.Module) -> ast.Module:
        """Take the annotations of variables out."""
        self.generic_visit(node)
        node.body = [
            ast.copy_location(ast.Assign([one.target], one.value), one)
            if isinstance(one, ast.AnnAssign) and one.value is not None
            else one
            for one in node.body
        ]
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Take the annotations of parameters and result out."""
        self.generic_visit(node)
        node.returns = None
        given = node.args
        for one in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg):
            if one is not None:
                one.annotation = None
        return node

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        """Leave out what stands below ``if TYPE_CHECKING``."""
        self.generic_visit(node)
        if ast.unparse(node.test) == "TYPE_CHECKING":
            return node.orelse or ast.copy_location(ast.Pass(), node)
        return node.body if ast.unparse(node.test) == "not TYPE_CHECKING" else node


def copy_programs(system: Path, out: Path) -> list[Path]:
    """Copy the interpreter, and the libraries that it and the modules are linked to; return the files."""
    python = out / "usr/bin/python3"
    copied = [(system / "usr/bin" / VERSION, python)]
    copy(*copied[0])
    (out / STDLIB / "lib-dynload").mkdir(exist_ok=True)
    place = next(path for path in sorted((system / "usr/lib").iterdir()) if path.name.endswith("-linux-gnu"))
    loader = out / linked(python)[0].lstrip("/")
    waiting, done = [python, *sorted(out.rglob("*.so"))], set[str]()
    while waiting:
        for name in set(linked(waiting.pop())[1]) - done:
            done.add(name)
            waiting.append(out / "usr/lib" / place.name / name)
            copied.append((place / name, waiting[-1]))
            copy(*copied[-1])
    copied.append((place / loader.name, out / "usr/lib" / place.name / loader.name))
    copy(*copied[-1])
    link_loader(out, loader, place.name)
    return [source for source, _ in copied]


def link_loader(out: Path, loader: Path, place: str) -> None:
    """Let the path by which programs know the dynamic loader (in /lib64 or /lib) lead to the file."""
    folder = loader.parent.relative_to(out)
    Path(out, folder.parts[0]).symlink_to(f"usr/{folder.parts[0]}")
    target = out / "usr" / folder / loader.name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(os.path.relpath(out / "usr/lib" / place / loader.name, target.parent))


def linked(path: Path) -> tuple[str, list[str]]:
    """Return the dynamic loader ("" if none) and the needed libraries of a 64-bit little-endian ELF file.

    Read here, as neither ldd nor readelf is there for a foreign architecture without more packages.
    """
    data = path.read_bytes()
    start, size, count = *struct.unpack_from("<Q", data, 32), *struct.unpack_from("<HH", data, 54)
    headers = [struct.unpack_from("<IIQQQQ", data, start + size * index) for index in range(count)]
    loader = next((data[head[2] : head[2] + head[5] - 1].decode() for head in headers if head[0] == 3), "")
    place = next((head[2] for head in headers if head[0] == 2), None)
    if place is None:
        return loader, []
    needed, strings = [], 0
    while (entry := struct.unpack_from("<QQ", data, place))[0]:
        needed += [entry[1]] if entry[0] == 1 else []
        strings = entry[1] if entry[0] == 5 else strings
        place += 16
    # The string table's address is one of memory: the loadable segment around it tells the place in the file.
    base = next(
        strings - head[3] + head[2] for head in headers if head[0] == 1 and 0 <= strings - head[3] < head[5]
    )
    return loader, [data[base + name : data.index(b"\0", base + name)].decode() for name in needed]


def settle(tree: Path) -> None:
    """Give everything the same time and plain modes, so that equal content is an equal layer."""
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    for path in sorted(tree.rglob("*"), reverse=True):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        os.utime(path, (epoch, epoch), follow_symlinks=False)


if __name__ == "__main__":
    main()
