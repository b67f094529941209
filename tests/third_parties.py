"""Who may know which third party, and which modules are loaded when they are first needed."""

from __future__ import annotations

# Who may know a third party: a folder with all below it, or a file pattern.
PAGES = (
    *("web/*", "portal/*", "*/operator_pages/*", "*/web.py", "*/api.py", "*/page_context.py"),
    *("room.py", "wiring/web.py"),
)
EVERYWHERE = ("*",)
OWNERS: dict[str, tuple[str, ...]] = {
    "flask": PAGES,
    "werkzeug": PAGES,
    "jinja2": ("render/*",),
    "babel": ("render/*", "translations/*"),
    "sqlalchemy": ("db/*", "*/store.py", "status/storage/*", "jobs/*"),
    "alembic": ("db/*",),
    "cronsim": ("status/probing/heartbeats/cron.py",),
    "apscheduler": ("engine/scheduler.py",),
    "requests": ("observe/session.py", "hosting/panels/*", "tickets/desks/*", "notify/channels/*"),
    "urllib3": ("observe/session.py",),
    "apprise": ("notify/channels/*",),
    "h11": ("observe/*",),
    "argon2": ("accounts/passwords.py",),
    "cryptography": (
        "observe/*",
        "standards/*",
        "web/forms/results.py",
        "wizard/mailbox_test/sealing.py",
    ),
    "prometheus_client": ("render/exposition.py",),
    "granian": ("commands/web_server.py",),
    "uvloop": ("engine/*",),
    "socket": ("observe/*", "jobs/wakeup.py", "*/web_server.py", "web/middleware/*"),
    "ssl": ("observe/*", "notify/channels/smtp.py"),
    "smtplib": ("notify/channels/smtp.py",),
    **dict.fromkeys(("imaplib", "poplib"), ()),
    "brotli": ("observe/http/content_coding.py", "web/*"),
    "cyclonedx": ("deploy/sbom.py",),
    "dateutil": ("status/state/recurrence.py",),
    "holidays": ("tickets/departments/opening_hours.py",),
    # international names, wherever one is typed, judged or shown
    "idna": ("subject.py", "standards/*", "render/message_format.py", "notify/letter_limits.py"),
    "markdown_it": ("kb/markdown.py",),
    "markupsafe": ("web/forms/*", "status/operator_pages/previews.py", "status/sla/pages.py"),
    "msgspec": EVERYWHERE,
    "nh3": ("kb/markdown.py",),
    "packageurl": ("deploy/sbom.py",),
    "packaging": ("deploy/lock_check.py",),
    "psycopg": ("jobs/postgres_wakeup.py",),
    "publicsuffixlist": ("subject.py", "standards/dmarc/alignment.py"),
    "yaml": ("kb/article_files.py", "importers/source.py"),
    "_typeshed": EVERYWHERE,  # names of types only
    # dnspython's names and records are values; its messages and sockets belong to observing
    "dns": ("observe/*", "standards/*", "diagnostics/checks/dnssec/*"),
    "dns.message": ("observe/*",),
    "dns.query": ("observe/*",),
    "dns.asyncquery": ("observe/*",),
    "dns.resolver": ("observe/*",),
    "dns.asyncresolver": ("observe/*",),
}
# What a file loads inside a function, and why that is no dodge.
LAZY = {
    ("commands/processes.py", "demo"): "so that production loads neither it nor the lab",
    ("db/schema_status.py", "db.migrate"): "alembic loads slowly, and seldom has work",
    ("jobs/wakeup.py", "jobs.postgres_wakeup"): "4 MB in every process, for PostgreSQL alone",
    ("notify/channels/apprise.py", "apprise"): "an extra that may be missing",
    ("tickets/departments/opening_hours.py", "holidays"): "loads slowly, and few need it",
}
