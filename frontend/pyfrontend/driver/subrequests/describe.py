"""``frontend.subrequests.describe``: which questions may be asked.

The reference leaves ``lint`` and ``convertllb`` out; here all questions are listed (SUB-002).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyfrontend.driver.subrequests import PREFIX, QUESTIONS, Question
from pyfrontend.driver.subrequests.document import table, texts

if TYPE_CHECKING:
    from pyfrontend.driver.session import Build
    from pyfrontend.gateway.results import Result


def answer(_build: Build) -> Result:
    """List all questions."""
    rows = [("NAME", "VERSION", "DESCRIPTION")]
    rows += [(question.name, question.version, question.description) for question in QUESTIONS]
    return texts([_described(question) for question in QUESTIONS], table(rows, 1))


def _described(question: Question) -> dict[str, Any]:
    options = question.options
    return {
        "name": PREFIX + question.name,
        "version": question.version,
        "type": "rpc",
        "description": question.description,
        "opts": None if options is None else [_named(*option) for option in options],
        "inputs": None,
        "metadata": [_named(name, "") for name in question.metadata],
        "refs": None,
    }


def _named(name: str, description: str) -> dict[str, str]:
    return {"name": name, "description": description}
