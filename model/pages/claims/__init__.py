"""The page of five claims about open compute networks."""
