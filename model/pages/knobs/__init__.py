"""Knobs: the fields of a scenario that a visitor can turn, on whichever page."""
