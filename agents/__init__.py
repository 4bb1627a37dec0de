"""Who plays: strategies, what they may see, and the Mesa agents that carry them."""

PROJECT = "subnet-sandbox"  # the name is a common one: whose package this is
