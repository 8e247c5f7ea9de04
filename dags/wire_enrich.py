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
    @task(retries=3)
    def workers() -> list[int]:
        from pipeline import flow, wiring

        with wiring.open_parts() as parts:
            flow.release_due(parts)
            return list(range(flow.tagging_workers(parts)))

    @task(retries=3)
    def tag(worker: int) -> int:
        from pipeline import flow, wiring

        with wiring.open_parts(processes=1) as parts:
            return flow.enrich(parts)

    @task(retries=3, outlets=[INDEXED], trigger_rule="none_failed")
    def relate_and_index() -> int:
        from airflow.sdk.exceptions import AirflowSkipException

        from pipeline import flow, wiring

        with wiring.open_parts() as parts:
            indexed = flow.relate(parts)
        if not indexed:
            raise AirflowSkipException("nothing was pending")
        return indexed

    tag.expand(worker=workers()) >> relate_and_index()


wire_enrich()
