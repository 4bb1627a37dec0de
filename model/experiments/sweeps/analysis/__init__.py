"""What a sweep's runs say, with intervals."""
