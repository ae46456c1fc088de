"""Fuzzing: random input for what reads input of others; see targets.py."""
