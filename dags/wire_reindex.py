"""
### wire_reindex: rebuild the search index from the store

Triggered by hand, after a change of mapping or a lost index. Searches go on with the old index until the new one is
whole; stories that arrive meanwhile are written to both.
"""

from airflow.sdk import dag, task


@dag(schedule=None, catchup=False, max_active_runs=1, doc_md=__doc__)
def wire_reindex() -> None:
    """Rebuild the index."""

    @task(retries=1)
    def rebuild() -> int:
        from pipeline import Wirewatch

        with Wirewatch.open() as wirewatch:
            return wirewatch.stages.reindex().indexed

    rebuild()


wire_reindex()
