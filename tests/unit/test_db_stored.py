"""Stored documents outlive releases: older ones are brought up, newer and broken ones stay."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import msgspec
import pytest

from clock import ManualClock
from context import context
from db.stored import Stored, UnreadableDocument, formats, health_message
from diagnostics.evidence import keys
from hosting.store import ACCOUNTS, FACTS, SERVICES
from room import all_handlers
from settings import load
from status.monitoring import state_file
from status.monitoring.state_file import STATES
from status.probing.vantages.store import PUSHES
from status.sla.store import METHODS
from status.storage.rows import NOTES, SHIFTS
from tests.golden_documents import FOLDER, PAYLOADS, documents, payload_type
from tickets.kept_drafts.store import FORMS
from tickets.store import DRAFTS, STATEMENTS
from web import publication_format
from wiring.rooms import build
from wizard.registrations.store import REGISTRATIONS
from wizard.reports import stored_evidence
from wizard.runs.store import SUBJECTS

RELEASES = sorted(path for path in FOLDER.iterdir() if path.is_dir())
FILES = [path for release in RELEASES for path in sorted(release.iterdir())]
DECLARED = (ACCOUNTS, SERVICES, FACTS, DRAFTS, FORMS, STATES, REGISTRATIONS)
DECLARED += (SUBJECTS, STATEMENTS, SHIFTS, NOTES, PUSHES, METHODS)
BY_NAME = {s.name: s for s in DECLARED}


def read(path):
    """The value of a golden document and the document it is written as today."""
    raw, name = path.read_bytes(), path.stem
    if name == "publication":
        publication = publication_format.decode(raw)
        return publication, None
    if name.startswith("payload."):
        value = msgspec.json.decode(raw, type=payload_type(path.name))
        return value, msgspec.json.encode(value)
    if name.startswith("diagnostics.evidence."):
        item = stored_evidence.decode(raw)
        return item.value, stored_evidence.encode(item)
    value = BY_NAME[name].decode(raw)
    return value, BY_NAME[name].encode(value)


def missing_from(new, old, place="$"):
    """Places of `old` that `new` does not hold with the same value."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [p for k in old for p in missing_from(new.get(k), old[k], f"{place}.{k}")]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [p for n, x in enumerate(old) for p in missing_from(new[n], x, f"{place}[{n}]")]
    return [] if new == old else [place]


# What documents of the newest release hold that is not read any more.
DROPPED = {"payload.status.reminder": ["$.title"]}  # read where the incident is, when it is written


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_document_of_every_release_is_read_whole(path):
    value, today = read(path)
    assert value
    if today is not None and path.parent == RELEASES[-1]:
        written, raw = msgspec.json.decode(today), msgspec.json.decode(path.read_bytes())
        if written.get("schema") == raw.get("schema"):  # else it was raised since, and read upwards
            assert missing_from(written, raw) == DROPPED.get(path.stem, [])


def test_every_kind_of_document_has_its_golden_one():
    newest = {path.name for path in RELEASES[-1].iterdir()}
    assert set(documents()) <= newest, "write them: python -m tests.golden_documents"
    documented = (s for s in formats() if not s.bare and not s.name.startswith("test."))
    declared = {s.name for s in documented} - {"diagnostics.evidence"}
    assert declared == set(BY_NAME)
    assert {f"diagnostics.evidence.{key.name}.json" for key in keys.KEYS} <= newest


WITHOUT_PAYLOAD = {"status.publish"}  # asks for a publication, whatever there is


def test_the_payload_of_every_handler_has_its_golden_document(tmp_path):
    """The list comes from the rooms: a new kind of job without one fails here."""
    ground = context(load(env={"JASNO_VAR": str(tmp_path)}, cwd=tmp_path), ManualClock())
    handlers = all_handlers(build(ground))
    named = {kind: handler.payload for kind, handler in handlers.items() if handler.payload}
    assert handlers.keys() - named.keys() == WITHOUT_PAYLOAD
    assert {kind: type(value) for kind, value in PAYLOADS.items()} == named


# What a payload may not hold, for it may be corrected or deleted before the job runs.
WORDS = {"address", "body", "email", "name", "subject", "text", "title", "to"}
# Jobs of releases before 0.2 held these; they are read, never written.
FORMERLY = {"channel.send": {"subject", "text"}, "hook.send": {"body"}}


def test_payloads_name_what_they_are_about_and_hold_none_of_its_words():
    fields_with_words = {
        kind: WORDS & set(type(value).__annotations__) for kind, value in PAYLOADS.items()
    }
    assert {kind: fields for kind, fields in fields_with_words.items() if fields} == FORMERLY
    written = {kind: msgspec.to_builtins(PAYLOADS[kind]) for kind in FORMERLY}
    assert all(not FORMERLY[kind] & written[kind].keys() for kind in FORMERLY)


# ------------------------------------------------------------------ raising a schema
@dataclass(frozen=True)
class Owner:
    email: str


@dataclass(frozen=True)
class AccountOfTomorrow:
    """Names are split, contacts are owners, and a field without a default is new."""

    id: str
    given_name: str
    domains: tuple[str, ...]
    owners: tuple[Owner, ...]
    country: str


def split_name(old):
    return {**old, "given_name": old["name"].split()[0]}


def owners(old):
    return {**old, "owners": old["contacts"], "country": ""}


def tomorrow(**changes):
    options = {"schema": 3, "upcasters": {1: split_name, 2: owners}, "body": "value"}
    return Stored("test.account", AccountOfTomorrow, **{**options, **changes})


def golden(name):
    return msgspec.json.decode((FOLDER / "0.1.0" / f"{name}.json").read_bytes())


def test_a_raised_schema_empties_nobody():
    stored = tomorrow()
    account = stored.load(golden("hosting.account"))
    assert account == AccountOfTomorrow(
        "A1", "Mara", ("shop.example",), (Owner("mara@shop.example"),), ""
    )
    assert stored.load(stored.dump(account)) == account
    assert stored.decode(stored.encode(account)) == account
    assert stored.unreadable == {}


def test_evidence_of_one_key_is_brought_up_and_the_others_stay():
    def mailbox_was_called_box(item):
        if item["key"] == "mailbox":
            item = {**item, "value": {**item["value"], "firewall": item["value"]["lockout"]}}
        return item

    stored = Stored(
        "test.item", stored_evidence.StoredItem, schema=2, upcasters={1: mailbox_was_called_box}
    )
    mailbox = stored.load(golden("diagnostics.evidence.mailbox"))
    assert mailbox.value["firewall"]["address"] == "198.51.100.7"
    assert "firewall" not in stored.load(golden("diagnostics.evidence.spf")).value


def test_a_step_without_its_upcaster_stops_the_start():
    with pytest.raises(TypeError, match="each schema from 1 to 2"):
        tomorrow(upcasters={1: split_name})


# ------------------------------------------------------------------ rolling back, and damage
def test_after_a_rollback_a_newer_document_is_read_as_far_as_it_fits():
    document = golden("hosting.account")
    document["schema"] = 9
    document["value"]["country"] = "CZ"
    assert ACCOUNTS.load(document).name == "Mara"


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (
            {"schema": 9, "value": {"id": "A1"}},
            "of schema 9 .written by a newer version.*given_name",
        ),
        ({"schema": 3, "value": {"id": 5}}, "of schema 3: .*expected `str`|Expected `str`"),
        ({"schema": 1, "value": {"id": "A1"}}, "of schema 1: 'name'"),
        ({"schema": 0, "value": {}}, "of schema 0"),
        ([1], "of schema 1"),
    ],
)
def test_what_cannot_be_read_is_refused_logged_once_and_told(document, fault, caplog):
    stored = tomorrow()
    with caplog.at_level(logging.ERROR, "jasno.db"):
        for _ in range(3):
            with pytest.raises(UnreadableDocument, match=fault):
                stored.load(document)
            assert stored.load_or_none(document) is None
    assert len(caplog.records) == 1
    assert sum(stored.unreadable.values()) == 6
    assert "test.account of schema" in health_message([stored])


def test_nothing_unreadable_is_nothing_to_say():
    stored = tomorrow()
    assert stored.load_or_none(None) is None
    assert health_message([stored]) == ""


def test_an_unreadable_state_is_set_aside_before_it_is_overwritten(tmp_path):
    broken = b'{"schema":7,"states":[]}'
    (tmp_path / state_file.FILE).write_bytes(broken)
    assert state_file.load(tmp_path) is None
    kept = STATES.decode((FOLDER / "0.1.0" / "status.state_file.json").read_bytes())
    state_file.save(tmp_path, kept)
    assert state_file.load(tmp_path) == kept
    assert (tmp_path / state_file.SET_ASIDE).read_bytes() == broken


def test_a_future_shape_of_the_publication_is_told_apart_from_damage():
    with pytest.raises(publication_format.OtherVersion):
        publication_format.decode(msgspec.msgpack.encode({"schema": 2, "pages": []}))
    with pytest.raises(msgspec.DecodeError) as failed:
        publication_format.decode(b"\x93 not a publication")
    assert not isinstance(failed.value, publication_format.OtherVersion)
