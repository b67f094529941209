"""Checks of disk, inodes, traffic and databases against their quotas, as the panel counts them.

Every figure tells its age: panels count some of them once a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from diagnostics.evidence.keys import HOSTING
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from hosting.model import Resource
from kb.owners import Owner
from render.i18n import N_

NEAR_SHARE = 0.9

FULL_SITE = (
    "web.site.storage_full",
    "web.site.server_error",
    "web.site.unavailable",
    "web.site.gateway_error",
)

DISK_OVER = FindingMessage(
    id="hosting.disk.over",
    severity=Severity.CRITICAL,
    owner=Owner.CUSTOMER,
    title=N_("Your disk space is full"),
    seen=N_("{used:bytes} of {limit:bytes} are used (counted {as_of:datetime})."),
    why=N_("The website cannot save anything, shows errors, and new mail is turned away."),
    steps=(
        N_("In your hosting panel, open the disk usage and see which folders are largest."),
        N_("Delete old backups, logs, and mail in Trash and Spam; keep a copy of what you need."),
        N_("If you need it all, order more space, and check again in a few minutes."),
    ),
    hides=(*FULL_SITE, "hosting.inodes.near", "mail.greeting."),
)
DISK_NEAR = FindingMessage(
    id="hosting.disk.near",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("Your disk space is almost full"),
    seen=N_(
        "{used:bytes} of {limit:bytes} are used, which is {share:percent} "
        "(counted {as_of:datetime})."
    ),
    why=N_("When it is full, the website shows errors and new mail is turned away."),
    steps=(
        N_("In your hosting panel, open the disk usage and see which folders are largest."),
        N_("Delete old backups, logs and mail that you no longer need, or order more space."),
    ),
)
INODES_OVER = FindingMessage(
    id="hosting.inodes.over",
    severity=Severity.CRITICAL,
    owner=Owner.CUSTOMER,
    title=N_("You have reached the limit for the number of files"),
    seen=N_("There are {used:number} files of {limit:number} allowed (counted {as_of:datetime})."),
    why=N_(
        "No further file can be created: uploads, sessions and new mail fail, even with free space."
    ),
    steps=(
        N_("Delete caches of the website and old mail; both are made of very many small files."),
        N_("Pack old projects into one archive file, or remove them."),
        N_("If that is not enough, ask support for a larger plan."),
    ),
    hides=(*FULL_SITE, "mail.greeting."),
)
INODES_NEAR = FindingMessage(
    id="hosting.inodes.near",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("You are close to the limit for the number of files"),
    seen=N_(
        "There are {used:number} files of {limit:number} allowed, which is {share:percent} "
        "(counted {as_of:datetime})."
    ),
    why=N_("Past the limit, uploads and new mail fail even with free disk space."),
    steps=(N_("Delete website caches, old mail and projects that are no longer used."),),
)
TRAFFIC_OVER = FindingMessage(
    id="hosting.traffic.over",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("Your monthly traffic is used up"),
    seen=N_("{used:bytes} of {limit:bytes} were transferred (counted {as_of:datetime})."),
    why=N_("The server may slow the site down or block it until the next period begins."),
    steps=(
        N_(
            "In your hosting panel, open the traffic statistics: one file or robot often causes it."
        ),
        N_("Make large pictures and videos smaller, or move them to a service made for them."),
        N_("Order more traffic, or a plan without this limit, to open the site at once."),
    ),
    hides=("web.site.traffic_exceeded", "web.site.unavailable", "web.site.suspended_page"),
)
TRAFFIC_NEAR = FindingMessage(
    id="hosting.traffic.near",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("Your monthly traffic is almost used up"),
    seen=N_(
        "{used:bytes} of {limit:bytes} were transferred, which is {share:percent} "
        "(counted {as_of:datetime})."
    ),
    why=N_("When it is used up, the site may be slowed down or blocked until the next period."),
    steps=(
        N_("Look in the traffic statistics of your hosting panel for what uses most of it."),
        N_("Order more traffic if you expect more visitors this month."),
    ),
)


DATABASE_OVER = FindingMessage(
    id="hosting.database.over",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("Your databases are full"),
    seen=N_("{used:bytes} of {limit:bytes} are used (counted {as_of:datetime})."),
    why=N_("The site can read but not write: orders, comments and sign-ins fail with errors."),
    steps=(
        N_("In your hosting panel, open Databases and see which one, and which table, is largest."),
        N_("Empty logs, old sessions and caches; plugins for statistics often fill them."),
        N_("If you need it all, order more space for databases."),
    ),
    hides=("web.site.database_error", "web.site.program_error", "web.site.server_error"),
)
DATABASE_NEAR = FindingMessage(
    id="hosting.database.near",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("Your databases are almost full"),
    seen=N_(
        "{used:bytes} of {limit:bytes} are used, which is {share:percent} "
        "(counted {as_of:datetime})."
    ),
    why=N_("When they are full, the site can no longer save anything."),
    steps=(
        N_("In your hosting panel, open Databases and see which one, and which table, is largest."),
        N_("Empty logs, old sessions and caches, or order more space for databases."),
    ),
)


def _usage_judge(
    resource: Resource, near: FindingMessage, over: FindingMessage
) -> Callable[[Case], Iterable[Finding]]:
    def judge(case: Case) -> Iterator[Finding]:
        for usage in case.evidence[HOSTING].usage:
            # No limit means unlimited; panels also write 0 for that.
            if usage.resource is not resource or not usage.limit or usage.limit < 0:
                continue
            share = usage.used / usage.limit
            message = over if share >= 1 else near if share >= NEAR_SHARE else None
            if message is not None:
                yield message(
                    evidence=("hosting",),
                    used=usage.used,
                    limit=usage.limit,
                    share=round(share, 4),
                    as_of=usage.as_of.isoformat(),
                )

    return judge


DISK = Check(
    id="hosting.disk",
    title=N_("There is free disk space"),
    needs=(HOSTING,),
    messages=(DISK_OVER, DISK_NEAR),
    judge=_usage_judge(Resource.DISK, DISK_NEAR, DISK_OVER),
    refuted_by=("web.site.storage_full",),
)
INODES = Check(
    id="hosting.inodes",
    title=N_("The number of files is within its limit"),
    needs=(HOSTING,),
    messages=(INODES_OVER, INODES_NEAR),
    judge=_usage_judge(Resource.INODES, INODES_NEAR, INODES_OVER),
)
TRAFFIC = Check(
    id="hosting.traffic",
    title=N_("The traffic is within its limit"),
    needs=(HOSTING,),
    messages=(TRAFFIC_OVER, TRAFFIC_NEAR),
    judge=_usage_judge(Resource.TRAFFIC, TRAFFIC_NEAR, TRAFFIC_OVER),
    refuted_by=("web.site.traffic_exceeded",),
)
DATABASE = Check(
    id="hosting.database",
    title=N_("The databases have room"),
    needs=(HOSTING,),
    messages=(DATABASE_OVER, DATABASE_NEAR),
    judge=_usage_judge(Resource.DATABASE, DATABASE_NEAR, DATABASE_OVER),
)
