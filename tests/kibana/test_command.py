"""``wirewatch kibana push``, as a user types it, into the stand-in."""

import json
from pathlib import Path

from tests.e2e.command import Command
from tests.kibana.stand_in import KibanaStandIn
from tests.servers.http import HttpServer


def test_the_assets_are_imported_with_the_story_that_was_chosen(http: HttpServer, tmp_path: Path) -> None:
    kibana = KibanaStandIn(user=("editor", "pass"))
    http.route("/api/saved_objects/_import", kibana.answer)
    address = http.url.replace("://", "://editor:pass@")
    command = Command(tmp_path, {"WIREWATCH_KIBANA_URL": address})
    answer = command.ok("kibana", "push", "--choose", "story=4711")
    assert f"imported {len(kibana.objects)} objects" in answer.err
    assert {kind for kind, _ in kibana.objects} == {"index-pattern", "search", "lens", "dashboard"}
    assert "4711" in json.dumps([dict(asset) for asset in kibana.objects.values()])


def test_an_unknown_address_and_a_bad_choice_are_said(tmp_path: Path) -> None:
    assert Command(tmp_path).run("kibana", "push").status == 2
    answer = Command(tmp_path).run("kibana", "push", "http://127.0.0.1:9", "--choose", "story")
    assert answer.status == 2
    assert "story" in answer.err
