"""Alembic's entry: runs the steps on the connection, and in the transaction, that the opener hands over."""

from alembic import context
from sqlalchemy import Connection

from pipeline.store.db import alert_tables, happening_tables, tables
from pipeline.store.db.columns import metadata

__all__ = ["alert_tables", "happening_tables", "tables"]  # imported so that their tables are in the metadata

connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
