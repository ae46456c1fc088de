"""Checks of a Dockerfile: facts, the rules that look at them, and the linter between them."""
