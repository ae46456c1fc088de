"""Test reports: found in the files of steps that passed or failed, and combined for export.

Loaded only by the call ``test``.
"""
