"""The graphs that the engine's built-in frontend and ours make of any Dockerfile.

The engine is asked through tests/engine/graph_frontend.py.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from hashlib import sha256
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from parity import graph
from parity.cases import ROOT, Case
from parity.compare import compare
from parity.run import Verdict
from pyfrontend.pb import ops_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from parity.cases import Json
    from parity.compare import Difference

#: The test frontend as an image; made from our frontend image, found in the engine's own store.
IMAGE = "ourorg/pyfrontend-graph"

#: Seconds that the engine may take for one Dockerfile.
PATIENCE = 120

Environment = dict[str, str]


class EngineError(Exception):
    """The engine, or the test frontend in it, gave no answer; the text says why."""


def environment() -> Environment:
    """Return an environment in which docker finds an engine, started where need be."""
    script = f". {ROOT}/hack/lib.sh; use_engine >&2; env -0"
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], capture_output=True, check=False)
    if done.returncode:
        raise EngineError(done.stderr.decode(errors="replace"))
    pairs = (item.partition("=") for item in done.stdout.decode().split("\0") if item)
    return os.environ | {name: value for name, _, value in pairs}


def make_image(env: Environment, frontend: str = "") -> None:
    """Put the test frontend on top of our image, or of ``frontend``; raises EngineError."""
    frontend = frontend or env.get("PYFRONTEND_IMAGE", "ourorg/pyfrontend")
    folder = ROOT / "tests" / "engine"
    command = ["build", "--file", str(folder / "graph.Dockerfile"), "--build-arg", f"FRONTEND={frontend}"]
    _buildx([*command, "--tag", IMAGE, "--load", "--provenance=false", str(folder)], env)


def dockerfiles(folder: Path) -> list[Path]:
    """Return the Dockerfiles below ``folder``, sorted; a file is taken as it is."""
    if folder.is_file():
        return [folder]
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if _is_dockerfile(path.name) and ".git" not in path.parts)


def _is_dockerfile(name: str) -> bool:
    """Tell whether a file is a Dockerfile by its name."""
    lower = name.lower()
    if lower.endswith(".dockerignore"):
        return False
    return lower.startswith(("dockerfile", "containerfile")) or lower.endswith(
        (".dockerfile", ".containerfile")
    )


def verdicts(files: Iterable[Path], env: Environment, base: str = "") -> Iterator[tuple[Case, Verdict]]:
    """Yield for each Dockerfile a case that holds it, and how our graph differs from the built-in one.

    With ``base`` this image takes the place of every base image, for engines that reach no registry.
    A file that the engine cannot be asked about counts as a crash, with the engine's words.
    """
    for file in files:
        case = Case("engine", str(file), "", _as_input(file.read_bytes()), {})
        try:
            answer = ask(file, env, replaced_bases(case, base) if base else ())
        except EngineError as error:
            words = f"crash: no answer: {str(error).strip().rpartition(chr(10))[2]}"
            answer = {"builtin": {"error": ""}, "ours": {"crash": words, "trace": str(error)}}
        yield case, Verdict(case.area, case.id, tuple(compare_sides(answer["builtin"], answer["ours"])))


def replaced_bases(case: Case, base: str) -> list[str]:
    """Return the options that put ``base`` in the place of all images that a Dockerfile needs."""
    from parity.answers import ask as convert  # noqa: PLC0415 - only here the frontend runs in this process

    names = {lookup["ref"] for lookup in convert(case).get("lookups", ())}
    familiar = sorted(name.removeprefix("docker.io/").removeprefix("library/") for name in names)
    return [f"--build-context={name.removesuffix(':latest')}=docker-image://{base}" for name in familiar]


def ask(file: Path, env: Environment, arguments: Sequence[str]) -> Json:
    """Return the answer of the test frontend for one Dockerfile with an empty context; raises EngineError."""
    call = ["build", "--call=graph,format=json", f"--build-arg=BUILDKIT_SYNTAX={IMAGE}", f"--file={file}"]
    with TemporaryDirectory() as context:
        text = _buildx([*call, *arguments, context], env)
    try:
        answer: Json = json.loads(text)
    except ValueError:
        raise EngineError(f"no answer from the test frontend: {text[:500]}") from None
    return answer


def compare_sides(builtin: Json, ours: Json) -> list[Difference]:
    """Return the differences of our side of an answer from the built-in frontend's."""
    theirs, mine = _answer(builtin), _answer(ours)
    if "error" in theirs and "error" in mine:
        mine["error"] = _without_help(theirs["error"], mine["error"])
    return compare(theirs, mine)


def _without_help(theirs: Json, ours: Json) -> Json:
    """Return our error without the help after the reference's words, and the lines that it is about."""
    if not ours["message"].startswith(f"{theirs['message']}: ") and not _registry_last(
        theirs["message"], ours["message"]
    ):
        return ours
    ranges = [group for group in ours["ranges"] if group in theirs["ranges"]]
    return {"message": theirs["message"], "ranges": ranges}


def _registry_last(theirs: str, ours: str) -> bool:
    """Tell whether the words are the same but for help, and a registry's words behind that in brackets."""
    words = [ours[end.end() : -1] for end in re.finditer(r" \(", ours)] if ours.endswith(")") else []
    return any(theirs.endswith(told) and ours.startswith(theirs.removesuffix(told)) for told in words if told)


def _answer(side: Json) -> Json:
    """Return a side in the shape of recorded answers; what is no graph or config stays out."""
    if "unsupported" in side or "crash" in side:
        return side
    words: Json = {"warnings": [], "lookups": []}
    if "error" in side:
        ranges = sorted(_ranges(json.loads(source)) for source in side.get("sources", ()))
        return words | {"error": {"message": side["error"], "ranges": ranges}}
    return words | {"platforms": [_platform(name, side) for name in sorted(side["refs"])]}


def _platform(name: str, side: Json) -> Json:
    """Return the result of one platform.

    The base image's config stays out: engines before BuildKit 0.32 put the ports, volumes and labels of
    the new image into it, by sharing maps.
    """
    definition = pb.Definition.FromString(base64.b64decode(side["refs"][name]))
    head, index = graph.head(definition)
    result: Json = {"platform": name, "head": head, "head_index": index}
    result |= {"ops": graph.ops(definition), "source": graph.infos(definition)}
    data = side["metadata"]["containerimage.config" + (f"/{name}" if name else "")].encode()
    return result | {"config": json.loads(data), "config_sha256": sha256(data).hexdigest()}


def _ranges(source: Json) -> list[list[int]]:
    """Return the lines that an error detail names."""
    # Go leaves zeros out: line 0 is that of an error without a place.
    ends = ((item.get("start", {}), item.get("end", {})) for item in source.get("ranges", ()))
    return [[start.get("line", 0), 0, end.get("line", 0), 0] for start, end in ends]


def _as_input(data: bytes) -> Json:
    """Return a Dockerfile as the input of a case."""
    return {"dockerfile_b64": base64.b64encode(data).decode()}


def _buildx(arguments: Sequence[str], env: Environment) -> str:
    """Return what ``docker buildx`` prints; raises EngineError with its complaint."""
    command = ["docker", "buildx", *arguments]
    try:
        done = subprocess.run(command, env=env, capture_output=True, check=False, timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineError(str(error)) from None
    if done.returncode:
        raise EngineError(done.stderr.decode(errors="replace")[-3000:])
    return done.stdout.decode()
