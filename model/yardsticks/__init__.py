"""What could have been: the planner, the best spending of the same money, users' value, and closed forms."""
