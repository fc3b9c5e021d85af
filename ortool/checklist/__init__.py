"""WHAT must be done: the definition of a checklist, and the run that is folded from its entries."""
