"""What happens: a file for each word of the sentence that `Economy.step` is."""
