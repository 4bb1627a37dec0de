"""The commands of `sandbox`, by subject: each asks the experiments and prints or writes what they answer."""
