"""The limits of `pyfrontend.limits`: what is within one works, what is beyond it is an error at its line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from fakes import lines, lower
from pyfrontend import limits
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.limits import MEMORY
from pyfrontend.limits import Meter
from pyfrontend.llb.marshal import marshal

if TYPE_CHECKING:
    from pathlib import Path


def doubled(times: int, first: str = "ENV A0", each: str = "ENV") -> str:
    """Return lines that set A0 to 1,024 letters, and then each variable to twice the one before it."""
    return f"{first}={'x' * 1024}\n" + "".join(f"{each} A{n + 1}=$A{n}$A{n}\n" for n in range(times))


def error_of(text: str) -> DockerfileError:
    with pytest.raises(DockerfileError) as caught:
        lower(text)
    return caught.value


DOUBLINGS = (limits.EXPANDED_WORD // 1024).bit_length() - 1


def test_a_value_may_be_as_long_as_the_limit() -> None:
    image = lower("FROM scratch\n" + doubled(DOUBLINGS)).image
    assert len(image.env[-1]) == len(f"A{DOUBLINGS}=") + limits.EXPANDED_WORD


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("FROM scratch\n" + doubled(DOUBLINGS + 1), DOUBLINGS + 3, id="ENV"),
        pytest.param("FROM scratch\n" + doubled(DOUBLINGS + 1, "ARG A0", "ARG"), DOUBLINGS + 3, id="ARG"),
        pytest.param(
            doubled(DOUBLINGS + 1, "ARG A0", "ARG") + "FROM scratch\n", DOUBLINGS + 2, id="global ARG"
        ),
        pytest.param(
            f"FROM scratch\nENV A={'x' * 32768}\nCOPY <<E /x\n" + "$A\n" * 130 + "E\n", 3, id="heredoc"
        ),
        pytest.param(
            f"FROM scratch\nENV A={'x' * 32768}\nLABEL l=${{A//x/{'y' * 200}}}\n", 3, id="replacement"
        ),
        pytest.param(f'FROM scratch\nENV A={"x" * 32768}\nLABEL l="{"$A" * 130}"\n', 3, id="quoted"),
    ],
)
def test_a_value_beyond_the_limit_is_an_error_at_its_line(text: str, line: int) -> None:
    error = error_of(text)
    assert error.message.endswith("the result is longer than 4 MiB")
    assert [lines(span)[0] for span in error.spans] == [line]


def test_a_pattern_that_would_take_minutes_is_an_error_at_its_line() -> None:
    text = "FROM scratch\n" + doubled(DOUBLINGS) + f"ENV B=${{A{DOUBLINGS}//{'?' * 1000}b/c}}\n"
    error = error_of(text)
    assert error.message.endswith("the pattern is too long for a value of this length")
    assert [lines(span)[0] for span in error.spans] == [DOUBLINGS + 3]


@pytest.mark.parametrize(
    ("line", "most"),
    [
        pytest.param("ENV B=$A\n", 2048, id="values"),
        pytest.param("RUN $A\n", 2048, id="step names"),
        pytest.param("ARG B=$A\nRUN x\n", 2048, id="history"),
        pytest.param("EXPOSE 1-65535\n", 64, id="ports"),
    ],
)
def test_the_text_of_a_build_ends_with_an_error_at_the_line_that_goes_beyond(line: str, most: int) -> None:
    error = error_of(f"FROM scratch\nENV A={'x' * 32768}\n" + line * most)
    assert error.message == (
        "the variables, step names and history of this build come to more than 64 MiB of text"
    )
    assert len(error.spans) == 1


def test_what_is_spent_adds_up() -> None:
    meter = Meter()
    meter.spend(limits.BUILD_TEXT)
    with pytest.raises(DockerfileError, match="more than 64 MiB of text"):
        meter.spend(1)


def test_a_graph_beyond_what_buildkit_takes_is_an_error_at_the_step_that_goes_beyond() -> None:
    text = "FROM scratch\n" + "".join(f"ENV A{n}={'x' * 1024}\nRUN x\n" for n in range(200))
    lowered = lower(text)
    with pytest.raises(DockerfileError) as caught:
        marshal(lowered.state.output, caps=None)
    assert caught.value.message == (
        "this step makes the build graph larger than 16 MiB, the most that BuildKit takes from a frontend"
    )
    # RUN number n carries n variables of a kilobyte.
    assert caught.value.fallback is not None
    assert 360 < lines(caught.value.fallback)[0] < 364


def test_the_page_of_limits_has_every_one_with_its_value(root: Path) -> None:
    rows = (root / "docs" / "limits.md").read_text().splitlines()
    written = {found[2]: found[1] for row in rows if (found := re.search(r"\| ([^|]+) \(`(\w+)`\) \|", row))}
    values = {name: value for name, value in vars(limits).items() if name.isupper() and type(value) is int}
    assert written == {name: shown(name, value) for name, value in {**values, "MEMORY": MEMORY}.items()}


def shown(name: str, value: int) -> str:
    """A limit as the page writes it: in the largest unit where it is one of bytes, else as a number."""
    if name == "MEMORY":  # as the error says it
        return f"{value >> 20} MiB"
    shift, unit = next(
        (
            (shift, unit)
            for shift, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB"))
            if not value % (1 << shift)
        ),
        (0, ""),
    )
    return f"{value >> shift} {unit}" if unit else f"{value:,}"
