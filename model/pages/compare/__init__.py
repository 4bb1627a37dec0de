"""The page on which two scenarios play side by side."""
