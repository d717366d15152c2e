"""Searching the account list of PostgreSQL by an index; where its trigrams are not installed, it reads every row."""

from typing import Any

from django.db import migrations

INDEX = "portfolio_row_search"


def make_index(apps: Any, schema_editor: Any) -> None:
    """Index every three letters of the text that the search box looks in."""
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")
        if cursor.fetchone() is None:
            return
    schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    schema_editor.execute(f"CREATE INDEX {INDEX} ON portfolio_accountrow USING gin (search_text gin_trgm_ops)")


def drop_index(apps: Any, schema_editor: Any) -> None:
    """Drop the index and leave the extension, which others may use."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX IF EXISTS {INDEX}")


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0003_sum_up_the_bands_from_an_index")]
    operations = [migrations.RunPython(make_index, drop_index)]
