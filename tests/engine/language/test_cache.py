"""The build cache is one and the same for the engine's built-in frontend and for ours, in both directions."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

import pytest

from engine.client import Build, build, build_text

if TYPE_CHECKING:
    from pathlib import Path

#: Everything that makes a step, in one file.
MIXED = r"""
ARG BASE=busybox
FROM ${BASE} AS first
RUN echo first >/first
FROM ${BASE} AS made
ARG VERSION=1 TARGETARCH
ENV WHERE=/data VERSION=${VERSION:-none}
WORKDIR $WHERE
RUN echo "$VERSION $TARGETARCH" >version && ln -s version link && chmod 600 version
RUN <<EOF
mkdir -p tree/below
cat /.fresh >tree/below/file
EOF
RUN <<EOF
#!/bin/awk -f
BEGIN { print "awk" > "/data/awk" }
EOF
RUN cat >both <<ONE && cat >>both <<TWO
one
ONE
two
TWO
RUN ["sh", "-c", "echo exec >exec"]
RUN --mount=type=bind,source=files,target=/files cp /files/a.txt .
RUN --mount=type=bind,from=first,source=/etc,target=/other,rw touch /other/x
RUN --mount=type=cache,target=/root/.cache,sharing=locked,id=mixed,mode=0700,uid=1 touch /root/.cache/x
RUN --mount=type=tmpfs,target=/scratch,size=1m touch /scratch/x
RUN --mount=type=secret,id=none --mount=type=ssh --network=none true
SHELL ["/bin/sh", "-ec"]
RUN echo shell >shell

FROM busybox AS other
RUN adduser -D -u 1001 app || echo 'app:x:1001:1001::/:/bin/sh' >>/etc/passwd
USER app
WORKDIR /home/below
ONBUILD RUN echo triggered >/tmp/triggered
ONBUILD COPY --from=made /data/version /tmp/version

FROM other
COPY files/a.txt files/sub/b.md /several/
COPY --chown=app --chmod=640 files/a.txt owned
COPY --chown=7:8 files /numbers/
COPY --chmod=u=rwX,go=r files /symbolic/
COPY --link files /linked/
COPY --link --chown=1:2 --from=made /data/tree /linked/tree/
COPY --exclude=*.md files /excluded/
COPY --from=made --exclude=below /data/tree /excluded/tree/
COPY --from=1 /data/link /
COPY --from=busybox /etc/passwd /from-image
COPY files/*.txt files/nothing* /wild/
COPY <<FILE <<"QUOTED" /heredocs/
$WHERE ${VERSION:-none}
FILE
$WHERE
QUOTED
ADD archive.tar /archive/
ADD --chown=3 files /added/
ENV LAST=1
LABEL last=1
CMD ["true"]
"""


class Sample(NamedTuple):
    """A Dockerfile that is built both ways: where it is in the checkout, or its text."""

    name: str
    folder: str = ""
    dockerfile: str = "Dockerfile"
    text: str = ""
    arguments: tuple[str, ...] = ()


SAMPLES = [
    Sample("everything", text=MIXED, arguments=("VERSION=2",)),
    Sample("nginx-with-cert", "examples/nginx-with-cert"),
    Sample("nginx-with-cert, stages with names", "examples/nginx-with-cert", "Dockerfile.named"),
    Sample("pipeline", "examples/pipeline"),
]


def prepare(sample: Sample, root: Path, folder: Path, fresh: str) -> str:
    """Make the context in ``folder``; returns the Dockerfile, with content new to caches in each stage."""
    if sample.text:
        for name in ("a.txt", "sub/b.md"):
            (folder / "files" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "files" / name).write_text(name + fresh)
        shutil.make_archive(str(folder / "archive"), "tar", folder, "files")
        text = sample.text
    else:
        shutil.copytree(root / sample.folder, folder, dirs_exist_ok=True)
        text = (folder / sample.dockerfile).read_text()
    (folder / "fresh").write_text(fresh)
    own = re.sub(r"^# syntax=.*\n", "", text)
    return re.sub(r"^FROM .*$", r"\g<0>\nCOPY fresh /.fresh", own, flags=re.MULTILINE)


def steps(built: Build) -> dict[str, bool]:
    """Return of each step of the Dockerfile whether it came from the cache; base images are no such steps."""
    assert built.code == 0, built.excerpt
    return {
        name: step.cached
        for name, step in built.steps.items()
        if re.match(r"\[.*\d+/\d+\] (?!FROM )", name) and step.started
    }


@pytest.mark.parametrize("direction", ["to ours", "and back"])
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_cache_is_shared_with_the_built_in_frontend(
    root: Path, tmp_path: Path, syntax: str, sample: Sample, direction: str
) -> None:
    text = prepare(sample, root, tmp_path, uuid4().hex)
    texts = [text, syntax + text] if direction == "to ours" else [syntax + text, text]
    arguments = [f"--build-arg={argument}" for argument in sample.arguments]
    ran = []
    for number, dockerfile in enumerate(texts):
        (tmp_path / f"{number}.Dockerfile").write_text(dockerfile)
        # The Dockerfiles are not part of the context, which has to be the same both times.
        (tmp_path / f"{number}.Dockerfile.dockerignore").write_text("*Dockerfile*\n*.dockerignore\n")
        built = build(tmp_path, "--file", str(tmp_path / f"{number}.Dockerfile"), *arguments)
        assert bool(built.ran(syntax.strip().partition("=")[2])) == dockerfile.startswith(syntax)
        ran.append(steps(built))
    first, second = ran
    assert len(first) > 2
    assert not [name for name, cached in first.items() if cached]
    assert second == dict.fromkeys(first, True)


def test_no_cache_runs_again_what_is_cached(tmp_path: Path, syntax: str) -> None:
    text = syntax + "FROM busybox\nRUN echo cached\n"
    assert build_text(tmp_path, text).code == 0
    again, anew = build_text(tmp_path, text), build_text(tmp_path, text, "--no-cache")
    assert [step.cached for step in again.ran("RUN echo cached")] == [True]
    assert [step.cached for step in anew.ran("RUN echo cached")] == [False]
