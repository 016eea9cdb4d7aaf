"""Invented memories to look around with. All name the app `demo`, and go by it."""

from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.utils import timezone

from apps.common.actor import Actor
from apps.memories.domain.deletion import delete_memories
from apps.memories.domain.memories import add_memories
from apps.memories.domain.values import NewMemories, NewMessage
from apps.memories.enums import EntityKind
from apps.memories.filters import match_entities
from apps.memories.queries.entities import count_memories, find_entities

APP = "demo"
SAID = (  # by whom, days ago, category, what
    ("demo-ines", 41, "travel", "I fly to Lisbon in the second week of May."),
    ("demo-ines", 41, "travel", "A window seat, if the flight takes more than four hours."),
    ("demo-ines", 30, "family", "We travel with two children, Mia is 9 and Jonas is 6."),
    ("demo-ines", 12, "travel", "No departures before 07:00, the children need their sleep."),
    ("demo-ines", 3, "travel", "Connecting rooms or a family cabin would be best."),
    ("demo-tobias", 37, "food", "I am allergic to shellfish."),
    ("demo-tobias", 20, "food", "I drink tea in the morning, never coffee."),
    ("demo-tobias", 9, "work", "My team meets on Tuesdays at nine."),
    ("demo-tobias", 2, "work", "The report is due on the last Friday of the month."),
    ("demo-amara", 25, "home", "I moved from Oslo to Bergen in March."),
    ("demo-amara", 14, "home", "My landlord wants three months of notice."),
    ("demo-amara", 1, "travel", "For weekends I take the train along the coast."),
)


def count_demo() -> int:
    """Memories of the demo that are left. Two statements, in the open scope."""
    return sum(count_memories(find_entities([(EntityKind.APP, APP)]).values()).values())


def load_demo(*, tenant_id: UUID, by: Actor) -> int:
    """Add them, as an application would; those that are there already stay. Answers how many."""
    now = timezone.now()
    added = 0
    for (user, days, category), lines in groupby(SAID, key=lambda line: line[:3]):
        texts = [line[3] for line in lines]
        new = _make_new(user, now - timedelta(days=days), category, texts)
        added += sum(one.is_new for one in add_memories(tenant_id=tenant_id, new=new, by=by).added)
    return added


def remove_demo(*, tenant_id: UUID, by: Actor) -> int:
    """Delete every memory that names the app; answers how many. Refuses under a legal hold."""
    filters = match_entities({EntityKind.APP: APP})
    return delete_memories(tenant_id=tenant_id, filters=filters, by=by)


def _make_new(user: str, at: datetime, category: str, texts: list[str]) -> NewMemories:
    return NewMemories(
        messages=[NewMessage(text) for text in texts],
        entity_ids={EntityKind.USER: user, EntityKind.APP: APP},
        created_at=at,
        metadata={"channel": "demo"},
        categories=[category],
    )
