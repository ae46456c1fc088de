"""What strict rules look at: stages with what is known of them, and shell scripts as commands.

Nothing here is loaded unless a strict rule is on.
"""
