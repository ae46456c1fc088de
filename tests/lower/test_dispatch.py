from __future__ import annotations

import pytest

from fakes import lower
from pyfrontend.lower.dispatch import lower as lower_node
from pyfrontend.syntax.declare import Instruction


def test_an_instruction_that_nobody_lowers_is_a_defect_of_its_plugin() -> None:
    class Unknown(Instruction):
        pass

    stage = lower("FROM scratch").stage
    with pytest.raises(TypeError, match=r"^no lowering for Unknown$"):
        lower_node(Unknown.__new__(Unknown), stage)
