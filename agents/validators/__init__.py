"""Strategies of validators: one file each, registered by itself."""
