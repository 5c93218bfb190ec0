"""The ports: what one part may ask of another, as Protocols. Adapters are built in flows/wiring.py.

Times are aware and in UTC. Every method of a store port is one transaction unless it says otherwise, and raises
StoreError when the store cannot do it; a method that names an id raises NotFound when there is no such record.
"""

from records.ports.clock import Clock
from records.ports.collecting import Backfills, Leases, Runs, Sink, Sources, WorkParts
from records.ports.handling import Casebook, Deliverer, Outbox, Work
from records.ports.reading import Operations, Reader
from records.ports.searching import IndexBuild, IndexQueue, SearchIndex
from records.ports.understanding import DEEP, AssessmentQueue, Assessor, Encoder, NarrationStore, Narrator, RiskStore

__all__ = [
    "DEEP",
    "AssessmentQueue",
    "Assessor",
    "Backfills",
    "Casebook",
    "Clock",
    "Deliverer",
    "Encoder",
    "IndexBuild",
    "IndexQueue",
    "Leases",
    "NarrationStore",
    "Narrator",
    "Operations",
    "Outbox",
    "Reader",
    "RiskStore",
    "Runs",
    "SearchIndex",
    "Sink",
    "Sources",
    "Work",
    "WorkParts",
]
