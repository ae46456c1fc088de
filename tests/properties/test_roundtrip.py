"""What the printer of the tests writes is parsed back to the same instructions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from properties import nodes
from properties.printer import write
from pyfrontend.span import NOWHERE, SourceFile
from pyfrontend.syntax.declare import replace
from pyfrontend.syntax.document import parse_dockerfile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyfrontend.syntax.declare import Instruction


def parse(text: str) -> list[Instruction]:
    """Return all instructions of a text without mistakes, their places and texts left out."""
    parsed = parse_dockerfile(SourceFile("Dockerfile", text.encode()))
    assert parsed.errors == [], text
    found: list[Instruction] = [*parsed.meta_args]
    for stage in parsed.stages:
        found += [stage.source, *stage.instructions]
    return [bare(node) for node in found]


def bare(node: Instruction) -> Instruction:
    return replace(node, span=NOWHERE, code="")


#: What may stand between instructions and mean nothing.
gaps = st.sampled_from(["", "\n", "  \t\n", "#\n", "\n# \n\n"])


@given(st.lists(nodes.arg, max_size=2), nodes.from_, st.lists(nodes.step, max_size=4), st.data())
def test_written_instructions_are_read_back(
    before: Sequence[Instruction], source: Instruction, steps: Sequence[Instruction], data: st.DataObject
) -> None:
    written = [*before, source, *steps]
    # A comment at the very top could be a directive, and a comment after a gap belongs to what follows it.
    text = "# escape=`\n\n" if data.draw(st.booleans(), "escape") else "\n"
    for node in written:
        text += data.draw(gaps, "gap") + write(node)
    assert parse(text) == [bare(node) for node in written]


@given(nodes.from_, st.lists(nodes.step, max_size=4))
def test_line_ends_of_windows_mean_the_same(source: Instruction, steps: Sequence[Instruction]) -> None:
    plain = [node for node in (source, *steps) if "<<" not in write(node)]
    text = "\n" + "".join(map(write, plain))
    assert parse(text.replace("\n", "\r\n")) == parse(text)


@given(nodes.from_, st.lists(nodes.step, max_size=4), st.sampled_from(["\\", "`"]))
def test_continued_lines_are_one(source: Instruction, steps: Sequence[Instruction], escape: str) -> None:
    plain = [replace(node, comments=()) for node in (source, *steps) if "<<" not in write(node)]
    lines = [line for node in plain for line in write(node).splitlines(keepends=True)]
    text = f"# escape={escape}\n" + "".join(lines)
    # The blank after the keyword moves to the next line, with a comment and an empty line in between.
    broken = [line.replace(" ", f" {escape}\n# comment\n\n", 1) for line in lines]
    assert parse(f"# escape={escape}\n" + "".join(broken)) == parse(text)
