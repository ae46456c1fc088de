"""Fixes for the findings of rules: a Dockerfile and the findings of a check in, the fixed text out.

This package is in the wheel but not in the image: nothing that a build loads may import it.
"""
