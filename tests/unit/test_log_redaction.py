"""No secret reaches a log, and no sentence of ours about secrets is cut there."""

import pytest

from status.probing.configuration import CREDENTIALS_IN_TARGET
from web.logs.redaction import redacted, redacted_prose


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("GET /r/Zm9vYmFyYmF6 200", "GET /r/… 200"),
        ("POST /invite/Zm9vYmFyYmF6", "POST /invite/…"),
        ("connect postgresql://jasno:hunter2@db/x", "connect postgresql://jasno:…@db/x"),
        ("GET /watch/Zm9vYmFyYmF6/confirm", "GET /watch/…/confirm"),
        ("GET /sign-in?next=%2Fr%2FZm9vYmFyYmF6 200", "GET /sign-in?next=%2Fr%2F… 200"),
        ("GET /x?at=%2fapi%2fdiagnoses%2fZm9vYmFyYmF6", "GET /x?at=%2fapi%2fdiagnoses%2f…"),
        ("GET /tickets/new?kept=Zm9vYmFyYmF6 200", "GET /tickets/new?kept=… 200"),
        ("GET /tickets/new?lang=cs&kept=Zm9vYmFyYmF6 2", "GET /tickets/new?lang=cs&kept=… 2"),
        ("new%3Flang=cs%26kept%3DZm9vYmFyYmF6", "new%3Flang=cs%26kept%3DZm9vYmFyYmF6"),
        ("x?kept=yesterday&work=kept_whole", "x?kept=yesterday&work=kept_whole"),
        ("?next=%2Ftickets%2Fnew%3Fkept%3DZm9vYmFyYmF6", "?next=%2Ftickets%2Fnew%3Fkept%3D…"),
        ("redis://:s3cret@cache.example/0", "redis://:…@cache.example/0"),
        ("Authorization: Bearer abcdef", "Authorization: Bearer …"),
        ("Authorization: Basic bWFyYTpodW50ZXIy x", "Authorization: Basic … x"),
        ("{'Authorization': 'Basic bWFyYTpo', 'a': 1}", "{'Authorization': 'Basic …', 'a': 1}"),
        ("sent Bearer abcdef", "sent Bearer …"),
        ("password=hunter2 x", "password=… x"),
        ("password: hunter2 x", "password: … x"),
        ('{"password": "hunt er\\"2", "a": 1}', '{"password": "…", "a": 1}'),
        ("JASNO_SECRET_KEY=abc x", "JASNO_SECRET_KEY=… x"),
        ('secret_key = "abc" x', 'secret_key = "…" x'),
        ("GET /x?api_token=abc", "GET /x?api_token=…"),
        ("X-Api-Key: abc123", "X-Api-Key: …"),
        ("x-api-key:abc123 x", "x-api-key:… x"),
        ("{'X-Api-Key': 'abc', 'Accept': 'x'}", "{'X-Api-Key': '…', 'Accept': 'x'}"),
        ("[('X-Api-Key', 'abc'), ('Accept', 'x')]", "[('X-Api-Key', '…'), ('Accept', 'x')]"),
        ("(b'x-auth-token', b'abc123')", "(b'x-auth-token', b'…')"),
        ("PRIVATE-TOKEN: abc", "PRIVATE-TOKEN: …"),
        ("Ocp-Apim-Subscription-Key: abc", "Ocp-Apim-Subscription-Key: …"),
        ("Authorization: ApiKey abc x", "Authorization: ApiKey … x"),
        ("Authorization: Whatever abc x", "Authorization: … x"),
        ("Proxy-Authorization: Negotiate YIIabc== x", "Proxy-Authorization: Negotiate … x"),
        ('Authorization: Digest username="a b", response="c" x', "Authorization: Digest … x"),
        ("Cookie: session=abc; lang=cs", "Cookie: …"),
        ("Set-Cookie: sid=abc; Path=/", "Set-Cookie: …"),
        ("{'Cookie': 'sid=abc', 'Host': 'b'}", "{'Cookie': '…', 'Host': 'b'}"),
        ("api_key=abc x", "api_key=… x"),
        ("access_token=abc x", "access_token=… x"),
        ("access_token: 1/fFAGRN x", "access_token: … x"),
        ("PHPSESSID=abc x", "PHPSESSID=… x"),
        ("passphrase: abc x", "passphrase: … x"),
        ("pwd=abc x", "pwd=… x"),
        ("curl --api-key abc123 x", "curl --api-key … x"),
        ("GET /x?key=abc&lang=cs", "GET /x?key=…&lang=cs"),
        ("GET /x?lang=cs&sig=abc", "GET /x?lang=cs&sig=…"),
        ("https://mara:p@ss@x.example/", "https://mara:…@x.example/"),
        ("https://0123456789abcdef0123@x.example/", "https://…@x.example/"),
        ("sent eyJhbGciOiJIUzI1.eyJzdWIiOiIx.c2ln on", "sent … on"),
        ("a ghp_0123456789abcdefghij b", "a … b"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_logs_hold_no_token(line, left):
    assert redacted(line) == left


@pytest.mark.parametrize(
    "sentence",
    [
        CREDENTIALS_IN_TARGET,
        "the secret key /srv/var/secret_key has 5 bytes, fewer than 32",
        "a vantage needs the portal's address (--url) and its token (JASNO_VANTAGE_TOKEN)",
        'JASNO_MAIL_PASSWORD: "password" in [mail] is wrong: a text belongs here, not a whole number',
        "the token of a vantage, a bearer token, was refused",
        "the api key of the panel: no such file",
        "cookie: none was sent",
        "no --token was given",
        "password_file: /run/secrets/x1",
        "primary key: id, key: value, KeyError: 'x'",
        "Authorization header missing; author: mara; 3 keys: fresh; monkey: 3",
    ],
)
def test_our_own_sentences_about_secrets_stay_whole(sentence):
    assert redacted(sentence) == sentence


@pytest.mark.parametrize(
    "complaint",
    [
        '[[probe]] "orders": secrets password: empty',
        '[[probe]] "orders" secrets api_token: /run/secrets/x cannot be read: [Errno 13]',
        "step 1 of 2: save token: 'jsn x' is no source",
        "[[channel]] \"token\": 'slak' is no service",
    ],
)
def test_what_a_complaint_says_of_a_setting_named_password_stays(complaint):
    assert redacted_prose(complaint) == complaint


@pytest.mark.parametrize(
    ("complaint", "left"),
    [
        ("secrets token: connect to db://a:hunter2@b", "secrets token: connect to db://a:…@b"),
        ("headers: Authorization: Basic bWFyYTpo x", "headers: Authorization: Basic … x"),
        ("secrets token: GET /r/Zm9vYmFyYmF6", "secrets token: GET /r/…"),
        ('url: /x?token=abc and password="hunt er"', 'url: /x?token=… and password="…"'),
        ("password:hunter2 x", "password:… x"),
    ],
)
def test_a_complaint_holds_no_secret(complaint, left):
    assert redacted_prose(complaint) == left
