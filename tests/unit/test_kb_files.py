"""Article files: what is read, what is refused, and in which words."""

from __future__ import annotations

import json

import pytest

from kb import cli
from kb.article_files import read
from kb.library import BrokenLibrary, Library

GOOD = """---
title: "Web: nejde"   # for customers
lang: cs
topic: site-down
findings: [web.site.refused, "web.site."]
aliases:
  - nejde mi web
  - 'it''s down'
---
Text článku o webu, který se neotevře.

## Co udělat
1. Podívejte se na stav služeb.
"""


def put(folder, text, name="site-down/cs.md"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_an_article_is_read_with_all_its_keys(tmp_path):
    article, problems = read(put(tmp_path, GOOD))
    assert problems == []
    assert (article.slug, article.lang, article.title) == ("site-down", "cs", "Web: nejde")
    assert article.findings == ("web.site.refused", "web.site.")
    assert article.aliases == ("nejde mi web", "it's down")
    assert article.body.startswith("Text článku")


def test_values_stay_as_they_are_written(tmp_path):
    """YAML guesses types; an article's words are words."""
    text = GOOD.replace('"Web: nejde"', "404").replace("nejde mi web", "no").replace("cs", "no")
    article, problems = read(put(tmp_path, text, "site-down/no.md"))
    assert problems == []
    assert (article.title, article.lang, article.aliases) == ("404", "no", ("no", "it's down"))


def test_an_article_may_be_in_the_language_of_a_region(tmp_path):
    for code in ("pt-BR", "sr-Latn", "es-419", "zh-Hant-TW"):
        text = GOOD.replace("lang: cs", f"lang: {code}")
        article, problems = read(put(tmp_path, text, f"site-down/{code}.md"))
        assert (problems, article.lang) == ([], code)
    for code in ("pt-br", "pt_BR", "PT", "portuguese"):
        assert read(put(tmp_path, GOOD, f"site-down/{code}.md"))[0] is None, code


def test_line_ends_and_a_byte_order_mark_do_not_matter(tmp_path):
    article, problems = read(put(tmp_path, "\ufeff" + GOOD.replace("\n", "\r\n")))
    assert problems == []
    assert article.title == "Web: nejde"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no front matter", "site-down/cs.md:1: the file must begin with a line '---'"),
        ("---\ntitle: x\n", "is not closed"),
        (GOOD.replace("lang: cs\n", ""), "'lang' is missing"),
        (GOOD.replace('findings: [web.site.refused, "web.site."]\n', ""), "'findings' is missing"),
        (GOOD.replace("lang: cs", "lang: en"), ":3: lang is 'en' but the file is cs.md"),
        (GOOD.replace("topic: site-down", "topic: other"), ":4: topic is 'other' but the folder"),
        (GOOD.replace("web.site.refused", "Web Down"), "'Web Down' is not a finding id"),
        (GOOD.replace("topic:", "subject: x\ntopic:"), "'subject' is not a key; allowed are title"),
        (GOOD.replace("topic:", "what\ntopic:"), ":4: not YAML: while scanning a simple key"),
        (GOOD.replace("topic:", "title: again\ntopic:"), ":4: 'title' is given twice"),
        (GOOD.replace('"web.site."]', '"web.site."'), ":5: not YAML: while parsing a flow sequence"),
        (GOOD.replace("'it''s down'", "web: down"), ":8: an item of 'aliases' must be one text"),
        (GOOD.replace("lang: cs", "lang: {a: b}"), ":3: 'lang' must be a text or a list of texts"),
        (GOOD.replace("lang: cs", "lang: c\x07s"), ":3: not YAML: special characters are not"),
        (GOOD.replace("lang: cs", "lang: &a [*a]"), ":3: an item of 'lang'"),
        (GOOD.replace("lang: cs", "lang: *a"), ":3: not YAML: found undefined alias"),
        (GOOD.replace("lang: cs", "[a, b]: cs"), ":3: a key is one word"),
        ("---\njust words\n---\ntext", ":2: expected lines of 'key: value'"),
        ("---\nlang: " + "[" * 5000 + "\n---\ntext", "nested too deeply"),
        ("---\n---\ntext", "'title' is missing"),
        (GOOD.replace("Text", "# Text"), "begin inside with '## '"),
        (GOOD.split("Text", maxsplit=1)[0], "there is no text below"),
        (GOOD.encode().replace("č".encode(), b"\xff"), ":10: not UTF-8"),
        (b"---\x00", "binary"),
        (b"x" * 300_000, "at most 200000 are read"),
        (b"", "must begin with a line '---'"),
    ],
)  # fmt: skip
def test_a_broken_file_is_named_with_place_and_reason(tmp_path, text, message):
    _, problems = read(put(tmp_path, text))
    assert problems
    assert message in "\n".join(map(str, problems))
    assert "site-down/cs.md" in str(problems[0])


def test_names_of_folder_and_file_are_checked(tmp_path):
    for name in ("Site Down/cs.md", "site-down/česky.md"):
        article, problems = read(put(tmp_path, GOOD, name))
        assert article is None
        assert len(problems) == 1


def test_loading_is_loud_and_surveying_goes_on(tmp_path):
    put(tmp_path, GOOD)
    put(tmp_path, "garbage", "other/cs.md")
    put(tmp_path, "", "other/en.md")
    with pytest.raises(BrokenLibrary) as caught:
        Library.load(tmp_path)
    assert "other/cs.md:1" in str(caught.value)
    assert "other/en.md" in str(caught.value)
    library, problems = Library.survey(tmp_path)
    assert library.slugs() == ("site-down",)
    assert len(problems) == 2


def test_the_search_command_prints_one_json_document(tmp_path, capsys):
    put(tmp_path, GOOD)
    put(tmp_path, "garbage", "other/cs.md")
    assert cli.search("nejde web", lang="cs", folders=[tmp_path], as_json=True) == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["query"] == "nejde web"
    assert document["lang"] == "cs"
    assert [set(r) for r in document["results"]] == [{"slug", "lang", "title", "score", "excerpt"}]
    assert document["results"][0]["slug"] == "site-down"
    assert "other/cs.md:1" in err


def test_the_search_command_never_ends_in_silence(tmp_path, capsys):
    put(tmp_path, GOOD)
    assert cli.search("§§§", lang="cs", folders=[tmp_path]) == 1
    assert "diagnose" in capsys.readouterr().out
    assert cli.search("web", lang="cs", folders=[tmp_path / "missing"]) == 2
    assert "missing: is no folder" in capsys.readouterr().err


def test_the_check_command_names_what_is_missing(tmp_path, capsys):
    put(tmp_path, GOOD)
    assert cli.check(tmp_path) == 0
    assert "all is well" in capsys.readouterr().out
    wanted = {"web.site.refused": "", "dns.ns.lame": ""}
    assert cli.check(tmp_path, articles_by_finding=wanted, languages=("cs", "en")) == 1
    err = capsys.readouterr().err
    assert "site-down/en.md: is missing" in err
    assert "dns.ns.lame: no article explains this finding" in err
    assert cli.check(tmp_path, articles_by_finding={"dns.ns.lame": ""}) == 1
    assert "no check can find 'web.site.refused'" in capsys.readouterr().err
