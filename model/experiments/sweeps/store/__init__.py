"""What a sweep has on record: its folder, ledger and parts."""
