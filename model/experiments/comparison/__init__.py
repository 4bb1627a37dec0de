"""Two scenarios under the same seeds, and how sure a difference is."""
