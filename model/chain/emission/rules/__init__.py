"""One file per emission rule, by the name of its version."""
