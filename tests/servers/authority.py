"""A private certificate authority for servers on the loopback address, made anew for every run."""

import ssl
from pathlib import Path

import trustme

from tests.servers.loopback import HOST


class Authority:
    """Issues one certificate for 127.0.0.1 and localhost, and gives both sides what they need of it."""

    def __init__(self) -> None:
        self._root = trustme.CA(organization_name="Wirewatch tests")
        self._certificate = self._root.issue_cert(HOST, "localhost")

    def write_root(self, path: Path) -> Path:
        """Write the authority's own certificate as PEM: what a client must trust."""
        self._root.cert_pem.write_to_path(str(path))
        return path

    def write_server(self, certificate: Path, key: Path) -> None:
        """Write the server's certificate with its chain, and its private key, as PEM."""
        certificate.write_bytes(b"".join(blob.bytes() for blob in self._certificate.cert_chain_pems))
        self._certificate.private_key_pem.write_to_path(str(key))

    def server_context(self) -> ssl.SSLContext:
        """The context of a server written in Python."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._certificate.configure_cert(context)
        return context
