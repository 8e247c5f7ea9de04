"""
### wire_enrich: tag, relate and index what is pending

When `wire://stories` rings, and by time alone every fifteen minutes. Tagging is mapped over workers that each claim
chunks from the store; relating and indexing are one task, since the embedded engine has one writer.
"""

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag, task

from wire_assets import INDEXED, STORIES


@dag(
    schedule=AssetOrTimeSchedule(timetable=CronTriggerTimetable("*/15 * * * *", timezone="UTC"), assets=[STORIES]),
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
)
def wire_enrich() -> None:
    """Tag with as many workers as are worth it, then relate and index."""

    @task(retries=3)
    def workers() -> list[int]:
        from pipeline import Wirewatch

        with Wirewatch.open() as wirewatch:
            wirewatch.stages.release_due()
            return list(range(wirewatch.stages.tagging_workers()))

    @task(retries=3)
    def tag(worker: int) -> int:
        from pipeline import Wirewatch

        with Wirewatch.open(processes=1) as wirewatch:
            return wirewatch.stages.enrich()

    @task(retries=3, outlets=[INDEXED], trigger_rule="none_failed")
    def relate_and_index() -> int:
        from airflow.sdk.exceptions import AirflowSkipException

        from pipeline import Wirewatch

        with Wirewatch.open() as wirewatch:
            indexed = wirewatch.stages.relate()
        if not indexed:
            raise AirflowSkipException("nothing was pending")
        return indexed

    tag.expand(worker=workers()) >> relate_and_index()


wire_enrich()
