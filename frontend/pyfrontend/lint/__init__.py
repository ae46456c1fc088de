"""Checks of a Dockerfile: facts, the rules that examine them, and the linter that connects them."""

from __future__ import annotations

import sys

from pyfrontend import Verb

# The public function of this name is `pyfrontend.lint`.
sys.modules[__name__].__class__ = Verb
