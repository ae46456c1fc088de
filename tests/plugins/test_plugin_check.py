"""`pyfrontend plugins`, which an image runs while it is built: what plugins declare is there."""

from __future__ import annotations

from plugins.houses import plugins

from pyfrontend.plugins.check import checked
from pyfrontend.plugins.load import load

EVERY_KIND = """
@macro("APT")
def apt(*packages):
    return "RUN apt-get install " + " ".join(packages)

@extend("RUN").flag("twice", default=False)
def twice(rest, value):
    return f"{rest} && {rest}"

@instruction("TITLE", grammars.rest_of_line)
class Title(Instruction):
    text: str = word()

    def lower(self, stage):
        stage.commit(f"TITLE {self.text}")

@rule("HOUSE001", "Stages have names")
def named(dockerfile):
    return ()

@policy
def all_images(source):
    return None

@call("bases", "List the base images")
def bases(question):
    return ""

@context("house")
def house(rest):
    return f"docker-image://{rest}"
"""


def test_everything_that_a_plugin_declares_is_listed() -> None:
    [line] = checked(load(plugins(EVERY_KIND)))
    assert line.removeprefix("house: ").split(", ") == [
        *("APT", "RUN --twice", "TITLE", "the rule HOUSE001", "the policy all_images", "the call bases"),
        "the context house",
    ]
