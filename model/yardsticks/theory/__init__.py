"""The textbook answers that runs are held against: closed forms as functions of numbers and arrays."""
