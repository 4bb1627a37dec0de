"""What happens: the only place where agents and kernels meet."""
