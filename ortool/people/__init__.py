"""WHO: people, their case roles, and how they are proven."""
