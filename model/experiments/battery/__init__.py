"""Experiments of known outcome on the running economy, each with a placebo that must fail."""
