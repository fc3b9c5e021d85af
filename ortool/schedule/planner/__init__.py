"""The planner: which waiting case lies in which open block of a week, and how far from the best possible that is."""
