"""Strict rules, which look for more than style; off unless check options ask for them."""
