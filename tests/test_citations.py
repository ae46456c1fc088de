"""Rows and areas of the checklist, and sections of the page about the wire, exist where they are cited."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

ROW = re.compile(r"^\| ([A-Z]+-\d{3}) \|", re.MULTILINE)
AREA = re.compile(r"^\| \[([A-Z]+)\]\(#(\S+)\) \| .* \| (\d+) \|$", re.MULTILINE)
HEADING = re.compile(r"^##+ (.+)$", re.MULTILINE)
CITED_AREAS = re.compile(r"\bareas? ((?:[A-Z]{2,}(?:, | and )?)+)")


@pytest.fixture(scope="module")
def checklist(root: Path) -> str:
    return (root / "docs" / "checklist.md").read_text()


@pytest.fixture(scope="module")
def texts(root: Path) -> dict[str, str]:
    """Everything of ours that may cite, by its path."""
    folders = (root / name for name in ("docs", "examples", "frontend", "hack", "tests"))
    files = [*root.glob("*.md"), *(path for folder in folders for path in folder.rglob("*"))]
    return {str(path): path.read_text() for path in files if path.suffix in {".md", ".py"}}


def anchors(page: str) -> set[str]:
    """The fragments that GitHub makes of the headings of ``page``."""
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(page))
    return {text.replace(" ", "-") for text in kept}


def test_every_row_that_is_cited_is_on_the_checklist(checklist: str, texts: dict[str, str]) -> None:
    codes = "|".join(code for code, _, _ in AREA.findall(checklist))
    cited = re.compile(rf"\b(?:{codes})-\d{{3}}\b")
    rows = set(ROW.findall(checklist))
    found = [(path, row) for path, text in texts.items() for row in cited.findall(text)]
    assert len(found) > 500
    assert [(path, row) for path, row in found if row not in rows] == []


def test_every_area_that_is_cited_is_on_the_checklist(checklist: str, texts: dict[str, str]) -> None:
    areas = {code for code, _, _ in AREA.findall(checklist)}
    found = [
        (path, code)
        for path, text in texts.items()
        for codes in CITED_AREAS.findall(text)
        for code in re.findall(r"[A-Z]+", codes)
    ]
    assert len(found) > 10
    assert [(path, code) for path, code in found if code not in areas] == []


def test_every_section_that_is_cited_is_on_the_page_about_the_wire(root: Path, texts: dict[str, str]) -> None:
    page = (root / "docs" / "wire.md").read_text()
    sections = {heading.partition(":")[0] for heading in HEADING.findall(page)}
    found = {cited for text in texts.values() for cited in re.findall(r"\bWIRE-\d+\b", text)}
    assert found <= sections


def test_the_checklist_counts_its_rows_and_links_its_areas(checklist: str) -> None:
    rows = ROW.findall(checklist)
    counted = {
        code: sum(row.startswith(f"{code}-") for row in rows) for code, _, _ in AREA.findall(checklist)
    }
    assert {code: int(count) for code, _, count in AREA.findall(checklist)} == counted
    assert f"| **{len(rows)}** |" in checklist
    assert len(set(rows)) == len(rows)
    assert {anchor for _, anchor, _ in AREA.findall(checklist)} <= anchors(checklist)


def test_the_page_about_the_wire_links_its_sections(root: Path) -> None:
    page = (root / "docs" / "wire.md").read_text()
    linked = re.findall(r"^- \[WIRE-\d+\]\(#(\S+)\)", page, re.MULTILINE)
    assert len(linked) == page.count("\n## ")
    assert set(linked) <= anchors(page)


def test_no_citation_names_a_file_that_is_not_here(texts: dict[str, str]) -> None:
    notes = re.compile(r"\b(?:features|design|house|review|extensions|friendliness)\.md\b")
    assert [path for path, text in texts.items() if notes.search(text) and path != __file__] == []


def test_every_link_from_page_to_page_leads_somewhere(root: Path, texts: dict[str, str]) -> None:
    broken = [
        (path, link)
        for path, text in texts.items()
        if path.endswith(".md")
        for link in re.findall(r"\]\((?!https?:|mailto:)([^)#\s]+)(?:#[^)\s]*)?\)", text)
        if not ((root / path).parent / link).exists()
    ]
    assert broken == []


def test_every_link_within_a_page_has_its_heading(texts: dict[str, str]) -> None:
    pages = {path: text for path, text in texts.items() if path.endswith(".md")}
    broken = [
        (path, fragment)
        for path, text in pages.items()
        for fragment in re.findall(r"\]\(#([^)\s]+)\)", text)
        if fragment not in anchors(text)
    ]
    assert broken == []
