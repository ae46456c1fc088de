"""Checks of a Dockerfile: the table of rules, the linter that reports them, and the checks on bare syntax."""
