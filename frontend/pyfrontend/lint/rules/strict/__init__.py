"""Strict rules, which check more than style; off unless check options enable them."""
