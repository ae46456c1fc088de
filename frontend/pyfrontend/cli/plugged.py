"""The command ``plugins``: plugins and policies of an image in, what they are out, or what is wrong with one.

A derived image runs it while it is built, so that a broken plugin fails that build and no other.
"""

from __future__ import annotations

import os

from pyfrontend.cli.terminal import FINE, UNUSABLE, WRONG, complain, print_out
from pyfrontend.driver.options.request import policy_variables
from pyfrontend.errors import DockerfileError
from pyfrontend.plugins.check import checked
from pyfrontend.plugins.load import VARIABLE
from pyfrontend.policies.configured import configured

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.plugins.gather import Plugins


def show_plugins(plugins: Plugins | None) -> int:
    """Check ``plugins`` and the variables that configure policies, and print what there is.

    Return the exit code.
    """
    variables = policy_variables(os.environ)
    if not (plugins and plugins.names) and not variables:
        return complain(f"no plugins: {VARIABLE} is not set. Set it by ENV above this line", UNUSABLE)
    try:
        lines = checked(plugins) if plugins is not None else []
        lines += [f"{one.plugin}: the policy {one.name}" for one in configured(variables).policies]
    except DockerfileError as error:
        return complain(error.diagnostic().displayed().helped, WRONG)
    print_out("".join(f"{line}\n" for line in lines).encode(errors="replace"))
    return FINE
