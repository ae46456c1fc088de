"""The extended language: extended lines in, the plain lines that they stand for out.

Loaded only for files that use it.  Rewriting asks for files and values through a `Site`, never for an
image, so that what a file means is known before anything runs.
"""
