"""HOW IT READS: values as words, glyphs and cells, for all faces alike."""
