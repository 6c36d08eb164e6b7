"""What is recorded: tables, migrations, and statements that mean the same on SQLite and PostgreSQL."""
