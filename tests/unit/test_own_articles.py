"""`[texts] articles`: an operator's own articles beside ours and in place of ours, and what is refused."""

from __future__ import annotations

import pytest

from commands.main import main
from context import context
from kb.library import Library
from settings import load
from wiring.rooms import build

OURS = Library.load()
LOOP = "redirect-loop"
ARTICLE = """---
title: "{title}"
lang: {lang}
topic: {topic}
findings: [{findings}]
---
{body}
"""


@pytest.fixture
def write(tmp_path):
    """Writes an article of the operator's own; the path of the configuration that names its folder."""

    def write(topic, lang, findings="", body="Call our line.", title="Ours is better"):
        path = tmp_path / "articles" / topic / f"{lang}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            ARTICLE.format(title=title, lang=lang, topic=topic, findings=findings, body=body)
        )
        return config

    config = tmp_path / "jasno.toml"
    config.write_text(f'var = "{tmp_path}/var"\n[texts]\narticles = "{tmp_path}/articles"\n')
    return write


def room(config):
    return build(context(load(str(config)))).kb


def test_an_article_takes_the_place_of_ours_in_its_language_alone(write):
    findings = ", ".join(OURS.article(LOOP, "en").findings)
    library = room(write(LOOP, "en", findings)).library
    assert library.article(LOOP, "en").title == "Ours is better"
    assert library.article(LOOP, "cs") == OURS.article(LOOP, "cs")
    assert len(library.articles) == len(OURS.articles)
    (article, *_) = library.for_finding("web.redirect.loop", "en")
    assert article.title == "Ours is better"


def test_an_article_on_a_new_topic_stands_beside_ours(write):
    write("our-phone-line", "en", body="It rings at [the desk](/kb/good-ticket).")
    config = write("our-backups", "cs", "hosting.traffic.", title="Zálohy u nás")
    library = room(config).library
    assert set(library.slugs()) == {*OURS.slugs(), "our-phone-line", "our-backups"}
    assert library.article("our-backups", "en").lang == "cs"  # the language it is written in
    assert "our-backups" in [a.slug for a in library.for_finding("hosting.traffic.over", "cs")]
    assert library.search("zálohy u nás", "cs")[0].slug == "our-backups"


def test_the_check_of_the_configuration_counts_them(write, capsys):
    config = write("our-phone-line", "en")
    assert main(["config", "check", "--config", str(config)]) == 0
    assert f"articles: {len(OURS.articles) + 1}" in capsys.readouterr().out


WRONG = {
    "a folder's name": ("Our Line/en", "", "x", "a folder's name holds only a-z, 0-9 and '-'"),
    "a finding": (
        "our-line/en",
        "web.redirect.lop",
        "x",
        "en.md: no check can find 'web.redirect.lop'; did you mean web.redirect.loop?",
    ),
    "an area": ("our-line/en", "web.nothing.", "x", "en.md: no check can find 'web.nothing.'"),
    "a language": ("our-line/cz", "", "x", "there is no language 'cz'; did you mean cs?"),
    "a link": (
        "our-line/en",
        "",
        "See [it](/kb/redirect-lop).",
        "en.md: leads to /kb/redirect-lop, and there is no such article; did you mean redirect-loop?",
    ),
    "a heading": ("our-line/en", "", "# Twice\n", "the title is the only first heading"),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=list(WRONG))
def test_what_cannot_stand_is_refused_at_the_start_and_by_the_check(write, capsys, wrong):
    path, findings, body, refusal = wrong
    config = write(*path.split("/"), findings, body)
    for command in ("config check", "web", "engine", "run"):
        assert main([*command.split(), "--config", str(config)]) == 2
        assert "[texts] articles: " in (output := capsys.readouterr().err)
        assert refusal in output


def test_every_fault_is_named_at_once(write, capsys):
    write("our-line", "cz")
    config = write("our-backups", "en", "web.redirect.lop")
    assert main(["config", "check", "--config", str(config)]) == 2
    output = capsys.readouterr().err
    assert "our-line/cz.md" in output
    assert "our-backups/en.md" in output


def test_a_finding_that_loses_its_article_is_named(write, capsys):
    own = OURS.article("php-version", "en").findings[0]
    write("php-version", "en")
    config = write("php-version", "cs")
    assert main(["config", "check", "--config", str(config)]) == 2
    assert f"{own}: no article explains this finding" in capsys.readouterr().err


def test_a_folder_that_is_not_there_or_empty_is_said_to_be_so(write, tmp_path, capsys):
    config = write("our-line", "en")
    (tmp_path / "articles" / "our-line" / "en.md").rename(tmp_path / "articles" / "en.md")
    assert main(["config", "check", "--config", str(config)]) == 2
    assert "no article <topic>/<lang>.md found here" in capsys.readouterr().err
    (tmp_path / "articles").rename(tmp_path / "elsewhere")
    assert main(["config", "check", "--config", str(config)]) == 2
    assert "articles: is no folder" in capsys.readouterr().err


def test_the_commands_for_articles_know_them(write, capsys):
    config = write("our-line", "en", title="Telephone hotline", body="Zxyqwv")
    assert main(["kb", "search", "Zxyqwv", "--config", str(config)]) == 0
    assert "/kb/our-line" in capsys.readouterr().out
    assert main(["kb", "check", "--config", str(config)]) == 0
    assert f"articles: {len(OURS.articles) + 1}," in capsys.readouterr().out
    write("our-line", "cz")
    assert main(["kb", "check", "--config", str(config)]) == 1
    assert "our-line/cz.md: there is no language 'cz'" in capsys.readouterr().err
