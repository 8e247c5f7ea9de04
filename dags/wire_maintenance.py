"""
### wire_maintenance: embargoes and expiry, retention, the feeds' health

Hourly. Lets embargoed stories out at their time, withdraws what has expired, drops months older than
`WIREWATCH_RETENTION` from the index (without it everything is kept), shows operators how the feeds are doing, and logs
those that have gone silent.
"""

from airflow.sdk import CronTriggerTimetable, dag, task

from wire_assets import STORIES


@dag(schedule=CronTriggerTimetable("7 * * * *", timezone="UTC"), catchup=False, max_active_runs=1, doc_md=__doc__)
def wire_maintenance() -> None:
    @task(retries=3, outlets=[STORIES])
    def release() -> int:
        from airflow.sdk.exceptions import AirflowSkipException

        from pipeline import flow, wiring

        with wiring.open_parts() as parts:
            released = flow.release_due(parts)
        if not released:
            raise AirflowSkipException("no embargo ended")
        return released

    @task(retries=3)
    def silent_feeds() -> list[str]:
        from pipeline import flow, wiring

        with wiring.open_parts() as parts:
            flow.show_feeds(parts)
            return flow.silent_feeds(parts)

    @task(retries=3)
    def retention() -> int:
        from airflow.sdk.exceptions import AirflowSkipException

        from pipeline import flow, wiring

        with wiring.open_parts() as parts:
            dropped = flow.retain_as_set(parts)
        if dropped is None:
            raise AirflowSkipException("WIREWATCH_RETENTION is not set: everything is kept")
        return dropped.stories

    release()
    retention()
    silent_feeds()


wire_maintenance()
