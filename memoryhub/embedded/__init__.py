"""PostgreSQL and Valkey from wheels, started by us. No module here imports Django."""
