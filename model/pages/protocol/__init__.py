"""The page that shows the chain's own rules at work."""
