"""Closed forms of self-consuming loops, each held against a simulation."""
