"""What is computed fast: pure functions of NumPy arrays. No agent, no epoch, no config object."""

PROJECT = "subnet-sandbox"  # the name is a common one: whose package this is
