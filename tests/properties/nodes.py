"""Instructions that Hypothesis makes, all of which can be written down and read back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from properties.printer import MILLISECOND, write
from pyfrontend.golang.strings import SPACE
from pyfrontend.syntax import instructions as ins
from pyfrontend.syntax.heredocs import Heredoc
from pyfrontend.syntax.mounts import Device, read_mount

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from pyfrontend.syntax.declare import Instruction

#: Any letters but those that end lines, escape, or are taken for an escape by one of the two settings.
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\n\r\\`\ufeff")
#: Letters of words that need no quotes.
PLAIN = st.characters(
    exclude_categories=["Cs", "Z", "C"], exclude_characters="\\`'\"<[=#,$"
)  # Z and C: blanks and controls
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
STAGES = st.from_regex(r"[a-zA-Z][a-zA-Z0-9._-]{0,8}", fullmatch=True)


def _is_line(text: str) -> bool:
    """Tell whether a text survives as a line: not trimmed, no flag, JSON, comment nor heredoc."""
    return text == text.strip(SPACE) != "" and not text.startswith(("--", "[", "#")) and "<<" not in text


lines = st.text(LETTERS, min_size=1, max_size=30).map(lambda text: text.strip(SPACE)).filter(_is_line)
words = st.text(PLAIN, min_size=1, max_size=10).filter(lambda word: not word.startswith("-"))
#: Words as values of flags: there the reference reads letters outside ASCII as their single bytes.
ascii_words = words.filter(str.isascii)
#: Words that keep their quotes, as values of ENV, LABEL and ARG do.
quoted = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r\\`\ufeff'\""), max_size=8)
values = st.lists(
    st.one_of(words, quoted.map(lambda text: f"'{text}'"), quoted.map(lambda text: f'"{text}"')), max_size=3
).map("".join)
paths = st.one_of(words, st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=10)).filter(
    lambda path: "<<" not in path
)
#: Neither a directive nor the description of an argument or a stage.
comments = lines.map(lambda text: f"- {text}")
bodies = st.lists(st.text(LETTERS, max_size=8).map(lambda text: f"+{text}\n"), max_size=3).map("".join)
booleans = st.booleans()
modes = st.sampled_from(["0644", "u=rw,go=r", "$MODE"])

MOUNTS = (
    "type=bind,target=/a", "type=cache,id=i,target=/c,sharing=locked", "type=tmpfs,target=/t,size=1m",
    "type=secret,id=s,env=S", "type=ssh", "target=/x,from=stage,source=/y", "type=cache,target=/$A",
)  # fmt: skip


def command() -> SearchStrategy[dict[str, Any]]:
    """Arguments of a command in shell or exec form."""
    shell = lines.map(lambda text: {"args": (text,), "shell": True})
    exec_form = st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=3)
    return st.one_of(shell, exec_form.map(lambda args: {"args": tuple(args), "shell": False}))


@st.composite
def flagged(draw: st.DrawFn, cls: type[Instruction], options: dict[str, SearchStrategy[Any]]) -> Any:
    """Some of the flags ``options`` of ``cls`` in any order: fields, and the names used."""
    used = draw(st.lists(st.sampled_from(sorted(options)), unique=True))
    found = {cls.plan.flags[name].name: draw(options[name]) for name in used}
    return found | {"flags": tuple(used)}


@st.composite
def made(draw: st.DrawFn, cls: type[Instruction], *parts: SearchStrategy[dict[str, Any]]) -> Instruction:
    """An instruction of ``cls`` with the fields that all ``parts`` give, its keyword in any case."""
    fields: dict[str, Any] = {}
    for part in parts:
        fields |= draw(part)
    case = draw(st.sampled_from([str.upper, str.lower, str.capitalize]))
    above = tuple(draw(st.lists(comments, max_size=2)))
    return cls(written=case(cls.keyword), comments=above, **fields)


def several(strategy: SearchStrategy[Any], least: int = 1) -> SearchStrategy[tuple[Any, ...]]:
    """A tuple of at least ``least`` of what ``strategy`` gives."""
    return st.lists(strategy, min_size=least, max_size=3).map(tuple)


def pairs() -> SearchStrategy[dict[str, Any]]:
    """Arguments of ENV and LABEL in both forms."""
    new = several(st.builds(ins.KeyValue, NAMES, values)).map(lambda found: {"pairs": found, "legacy": False})
    old = st.builds(ins.KeyValue, NAMES, lines.filter(lambda text: text[0] != "="))
    return st.one_of(new, old.map(lambda pair: {"pairs": (pair,), "legacy": True}))


@st.composite
def run_files(draw: st.DrawFn) -> dict[str, Any]:
    """A RUN that reads heredocs of several names and kinds."""
    heredocs = [
        Heredoc(
            name, draw(bodies), expand=draw(booleans), strip_tabs=draw(booleans), fd=draw(st.integers(0, 9))
        )
        for name in draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    ]
    marks = [f"{h.fd}<<{'-' * h.strip_tabs}{h.name if h.expand else repr(h.name)}" for h in heredocs]
    return {"args": (f"cat {' '.join(marks)}",), "shell": True, "heredocs": tuple(heredocs)}


@st.composite
def copy_files(draw: st.DrawFn) -> dict[str, Any]:
    """Sources and destination of COPY and ADD, or files in place."""
    if draw(st.booleans()):
        return {"sources": draw(several(paths)), "dest": draw(paths), "heredocs": ()}
    names = draw(st.lists(NAMES, min_size=1, max_size=2, unique=True))
    heredocs = tuple(ins.HeredocSource(name, draw(bodies), draw(booleans)) for name in names)
    return {"sources": draw(several(words, 0)), "dest": draw(words), "heredocs": heredocs}


COPY_FLAGS = {"chown": ascii_words, "chmod": modes, "link": booleans, "exclude": several(ascii_words)}
times = st.integers(1, 10**6).map(lambda number: number * MILLISECOND)
no_heredocs = st.just({"heredocs": ()})

arg = made(
    ins.Arg,
    several(st.builds(ins.ArgPair, NAMES, st.one_of(st.none(), values), st.just(""))).map(
        lambda found: {"pairs": found}
    ),
)
simple = st.one_of(
    made(ins.Env, pairs()),
    made(ins.Label, pairs()),
    made(
        ins.Run,
        st.one_of(command().map(lambda found: found | {"heredocs": ()}), run_files()),
        flagged(
            ins.Run,
            {
                "mount": several(st.sampled_from([read_mount("mount", text) for text in MOUNTS])),
                "network": st.sampled_from(["default", "none", "host"]),
                "security": st.sampled_from(["sandbox", "insecure"]),
                "device": several(st.builds(Device, st.sampled_from(["vendor.com/class=x", "d"]), booleans)),
            },
        ),
    ),
    made(ins.Copy, copy_files(), flagged(ins.Copy, COPY_FLAGS | {"from": ascii_words, "parents": booleans})),
    made(
        ins.Add,
        copy_files(),
        flagged(
            ins.Add, COPY_FLAGS | {"keep-git-dir": booleans, "unpack": booleans, "checksum": ascii_words}
        ),
    ),
    made(ins.Workdir, lines.map(lambda text: {"path": text})),
    made(ins.User, lines.map(lambda text: {"user": text})),
    made(ins.Cmd, command()),
    made(ins.Entrypoint, command()),
    made(ins.Shell, several(st.text(LETTERS)).map(lambda found: {"args": found})),
    made(ins.Expose, several(words).map(lambda found: {"ports": tuple(sorted(found, key=str.encode))})),
    made(
        ins.Volume,
        several(paths.map(lambda path: path.strip(SPACE)).filter(bool)).map(lambda v: {"paths": v}),
    ),
    made(ins.Stopsignal, words.map(lambda text: {"signal": text})),
    made(
        ins.Healthcheck,
        st.one_of(
            st.just({"test": ("NONE",)}),
            command()
            .filter(lambda found: bool(found["args"]))
            .map(lambda found: {"test": ("CMD-SHELL" if found["shell"] else "CMD", *found["args"])}),
        ),
    ),
    made(
        ins.Healthcheck,
        lines.map(lambda text: {"test": ("CMD-SHELL", text)}),
        flagged(
            ins.Healthcheck,
            {
                "interval": times,
                "timeout": times,
                "start-period": times,
                "start-interval": times,
                "retries": st.integers(0, 99),
            },
        ),
    ),
    made(ins.Maintainer, lines.map(lambda text: {"name": text})),
)
trigger = simple.filter(lambda node: not isinstance(node, ins.Maintainer)).map(
    lambda node: write(node).split("\n", len(node.comments))[-1].rstrip("\n")
)
onbuild = made(ins.Onbuild, trigger.map(lambda text: {"expression": text}))
from_ = made(
    ins.From,
    st.one_of(
        words.map(lambda image: {"image": image, "as_keyword": "", "stage_name": ""}),
        st.builds(
            lambda image, word, name: {"image": image, "as_keyword": word, "stage_name": name},
            words,
            st.sampled_from(["as", "AS"]),
            STAGES,
        ),
    ),
    flagged(ins.From, {"platform": ascii_words}),
)
step = st.one_of(arg, simple, onbuild)
