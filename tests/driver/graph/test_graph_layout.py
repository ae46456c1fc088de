"""Groups of similar nodes, layers, and coordinates: what the pictures rest on, without a Dockerfile."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from driver.graph.browser import Box
from properties.test_cost import assert_linear

from pyfrontend.driver.subrequests.graph.layers import Layers, Node, _Room
from pyfrontend.driver.subrequests.graph.layout import PAGE, Layout, Size, lay_out
from pyfrontend.driver.subrequests.graph.similar import group_similar

if TYPE_CHECKING:
    from collections.abc import Sequence

    Links = list[tuple[str, str, str]]


def links(text: str) -> Links:
    """Read ``a>b c=d``: links of two kinds."""
    return [(pair[0], pair[2], pair[1]) for pair in text.split()]


@pytest.mark.parametrize(
    ("labels", "pairs", "expected"),
    [
        pytest.param({"a": 1, "b": 1, "c": 2}, "", "ab c", id="same label, no links"),
        pytest.param(dict.fromkeys("abcdz", 0), "a>b a>c a>d b>z c>z d>z", "a bcd z", id="from one, to one"),
        pytest.param(dict.fromkeys("abcz", 0), "a>b a=c b>z c>z", "a b c z", id="links of another kind"),
        pytest.param(
            dict.fromkeys("abcdef", 0), "a>b a>c b>d c>e a>f", "a bc de f", id="pairs, and one alone"
        ),
        pytest.param(dict.fromkeys("abc", 0), "a>b b>c", "a b c", id="a chain"),
        pytest.param(dict.fromkeys("abcd", 0), "a>b c>d", "ac bd", id="two chains"),
        pytest.param(dict.fromkeys("abcde", 0), "a>b c>d d>e", "a b c d e", id="chains of different length"),
        pytest.param(dict.fromkeys("badc", 0), "a>b c>d", "bd ac", id="in the order of the labels"),
    ],
)
def test_nodes_are_similar_if_their_links_are(labels: dict[str, int], pairs: str, expected: str) -> None:
    assert ["".join(group) for group in group_similar(labels, links(pairs))] == expected.split()


def test_many_boxes_for_one_find_room_in_step_with_their_number() -> None:
    """Each fills a layer of its own: none may look at all layers before it."""

    def work(count: int) -> None:
        boxes = [Node(f"b{number}", 10) for number in range(count)]
        room = _Room(10)
        assert [room.take(box, -1, -1) for box in boxes] == [-1 - number for number in range(count)]

    assert_linear(work, 400)


def test_a_box_takes_the_first_layer_with_room_for_it() -> None:
    room = _Room(10)
    breadths = [6, 6, 4, 4, 2, 12]
    assert [room.take(Node("b", breadth), 0, 1) for breadth in breadths] == [0, 1, 0, 1, 2, 3]
    assert room.take(Node("b", 1), 0, -1) == -1


def random_graph(seed: int) -> tuple[dict[str, Size], Links]:
    """Return boxes and links without circles, often between near boxes."""
    random = Random(seed)
    count = random.randrange(1, 60)
    sizes = {f"b{i}": Size(random.randrange(80, 420), random.randrange(30, 240)) for i in range(count)}
    found = {
        (f"b{random.randrange(max(0, i - random.choice((3, 60))), i)}", f"b{i}", random.choice("><="))
        for i in range(1, count)
        for _ in range(random.randrange(4))
    }
    return sizes, sorted(found)


def boxes_of(sizes: dict[str, Size], layout: Layout) -> dict[str, Box]:
    return {id_: Box(*corner, *sizes[id_]) for id_, corner in layout.corners.items()}


@pytest.mark.parametrize("seed", range(25))
def test_boxes_stand_apart_in_the_picture_and_links_keep_out_of_them(seed: int) -> None:
    sizes, found = random_graph(seed)
    layout = lay_out(sizes, found)
    boxes = boxes_of(sizes, layout)
    page = Box(0, 0, layout.width, layout.height)
    names = sorted(boxes)
    assert names == sorted(sizes)
    assert [name for name in names if not page.holds(boxes[name])] == []
    assert [(a, b) for a in names for b in names if a < b and boxes[a].overlaps(boxes[b])] == []
    points = [point for way in layout.ways.values() for point in pieces(way)]
    assert [name for name in names if any(boxes[name].contains(point) for point in points)] == []


def pieces(way: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return points along the straight pieces of a way; the curves are between layers, where no box is."""
    return [
        (x + (to_x - x) * part / 10, y + (to_y - y) * part / 10)
        for (x, y), (to_x, to_y) in zip(way[::2], way[1::2], strict=False)
        for part in range(11)
    ]


@pytest.mark.parametrize("seed", range(25))
def test_links_lead_from_the_edge_of_one_box_to_that_of_the_other_in_a_later_layer(seed: int) -> None:
    sizes, found = random_graph(seed)
    layout = lay_out(sizes, found)
    boxes = boxes_of(sizes, layout)
    assert set(layout.ways) == set(found)
    for (source, target, _), way in layout.ways.items():
        assert layout.layers[source] < layout.layers[target]
        start, end = boxes[source], boxes[target]
        (x, y), (to_x, to_y) = way[0], way[-1]
        if layout.is_downward:
            assert (y, to_y) == pytest.approx((start.y + start.height, end.y))
            assert start.x < x < start.x + start.width
            assert end.x < to_x < end.x + end.width
        else:
            assert (x, to_x) == pytest.approx((start.x + start.width, end.x))
            assert start.y < y < start.y + start.height
            assert end.y < to_y < end.y + end.height


@pytest.mark.parametrize("seed", range(10))
def test_a_link_that_closes_a_circle_leads_back_and_the_others_onward(seed: int) -> None:
    sizes, found = random_graph(seed)
    random, names = Random(seed), list(sizes)
    found = list(dict.fromkeys(found + [(random.choice(names), random.choice(names), "<") for _ in range(9)]))
    layout = lay_out(sizes, found)
    own = {link for link in found if link[0] == link[1]}
    assert set(layout.ways) == set(found) - own
    assert layout.back.isdisjoint(own)
    for source, target, kind in layout.ways:
        is_back = (source, target, kind) in layout.back
        assert (layout.layers[source] > layout.layers[target]) == is_back


def test_the_same_graph_has_the_same_layout() -> None:
    assert lay_out(*random_graph(7)) == lay_out(*random_graph(7))


@pytest.mark.parametrize(
    ("count", "downward"),
    [pytest.param(3, True, id="few beside each other"), pytest.param(50, False, id="many below each other")],
)
def test_a_graph_runs_to_the_right_where_that_is_narrower(count: int, downward: bool) -> None:  # noqa: FBT001 - a row
    names = [f"m{number}" for number in range(count)]
    sizes = dict.fromkeys(["top", *names, "end"], Size(200, 40))
    found = [pair for name in names for pair in (("top", name, ">"), (name, "end", ">"))]
    layout = lay_out(sizes, found)
    assert (layout.is_downward, layout.width <= PAGE) == (downward, True)


def test_a_row_has_no_more_boxes_than_a_page_takes() -> None:
    boxes = [Node("top", 300), *(Node(f"m{number}", 300) for number in range(10))]
    layers = Layers(boxes, [("top", f"m{number}", ">") for number in range(10)], 1000)
    rows = [[node.id for node in row if not node.is_bend] for row in layers.rows]
    assert [len(row) for row in rows] == [1, 3, 3, 3, 1]


def test_sources_are_right_above_the_first_that_uses_them() -> None:
    sizes = dict.fromkeys("abcs", Size(100, 40))
    layout = lay_out(sizes, links("a>b b>c s>c"))
    assert layout.layers == {"a": 0, "b": 1, "c": 2, "s": 1}


def test_links_that_need_not_cross_do_not() -> None:
    layout = lay_out(dict.fromkeys("abcxyz", Size(100, 40)), links("a>z b>y c>x"))
    upper, lower = (sorted(names, key=lambda id_: layout.corners[id_][0]) for names in ("abc", "zyx"))
    assert ["abc".index(id_) for id_ in upper] == ["zyx".index(id_) for id_ in lower]
