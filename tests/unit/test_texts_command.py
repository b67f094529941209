"""`app.py texts` and `[texts]`: what is listed can be put back as it is, and is read at the start."""

from __future__ import annotations

import tomllib

import pytest

from commands.main import main
from render.i18n import translate, use_overrides
from render.overrides import NO_OVERRIDES, known_texts, read_overrides


@pytest.fixture(autouse=True)
def _our_words_again():
    yield
    use_overrides(NO_OVERRIDES)


@pytest.mark.parametrize("lang", ["cs", "en"])
def test_what_is_listed_is_a_file_of_overrides(lang, tmp_path, capsys) -> None:
    assert main(["texts", "--lang", lang]) == 0
    listed = capsys.readouterr().out
    assert set(tomllib.loads(listed)) == set(known_texts())
    (tmp_path / f"{lang}.toml").write_text(listed, "utf-8")
    read_overrides(tmp_path)


def test_words_narrow_it_down(capsys) -> None:
    assert main(["texts", "web.redirect.loop/why"]) == 0
    assert list(tomllib.loads(capsys.readouterr().out)) == ["web.redirect.loop/why"]
    assert main(["texts", "no text has such words"]) == 1


def test_the_configuration_names_the_folder(tmp_path, capsys) -> None:
    words = tmp_path / "words"
    words.mkdir()
    (words / "en.toml").write_text('"Sign in" = "Log in"\n')
    config = tmp_path / "jasno.toml"
    config.write_text(f'var = "{tmp_path}/var"\n[texts]\nfolder = "{words}"\n')
    assert main(["config", "check", "--config", str(config)]) == 0
    assert translate("en", "Sign in") == "Log in"
    (words / "en.toml").write_text('"Sing in" = "Log in"\n')
    capsys.readouterr()
    assert main(["config", "check", "--config", str(config)]) == 2
    assert "[texts] folder:" in (output := capsys.readouterr().err)
    assert 'en.toml: "Sing in" is the id of no text; did you mean Sign in' in output
