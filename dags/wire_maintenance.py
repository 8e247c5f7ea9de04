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
    """Release and withdraw stories, drop old months, look after the feeds."""

    @task(retries=3, outlets=[STORIES])
    def release() -> int:
        from airflow.sdk.exceptions import AirflowSkipException

        from pipeline import Wirewatch

        with Wirewatch.open() as wirewatch:
            released = wirewatch.stages.release_due()
        if not released:
            raise AirflowSkipException("no embargo ended")
        return released

    @task(retries=3)
    def silent_feeds() -> list[str]:
        from pipeline import Wirewatch

        with Wirewatch.open() as wirewatch:
            wirewatch.feeds.publish_health()
            return wirewatch.feeds.silent()

    @task(retries=3)
    def retention() -> int:
        from airflow.sdk.exceptions import AirflowSkipException

        from pipeline import Wirewatch

        with Wirewatch.open() as wirewatch:
            dropped = wirewatch.retention.apply_settings()
        if dropped is None:
            raise AirflowSkipException("WIREWATCH_RETENTION is not set: everything is kept")
        return dropped.stories

    release()
    retention()
    silent_feeds()


wire_maintenance()
