"""Pay shapes: one rule that turns a row of scores into a row of weights, one file."""
