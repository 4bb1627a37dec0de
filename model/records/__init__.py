"""What is kept: measures, columns, tables, their export, and where they come from."""
