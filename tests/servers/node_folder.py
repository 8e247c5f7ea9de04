"""What an Elasticsearch node finds in its folder: programs, settings, certificates."""

import enum
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.servers.archives import Release
from tests.servers.authority import Authority
from tests.servers.daemon import Account, ServerError, hand_over
from tests.servers.loopback import HOST, free_port

_LOGGING = """\
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""


class Security(enum.Enum):
    """How a node is guarded."""

    NONE = "none"
    ACCOUNTS = "accounts"
    TLS = "accounts, and TLS with a private CA"


@dataclass(frozen=True, slots=True)
class NodeOptions:
    """How a node is set up.

    Args:
        release: which version.
        security: how it is guarded.
        heap: size of the Java heap, as Java writes it.
        for_measuring: whether it runs at its full speed. Otherwise Java compiles quickly rather than well, which brings
            the node up in two thirds of the time.
        settings: added to elasticsearch.yml.
    """

    release: Release
    security: Security = Security.NONE
    heap: str = "512m"
    for_measuring: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def java_options(self) -> list[str]:
        """Options of the server's Java, for its command line or its jvm.options."""
        speed = ["-XX:+UseG1GC"] if self.for_measuring else ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        return [f"-Xms{self.heap}", f"-Xmx{self.heap}", *speed, "-XX:+ExitOnOutOfMemoryError"]


@dataclass(frozen=True, slots=True)
class NodeFolder:
    """A node's own folder and what lies where in it."""

    path: Path

    @property
    def home(self) -> Path:
        return self.path / "home"

    @property
    def config(self) -> Path:
        return self.path / "config"

    @property
    def temporary(self) -> Path:
        return self.path / "tmp"

    @property
    def authority(self) -> Path:
        """PEM of the private CA, under Security.TLS."""
        return self.config / "authority.pem"

    def fill(self, programs: Path, options: NodeOptions, port: int, account: Account | None) -> None:
        """Put in everything that a first start needs, and give it to ``account``.

        Raises:
            ServerError: the release cannot do what ``options`` ask.
        """
        for folder in (self.config, self.temporary, self.path / "data", self.path / "logs"):
            folder.mkdir(parents=True)
        settings = {**self._basic_settings(port), **self._security_settings(options), **options.settings}
        # JSON is YAML, and needs no library here.
        text = "".join(f"{name}: {json.dumps(value)}\n" for name, value in settings.items())
        (self.config / "elasticsearch.yml").write_text(text, encoding="utf-8")
        (self.config / "log4j2.properties").write_text(_LOGGING, encoding="utf-8")
        (self.config / "jvm.options").write_text("\n".join(options.java_options) + "\n", encoding="utf-8")
        # The command that adds users wants to find its files.
        for name in ("users", "users_roles"):
            (self.config / name).touch()
        hand_over(self.path, account)
        # Last: these are links into the cache, whose files stay their owner's.
        _link_programs(programs, self.home)

    def _basic_settings(self, port: int) -> dict[str, Any]:
        return {
            "cluster.name": "wirewatch-tests",
            "node.name": "one",
            "discovery.type": "single-node",
            "network.host": HOST,
            "http.port": port,
            "transport.port": free_port(),
            "path.data": str(self.path / "data"),
            "path.logs": str(self.path / "logs"),
            # A full disk of the machine is no matter of the tests, which block indices themselves.
            "cluster.routing.allocation.disk.threshold_enabled": False,
        }

    def _security_settings(self, options: NodeOptions) -> dict[str, Any]:
        guarded = options.security is not Security.NONE
        if options.release.major < 8:
            if guarded:
                raise ServerError(f"Elasticsearch {options.release.version} comes without its security module")
            return {}
        settings: dict[str, Any] = {
            "xpack.security.enabled": guarded,
            "xpack.security.autoconfiguration.enabled": False,
        }
        if options.security is Security.TLS:
            authority = Authority()
            authority.write_root(self.authority)
            authority.write_server(self.config / "server.pem", self.config / "server.key")
            settings["xpack.security.http.ssl.enabled"] = True
            settings["xpack.security.http.ssl.certificate"] = "server.pem"
            settings["xpack.security.http.ssl.key"] = "server.key"
        return settings


def _link_programs(programs: Path, target: Path) -> None:
    """Hard links in the node's folder: its user may not enter the cache, and copying would cost 150 MB a node."""

    def link_or_copy(source: str, copy: str) -> None:
        try:
            os.link(source, copy)
        except OSError:
            # Another file system, or one without links.
            shutil.copyfile(source, copy)
            shutil.copymode(source, copy)

    shutil.copytree(programs, target, copy_function=link_or_copy)
