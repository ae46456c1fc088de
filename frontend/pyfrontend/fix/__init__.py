"""Fixes for what rules find: a Dockerfile and the findings of a check in, a mended text out.

This package is in the wheel and not in the image: nothing that a build loads may import it.
"""
