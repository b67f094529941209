"""What a program does to put published words right: a part of the story of the operators' API."""

from __future__ import annotations

WRONG, RIGHT = {"en": "Web is donw"}, {"en": "Web is down"}


def put_words_right(ask):
    """An incident, one of its entries, planned work, a word on it, an announcement."""
    base = "/api/ops"
    _, incident = ask("POST", f"{base}/incidents", {"title": WRONG, "text": WRONG})
    path = f"{base}/incidents/{incident['id']}"
    assert ask("PUT", f"{path}/wording", {"title": RIGHT})[1]["title"] == RIGHT
    entry = f"{path}/updates/{incident['updates'][0]['id']}/wording"
    status, corrected = ask("PUT", entry, {"text": RIGHT, "version": 2})
    assert (status, corrected["updates"][0]["text"]) == (200, RIGHT)
    assert corrected["updates"][0]["corrected_at"]
    assert ask("PUT", entry, {"text": WRONG, "version": 2})[0] == 409
    assert ask("PUT", f"{path}/wording", {"text": RIGHT})[0] == 422
    assert ask("PUT", f"{path}/wording", {})[0] == 422
    assert ask("PUT", entry, {"title": RIGHT})[0] == 422
    assert ask("PUT", f"{base}/incidents/nothing/wording", {"title": RIGHT})[0] == 404
    window = {"starts_at": "2030-01-01T00:00:00Z", "ends_at": "2030-01-01T01:00:00Z"}
    planned = {"title": WRONG, "text": WRONG, "components": ["web"], **window}
    _, work = ask("POST", f"{base}/maintenances", planned)
    path = f"{base}/maintenances/{work['id']}"
    assert ask("PUT", f"{path}/wording", {"text": RIGHT})[1]["text"] == RIGHT
    _, noted = ask("POST", f"{path}/updates", {"text": WRONG})
    noted_id = next(u["id"] for u in noted["updates"] if u["text"] == WRONG)
    _, work = ask("PUT", f"{path}/updates/{noted_id}/wording", {"text": RIGHT})
    assert RIGHT in [update["text"] for update in work["updates"]]
    _, news = ask("POST", f"{base}/announcements", {"title": WRONG, "text": WRONG})
    path = f"{base}/announcements/{news['id']}/wording"
    assert ask("PUT", path, {"title": RIGHT})[1]["title"] == RIGHT
    assert ask("PUT", path, {"title": RIGHT, "version": 1})[0] == 409
