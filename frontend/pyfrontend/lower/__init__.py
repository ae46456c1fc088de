"""Lowering: typed stages in, an LLB graph and an image config out.

The one package that knows both languages.  It does no I/O: what it must ask goes through protocols (`ports`).
"""
