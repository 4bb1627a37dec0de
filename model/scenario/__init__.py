"""What a user writes: rules, people, files, changes over time, their checks, and the catalogue of what can be named."""
