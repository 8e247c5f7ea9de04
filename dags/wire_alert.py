"""
### wire_alert: match new stories, write the outbox, deliver what is due

When `wire://indexed` rings, and every minute by time alone: digests and retries fall due without any story arriving.
"""

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag, task

from wire_assets import INDEXED


@dag(
    schedule=AssetOrTimeSchedule(timetable=CronTriggerTimetable("* * * * *", timezone="UTC"), assets=[INDEXED]),
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
)
def wire_alert() -> None:
    """Match, then deliver; deliver also where matching fails."""

    @task(retries=3)
    def match() -> int:
        from pipeline import Wirewatch

        with Wirewatch.open() as wirewatch:
            return wirewatch.stages.match()

    @task(retries=3)
    def deliver() -> int:
        from pipeline import Wirewatch

        with Wirewatch.open() as wirewatch:
            return wirewatch.stages.deliver()

    # Delivery is a teardown: what is due is sent even if matching fails, and the run fails all the same.
    match() >> deliver().as_teardown()


wire_alert()
