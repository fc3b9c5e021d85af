"""The same store on PostgreSQL, for a theatre suite with several workstations."""
