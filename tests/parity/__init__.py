"""Compares the frontend with recorded answers of the reference: `hack/parity` and the parity tests.

`cases` reads cases, `world` plays the daemon of one case, `answers` asks the frontend, `compare` names the
differences, `show` prints them side by side, `run` spreads cases over processes, `cli` is `hack/parity`.
"""
