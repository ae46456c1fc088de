"""Plugins: Python modules that declare macros, instructions, rules and more with `pyfrontend.api`.

Nothing imports this package in a build without plugins.
"""
