"""A sweep: many runs of one question, from its specification to tables that can be checked. Knows no screen."""
