"""What the protocol says: consensus, emission, market and registration as functions of numbers, with their sources."""
