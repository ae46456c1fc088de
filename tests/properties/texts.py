"""Dockerfiles that Hypothesis makes: sensible lines with names that meet, and any rubbish."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from pyfrontend.span import SourceFile
from pyfrontend.syntax.declare import REGISTRY
from pyfrontend.syntax.document import parse_dockerfile

#: Few names, so that what is declared in one line is used in another.
names = st.sampled_from(["a", "b", "A", "base", "0", "1", "9", "scratch", "busybox", "no", "alpine:3"])
keys = st.sampled_from(["A", "B", "PATH", "TARGETARCH", "BUILDPLATFORM", "SOURCE_DATE_EPOCH", "é", "a-b", ""])
texts = st.one_of(
    st.sampled_from(
        ["x", "/a", "a/b/../c", ".", "..", "*", "*.c", "", "C:\\a", "0", "linux/arm64", "1:2", "é"]
    ),
    st.text(max_size=4),
)
operators = st.sampled_from([":-", "-", ":+", "+", ":?", "?", "#", "##", "%", "%%", "/", "//", ":", "^", ""])
words = st.recursive(
    st.one_of(
        texts,
        keys.map(lambda key: f"${key}"),
        keys.map(lambda key: f"${{{key}}}"),
        st.sampled_from(["'", '"', "\\", "`", "$", "${", "}", "<<", "<<E", "\\\n", "#", "=", ","]),
    ),
    lambda inner: st.one_of(
        st.builds(lambda key, operator, word: f"${{{key}{operator}{word}}}", keys, operators, inner),
        st.builds(lambda quote, word: f"{quote}{word}{quote}", st.sampled_from(["'", '"']), inner),
        st.lists(inner, min_size=2, max_size=3).map("".join),
    ),
    max_leaves=4,
)
flags = st.one_of(
    st.builds(
        lambda name, value: f"--{name}={value} ",
        st.sampled_from(
            (
                *(
                    "from",
                    "chown",
                    "chmod",
                    "link",
                    "parents",
                    "exclude",
                    "checksum",
                    "keep-git-dir",
                    "unpack",
                ),
                *("platform", "network", "security", "device", "interval", "retries", "frmo"),
            )
        ),
        st.one_of(
            words, names, st.sampled_from(["1s", "true", "0644", "u+x", "none", "insecure", "sha256:0"])
        ),
    ),
    st.lists(
        st.builds(
            lambda key, value: f"{key}={value}",
            st.sampled_from(
                (
                    *("type", "from", "source", "target", "readonly", "id", "sharing", "required"),
                    *("size", "mode", "uid", "gid", "env", "rw", "x"),
                )
            ),
            st.one_of(
                words, names, st.sampled_from(["cache", "secret", "ssh", "tmpfs", "bind", "true", "1k"])
            ),
        ),
        max_size=4,
    ).map(lambda options: f"--mount={','.join(options)} "),
)
many = st.lists(st.one_of(words, names), max_size=3).map(" ".join)
json = st.lists(st.sampled_from(['"a"', '"/b"', '"${A}"', "1", "[]", '"']), max_size=3).map(
    lambda parts: f"[{','.join(parts)}]"
)
sources = st.sampled_from(
    [
        "https://h.invalid/f.tar",
        "https://github.com/o/r.git#main:d",
        "git@h.invalid:r",
        "<<E f /d\nbody $A\nE",
    ]
)
pairs = st.lists(st.builds(lambda key, word: f"{key}={word}", keys, words), max_size=3).map(" ".join)
arguments = st.one_of(many, many, json, pairs, sources.map(lambda source: f"{source} /d"))
keywords = st.one_of(
    st.sampled_from(sorted(REGISTRY)), st.sampled_from(["RUN", "COPY", "ARG", "ENV", "FROM", "run", "COPPY"])
)


@st.composite
def line(draw: st.DrawFn) -> str:
    """One instruction, more or less."""
    keyword = draw(keywords)
    if keyword == "FROM":
        name = draw(st.one_of(names, words))
        end = draw(st.sampled_from(["", "", " AS a", " AS b", " as base", " AS x y"]))
        platform = draw(st.sampled_from(["", "", "--platform=$BUILDPLATFORM ", "--platform=x/y "]))
        return f"FROM {platform}{name}{end}"
    if keyword == "ONBUILD":
        keyword += " " + draw(keywords)
    return f"{keyword} {''.join(draw(st.lists(flags, max_size=2)))}{draw(arguments)}"


comments = st.sampled_from(
    ["# syntax=x", "# escape=`", "# check=skip=all;error=true", "# check=error", "#", "# a b"]
)
sensible = st.lists(st.one_of(line(), line(), line(), comments), max_size=8).map(
    lambda lines: "\n".join(["FROM busybox AS base", *lines, ""])
)


def parses(text: str) -> bool:
    """Tell whether a line of a stage has no mistake that the parser sees."""
    file = SourceFile("Dockerfile", encoded(f"FROM busybox\n{text}\n"))
    return not parse_dockerfile(file).errors


#: Files with no mistake that the parser sees, so that they get further.
lowerable = st.lists(line(), max_size=20).map(
    lambda lines: "\n".join(["ARG A=a", "FROM busybox AS base", *filter(parses, lines), ""])
)

PIECES = (
    *REGISTRY,
    *(" ", " ", " --", "=", "\n", "\n", "\\\n", "\\", '"', "'", "[", '["a"]', "<<E", "E\n", "$", "{", "}"),
    *("#", "# escape=`\n", "`", "\t", "\r\n", "a", "1", "é", "AS", "CMD", "NONE", "--mount=", "from="),
)
rubbish = st.lists(st.sampled_from(PIECES)).map("".join)


def encoded(text: str) -> bytes:
    """Return a text as bytes, lone surrogates as what they look like."""
    return text.encode("utf-8", "surrogatepass")


#: Any bytes at all, among them many that are nearly Dockerfiles.
data = st.one_of(
    st.binary(),
    sensible.map(encoded),
    lowerable.map(encoded),
    rubbish.map(str.encode),
    st.builds(lambda text, more: encoded(text) + more, sensible, st.binary(max_size=8)),
)


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """The options of a build, in the words of the parity cases."""
    options: dict[str, Any] = {}
    values = {
        "target": names,
        "build_args": st.dictionaries(keys.filter(bool), words, max_size=2),
        "platforms": st.lists(
            st.sampled_from(["linux/amd64", "linux/arm64", "windows/amd64"]),
            min_size=1,
            max_size=2,
            unique=True,
        ),
        "labels": st.dictionaries(keys, words, max_size=1),
        "no_cache": st.sampled_from(["", "a,b"]),
        "dockerignore": st.lists(words, max_size=3).map("\n".join),
    }
    for name in draw(st.lists(st.sampled_from(sorted(values)), max_size=2, unique=True)):
        options[name] = draw(values[name])
    return options
