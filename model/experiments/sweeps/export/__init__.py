"""A sweep as files, and whether they say the truth."""
