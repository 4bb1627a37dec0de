"""Who plays a sweep's runs, and how."""
