"""Importing the assets: into a stand-in that checks the request as Kibana does, and everything that can go wrong."""

import json
import ssl
from pathlib import Path

import pytest
import trustme

from pipeline.errors import IndexUnavailable, SettingsError, UsageError
from pipeline.index.elastic.kibana import push
from tests.kibana.assets import SHIPPED, shipped
from tests.kibana.stand_in import KibanaStandIn
from tests.servers.http import HttpServer, Reply, http_server
from tests.servers.loopback import free_port

IMPORT = "/api/saved_objects/_import"
EDITOR = ("editor", "pass:word")
ASSETS = SHIPPED.read_text(encoding="utf-8")


def test_everything_arrives_and_a_second_time_replaces_it(http: HttpServer) -> None:
    kibana = KibanaStandIn(user=EDITOR)
    http.route(IMPORT, kibana.answer)
    first = push(http.url, ASSETS, user=EDITOR)
    assert kibana.objects == shipped()
    assert set(first.imported) == set(shipped())
    assert first.overwritten == ()
    second = push(http.url, ASSETS, user=EDITOR)
    assert set(second.overwritten) == set(second.imported) == set(shipped())


def test_an_api_key_goes_before_names_and_passwords(http: HttpServer) -> None:
    http.route(IMPORT, KibanaStandIn(api_key="a2V5").answer)
    address = http.url.replace("://", "://somebody:else@")
    assert push(address, ASSETS, api_key="a2V5", user=EDITOR).imported
    [request] = http.requests
    assert request.headers["authorization"] == "ApiKey a2V5"


def test_the_address_may_carry_the_credentials(http: HttpServer) -> None:
    http.route(IMPORT, KibanaStandIn(user=EDITOR).answer)
    assert push(http.url.replace("://", "://editor:pass%3Aword@"), ASSETS).imported


def test_base_path_and_space_are_part_of_the_address(http: HttpServer) -> None:
    http.route("/kibana/s/news%20room" + IMPORT, KibanaStandIn().answer)
    assert push(http.url + "/kibana/", ASSETS, space="news room").imported


def test_a_wrong_password_is_a_setting_to_mend_and_is_not_shown(http: HttpServer) -> None:
    http.route(IMPORT, KibanaStandIn(user=EDITOR).answer)
    with pytest.raises(SettingsError, match=r"refuses the credentials \(401\).*kibana_admin") as refused:
        push(http.url.replace("://", "://editor:hunter2@"), ASSETS)
    assert "hunter2" not in str(refused.value)


def test_missing_rights_are_named(http: HttpServer) -> None:
    http.route(IMPORT, Reply(status=403, body='{"message": "Unable to bulk_create dashboard"}'))
    with pytest.raises(SettingsError, match=r"\(403\): Unable to bulk_create dashboard"):
        push(http.url, ASSETS)


def test_refused_objects_are_named_with_the_reason(http: HttpServer) -> None:
    kibana = KibanaStandIn()
    http.route(IMPORT, kibana.answer)
    charts_only = "\n".join(line for line in ASSETS.splitlines() if json.loads(line)["type"] == "lens")
    with pytest.raises(UsageError, match=r"lens wire-\S+: missing_references index-pattern wire-\S+") as refused:
        push(http.url, charts_only)
    assert "and 13 more" in str(refused.value)
    assert kibana.objects == {}


def test_a_kibana_that_is_too_old_says_so(http: HttpServer) -> None:
    kibana = KibanaStandIn()
    http.route(IMPORT, kibana.answer)
    newer = {**shipped()["index-pattern", "wire-feeds"], "typeMigrationVersion": "99.0.0"}
    with pytest.raises(UsageError, match=r"index-pattern wire-feeds: .*99\.0\.0 is newer than Kibana's own"):
        push(http.url, json.dumps(newer))


def test_a_file_that_is_no_ndjson_is_refused(http: HttpServer) -> None:
    http.route(IMPORT, KibanaStandIn().answer)
    with pytest.raises(UsageError, match=r"refuses the assets \(400\): Unexpected token"):
        push(http.url, "not json\n")


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_kibana_that_is_not_ready_is_worth_another_try(http: HttpServer, status: int) -> None:
    http.route(IMPORT, Reply(status=status, body="Kibana server is not ready yet"))
    with pytest.raises(IndexUnavailable, match=rf"cannot import now \({status}\): Kibana server is not ready yet"):
        push(http.url, ASSETS)


def test_nobody_listening_is_worth_another_try() -> None:
    with pytest.raises(IndexUnavailable, match="does not answer"):
        push(f"http://127.0.0.1:{free_port()}", ASSETS)


def test_something_else_at_the_address_is_said(http: HttpServer) -> None:
    with pytest.raises(SettingsError, match=r"there is no Kibana at .* \(404\)"):
        push(http.url, ASSETS)
    http.route(IMPORT, Reply(body="<html>hello</html>"))
    with pytest.raises(IndexUnavailable, match="is not Kibana: <html>hello</html>"):
        push(http.url, ASSETS)
    http.route(IMPORT, Reply(body='["hello"]'))
    with pytest.raises(IndexUnavailable, match="is not Kibana"):
        push(http.url, ASSETS)


@pytest.mark.parametrize("address", ["kibana:5601", "ftp://kibana", "http://"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="must be like https://host:5601"):
        push(address, ASSETS)


def test_a_private_authority_is_trusted_and_no_other(tmp_path: Path) -> None:
    authority = trustme.CA()
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with http_server(tls=context) as server:
        server.route(IMPORT, KibanaStandIn().answer)
        assert push(server.url, ASSETS, ca=file).imported
        with pytest.raises(IndexUnavailable, match="certificate verify failed"):
            push(server.url, ASSETS)


def test_an_authority_file_that_is_none_is_named(tmp_path: Path) -> None:
    for file in (tmp_path / "missing.pem", tmp_path / "empty.pem"):
        if file.stem == "empty":
            file.write_text("nothing", encoding="utf-8")
        with pytest.raises(SettingsError, match=rf"{file.name} cannot be used as an authority's certificate"):
            push("https://127.0.0.1:1", ASSETS, ca=file)
