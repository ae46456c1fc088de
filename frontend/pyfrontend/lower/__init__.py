"""Lowering: typed stages in, an LLB graph and an image config out.

The only package that knows both languages.  It does no I/O: requests go through protocols (`ports`).
"""

from __future__ import annotations

import sys

from pyfrontend import Verb

# The public function of this name is `pyfrontend.lower`.
sys.modules[__name__].__class__ = Verb
