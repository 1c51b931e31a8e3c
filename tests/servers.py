"""Web servers on this machine for tests: with byte ranges or without, encrypted or not, and with faults by path."""

import hashlib
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

STEP_BYTES = 1 << 14


@dataclass(frozen=True)
class Fault:
    """How one answer differs from a good one.

    Attributes
    ----------
    status : int
        Instead of the file; 0 sends it.
    headers : dict
        Sent besides, or in place of those of the same name; None leaves one out.
    cut_after : int, optional
        The connection is closed after so many bytes of the body.
    stall_after : int, optional
        Nothing comes for `seconds` after so many bytes.
    seconds : float
        Of the stall; or between steps of 16 KiB if there is none.
    flip : int, optional
        This byte of the file is another one.
    body : bytes, optional
        Sent in place of the file.
    """

    status: int = 0
    headers: dict[str, str | None] = field(default_factory=dict)
    cut_after: int | None = None
    stall_after: int | None = None
    seconds: float = 0.0
    flip: int | None = None
    body: bytes | None = None


GOOD = Fault()


@dataclass(frozen=True)
class Asked:
    """One request, and how many bytes of a body went out."""

    path: str
    range: str
    sent_bytes: int


@dataclass
class Server:
    """A folder behind an address.

    Attributes
    ----------
    address : str
        Without a slash at its end.
    folder : Path
    ranges : bool
        Whether parts of files are given.
    faults : dict
        By path: one fault for each coming request, in order; after them ``always`` holds.
    always : dict
        By path: a fault of every answer.
    answers : dict
        By path: a function of the query's words that makes the body.
    asked : list of Asked
        In the order that answers ended.
    """

    address: str
    folder: Path
    ranges: bool = True
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    always: dict[str, Fault] = field(default_factory=dict)
    answers: dict[str, Callable[[dict[str, list[str]]], bytes]] = field(default_factory=dict)
    together: int = 0
    most_together: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    log: list[Asked] = field(default_factory=list)

    @property
    def asked(self) -> list[Asked]:
        """Requests in the order that answers ended, after a moment for those that end just now."""
        deadline = time.monotonic() + 0.3
        while self.together and time.monotonic() < deadline:
            time.sleep(0.005)
        with self.lock:
            return list(self.log)

    def url(self, name: str) -> str:
        """Return the address of a file in the folder."""
        return f"{self.address}/{name}"

    def put(self, name: str, content: bytes) -> str:
        """Write a file into the folder and return its address."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return self.url(name)

    def next_fault(self, path: str) -> Fault:
        """Take the fault that is due."""
        with self.lock:
            due = self.faults.get(path)
            return due.pop(0) if due else self.always.get(path, GOOD)


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD as `Server` says."""

    protocol_version = "HTTP/1.1"
    record: Server

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def log_message(self, *_args: object) -> None:
        """Say nothing on stderr."""

    def _answer(self, *, with_body: bool) -> None:
        record = self.record
        with record.lock:
            record.together += 1
            record.most_together = max(record.most_together, record.together)
        sent = 0
        parts = urlsplit(self.path)
        path = unquote(parts.path).lstrip("/")
        try:
            sent = self._send(path, record.next_fault(path), parse_qs(parts.query), with_body=with_body)
        finally:
            with record.lock:
                record.together -= 1
                record.log.append(Asked(path, self.headers.get("Range", ""), sent))

    def _content(self, path: str, fault: Fault, query: dict[str, list[str]]) -> bytes | None:
        if fault.body is not None:
            return fault.body
        if path in self.record.answers:
            return self.record.answers[path](query)
        place = self.record.folder / path
        content = place.read_bytes() if place.is_file() else None
        if content is not None and fault.flip is not None:
            return content[: fault.flip] + bytes([content[fault.flip] ^ 0xFF]) + content[fault.flip + 1 :]
        return content

    def _send(self, path: str, fault: Fault, query: dict[str, list[str]], *, with_body: bool) -> int:
        content = self._content(path, fault, query)
        if fault.status or content is None:
            return self._refuse(fault)
        etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        begin, end = self._range(len(content), etag)
        headers: dict[str, str | None] = {
            "Content-Length": str(end - begin),
            "ETag": etag,
            "Last-Modified": formatdate(1_700_000_000, usegmt=True),
        }
        partial = self.record.ranges and self._asks(etag)
        if partial:
            headers["Content-Range"] = f"bytes {begin}-{end - 1}/{len(content)}"
        if partial and begin >= len(content):
            return self._refuse(Fault(status=416, headers={"Content-Range": f"bytes */{len(content)}"}))
        self.send_response(206 if partial else 200)
        for name, value in (headers | fault.headers).items():
            if value is not None:
                self.send_header(name, value)
        if "Content-Length" in fault.headers:
            self.close_connection = True
        self.end_headers()
        return self._body(content[begin:end], fault) if with_body else 0

    def _refuse(self, fault: Fault) -> int:
        self.send_response(fault.status or 404)
        for name, value in ({"Content-Length": "0"} | fault.headers).items():
            self.send_header(name, value or "")
        self.end_headers()
        return 0

    def _asks(self, etag: str) -> bool:
        return self.headers.get("Range", "").startswith("bytes=") and self.headers.get("If-Range", etag) == etag

    def _range(self, size: int, etag: str) -> tuple[int, int]:
        if not (self.record.ranges and self._asks(etag)):
            return 0, size
        first, _, last = self.headers["Range"].removeprefix("bytes=").partition(",")[0].partition("-")
        if not first:
            return max(0, size - int(last)), size
        return int(first), min(size, int(last) + 1) if last else size

    def _body(self, body: bytes, fault: Fault) -> int:
        sent = 0
        with suppress(ConnectionError, ssl.SSLError):
            while sent < len(body):
                stops = [stop for stop in (fault.cut_after, fault.stall_after) if stop is not None and stop > sent]
                step = body[sent : min([sent + STEP_BYTES, *stops])]
                if sent == fault.cut_after:
                    self.close_connection = True
                    break
                if fault.seconds and (fault.stall_after is None or sent == fault.stall_after):
                    time.sleep(fault.seconds)
                self.wfile.write(step)
                self.wfile.flush()
                sent += len(step)
        return sent


class _Threads(ThreadingHTTPServer):
    """Clients that go away are no news."""

    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_args: object) -> None:
        """Say nothing on stderr."""


@contextmanager
def serving(folder: Path, *, ranges: bool = True, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Serve a folder at a free port of 127.0.0.1, until the end of the block."""
    handler = type("Handler", (_Handler,), {})
    with _Threads(("127.0.0.1", 0), handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        scheme = "https" if tls else "http"
        handler.record = Server(f"{scheme}://127.0.0.1:{server.server_address[1]}", folder, ranges)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield handler.record
        finally:
            server.shutdown()
            thread.join()
