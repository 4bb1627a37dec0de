"""Where prices come from: the alpha pools, and what a place on a subnet costs."""
