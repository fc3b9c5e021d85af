"""WHERE IT IS KEPT: the engine, the tables, their migrations and backups."""
