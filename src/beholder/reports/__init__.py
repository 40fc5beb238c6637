"""From results to what people and programs read: JSON, CSV, tables, pictures."""
