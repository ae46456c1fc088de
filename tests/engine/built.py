"""Built images as tests look at them: the configuration, the layers, and every file with all that it has."""

from __future__ import annotations

import json
import tarfile
from contextlib import ExitStack
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from engine.client import Build, build

if TYPE_CHECKING:
    from pathlib import Path


KINDS = {tarfile.DIRTYPE: "folder", tarfile.SYMTYPE: "link", tarfile.FIFOTYPE: "pipe"}
#: Of a longer file the start is read: that is a program of the base image.
LARGEST = 1 << 16
WHITEOUT, OPAQUE = ".wh.", ".wh..wh..opq"


class Entry(NamedTuple):
    """What an image holds at a path; ``link`` is where a symbolic link leads, ``data`` what a file holds."""

    kind: str
    owner: str
    mode: int
    mtime: int
    link: str = ""
    data: bytes = b""

    @property
    def text(self) -> str:
        """The content of a text file."""
        return self.data.decode()


class Tree(dict[str, Entry]):
    """Entries by path; short where a failing test shows it, as the files of a whole system are in here."""

    def __repr__(self) -> str:
        return f"<{len(self)} paths>"


class Built(NamedTuple):
    """An image that was built: ``layers`` hold what each step changed, ``tree`` what it all comes to."""

    build: Build
    image: dict[str, Any]
    digests: list[str]
    layers: list[Tree]
    tree: Tree

    def __repr__(self) -> str:
        return f"<image of {len(self.layers)} layers>"

    @property
    def config(self) -> dict[str, Any]:
        """What a container of the image gets."""
        return dict(self.image["config"])

    @property
    def history(self) -> list[str]:
        """What each instruction left in the history, oldest first."""
        return [entry.get("created_by", "") for entry in self.image["history"]]

    def text(self, path: str) -> str:
        """Return the content of the text file at ``path``."""
        return self.tree[path].text

    def below(self, folder: str) -> list[str]:
        """Return the paths below ``folder`` that are no folders, sorted, without it in front."""
        paths = (path for path, entry in self.tree.items() if entry.kind != "folder")
        return sorted(path.removeprefix(f"{folder}/") for path in paths if path.startswith(f"{folder}/"))


def build_image(folder: Path, dockerfile: str, *options: str) -> Built:
    """Build ``dockerfile`` with the context ``folder``, and read the image; the build has to succeed."""
    (folder / "Dockerfile").write_text(dockerfile)
    return build_context(folder, *options)


def build_context(context: Path | str, *options: str) -> Built:
    """Build a context, maybe a remote one, that has its Dockerfile, and read the image."""
    with TemporaryDirectory() as out:
        archive = f"{out}/image.tar"
        output = f"--output=type=oci,dest={archive},compression=uncompressed"
        done = build(context, output, "--provenance=false", *options)
        assert done.code == 0, done.excerpt
        return _read(done, archive)


def _read(done: Build, archive: str) -> Built:
    """Read an OCI image of one platform."""
    with ExitStack() as stack:
        layout = stack.enter_context(tarfile.open(archive))

        def blob(digest: str) -> IO[bytes]:
            file = layout.extractfile("blobs/" + digest.replace(":", "/"))
            assert file
            return stack.enter_context(file)

        index = layout.extractfile("index.json")
        assert index
        (known,) = json.load(index)["manifests"]
        manifest = json.load(blob(known["digest"]))
        layers = [_layer(blob(layer["digest"])) for layer in manifest["layers"] or ()]
        image = json.load(blob(manifest["config"]["digest"]))
    return Built(done, image, image["rootfs"]["diff_ids"] or [], layers, _stacked(layers))


def _layer(stream: IO[bytes]) -> Tree:
    """Read the entries of a layer, in their order."""
    tree = Tree()
    with tarfile.open(fileobj=stream) as layer:
        for member in layer:
            path = "/" + member.name.strip("/")
            if member.islnk():
                tree[path] = tree["/" + member.linkname.strip("/")]
                continue
            file = layer.extractfile(member) if member.isfile() else None
            tree[path] = Entry(
                KINDS.get(member.type, "file"),
                f"{member.uid}:{member.gid}",
                member.mode,
                int(member.mtime),
                member.linkname,
                file.read(LARGEST) if file else b"",
            )
    return tree


def _stacked(layers: list[Tree]) -> Tree:
    """Put the layers on top of each other, with what they take away taken away."""
    tree = Tree()
    for layer in layers:
        for path, entry in layer.items():
            folder, _, name = path.rpartition("/")
            if name.startswith(WHITEOUT):
                gone = folder if name == OPAQUE else f"{folder}/{name.removeprefix(WHITEOUT)}"
                if name != OPAQUE:
                    tree.pop(gone, None)
                for below in [path for path in tree if path.startswith(f"{gone}/")]:
                    del tree[below]
            else:
                tree[path] = entry
    return tree


class Fact(NamedTuple):
    """What a path of an image promises; what is None may be anything."""

    promise: str
    path: str
    text: str | None = None
    owner: str | None = None
    mode: int | None = None
    mtime: int | None = None
    kind: str | None = None
    link: str | None = None

    def holds_in(self, built: Built) -> None:
        """Compare with what the image holds."""
        entry = built.tree[self.path]
        wanted = {key: value for key, value in self._asdict().items() if value is not None}
        del wanted["promise"], wanted["path"]
        assert {key: getattr(entry, key) for key in wanted} == wanted
