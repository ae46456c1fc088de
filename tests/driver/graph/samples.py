"""Dockerfiles to draw, small and large, and how to have them drawn."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from driver.conftest import Answer, Asker

FORMS = ("graph", "graph-mermaid", "graph-dot", "graph-svg")
CONTEXTS = {"context__tools": "local:tools", "context__alpine:3.20": "docker-image://alpine:edge"}

ONE = 'FROM alpine\nRUN echo hi\nCMD ["sh"]\n'
DIAMOND = """\
FROM alpine AS base
RUN a
FROM base AS left
RUN --mount=type=secret,id=npmrc --mount=type=ssh --mount=type=cache,target=/root/.npm left
FROM base AS right
COPY . .
FROM scratch AS both
COPY --from=left /l /
COPY --from=right /r /
FROM alpine AS unused
RUN nothing
FROM both
"""
#: Texts that are markup, flags or escapes to one of the languages, and scripts of other widths.
STRANGE = """\
FROM alpine AS a
# ![x](y) `%%{init: {}}%%` end subgraph
RUN echo "<b>&amp;\\" | {[()]} `#; %% <script>alert(1)</script> \\n \\l -->| ]]> --><!-- *a* _b_ ~c~
COPY ["a <", "b>\\\\", "/c"]
RUN --mount=type=secret,id=<i>&a,target=/x --mount=type=cache,target=/a'b&c<d> true
FROM scratch AS end
COPY --from=a /x /y
"""
#: What a terminal or a parser of XML would not take well.
HOSTILE = """\
FROM alpine AS a
RUN \x1b[31m red \u202e \x07 \ufffe \uffff \x9b nothing
RUN --mount=type=secret,id=\x1b]0;title\x07 x
RUN <<EOF
\tindented \x1b[2J
EOF
"""
WIDE = """\
FROM alpine AS a
LABEL 日本語="ｗｉｄｅ文字の説明" emoji="🚀👩\u200d🚀" arabic="مرحبا" hindi="नमस्ते" combined="e\u0301a\u0308"
LABEL 中文标签中文标签中文标签中文标签中文标签中文标签中文标签=中文标签中文标签中文
"""
LONG = """\
FROM registry.example.com/a/very/long/path/to/an/image/that/somebody/really/uses:1.2.3-alpine3.20 AS long
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get install -y --no-install-recommends \
    build-essential ca-certificates curl git libssl-dev pkg-config python3-dev && rm -rf /var/lib/apt/lists/*
RUN <<EOF
set -eux
# a comment of the script
for file in one two three; do
    curl --fail --silent --show-error --location --output "/opt/$file.tgz" "https://example.com/$file.tgz"
done
EOF
COPY --from=busybox --chmod=755 --link /usr/local/share/applications/one /usr/local/share/applications/two
"""


def graph(ask: Asker, dockerfile: str, form: str = "graph", **options: str) -> Answer:
    """Have ``dockerfile`` drawn for one platform; no image may be looked up."""
    return ask(form, dockerfile, lookups=False, **{"platform": "linux/amd64", **options})


def services(count: int) -> str:
    """Return ``count`` similar stages between a base and an image."""
    names = [f"svc-{number:02}" for number in range(count)]
    middle = "".join(
        f"FROM base AS {name}\nCOPY {name} ./{name}\n"
        f"RUN --mount=type=cache,target=/root/.cache go build -o /out/{name} ./{name}\n"
        for name in names
    )
    copies = "".join(f"COPY --from={name} /out/{name} /usr/bin/\n" for name in names)
    return f"FROM golang:1.22 AS base\nWORKDIR /src\n{middle}FROM gcr.io/static AS release\n{copies}"


def pairs(count: int) -> str:
    """Return ``count`` stages that build and as many that test what one of these built."""
    middle = "".join(
        f"FROM base AS build-{number}\nCOPY p{number} .\n"
        f"FROM base AS test-{number}\nCOPY --from=build-{number} /x /x\n"
        for number in range(count)
    )
    copies = "".join(f"COPY --from=build-{number} /x /x{number}\n" for number in range(count))
    return f"FROM node:20 AS base\n{middle}FROM scratch AS all\n{copies}"


def chain(count: int) -> str:
    """Return ``count`` stages, each of which starts from the one before."""
    return "FROM alpine AS s0\nRUN a\n" + "".join(
        f"FROM s{number - 1} AS s{number}\nRUN x{number}\n" for number in range(1, count)
    )


def tangle(count: int, seed: int = 1) -> str:
    """Return ``count`` stages that take files from each other at random."""
    random = Random(seed)
    text = "FROM alpine AS s0\n"
    for number in range(1, count):
        base = random.choice((f"s{random.randrange(number)}", "alpine:3.20", "debian:12", "scratch"))
        text += f"FROM {base} AS s{number}\n"
        for other in {random.randrange(max(0, number - 8), number) for _ in range(random.randrange(3))}:
            text += f"COPY --from=s{other} /a/{other} /b/\n"
        if random.random() < 0.4:
            text += "COPY src /src\n"
        if random.random() < 0.5:
            text += f"RUN --mount=type=secret,id=npmrc make stage-{number} --with-some=long --flags\n"
    return text
