"""The demo: the main job on the bundled newsroom, day by day, in a home of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from demo.newsroom import Form, claims, pieces
from demo.site import NewsroomServer, Site, serving
from flows import claims as claim_vectors
from flows import prefect_server
from flows.parts import Parts, use
from flows.settings import Settings, build
from flows.watching import run_once
from records.calendar import day_start
from records.run import RunReport
from records.source import Source, SourceKind

#: The hours of Viet Nam at which the demo looks.
LOOK_HOURS = (11, 16, 21)


#: (moment, its number from 1, how many there are, what the run did)
Progress = Callable[[datetime, int, int, RunReport], None]


def moments() -> tuple[datetime, ...]:
    """The invented moments at which the demo collects, in UTC: every look from the first piece to after the last."""
    first, last = pieces()[0].published, pieces()[-1].published
    day, found = day_start(first), []
    while day <= last:
        found += [day + timedelta(hours=hour) for hour in LOOK_HOURS]
        day += timedelta(days=1)
    after = next((m for m in found if m >= last), day)
    return tuple(m for m in found if first <= m <= after)


def settings(home: Path, console_port: int = 0) -> Settings:
    """The demo's own settings: no delay on loopback, and messages go to files.

    No `department.province`: the demo's is invented, and a setting names one of the 34.
    """
    return build(
        {
            "home": home / "demo",
            "department": {
                "name": "Sở Y tế tỉnh Yên Hà",
                "contact": "truyen-thong@yenha.example",
            },
            "crawl": {"delay_seconds": 0},
            "console": {"port": console_port},
        }
    )


def fresh_home(home: Path) -> Path:
    """Empty the demo's home; the encoder, which takes a while to build, is shared with the real one."""
    demo_home = home / "demo"
    if demo_home.exists():
        shutil.rmtree(demo_home)
    demo_home.mkdir(parents=True)
    (home / "models").mkdir(exist_ok=True)
    (demo_home / "models").symlink_to(home / "models", target_is_directory=True)
    return demo_home


def source_of(server: NewsroomServer) -> Source:
    newsroom = server.newsroom
    listing = newsroom.form is Form.LISTING or newsroom.form is Form.PORTAL
    return Source(
        id=newsroom.key,
        name=newsroom.name,
        address=server.address,
        kind=SourceKind.LISTING if listing else SourceKind.FEED,
        owner=newsroom.owner,
        region="Yên Hà",
        platform=newsroom.owner.value if newsroom.form is Form.POSTS else "web",
        enabled=True,
        every_minutes=1,
    )


@contextmanager
def newsroom(parts: Parts) -> Iterator[Site]:
    """The local site, its sources on the list of `parts`."""
    with serving() as site:
        for server in site.servers:
            parts.store.sources.save(source_of(server), moments()[0])
        yield site


def show(home: Path, console_port: int, progress: Progress, only: int | None = None) -> Parts:
    """Run the main job at every moment (the first `only` of them), calling `progress` after each; the parts used.

    One Prefect server serves all the runs. The messages' links lead to the console on `console_port`.
    """
    fresh_home(home)
    parts = use(settings(home, console_port))
    parts.store.save_claims(claims())
    wanted = moments()[:only]
    # Loading the encoder and starting Prefect take ten seconds each, the one in this process, the other in its own.
    with ThreadPoolExecutor(1) as aside, newsroom(parts) as site:
        loading = aside.submit(claim_vectors.embed, parts)
        with prefect_server.started(parts.settings, permanent=True):
            loading.result()
            for number, moment in enumerate(wanted, 1):
                site.show(moment)
                progress(moment, number, len(wanted), run_once(parts, moment))
    return parts
