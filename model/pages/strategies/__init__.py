"""The page of words: strategies, rules, fields, columns and measures."""
