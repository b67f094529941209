"""The database: engine, tables, migrations. Stores are the only callers."""
