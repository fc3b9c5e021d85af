"""WHAT HAPPENED: milestones, intervals and the report, read back from a run."""
