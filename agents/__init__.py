"""Who plays: strategies, what they may see, and the Mesa agents that carry them."""
