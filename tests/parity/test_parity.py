"""The frontend against the recorded answers of the reference: what is equal stays equal."""

from __future__ import annotations

import pytest

from parity import baseline
from parity.cases import FOREIGN, OWN, VARIABLE, case_files, read_lines, shared_folder
from parity.run import run


def test_no_hand_written_case_falls_behind() -> None:
    counts = baseline.count(run(read_lines(case_files([OWN]))))

    assert sum(numbers["cases"] for numbers in counts.values()) == 615
    assert set(counts) <= set(baseline.read()), "no stored numbers: run hack/parity --update-baseline"
    assert baseline.fallen(baseline.read(), counts) == []


@pytest.mark.parametrize("name", FOREIGN)
def test_no_real_world_file_falls_behind(name: str) -> None:
    file = shared_folder() / name
    if not file.is_file():
        pytest.skip(f"{file} is absent; {VARIABLE} may name the folder it lies in")
    counts = baseline.count(run(read_lines([file])))

    assert set(counts) <= set(baseline.read()), "no stored numbers: run hack/parity --update-baseline"
    assert baseline.fallen(baseline.read(), counts) == []
