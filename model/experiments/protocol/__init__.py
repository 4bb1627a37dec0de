"""The chain's rules on their own: a consensus cell by cell, emission rules on one demand, supply over years."""
