"""What is computed fast: pure functions of NumPy arrays. No agent, no epoch, no config object."""
