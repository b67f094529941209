"""Pasted instructions of other providers: exactly the records they name, and never more."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instructions.model import WantedRecord
from instructions.owner_names import owner_name
from instructions.reading import MAX_RECORDS, parse_instructions
from instructions.record_values import UnreadableValue, parse_ttl, parse_value
from tests.cases.instructions import CASES, D, Pasted


def as_triples(records: tuple[WantedRecord, ...]) -> set[tuple[str, str, str]]:
    return {(w.name, w.type, w.value) for w in records}


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_exactly_the_records_of_the_text_are_read(case: Pasted) -> None:
    parsed = parse_instructions(case.text, D)
    assert as_triples(parsed.records) == set(case.records)
    assert as_triples(parsed.foreign) == set(case.foreign)
    assert as_triples(parsed.unfilled) == set(case.unfilled)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_forwarded_text_reads_the_same(case: Pasted) -> None:
    quoted = "\n".join(f"> {line}" for line in case.text.splitlines())
    assert as_triples(parse_instructions(quoted, D).records) == set(case.records)


def test_lifetimes_are_read_in_any_unit() -> None:
    (record,) = parse_instructions("Type: A\nName: www\nValue: 192.0.9.1\nTTL: 1 hour", D).records
    assert record.ttl == 3600
    assert [parse_ttl(t) for t in ("300", "5 min", "1h", "Auto", "")] == [300, 300, 3600, 0, 0]


REPLACED = """\
Ersetzen Sie 192.0.9.1 durch 192.0.9.2
Ändern Sie den A-Eintrag 192.0.9.1 auf 192.0.9.2
Tauschen Sie A 192.0.9.1 gegen 192.0.9.2 aus
Replace 192.0.9.1 with 192.0.9.2
Change the A record from 192.0.9.1 to 192.0.9.2
A 192.0.9.1 → 192.0.9.2
A @ 192.0.9.1 -> 192.0.9.2
Nahraďte A 192.0.9.1 za 192.0.9.2
Nahraďte A 192.0.9.1 a 192.0.9.3 adresou 192.0.9.2
Změňte záznam A z 192.0.9.1 na 192.0.9.2
Vymeňte 192.0.9.1 za 192.0.9.2
Zamień rekord A 192.0.9.1 na 192.0.9.2
Zastąp 192.0.9.1 adresem 192.0.9.2
Zamijenite A 192.0.9.1 sa 192.0.9.2
Promijenite A zapis iz 192.0.9.1 u 192.0.9.2
Zamenjajte 192.0.9.1 z 192.0.9.2
Cserélje le az A rekordot: 192.0.9.1 címet 192.0.9.2 címre
A rekord: 192.0.9.1 helyett 192.0.9.2
Înlocuiți 192.0.9.1 cu 192.0.9.2
Sostituite 192.0.9.1 con 192.0.9.2
Remplacez l’enregistrement A 192.0.9.1 par 192.0.9.2
Cambie el registro A de 192.0.9.1 a 192.0.9.2
Замініть 192.0.9.1 на 192.0.9.2
Замените 192.0.9.1 на 192.0.9.2
Vervang 192.0.9.1 door 192.0.9.2
Set A 192.0.9.2 instead of 192.0.9.1
Místo A 192.0.9.1 nastavte 192.0.9.2
Statt A 192.0.9.1 bitte 192.0.9.2 eintragen
Alte A Adresse 192.0.9.1, neue A Adresse 192.0.9.2
A: stará adresa 192.0.9.1, nová adresa 192.0.9.2
Update A: 192.0.9.2 (was 192.0.9.1)
"""


@pytest.mark.parametrize("text", REPLACED.splitlines())
def test_of_a_value_that_is_replaced_only_the_new_one_is_wanted(text: str) -> None:
    assert as_triples(parse_instructions(text, D).records) == {(D, "A", "192.0.9.2")}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Replace AAAA 2001:db8::1 with 2001:db8::2", {(D, "AAAA", "2001:db8::2")}),
        ("Ersetzen Sie MX mail.old.net durch 10 mx.new.net", {(D, "MX", "10 mx.new.net")}),
        (
            "Replace the CNAME www.cafe.example with shops.new.net",
            {("www.cafe.example", "CNAME", "shops.new.net")},
        ),
        (
            "Change the CNAME of www.cafe.example from shops.old.net to shops.new.net",
            {("www.cafe.example", "CNAME", "shops.new.net")},
        ),
        (
            "Nahraďte „v=spf1 include:a.example -all“ hodnotou „v=spf1 include:b.example -all“",
            {(D, "TXT", "v=spf1 include:b.example -all")},
        ),
        (
            "Type: A\nName: www\nValue: 192.0.9.1 → 192.0.9.2",
            {("www.cafe.example", "A", "192.0.9.2")},
        ),
    ],
)
def test_values_of_other_types_are_replaced_too(
    text: str, wanted: set[tuple[str, str, str]]
) -> None:
    assert as_triples(parse_instructions(text, D).records) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Set A 192.0.9.1 and 192.0.9.2",
        "Change the A records to 192.0.9.1 and 192.0.9.2",
        "Replace your A records with 192.0.9.1, 192.0.9.2",
        "Změňte A na 192.0.9.1 a 192.0.9.2",
        "Spremenite A na 192.0.9.1 in 192.0.9.2",
        "Ändern Sie A auf 192.0.9.1 und 192.0.9.2",
        "Cambie A a 192.0.9.1 y 192.0.9.2",
        "Point the new A to 192.0.9.1 or 192.0.9.2",
    ],
)
def test_two_new_values_are_both_wanted(text: str) -> None:
    both = {(D, "A", "192.0.9.1"), (D, "A", "192.0.9.2")}
    assert as_triples(parse_instructions(text, D).records) == both


LABELS = {  # type, name, value, priority, lifetime, "1 hour"
    "cs": ("Typ", "Název", "Hodnota", "Priorita", "TTL", "1 hodina"),
    "sk": ("Typ", "Názov", "Hodnota", "Priorita", "TTL", "1 hodina"),
    "pl": ("Typ", "Nazwa", "Wartość", "Priorytet", "TTL", "1 godzina"),
    "hr": ("Vrsta", "Naziv", "Vrijednost", "Prioritet", "TTL", "1 sat"),
    "en": ("Type", "Name", "Value", "Priority", "TTL", "1 hour"),
    "de": ("Typ", "Rechnername", "Wert", "Priorität", "Gültigkeit", "1 Stunde"),
    "hu": ("Típus", "Név", "Érték", "Prioritás", "Élettartam", "1 óra"),
    "sl": ("Vrsta zapisa", "Gostitelj", "Vrednost", "Prednost", "TTL", "1 ura"),
    "ro": ("Tip înregistrare", "Nume", "Valoare", "Prioritate", "Durată de viață", "1 oră"),
    "it": ("Tipo di record", "Nome host", "Punta a", "Priorità", "Durata", "1 ora"),
    "fr": ("Type d’enregistrement", "Nom d’hôte", "Cible", "Priorité", "Durée de vie", "1 heure"),
    "es": ("Tipo", "Nombre", "Valor", "Prioridad", "Tiempo de vida", "1 hora"),
    "pt": ("Tipo", "Nome", "Aponta para", "Prioridade", "Tempo de vida", "1 hora"),
    "nl": ("Recordtype", "Naam", "Waarde", "Voorkeur", "Levensduur", "1 uur"),
    "uk": ("Тип", "Ім’я", "Значення", "Пріоритет", "Час життя", "1 година"),
    "ru": ("Тип записи", "Имя", "Значение", "Приоритет", "Время жизни", "1 час"),
}


@pytest.mark.parametrize("lang", LABELS)
def test_labels_and_headings_are_read_in_every_language(lang: str) -> None:
    type_, name, value, priority, ttl, hour = LABELS[lang]
    fields = (
        f"{type_}: CNAME\n{name}: www\n{value}: shops.builder.example\n{ttl}: {hour}\n\n"
        f"{type_}: MX\n{name}: @\n{value}: mx.builder.example\n{priority}: 10\n{ttl}: 2 h"
    )
    expected = {
        ("www.cafe.example", "CNAME", "shops.builder.example", 3600),
        (D, "MX", "10 mx.builder.example", 7200),
    }
    read = parse_instructions(fields, D).records
    assert {(w.name, w.type, w.value, w.ttl) for w in read} == expected
    table = (
        f"{type_}\t{name}\t{value}\t{priority}\t{ttl}\n"
        f"CNAME\twww\tshops.builder.example\t\t{hour}\nMX\t@\tmx.builder.example\t10\t2 h"
    )
    read = parse_instructions(table, D).records
    assert {(w.name, w.type, w.value, w.ttl) for w in read} == expected


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3600 másodperc", 3600), ("3600 secondes", 3600), ("5 Minuten", 300), ("5 perc", 300),
        ("2 dny", 172_800), ("1 jour", 86_400), ("1 týden", 604_800), ("1 hét", 604_800),
        ("14400 (4 hours)", 14_400), ("1/2 h", 0), ("automatisch", 0), ("5 parsecs", 0),
    ],
)  # fmt: skip
def test_a_lifetime_is_read_with_its_unit_in_words(text: str, seconds: int) -> None:
    assert parse_ttl(text) == seconds


@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        ("@", D),
        ("", D),
        ("www", "www.cafe.example"),
        ("www.cafe.example.", "www.cafe.example"),
        ("WWW.Cafe.Example", "www.cafe.example"),
        ("*.cafe.example", "*.cafe.example"),
        ("k1._domainkey", "k1._domainkey.cafe.example"),
        ("_dmarc.vasedomena.cz", "_dmarc.cafe.example"),
        ("kavárna", "xn--kavrna-rta.cafe.example"),
        ("www.bistro.com", "www.bistro.com"),
        ("kunde.nl", "kunde.nl"),
        ("www.kunde.co.uk", "www.kunde.co.uk"),
        ("api.dev", "api.dev.cafe.example"),
        ("www.xy", "www.xy.cafe.example"),
    ],
)
def test_names_are_understood_as_people_write_them(typed: str, whole: str) -> None:
    assert owner_name(typed, D) == whole


def test_a_flood_of_records_is_cut() -> None:
    text = "\n".join(f"host{n} IN A 192.0.9.{n % 250}" for n in range(900))
    assert len(parse_instructions(text, D).records) == MAX_RECORDS


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_read_without_harm(text: str) -> None:
    for wanted in parse_instructions(text, D).records:
        assert wanted.name == D or wanted.name.endswith("." + D)
        assert parse_value(wanted.type, wanted.value, D)


_PIECES = st.sampled_from(
    (
        *("TXT", "CNAME", "A", "MX", "www", "@", "192.0.9.1", "shops.builder.net", "v=spf1 -all"),
        *("10", "Type:", "Host", "Value", "\t", "|", "\n", " ", '"', "(", ")", "v=DKIM1; p="),
        *(":", ";", "\u202e"),
    )
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_PIECES, max_size=40).map(" ".join))
def test_any_mixture_of_their_pieces_gives_only_valid_records(text: str) -> None:
    for wanted in parse_instructions(text, D).records:
        try:
            again = parse_value(wanted.type, wanted.value, D)
        except UnreadableValue:
            pytest.fail(f"{wanted} is no record")
        assert again == wanted.value


def read(text: str) -> list[tuple[str, str, str]]:
    return [(w.name, w.type, w.value) for w in parse_instructions(text, D).records]


@pytest.mark.parametrize(
    "text",
    [
        "Replace 192.0.9.1 with 192.0.9.2",
        "Replace 192.0.9.1, with 192.0.9.2",
        "Please change the A record from 192.0.9.1 to 192.0.9.2.",
        "Replace 192.0.9.1 and 192.0.9.3 by 192.0.9.2",
        "Use the A record 192.0.9.2 instead of 192.0.9.1",
        "Old A record: 192.0.9.1, new A record: 192.0.9.2",
    ],
)
def test_of_an_old_and_a_new_value_the_new_one_is_wanted(text: str) -> None:
    assert read(text) == [(D, "A", "192.0.9.2")]


@pytest.mark.parametrize(
    ("text", "records"),
    [
        ("Add the TXT record v=spf1 include:new.net ~all", [(D, "TXT", "v=spf1 include:new.net ~all")]),
        ('Add the TXT record "hello=world" please', [(D, "TXT", "hello=world")]),
        ("Add a TXT record at _dmarc: v=DMARC1; p=none",
         [("_dmarc." + D, "TXT", "v=DMARC1; p=none")]),
        ("MX: mx1.new.net 10, mx2.new.net 20",
         [(D, "MX", "10 mx1.new.net"), (D, "MX", "20 mx2.new.net")]),
        ("www IN A 192.0.9.1 ; the web server", [("www." + D, "A", "192.0.9.1")]),
        ("www 300 IN CNAME shops.new.net. ; the shop", [("www." + D, "CNAME", "shops.new.net")]),
    ],
)  # fmt: skip
def test_a_sentence_is_read_with_its_name_and_value(text: str, records) -> None:
    assert read(text) == records
