"""What a sweep asks: its factors, designs, outcomes, and the runs that follow from them."""
