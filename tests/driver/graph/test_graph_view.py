"""What a drawing shows: options, limits, labels and legends of the pictures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from driver.graph.samples import CONTEXTS, DIAMOND, ONE, chain, graph, pairs, services, tangle

from pyfrontend.driver.subrequests.graph import dot, mermaid, svg
from pyfrontend.driver.subrequests.graph.cards import width
from pyfrontend.driver.subrequests.graph.choice import Choice, read_choice
from pyfrontend.driver.subrequests.graph.labels import MOST_STEPS, WIDTH, wrapped
from pyfrontend.errors import DockerfileError

if TYPE_CHECKING:
    from pathlib import Path

    from driver.conftest import Asker

PICTURES = ("graph-svg", "graph-mermaid", "graph-dot")


@pytest.mark.parametrize(
    ("words", "is_target_given", "choice"),
    [
        ([], False, Choice()),
        ([], True, Choice(only_needed=True)),
        (["all"], True, Choice()),
        (["legend", "full", "full"], False, Choice("full", has_legend=True)),
    ],
)
def test_words_choose_what_is_shown(words: list[str], is_target_given: bool, choice: Choice) -> None:  # noqa: FBT001 - a row
    assert read_choice(words, is_target_given=is_target_given) == choice


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (
            "graph+al",
            'unknown graph option "al" (did you mean all?); the options are overview, stages, steps, ',
        ),
        ("graph+", 'unknown graph option ""; the options are overview, '),
        ("graph-svg+steps+full", "choose one of steps and full: a graph has one level of detail"),
    ],
)
def test_a_wrong_choice_is_an_error_that_says_what_there_is(ask: Asker, form: str, message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        graph(ask, ONE, form)
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize("form", PICTURES)
def test_a_target_hides_what_it_does_not_need_unless_all_is_asked_for(
    ask: Asker, service: str, form: str
) -> None:
    needed, everything = (graph(ask, service, form + word, target="build").text for word in ("", "+all"))
    assert "release" not in needed
    assert "3 stages that the target does not need (option all)" in shown(needed)
    assert "release" in everything
    assert "Not shown" not in everything


def shown(text: str) -> str:
    """Return a drawing with the numbers of Mermaid as characters."""
    return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), text)


@pytest.mark.parametrize("form", PICTURES)
def test_similar_stages_are_one_box_in_an_overview(ask: Asker, form: str) -> None:
    text = shown(graph(ask, services(50), form).text)
    assert "50 stages" in text
    assert "svc-00, svc-01, svc-02, svc-03, svc-04 and 45" in text
    assert "svc-49" not in text


@pytest.mark.parametrize("form", PICTURES)
def test_links_have_no_texts(ask: Asker, form: str) -> None:
    text = graph(ask, DIAMOND, form).text
    assert text.count("--from=left") == 1
    assert not re.search(r"-->\s*\||==>\s*\|", text)
    assert not re.search(r"->.*\blabel=", text)


@pytest.mark.parametrize("form", PICTURES)
def test_secrets_agents_and_caches_are_in_the_stage_that_mounts_them(ask: Asker, form: str) -> None:
    text = graph(ask, DIAMOND, form).text
    for badge in ("secret npmrc", "ssh default", "cache /root/.npm"):
        assert text.count(badge) == 1
    assert "RUN left" in re.sub(r"<[^>]*>", "", text)


@pytest.mark.parametrize("form", PICTURES)
def test_other_instructions_are_in_short_with_the_steps_and_each_in_full(ask: Asker, form: str) -> None:
    text = "FROM alpine\nENV A=b\nRUN x\nUSER me\nEXPOSE 80\n"
    assert "ENV A=b · USER me · EXPOSE 80" in graph(ask, text, form).text
    full = re.sub(r"<[^>]*>", " ", graph(ask, text, f"{form}+full").text)
    assert re.search(r"ENV A=b\s+RUN\s+x\s+USER me\s+EXPOSE 80", full)


@pytest.mark.parametrize("form", PICTURES)
def test_a_legend_has_what_occurs_and_nothing_else(ask: Asker, service: str, form: str) -> None:
    assert "FROM: starts from it" not in graph(ask, service, form, **CONTEXTS).text
    text = shown(graph(ask, service, f"{form}+legend", **CONTEXTS).text)
    for entry in ("FROM: starts from it", "RUN --mount: mounts files", "named context", "Git repository"):
        assert entry in text
    assert "skipped: not needed by the target" in text
    small = shown(graph(ask, ONE, f"{form}+legend").text)
    assert "FROM: starts from it" in small
    assert "skipped" not in small.partition("FROM: starts from it")[2].partition("classDef")[0]
    assert "RUN --mount" not in small


@pytest.mark.parametrize("form", PICTURES)
@pytest.mark.parametrize(
    "dockerfile", [chain(600), services(600), tangle(600)], ids=["chain", "fan", "tangle"]
)
def test_what_is_too_much_for_a_picture_is_left_out_and_counted(
    ask: Asker, dockerfile: str, form: str
) -> None:
    text = shown(graph(ask, dockerfile, f"{form}+stages").text)
    found = re.search(r"Too many for a picture: (\d+) stages left out, those farthest from the target", text)
    assert found
    assert 400 < int(found[1]) < 600
    # The target of the tangle needs nothing, nor do the stages that were kept.
    assert (f"{found[1]} more stages" in text) == (dockerfile != tangle(600))


def test_what_stays_of_a_large_file_is_nearest_to_the_target(ask: Asker) -> None:
    text = graph(ask, chain(600), "graph-svg+stages", target="s300").text
    names = [int(number) for number in re.findall(r'class="pyf-name">s(\d+)<', text)]
    assert sorted(names) == list(range(301 - svg.LIMIT.boxes, 301))


@pytest.mark.parametrize("detail", ["", "+stages", "+full"])
@pytest.mark.parametrize("dockerfile", [chain(600), services(300), pairs(200), tangle(400)])
def test_mermaid_never_gets_more_than_it_takes(ask: Asker, dockerfile: str, detail: str) -> None:
    text = graph(ask, dockerfile, f"graph-mermaid{detail}").text
    assert len(text) < 50_000
    assert len(re.findall(r"^  \w+ [-=.]+> \w+$", text, re.MULTILINE)) < 500


def test_mermaid_says_where_there_is_less_detail_than_was_chosen(ask: Asker) -> None:
    text = "".join(
        f"FROM alpine AS s{n}\n" + "RUN true && echo some-text-of-some-length\n" * 9 for n in range(99)
    )
    drawn = graph(ask, text, "graph-mermaid+full").text
    assert f"%% {mermaid.REDUCED}\n" in drawn
    assert "RUN true" not in drawn
    assert mermaid.REDUCED not in graph(ask, ONE, "graph-mermaid+full").text


def test_limits_are_below_those_of_mermaid_and_of_patience() -> None:
    assert mermaid.LIMIT.links < 500
    assert max(svg.LIMIT.boxes, dot.LIMIT.boxes, mermaid.LIMIT.boxes) <= 150


def test_a_stage_with_many_steps_shows_the_first_and_how_many_follow(ask: Asker) -> None:
    text = "FROM alpine\n" + "".join(f"RUN step-{number}\n" for number in range(30))
    picture = graph(ask, text, "graph-svg").text
    assert f"step-{MOST_STEPS - 2}<" in picture
    assert f"step-{MOST_STEPS - 1}<" not in picture
    assert f"… {30 - MOST_STEPS + 1} more steps" in picture
    assert "step-29<" in graph(ask, text, "graph-svg+full").text


@pytest.mark.parametrize(
    ("text", "most", "lines"),
    [
        ("", 2, []),
        ("RUN a b", 2, ["RUN a b"]),
        ("one --two=x-y three", 9, ["one", "  --two=x-y", "  three"]),
        ("one two three four five", 2, ["one two", "  three fou…"]),
        ("averyveryverylongword", 9, ["averyveryver", "  ylongword"]),
        ("RUN --a=b,target=/c/d,e=f", 9, ["RUN --a=b,", "  target=/c/", "  d,e=f"]),
        ("    if this is long", 9, ["    if this", "      is", "      long"]),
        ("a\x1bb", 1, ["a\\x1bb"]),
    ],
)
def test_lines_break_between_words_and_not_inside_flags(text: str, most: int, lines: list[str]) -> None:
    assert wrapped(text, 12, most) == lines


def test_a_step_of_any_length_takes_no_time() -> None:
    assert len(wrapped("x" * 10_000_000, WIDTH, 2)) == 2


@pytest.mark.parametrize(
    ("text", "signs"),
    [("ab", 2), ("日本", 4.4), ("\uff41", 2.2), ("e\u0301é", 2), ("", 0), ("…", 1), ("\u0631", 1.6)],
)
def test_the_width_of_a_text_is_that_of_its_signs(text: str, signs: float) -> None:
    assert width(text, 10) == pytest.approx(signs * 6.03)


def test_the_picture_in_the_guide_is_what_is_drawn(ask: Asker, root: Path) -> None:
    dockerfile = (root / "examples/pipeline/Dockerfile").read_text()
    assert (root / "docs/graph.svg").read_text() == graph(ask, dockerfile, "graph-svg+legend").text


def test_an_svg_picture_has_colors_for_dark_pages(ask: Asker) -> None:
    text = graph(ask, ONE, "graph-svg").text
    assert "@media (prefers-color-scheme:dark){" in text
    assert text.startswith('<svg xmlns="http://www.w3.org/2000/svg" width="')
    assert text.endswith("</svg>\n")


def test_a_link_across_layers_is_as_long_in_all_languages(ask: Asker) -> None:
    text = "FROM alpine AS a\nFROM a AS b\nFROM b AS c\nFROM c\nCOPY --from=a / /\n"
    assert '"stage:0" -> "stage:3" [tooltip="COPY --from", color="#0969da", minlen=3]' in (
        graph(ask, text, "graph-dot").text
    )
    assert "  stage0 ----> stage3\n" in graph(ask, text, "graph-mermaid").text


def test_an_arrow_that_closes_a_circle_points_back(ask: Asker) -> None:
    text = graph(ask, "FROM a AS x\nCOPY --from=y / /\nFROM x AS y\nFROM b", "graph-svg+stages+all").text
    tips = re.findall(r'class="pyf-tip [^"]*" d="M[\d. ]+l(-4.8)h8z"', text)
    assert sorted(tips) == ["-4 8", "-4-8", "-4-8", "-4-8"]
