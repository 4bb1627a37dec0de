"""Strategies of owners: one file each, registered by itself."""
