"""Schema migrations (Alembic), in the wheel so that every start can bring the database up to date."""
