"""What the tables are made of: kinds of columns, and the metadata in which every table is listed."""

from sqlalchemy import BigInteger, Dialect, Integer, MetaData, Text, TypeDecorator
from sqlalchemy.dialects import postgresql

from pipeline.store.db.sanitize import clean_text


class CleanText(TypeDecorator[str]):
    """Text that both databases can keep: NUL and lone surrogates become U+FFFD on the way in.

    Compared byte by byte on PostgreSQL, as SQLite does, so that sorted output is the same on both.
    """

    impl = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Make a text storable on its way in."""
        return None if value is None else clean_text(value)


# In SQLite a key called INTEGER is the row's own number: no second index, and the only kind that counts up by itself.
RowId = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
