"""Extended Dockerfiles that Hypothesis makes: sensible lines, with strange values, words and spacing."""

from __future__ import annotations

from extend.builds import Case
from hypothesis import strategies as st

#: Declared in every file, so that conditions and variables can use them; W has no value anywhere.
KNOWN = ("G", "H", "TARGETARCH", "TARGETOS", "BUILDPLATFORM")
GLOBALS = "ARG G=g\nARG H=0\nARG W\nARG S=st\nARG F=d/one\n"

#: Text without what ends a line or a value file refuses.
_letters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp", "Cn", "Co", "Zs"))
strange = st.one_of(
    st.sampled_from(
        ["", "x", "a b", "$G", "${H}", "\\$G", "it's", 'say "x"', "a\\b", "`x`", "#no", "a#b", "é"]
    ),
    st.text(st.one_of(_letters, st.sampled_from(" \\$\"'`#=")), max_size=6),
)
conditions = st.lists(
    st.one_of(
        st.sampled_from(KNOWN),
        st.sampled_from(KNOWN).map("!{}".format),
        st.builds(
            "{}{}{}".format,
            st.sampled_from(KNOWN),
            st.sampled_from(["=", "!="]),
            st.lists(st.sampled_from(["amd64", "arm64", "linux", "g", "0", ""]), min_size=1, max_size=2).map(
                "|".join
            ),
        ),
    ),
    min_size=1,
    max_size=2,
).map(",".join)
ifs = st.one_of(st.just(""), conditions.map("--if={} ".format))
gaps = st.sampled_from([" ", "  ", "\t", " \\\n  ", " \\\n# inside\n "])
paths = st.one_of(
    st.sampled_from(
        [
            "a",
            "a/b",
            "./c",
            "/d",
            ".env",
            "*.txt",
            "d?/x",
            "a-b",
            "dir/",
            "-x",
            "[ab]c",
            "é",
            "a$G",
            "./$F/x",
            "'q'",
            '"q"',
        ]
    ),
    st.text(st.sampled_from("ab.*?-/_é"), min_size=1, max_size=5).filter(lambda text: text.strip("./*?-_")),
)
commands = st.one_of(
    st.sampled_from(
        [
            "echo $G",
            "echo 'a  b'",
            '["x", "$y"]',
            "make && \\\n  make install",
            "# a",
            "<<E\nset -e\necho $G\nE",
            "<<-'E' cat\n\tx\n\tE",
            "x <<A && y <<B\n1\nA\n2\nB",
            "--help",
        ]
    ),
    st.text(st.one_of(_letters, st.sampled_from(" $\"'")), min_size=1, max_size=8)
    .map(str.strip)
    .filter(lambda text: text and not {"<", "\\"} & set(text) and not text.startswith(("#", "--", "["))),
)
stages = st.sampled_from(
    ["st", "$S", "${S}", "${N:-st}", "./d/one#x", "./d/one", "./$F#X", "./d/two#1", "busybox", "0"]
)


def _line(template: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(template.format, *parts)


no_cache = st.sampled_from(["", "--no-cache=false "])
mounts = st.one_of(
    st.just(""),
    _line("--mount=from={},target=/m ", stages),
    st.just("--mount=type=cache,target=/c "),
    _line('--mount=type=bind,"from={}",target=/m ', stages),
)
reports = st.sampled_from(["r.xml", "/r", "$G/*.xml", "../x", "'a b'", "r --report=s"])
if_exists = st.sampled_from(["", "--if-exists ", "--if-exists=true ", "--if-exists=false "])
pairs = st.lists(
    st.builds("{}={}".format, st.sampled_from("ABC"), st.sampled_from(["1", '"x y"', "$G", "a\\ b", "'$G'"])),
    min_size=1,
    max_size=2,
).map(" ".join)
lines = st.one_of(
    _line("RUN{}{}{}{}{}", gaps, ifs, no_cache, mounts, commands),
    _line("run {}{}", ifs, commands),
    _line("RUN{}{}--report={} {}{}", gaps, ifs, reports, mounts, commands),
    _line("COPY{}{}{}{} /x/", gaps, ifs, if_exists, paths),
    _line("COPY {}{}--chown=1:2 {} {} /x/", if_exists, ifs, paths, paths),
    _line('COPY {}["{}", "/x y/"]', if_exists, paths),
    _line("COPY {}{}--from={} {} /x", ifs, if_exists, stages, paths),
    _line("ADD {}{}{} /x/", ifs, if_exists, paths),
    _line("ENV {}--file=v.env {}", ifs, st.one_of(st.just(""), pairs)),
    _line("LABEL{}--file=./l.env{}{}", gaps, gaps, pairs),
    _line("{} {}{}", st.sampled_from(["ENV", "LABEL"]), ifs, pairs),
    _line("INCLUDE {}", st.sampled_from(["part.inc", "./part.inc", "$G.inc"])),
    _line("ARG {}={}", st.sampled_from("GHN"), st.sampled_from(["1", "$G", "0"])),
    st.sampled_from(
        [
            *("WORKDIR /w$G", "USER 1", "# a comment", "", "ONBUILD RUN x", 'SHELL ["/bin/bash", "-c"]'),
            *("ARG G", "EXPOSE 80"),
        ]
    ),
)


def _values(entries: dict[str, str]) -> str:
    """Write a file of values in single quotes where that is possible, else in double ones."""
    rows = []
    for key, value in entries.items():
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        rows.append(f"{key}='{value}'" if "'" not in value else f'{key}="{escaped}"')
    return "\n".join(["# values", *rows, ""])


values = st.dictionaries(st.sampled_from("ABCGXY"), strange, min_size=1, max_size=3).map(_values)
blocks = st.lists(lines, min_size=1, max_size=4).map("\n".join)
files = st.fixed_dictionaries(
    {
        "v.env": values,
        "l.env": values,
        "args.env": st.dictionaries(st.sampled_from(["G", "W", "Z"]), strange, max_size=2).map(_values),
        "part.inc": st.sampled_from(
            ["RUN included\n", "# why\nENV --if=G I=1\n\nRUN <<E\nx\nE\n", "ARG G\nRUN $G"]
        ),
        "g.inc": st.just("LABEL g=1\n"),
        "d/one": st.builds(
            "ARG G\nARG Q=q\nFROM alpine:$Q AS X\nARG Q\nARG G\n{}\nFROM x\nCOPY --from=x /o /o\n".format,
            st.sampled_from(["RUN one $G $Q", "RUN --if=G one", "ENV --file=v.env"]),
        ),
        "d/two": st.just(
            "FROM ./d/one#x AS y\nRUN two\nFROM scratch\nCOPY --from=y / /\nCOPY --from=0 /a /b\n"
        ),
    }
)


gates = _line(
    "RUN{}{}--requires={}{}{}",
    gaps,
    ifs,
    st.sampled_from(["st", "$S", "0", "./d/one#x", "./$F", "st,./d/two", "st --requires=./d/one"]),
    st.sampled_from(["", "", "  ", " # why", " \\\n"]),
    st.one_of(st.just(""), commands.map(" {}".format)),
)
locks = st.sets(st.sampled_from(["alpine:latest", "alpine:q", "busybox:latest", "busybox:0"])).map(
    lambda names: (
        "version 1\n" + "".join(f"image docker.io/library/{name} sha256:{64 * 'a'}\n" for name in names)
    )
)


@st.composite
def cases(draw: st.DrawFn, *, gated: bool = False) -> Case:
    """A build of an extended file with files around it; a ``gated`` one requires other stages."""
    top = draw(st.sampled_from(["", "# check=skip=JSONArgsRecommended\n", "# escape=\\\n\n"]))
    bases = st.sampled_from(
        ["busybox", "busybox:$H", "scratch", "./d/one#x", "./d/two", "st", "--platform=$BUILDPLATFORM alpine"]
    )
    names = st.sampled_from(["", " AS two", " as Three"])
    text = f"{top}{GLOBALS}FROM alpine AS st\n{draw(blocks)}\n"
    for _ in range(draw(st.integers(1, 2))):
        gate = f"{draw(gates)}\n" if gated else ""
        text += f"FROM {draw(bases)}{draw(names)}\n{gate}{draw(blocks)}\n"
    options: dict[str, object] = {}
    if draw(st.booleans()):
        options["opts"] = {"cmdline": "ourorg/pyfrontend args=args.env"}
    if draw(st.booleans()):
        options["build_args"] = draw(st.dictionaries(st.sampled_from(["G", "H", "N"]), strange, max_size=2))
    if draw(st.booleans()):
        options["files"] = {"dockerfile": {"Dockerfile.lock": draw(locks)}}
        given = options.setdefault("build_args", {})
        assert isinstance(given, dict)
        given["BUILDKIT_DOCKERFILE_LOCK"] = draw(st.sampled_from(["pinned", "frozen"]))
    if draw(st.booleans()):
        options["platforms"] = [draw(st.sampled_from(["linux/amd64", "linux/arm64"]))]
    return Case(text, draw(files), options)
