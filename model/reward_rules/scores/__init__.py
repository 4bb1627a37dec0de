"""Score entries: one rule that turns what a validator reads into one number per uid, one file."""
