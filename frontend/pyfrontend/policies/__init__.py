"""Policies: what a company allows its builds to take from elsewhere, asked for each source before its lookup.

`values` is what a policy is given and returns, `configured` are those that variables of the frontend's image
configure, and `judge` asks them.  No plain build loads any of it.
"""
