"""Reports of tests: found in what steps have left behind, passed or failed, and put together to be exported.

Only the call ``test`` loads this room.
"""
