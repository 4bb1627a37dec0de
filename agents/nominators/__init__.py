"""Strategies of nominators: one file each, registered by itself."""
