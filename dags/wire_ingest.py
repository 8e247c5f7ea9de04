"""
### wire_ingest: due feeds and drop folders into the store

Every two minutes: the feeds that are due, in batches (a bad feed is an outcome in the store and never fails the run),
and the drop folders where agencies deliver files. Rings `wire://stories` when something new was stored.
"""

from airflow.sdk import CronTriggerTimetable, dag, task

from wire_assets import STORIES

BATCH_OF_FEEDS = 20


@dag(schedule=CronTriggerTimetable("*/2 * * * *", timezone="UTC"), catchup=False, max_active_runs=1, doc_md=__doc__)
def wire_ingest() -> None:
    """Fetch the due feeds in batches, and announce new stories."""

    @task(retries=3)
    def due() -> list[list[str]]:
        from pipeline import Wirewatch

        with Wirewatch.open() as wirewatch:
            names = wirewatch.feeds.due()
        return [names[start : start + BATCH_OF_FEEDS] for start in range(0, len(names), BATCH_OF_FEEDS)]

    @task(retries=3)
    def fetch(names: list[str]) -> int:
        from pipeline import Wirewatch

        with Wirewatch.open() as wirewatch:
            return wirewatch.feeds.ingest(names).changed

    @task(outlets=[STORIES], trigger_rule="none_failed")
    def announce(changed: list[int] | None) -> int:
        from airflow.sdk.exceptions import AirflowSkipException

        if not sum(changed or []):
            raise AirflowSkipException("nothing new was stored")
        return sum(changed or [])

    announce(fetch.expand(names=due()))  # type: ignore[arg-type]  # Airflow hands over what the tasks return


wire_ingest()
