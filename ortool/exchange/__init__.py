"""OTHER FORMATS: theatre lists in, records out."""
