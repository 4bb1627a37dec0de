"""Many economies: sweeps and studies. Knows no screen."""
