"""One run: played, written as it goes, and gone on with after a stop."""
