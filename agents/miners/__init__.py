"""Strategies of miners: one file each, registered by itself."""
