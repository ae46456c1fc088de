"""The input of strict rules: stages with what is known about them, and shell scripts as commands.

Nothing here is loaded unless a strict rule is enabled.
"""
