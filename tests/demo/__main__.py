"""``make demo``: the main job, start to end, on the embedded engine, with the real DAGs and a sample wire over HTTP."""

import hashlib
import json
import os
import shlex
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, run

from tests.dags.runner import ROOT, AirflowHome, DagResult
from tests.sample_wire.loader import SampleStory, load_feeds, load_stories
from tests.sample_wire.publish import publish
from tests.servers.http import HttpServer

HOME = ROOT / "var" / "demo"
DEAL = "Meridian Wire:tag:meridianwire.example,2017-11-08:deal-first"
LATEST = "aft-revival-rome"  # published while the demo runs: the follow-up that the alert is about
DAGS = ("wire_ingest", "wire_enrich", "wire_alert")
ALERTS = HOME / "alerts.jsonl"


class Demo:
    """One run of the demo in its own home, kept from run to run."""

    def __init__(self, http: HttpServer, environment: Mapping[str, str]) -> None:
        self.http = http
        self.environment = environment
        self.started = time.monotonic()
        self._step = 0

    def say(self, text: str) -> None:
        """Number and announce a step."""
        self._step += 1
        print(f"\n[{self._step}] {text}", flush=True)

    def wirewatch(self, *arguments: str, quiet: bool = False) -> str:
        """Run the command as a user would, and show it; its output."""
        if not quiet:
            print(f"    $ wirewatch {shlex.join(arguments)}", flush=True)
        command = [sys.executable, "-m", "pipeline.cli", *arguments]
        done = run(command, env={**os.environ, **self.environment}, cwd=ROOT, stdout=PIPE, text=True)
        if done.returncode:
            raise SystemExit(f"wirewatch {arguments[0]} ended with {done.returncode}; see what it said above")
        return done.stdout

    def publish(self, stories: Sequence[SampleStory]) -> None:
        """Serve these stories and write the feeds.yaml that reads them."""
        feeds = publish(self.http, HOME / "drop", load_feeds(), stories)
        (HOME / "config" / "feeds.yaml").write_text(feeds, encoding="utf-8")

    def run_dags(self, airflow: AirflowHome) -> None:
        """Run the three DAGs in order; stop if a task did not do its work."""
        for result in airflow.run(*DAGS):
            print(f"    {result.dag:<12} {result.state:<8} {result.seconds:4.1f} s   {_tasks(result)}", flush=True)
            if result.state != "success" or "failed" in result.tasks.values():
                raise SystemExit(f"{result.dag} failed; Airflow's log is {airflow.log}")

    def canonical(self) -> str:
        """The state of the store as one hash."""
        return hashlib.sha256(self.wirewatch("export", "--canonical", quiet=True).encode()).hexdigest()


def main() -> None:
    """Run the demo."""
    (HOME / "config").mkdir(parents=True, exist_ok=True)
    environment = {"WIREWATCH_HOME": str(HOME), "WIREWATCH_CONFIG": str(HOME / "config")}
    for name in [name for name in os.environ if name.startswith("WIREWATCH_")]:
        del os.environ[name]
    stories = load_stories()
    with _server() as http:
        demo = Demo(http, environment)
        before = HOME / "canonical.sha256"
        demo.say(f"Serving a sample wire of {len(stories)} stories in {len(load_feeds())} feeds at {http.url}")
        demo.publish([story for story in stories if story.key != LATEST])
        demo.say("Setting up Airflow on its embedded database")
        airflow = AirflowHome.make(HOME / "airflow", environment)
        demo.say("Running the DAGs: fetch and store, tag, relate and index, match and deliver")
        demo.run_dags(airflow)
        _subscribe(demo)
        demo.say("The next follow-up is published; the DAGs run again")
        demo.publish(stories)
        demo.run_dags(airflow)
        demo.say("What the subscriber got")
        _show_alerts()
        demo.say("The deal: its versions, copies, follow-ups and background, each with its reasons")
        print(demo.wirewatch("followups", DEAL, "--limit", "12"))
        _compare(demo, before)
        _next(demo, environment)


@contextmanager
def _server() -> Iterator[HttpServer]:
    """The publishers' server, on the port of the run before where it is still free: feeds keep their addresses."""
    remembered = HOME / "port"
    server = HttpServer()
    if remembered.exists():
        server.port = int(remembered.read_text())
    try:
        server.start()
    except OSError:
        server = HttpServer()
        server.start()
    remembered.write_text(str(server.port))
    try:
        yield server
    finally:
        server.stop()


def _tasks(result: DagResult) -> str:
    return ", ".join(f"{task} {state}" for task, state in result.tasks.items())


def _subscribe(demo: Demo) -> None:
    if json.loads(demo.wirewatch("subscriptions", "--json", quiet=True)):
        demo.say("The subscription of an earlier run is still there: it follows the deal")
        return
    demo.say("Subscribing to the deal: whatever follows it up goes to a file")
    demo.wirewatch("subscribe", "--follow", DEAL, "--to", f"file:{ALERTS}", "--look-back", "3650d")


def _show_alerts() -> None:
    lines = ALERTS.read_text(encoding="utf-8").splitlines() if ALERTS.exists() else []
    for line in lines:
        message = json.loads(line)
        print(f"    {message['subject']}")
        print(f"    You get this because {message['because']}.")
        print(f"    New: {', '.join(message['new'])}" if message["new"] else "")
    print(f"    {len(lines)} message{'' if len(lines) == 1 else 's'} in {_short(ALERTS)}")


def _compare(demo: Demo, before: Path) -> None:
    """Say whether the store is as an earlier run left it."""
    now = demo.canonical()
    if before.exists():
        same = before.read_text() == now
        demo.say(f"Compared with the run before, the store is {'unchanged' if same else 'CHANGED'} ({now[:12]})")
        if not same:
            raise SystemExit("running the demo again must change nothing; please report this")
    before.write_text(now)


def _next(demo: Demo, environment: Mapping[str, str]) -> None:
    demo.say(f"Done in {time.monotonic() - demo.started:.0f} s. What to type next:")
    settings = " ".join(f"{name}={_short(Path(value))}" for name, value in environment.items())
    print(f"    export {settings} PATH=$PWD/.venv/bin:$PATH")
    print("    wirewatch search 'product:\"S-400\" AND published_at:[2019-07-01 TO 2019-07-31]' --sort oldest")
    print(f"    wirewatch thread '{DEAL}'")
    print(f"    wirewatch dossier '{DEAL}' -o deal.html")
    print("    wirewatch subscribe --query 'organization:Eurosam' --to file:eurosam.jsonl")
    print("    wirewatch import YOUR-OWN-STORIES; wirewatch --help")


def _short(path: Path) -> str:
    return f"$PWD/{path.relative_to(ROOT)}" if path.is_relative_to(ROOT) else str(path)


if __name__ == "__main__":
    main()
