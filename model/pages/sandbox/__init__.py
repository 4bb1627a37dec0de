"""The page on which one economy runs."""
