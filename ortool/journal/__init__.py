"""THE TRUTH: append-only, hash-chained entries."""
