"""Diagnostics beyond the first error: further syntax errors, suggested fixes, missing files, failed steps."""
