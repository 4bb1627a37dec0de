"""Consensus mechanisms: how validators' weights become incentive and dividend."""
