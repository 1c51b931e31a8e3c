"""Asking a Nominatim server: a real one, on this machine, that can be slow, blocked, broken or gone."""

import json
import logging
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest

from urbanreview.errors import BadSetting, NotInInput
from urbanreview.naming import NoAnswerError, ReverseGeocoder, ServerLostError, reverse_geocoder, reverse_names

AGENT = "urbanreview-tests/1 (tests@example.org)"
ALMATY = {"city": "Алматы", "country": "Қазақстан"}
AKSU = {"village": "Ақсу", "county": "Сайрам ауданы", "state": "Түркістан облысы", "country": "Қазақстан"}
NOTHING = {"error": "Unable to geocode"}


@dataclass
class Nominatim:
    """A server, what it shall answer one after the other (the last for ever), and what it was asked."""

    address: str = ""
    script: list[object] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def next_answer(self) -> object:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


def handler_of(record: Nominatim) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            record.asked.append({"path": parts.path} | {key: one for key, (one,) in parse_qs(parts.query).items()})
            record.agents.append(self.headers["User-Agent"])
            answer = record.next_answer()
            if answer == "slow":
                record.closing.wait(5)
                return
            if answer == "hang up":
                return
            status, body = answer if isinstance(answer, tuple) else (200, answer)
            text = body if isinstance(body, str) else json.dumps(self.dressed(body), ensure_ascii=False)
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

        @staticmethod
        def dressed(body):
            """As the server dresses an address in its answer."""
            if not isinstance(body, dict) or "error" in body:
                return body
            return {"place_id": 1, "lat": "43.2", "lon": "76.9", "display_name": "…", "address": body}

        def log_message(self, *_args: object) -> None:
            """Say nothing on stderr."""

    return Handler


@pytest.fixture
def server(monkeypatch):
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1")
    record = Nominatim()
    with ThreadingHTTPServer(("127.0.0.1", 0), handler_of(record)) as http:
        record.address = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield record
        record.closing.set()
        http.shutdown()
        thread.join()


def asking(server, **how):
    return reverse_geocoder(
        **{"user_agent": AGENT, "server": server.address, "min_delay_seconds": 0.0, "timeout_seconds": 5} | how
    )


def points(count=1):
    """Zones a, b, c … on a line to the north."""
    zone_ids = pd.Index(list("abcdefgh")[:count], name="zone_id")
    return pd.DataFrame({"longitude": 76.9, "latitude": [43.0 + row for row in range(count)]}, index=zone_ids)


def names_of(names):
    return names["name"].to_dict()


def told(ledger):
    return [(entry.cause, entry.amount, entry.zone_id) for entry in ledger.entries]


@contextmanager
def raises_no_traceback(caplog):
    with caplog.at_level(logging.WARNING, "urbanreview"):
        yield
    assert [record for record in caplog.records if record.name == "urbanreview"] == []


def test_an_ask_carries_the_user_agent_the_language_and_the_point(server):
    server.script = [ALMATY]
    names, ledger = reverse_names(points(), geocode=asking(server, language="kk"), cache={})
    assert names.loc["a"].to_dict() == {"name": "Алматы", "state": None, "country": "Қазақстан"}
    assert server.agents == [AGENT]
    (ask,) = server.asked
    assert (ask["path"], ask["accept-language"], ask["addressdetails"], ask["zoom"]) == ("/reverse", "kk", "1", "13")
    assert (float(ask["lat"]), float(ask["lon"])) == (43.0, 76.9)
    assert ledger.entries == ()


def test_without_a_language_the_server_chooses(server):
    server.script = [ALMATY]
    reverse_names(points(), geocode=asking(server), cache={})
    assert "accept-language" not in server.asked[0]


def test_a_place_without_a_city_stops_nothing(server):
    server.script = [AKSU, ALMATY, {"town": "Qapshaghay", "village": "x", "province": "Almaty"}, {"country": "Қазақстан"}]
    names, ledger = reverse_names(points(4), geocode=asking(server), cache={})
    assert names.loc["a"].tolist() == ["Ақсу", "Түркістан облысы", "Қазақстан"]
    assert names.loc["b"].tolist() == ["Алматы", None, "Қазақстан"]
    assert names.loc["c"].tolist() == ["Qapshaghay", "Almaty", None]
    assert names.loc["d"].tolist() == [None, None, "Қазақстан"]
    assert told(ledger) == [("Nominatim knows no settlement there", 1, "d")]


def test_the_pace_is_kept(server):
    server.script = [ALMATY]
    begun = time.monotonic()
    reverse_names(points(4), geocode=asking(server, min_delay_seconds=0.15), cache={})
    assert len(server.asked) == 4
    assert time.monotonic() - begun > 3 * 0.14  # however busy the machine, four questions cannot take less


def test_the_second_run_asks_nothing(server):
    server.script = [ALMATY, NOTHING, AKSU]
    cache: dict[str, str] = {}
    first, _ = reverse_names(points(3), geocode=asking(server), cache=cache)
    second, ledger = reverse_names(points(3), geocode=asking(server), cache=cache)
    assert len(server.asked) == 3
    assert second.equals(first)
    assert names_of(second) == {"a": "Алматы", "b": None, "c": "Ақсу"}
    assert told(ledger) == [("Nominatim knows no settlement there", 1, "b")]


def test_another_language_is_another_question(server):
    server.script = [ALMATY, {"city": "Almaty"}]
    cache: dict[str, str] = {}
    assert names_of(reverse_names(points(), geocode=asking(server, language="kk"), cache=cache)[0]) == {"a": "Алматы"}
    assert names_of(reverse_names(points(), geocode=asking(server, language="en"), cache=cache)[0]) == {"a": "Almaty"}


def test_points_a_metre_apart_are_one_question(server):
    server.script = [ALMATY, AKSU]
    near = points(2).assign(latitude=[-0.000001, 0.000001])
    assert names_of(reverse_names(near, geocode=asking(server), cache={})[0]) == {"a": "Алматы", "b": "Алматы"}
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [401, 403, 429])
def test_a_server_that_refuses_is_asked_nothing_more(server, status):
    server.script = [ALMATY, (status, "<html>blocked</html>")]
    names, ledger = reverse_names(points(5), geocode=asking(server), cache={})
    assert names_of(names) == {"a": "Алматы", "b": None, "c": None, "d": None, "e": None}
    assert len(server.asked) == 2
    ((cause, amount, _),) = told(ledger)
    assert amount == 4
    assert cause.startswith("Nominatim was asked nothing more: 127.0.0.1")
    assert cause.endswith(f"refuses to answer (HTTP status {status})")


def test_what_is_kept_still_answers_when_the_server_refuses(server):
    server.script = [ALMATY]
    cache: dict[str, str] = {}
    reverse_names(points(3).loc[["c"]], geocode=asking(server), cache=cache)
    server.script = [(403, "")]
    names, ledger = reverse_names(points(3), geocode=asking(server), cache=cache)
    assert names_of(names) == {"a": None, "b": None, "c": "Алматы"}
    assert told(ledger)[0][1] == 2


def no_such_name(*_args, **_how):
    raise socket.gaierror(-2, "Name or service not known")


@pytest.mark.parametrize("by_name", [False, True])
def test_a_server_that_is_not_there(server, free_port, by_name, monkeypatch):
    if by_name:
        monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    there = Nominatim(address=f"http://127.0.0.1:{free_port}")
    names, ledger = reverse_names(points(3), geocode=asking(there), cache={})
    assert names["name"].tolist() == [None] * 3
    ((cause, amount, _),) = told(ledger)
    assert amount == 3
    assert f"127.0.0.1:{free_port} cannot be reached (" in cause
    assert ("not known" if by_name else "refused") in cause
    assert "urlopen" not in cause


@pytest.fixture
def free_port():
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as http:
        return http.server_address[1]


def test_one_late_answer_is_counted_and_asking_goes_on(server, caplog):
    server.script = ["slow", "slow", AKSU]
    with raises_no_traceback(caplog):
        names, ledger = reverse_names(points(2), geocode=asking(server, timeout_seconds=0.2), cache={})
    assert names_of(names) == {"a": None, "b": "Ақсу"}
    assert told(ledger) == [("Nominatim gave no answer: timed out", 1, "a")]


def test_a_failure_of_the_moment_is_tried_once_more(server):
    server.script = [(500, "oops"), ALMATY]
    names, ledger = reverse_names(points(), geocode=asking(server), cache={})
    assert names_of(names) == {"a": "Алматы"}
    assert ledger.entries == ()


def test_500_twice_is_counted_not_kept_and_asking_goes_on(server):
    server.script = [(500, "oops"), (500, "oops"), AKSU]
    cache: dict[str, str] = {}
    names, ledger = reverse_names(points(2), geocode=asking(server), cache=cache)
    assert names_of(names) == {"a": None, "b": "Ақсу"}
    assert told(ledger) == [("Nominatim gave no answer: HTTP status 500", 1, "a")]
    server.script = [ALMATY]
    assert names_of(reverse_names(points(2), geocode=asking(server), cache=cache)[0]) == {"a": "Алматы", "b": "Ақсу"}


def test_three_failures_in_a_row_end_it(server):
    server.script = [(502, "")]
    names, ledger = reverse_names(points(8), geocode=asking(server), cache={})
    assert names["name"].isna().all()
    assert [(amount, zone_id) for _, amount, zone_id in told(ledger)] == [(1, "a"), (1, "b"), (1, "c"), (5, "")]
    assert ledger.entries[-1].cause == "Nominatim was asked nothing more: 3 asks in a row failed, the last: HTTP status 502"
    assert len(server.asked) == 6


def test_an_answer_in_between_begins_the_count_anew(server):
    bad = [(502, ""), (502, "")]
    server.script = [*bad, *bad, AKSU, *bad, *bad, ALMATY]
    names, _ = reverse_names(points(6), geocode=asking(server), cache={})
    assert names["name"].tolist() == [None, None, "Ақсу", None, None, "Алматы"]


@pytest.mark.parametrize(
    "rubbish", ["<html>Welcome to the hotel</html>", "", '"text"', "5", "[5]", '{"lat": "x", "lon": "y"}', "{"]
)
def test_an_answer_of_another_sort_is_none(server, rubbish, caplog):
    server.script = [(200, rubbish), (200, rubbish), AKSU]
    with raises_no_traceback(caplog):
        names, ledger = reverse_names(points(2), geocode=asking(server), cache={})
    assert names_of(names)["a"] is None
    assert "<html>" not in str(told(ledger))


def test_hanging_up_is_a_failure_of_the_moment(server):
    server.script = ["hang up", "hang up", AKSU]
    names, ledger = reverse_names(points(2), geocode=asking(server), cache={})
    assert names_of(names) == {"a": None, "b": "Ақсу"}
    assert len(ledger.entries) == 1


def test_zones_without_a_point_are_not_asked_for(server):
    server.script = [ALMATY]
    table = points(2)
    table.loc["a", "latitude"] = float("nan")
    names, ledger = reverse_names(table, geocode=asking(server), cache={})
    assert names_of(names) == {"a": None, "b": "Алматы"}
    assert told(ledger) == [("Nominatim was not asked: the zone has no point", 1, "")]


def test_rows_in_any_order(server):
    server.script = [ALMATY, (403, "")]
    names, _ = reverse_names(points(3).iloc[::-1], geocode=asking(server), cache={})
    assert names_of(names) == {"c": None, "b": None, "a": "Алматы"}
    assert names.index.tolist() == ["c", "b", "a"]


def test_a_damaged_entry_is_asked_for_again(server):
    server.script = [ALMATY]
    geocode = asking(server)
    cache = {geocode.key(43.0, 76.9): "{broken"}
    assert names_of(reverse_names(points(), geocode=geocode, cache=cache)[0]) == {"a": "Алматы"}
    assert json.loads(cache[geocode.key(43.0, 76.9)]) == ALMATY


def test_no_points_and_no_columns():
    geocode = ReverseGeocoder(lambda *_: pytest.fail("nothing to ask"))
    names, ledger = reverse_names(points(0), geocode=geocode, cache={})
    assert names.shape == (0, 3)
    assert ledger.entries == ()
    with pytest.raises(NotInInput, match="no column 'latitude'"):
        reverse_names(points().drop(columns="latitude"), geocode=geocode, cache={})


@pytest.mark.parametrize("error", [ServerLostError("gone"), NoAnswerError("late")])
def test_progress_is_told_whatever_happens(error):
    def ask(latitude, longitude):
        raise error

    steps = []
    reverse_names(points(5), geocode=ReverseGeocoder(ask), cache={}, progress=lambda *step: steps.append(step[1:]))
    assert steps == [(done, 5) for done in range(1, 6)]


class TestSettings:
    def test_nobody_asks_without_a_name(self):
        for agent in ("", "  "):
            with pytest.raises(BadSetting, match=r"\[naming\.nominatim\]: user_agent is missing"):
                reverse_geocoder(user_agent=agent)

    def test_nor_by_a_name_out_of_a_manual(self):
        with pytest.raises(BadSetting, match="sample 'my-application'"):
            reverse_geocoder(user_agent="my-application")

    @pytest.mark.parametrize("agent", ["Министерство", "a\r\nHost: b"])
    def test_nor_by_one_that_no_header_can_carry(self, agent):
        with pytest.raises(BadSetting, match="Latin letters"):
            reverse_geocoder(user_agent=agent)

    @pytest.mark.parametrize(
        ("server", "expected"),
        [
            ("https://nominatim.openstreetmap.org/", "https://nominatim.openstreetmap.org"),
            ("nominatim.example.org", "https://nominatim.example.org"),
            ("http://localhost:8080/nominatim", "http://localhost:8080/nominatim"),
        ],
    )
    def test_addresses_of_servers(self, server, expected):
        assert reverse_geocoder(user_agent=AGENT, server=server).server == expected

    @pytest.mark.parametrize("server", ["", "ftp://example.org", "https://"])
    def test_what_is_no_address_is_told(self, server):
        with pytest.raises(BadSetting, match="expected an address such as https"):
            reverse_geocoder(user_agent=AGENT, server=server)


def test_the_library_is_loaded_only_to_ask():
    code = "import sys, urbanreview.naming; sys.exit('geopy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
