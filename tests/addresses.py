"""A stand-in for addresses of the Internet: a proxy on this machine that answers for hosts which are not asked.

What a test serves is given under its original https address, by a certificate of an authority that only the test's processes
trust. Hosts of which nothing is served are connected to as any proxy would, so that an index of packages stays in reach.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import trustme


class Addresses:
    """Serves bytes under addresses; `variables` are what a process needs in its environment to ask here."""

    def __init__(self, served: Mapping[str, bytes], folder: Path) -> None:
        self.served = dict(served)
        self.asked: list[str] = []
        self._authority = trustme.CA()
        self._bundle = folder / "authorities.pem"
        known = ssl.get_default_verify_paths().cafile or os.environ.get("SSL_CERT_FILE")
        self._bundle.write_bytes((Path(known).read_bytes() if known else b"") + self._authority.cert_pem.bytes())
        handler = type("Handler", (_Handler,), {"addresses": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def variables(self) -> dict[str, str | None]:
        """Proxy and certificates, in the spellings that libraries look at."""
        proxy = f"http://127.0.0.1:{self._server.server_port}"
        here = "127.0.0.1,localhost"
        proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), proxy)
        bundle = {name: str(self._bundle) for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")}
        return {**proxies, **bundle, "NO_PROXY": here, "no_proxy": here, "ALL_PROXY": None, "all_proxy": None}

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()

    def hosts(self) -> set[str]:
        """The hosts that are stood in for."""
        return {urlsplit(address).hostname or "" for address in self.served}

    def context(self, host: str) -> ssl.SSLContext:
        """What a connection to this host is encrypted with."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(host).configure_cert(context)
        return context

    def answer(self, address: str) -> bytes | None:
        """What is served there; the listing of a public container of blobs for the question that asks for one."""
        self.asked.append(address)
        parts = urlsplit(address)
        if "comp=list" in parts.query:
            return self._listing(parts.scheme, parts.netloc, parts.path, parse_qs(parts.query).get("prefix", [""])[0])
        return self.served.get(f"{parts.scheme}://{parts.netloc}{unquote(parts.path)}")

    def _listing(self, scheme: str, host: str, path: str, prefix: str) -> bytes:
        top = f"{scheme}://{host}/{path.strip('/')}/"
        names = [address.removeprefix(top) for address in sorted(self.served) if address.startswith(top + prefix)]
        blobs = "".join(
            f"<Blob><Name>{escape(name)}</Name><Properties><Content-Length>{len(self.served[top + name])}</Content-Length>"
            f"<Etag>&quot;{len(name)}&quot;</Etag></Properties></Blob>"
            for name in names
        )
        return f"<?xml version='1.0'?><EnumerationResults><Blobs>{blobs}</Blobs><NextMarker/></EnumerationResults>".encode()


@contextlib.contextmanager
def standing_in(served: Mapping[str, bytes], folder: Path) -> Iterator[Addresses]:
    """Addresses for the time of a test."""
    addresses = Addresses(served, folder)
    try:
        yield addresses
    finally:
        addresses.close()


class _Handler(BaseHTTPRequestHandler):
    addresses: Addresses
    protocol_version = "HTTP/1.0"

    def do_CONNECT(self) -> None:
        host, _, port = self.path.rpartition(":")
        self.send_response(200)
        self.end_headers()
        if host not in self.addresses.hosts():
            self._tunnel(host, int(port))
            return
        with contextlib.suppress(OSError), self.addresses.context(host).wrap_socket(self.connection, server_side=True) as stream:
            reader = stream.makefile("rb")
            request = reader.readline().split()
            while reader.readline().strip():
                continue
            stream.sendall(_response(self.addresses.answer(f"https://{host}{request[1].decode()}"), head=request[0] == b"HEAD"))

    def do_GET(self) -> None:
        self.wfile.write(_response(self.addresses.answer(self.path), head=False))

    def _tunnel(self, host: str, port: int) -> None:
        with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=30) as far:
            ends = {self.connection: far, far: self.connection}
            while True:
                ready, _, _ = select.select(list(ends), [], [], 60)
                for end in ready:
                    data = end.recv(65536)
                    if not data:
                        return
                    ends[end].sendall(data)
                if not ready:
                    return

    def log_message(self, *_: object) -> None:
        """Nothing: `asked` tells."""


def _response(body: bytes | None, *, head: bool) -> bytes:
    status = b"404 Not Found" if body is None else b"200 OK"
    content = body or b""
    headers = b"HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (status, len(content))
    return headers if head else headers + content
