"""WHERE and WHEN: slots, clashes, forecasts. Pure: the time is always an argument."""
