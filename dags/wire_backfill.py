"""
### wire_backfill: an archive into the store, without a single alert

Trigger it with `paths`: files or folders in any format that `wirewatch import` takes. Old stories are related to each
other and to what is stored; subscriptions stay silent about them.
"""

from airflow.sdk import Param, dag, task

from wire_assets import STORIES


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    params={"paths": Param([], type="array", items={"type": "string"}, description="files or folders to import")},
)
def wire_backfill() -> None:
    """Import the paths that the run was triggered with."""

    @task(retries=1, outlets=[STORIES])
    def import_archive(params: dict[str, list[str]] | None = None) -> int:
        from pipeline import Wirewatch

        with Wirewatch.open() as wirewatch:
            return wirewatch.stories.import_paths((params or {}).get("paths", []), backfill=True).changed

    import_archive()


wire_backfill()
