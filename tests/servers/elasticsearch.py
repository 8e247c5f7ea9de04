"""A real Elasticsearch node, private to the test process.

    with elasticsearch_node(ELASTICSEARCH_8) as node:                       # plain HTTP, nobody asked who they are
        client = Elasticsearch(**node.client_options())
    with elasticsearch_node(ELASTICSEARCH_8, security=Security.TLS) as node:    # accounts, API keys, a private CA
        key = node.create_api_key("reader", roles)
        client = Elasticsearch(node.url, api_key=key, ca_certs=str(node.authority_file))

8.16.1 has no percolator; 7.17.8 has one, but no vectors and no security.
"""

import os
import secrets
import shutil
import signal
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.servers.archives import Release, install
from tests.servers.daemon import Account, Daemon, ServerError, private_folder, unprivileged_account
from tests.servers.java import find_java
from tests.servers.logs import new_log
from tests.servers.loopback import HOST, free_port
from tests.servers.node_folder import NodeFolder, NodeOptions, Security

READY_URL_VARIABLE = "WIREWATCH_TEST_ELASTICSEARCH_URL"
SUPERUSER = "wirewatch_admin"

# Both servers are slow to start where two cores are shared with the tests.
_START_SECONDS = 180.0
_STOP_SECONDS = 60.0
_ATTEMPTS = 3


class ElasticsearchServer:
    """An Elasticsearch that answers.

    Args:
        url: its address, without credentials.
        password: of ``SUPERUSER`` or of ``user``; None where the server asks for no credentials.
        authority_file: PEM of the CA that signed its certificate, where the system does not know that CA.
    """

    def __init__(
        self, url: str, *, user: str = SUPERUSER, password: str | None = None, authority_file: Path | None = None
    ) -> None:
        self.url = url
        self.user = user
        self.password = password
        self.authority_file = authority_file

    def client_options(self) -> dict[str, Any]:
        """Keyword arguments that make ``elasticsearch.Elasticsearch`` speak to this server as its superuser."""
        options: dict[str, Any] = {"hosts": [self.url]}
        if self.password is not None:
            options["basic_auth"] = (self.user, self.password)
        if self.authority_file is not None:
            options["ca_certs"] = str(self.authority_file)
        return options

    def call(self, method: str, path: str, body: object = None, *, seconds: float = 30.0) -> Any:
        """One request as the superuser, past any client library; returns the decoded answer.

        Raises:
            ServerError: the server answered with an error status; its words are in the message.
            httpx.HTTPError: it did not answer.
        """
        with self._http(seconds) as http:
            reply = http.request(method, path, json=body)
        if reply.is_error:
            raise ServerError(f"{method} {path} on {self.url} answered {reply.status_code}: {reply.text}")
        return reply.json() if reply.content else None

    def create_api_key(self, name: str, roles: Mapping[str, Any] | None = None) -> str:
        """Make an API key, restricted to ``roles`` (role descriptors) where given; returns its encoded form."""
        answer = self.call("POST", "/_security/api_key", {"name": name, "role_descriptors": dict(roles or {})})
        return str(answer["encoded"])

    def clear(self, prefix: str = "wire-") -> None:
        """Delete all indices and index templates whose names start with ``prefix``, leaving whatever else is there."""
        indices = self.call("GET", "/_cat/indices?format=json&h=index&expand_wildcards=all")
        for name in _starting(prefix, [row["index"] for row in indices]):
            self.call("DELETE", f"/{name}")
        # Index templates are built from component templates, which cannot be deleted as long as they are used.
        for kind, answer_key in (
            ("_index_template", "index_templates"),
            ("_component_template", "component_templates"),
        ):
            templates = self.call("GET", f"/{kind}")[answer_key]
            for name in _starting(prefix, [template["name"] for template in templates]):
                self.call("DELETE", f"/{kind}/{name}")

    def _http(self, seconds: float) -> httpx.Client:
        verify = ssl.create_default_context(cafile=self.authority_file) if self.authority_file else True
        auth = (self.user, self.password) if self.password is not None else None
        return httpx.Client(base_url=self.url, auth=auth, verify=verify, timeout=seconds, trust_env=False)


class ElasticsearchNode(ElasticsearchServer):
    """A node of our own, which may be stopped, killed, suspended and restarted on the same data and port.

    Args:
        options: which version, and how it is set up.
        programs: the unpacked release, which stays untouched.
        folder: the node's own, empty.
        account: the user to run as, or None for the caller's.
    """

    def __init__(self, options: NodeOptions, programs: Path, folder: Path, account: Account | None) -> None:
        self.release = options.release
        self._folder = NodeFolder(folder)
        self._account = account
        self._java = find_java()
        port = free_port()
        self._folder.fill(programs, options, port, account)
        with_tls = options.security is Security.TLS
        super().__init__(
            f"{'https' if with_tls else 'http'}://{HOST}:{port}",
            password=None if options.security is Security.NONE else secrets.token_urlsafe(12),
            authority_file=self._folder.authority if with_tls else None,
        )
        if self.password is not None:
            self._add_superuser(self.password)
        self._daemon = Daemon(
            f"Elasticsearch {self.release.version}",
            self._command(options),
            folder=folder,
            log=new_log(f"elasticsearch-{self.release.version}"),
            account=account,
            environment=self._environment("server", "lib/tools/server-cli"),
        )

    @property
    def running(self) -> bool:
        return self._daemon.running

    @property
    def process_ids(self) -> list[int]:
        """The node's processes: from 8 on a small launcher and the server."""
        return self._daemon.process_ids

    def start(self) -> None:
        """Start on the data there is, and wait until the cluster's health is known.

        Raises:
            ServerError: it did not come up; the end of its log is in the message.
        """
        self._daemon.start()
        self._daemon.wait_ready(self._healthy, seconds=_START_SECONDS)

    def stop(self) -> None:
        """Shut down in order."""
        self._daemon.stop(signal.SIGTERM, seconds=_STOP_SECONDS)

    def kill(self) -> None:
        """End the node at once, as a power cut would."""
        self._daemon.kill()

    def discard(self) -> None:
        """Kill the node and remove its folder."""
        self.kill()
        shutil.rmtree(self._folder.path, ignore_errors=True)

    def restart(self) -> None:
        """Stop if running, then start again on the same data and port."""
        if self.running:
            self.stop()
        self.start()

    def suspend(self) -> None:
        """Leave every connection open and answer nothing until ``resume``."""
        self._daemon.suspend()

    def resume(self) -> None:
        self._daemon.resume()

    def _healthy(self) -> bool:
        try:
            with self._http(5.0) as http:
                reply = http.get("/_cluster/health?wait_for_status=yellow&timeout=1s")
        except httpx.HTTPError:
            return False
        return reply.status_code == httpx.codes.OK

    def _command(self, options: NodeOptions) -> list[str]:
        if self.release.major >= 8:
            return [str(self._folder.home / "bin" / "elasticsearch-cli")]
        return [
            str(self._java / "bin" / "java"),
            *options.java_options,
            "-Djava.security.manager=allow",
            f"-Djava.io.tmpdir={self._folder.temporary}",
            f"-Djna.tmpdir={self._folder.temporary}",
            f"-Des.path.home={self._folder.home}",
            f"-Des.path.conf={self._folder.config}",
            "-cp",
            f"{self._folder.home / 'lib'}/*",
            "org.elasticsearch.bootstrap.Elasticsearch",
        ]

    def _environment(self, tool: str, libraries: str) -> dict[str, str]:
        """What bin/elasticsearch-cli reads to know which of the server's commands it is."""
        return {
            "ES_JAVA_HOME": str(self._java),
            "ES_PATH_CONF": str(self._folder.config),
            "ES_TMPDIR": str(self._folder.temporary),
            "LIBFFI_TMPDIR": str(self._folder.temporary),
            "CLI_NAME": tool,
            "CLI_LIBS": libraries,
        }

    def _add_superuser(self, password: str) -> None:
        """A superuser in the node's own files, by the server's command ``users``."""
        account = self._account
        tool = self._folder.home / "bin" / "elasticsearch-cli"
        libraries = "modules/x-pack-core,modules/x-pack-security,lib/tools/security-cli"
        done = subprocess.run(
            [str(tool), "useradd", self.user, "-p", password, "-r", "superuser"],
            env={"PATH": os.environ["PATH"], **self._environment("users", libraries)},
            cwd=self._folder.path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            check=False,
        )
        if done.returncode != 0:
            raise ServerError(f"Elasticsearch {self.release.version} made no user: {done.stdout}{done.stderr}")


@contextmanager
def elasticsearch_node(
    release: Release,
    *,
    security: Security = Security.NONE,
    heap: str = "512m",
    for_measuring: bool = False,
    settings: Mapping[str, Any] | None = None,
) -> Iterator[ElasticsearchNode]:
    """A node of the caller's own, started; gone with its data at the end. ``NodeOptions`` explains the arguments.

    Raises:
        ServerError: the programs or Java cannot be had, or the node does not start.
    """
    options = NodeOptions(release, security, heap, for_measuring, settings or {})
    programs = install(release, print)
    account = unprivileged_account("nobody", "elasticsearch")
    node = _start_on_free_port(options, programs, account)
    try:
        yield node
    finally:
        node.discard()


@contextmanager
def elasticsearch(release: Release) -> Iterator[ElasticsearchServer]:
    """The server at WIREWATCH_TEST_ELASTICSEARCH_URL where that is set, otherwise an unguarded node of our own.

    Raises:
        ServerError: no server can be had.
    """
    ready = os.environ.get(READY_URL_VARIABLE)
    if ready:
        yield _ready_server(ready)
        return
    with elasticsearch_node(release) as node:
        yield node


def _ready_server(address: str) -> ElasticsearchServer:
    url = httpx.URL(address)
    bare = str(url.copy_with(username=None, password=None)).rstrip("/")
    if not url.username:
        return ElasticsearchServer(bare)
    return ElasticsearchServer(bare, user=url.username, password=url.password)


def _starting(prefix: str, names: list[str]) -> list[str]:
    return [name for name in names if name.startswith(prefix)]


def _start_on_free_port(options: NodeOptions, programs: Path, account: Account | None) -> ElasticsearchNode:
    """Another process may take a port between its choice and its use, so a start gets a few tries."""
    attempt = 1
    while True:
        try:
            return _start(options, programs, account)
        except ServerError as error:
            port_taken = "BindHttpException" in str(error) or "BindTransportException" in str(error)
            if not port_taken or attempt == _ATTEMPTS:
                raise
            attempt += 1


def _start(options: NodeOptions, programs: Path, account: Account | None) -> ElasticsearchNode:
    folder = private_folder("elasticsearch", account)
    try:
        node = ElasticsearchNode(options, programs, folder, account)
        node.start()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return node
