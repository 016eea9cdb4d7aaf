"""The record of processing that docs/data-inventory.md is: every column, by its class."""

from collections.abc import Iterable, Iterator

from apps.common.personal_data import Column, Fate, Nobodys, OfEntities, PartOf, Whose
from apps.isolation.models import TenantOwned
from apps.keys.fields import SealedField
from apps.privacy.classification import Classes, list_classes

HEAD = """\
# Data inventory

Written by `manage.py data_inventory` from the class `PersonalData` of each model; a test keeps it
fresh. It says what MemoryHub's database holds of people, where that comes from, which copies for
the person hold it, and what an erasure does with it. "Sealed" is ciphertext under the key of the
person's entity (under the tenant's key where a row belongs to none): it becomes unreadable when
that key is destroyed. "Described only" are numbers that say nothing to a reader; a copy says that
they are held.
"""
OTHERS_HEAD = """
## About nobody, or about operators

| table | rows are | personal columns |
|---|---|---|
"""


def write_inventory() -> str:
    found = list_classes()
    about = [classes for classes in found if classes.is_about_people]
    others = [classes for classes in found if not classes.is_about_people]
    parts = [HEAD, "\n## About people whom memories are kept about\n"]
    parts += [_write_model(classes) for classes in about]
    parts += [OTHERS_HEAD]
    parts += [_write_line(classes) for classes in others]
    return "".join(parts)


def _write_model(classes: Classes) -> str:
    rows = "".join(_list_rows(classes))
    return (
        f"\n### {classes.label}\n\n{_say_whose(classes.whose)}\n\n"
        "| column | source | stored | copies | erasure |\n|---|---|---|---|---|\n" + rows
    )


def _list_rows(classes: Classes) -> Iterator[str]:
    sealed = {
        field.name for field in classes.model._meta.local_fields if isinstance(field, SealedField)
    }
    for name, column in classes.columns.items():
        stored = "sealed" if name in sealed else "readable"
        yield f"| {name} | {column.source} | {stored} | {column.copies} | {_say_fate(column)} |\n"


def _write_line(classes: Classes) -> str:
    assert isinstance(classes.whose, Nobodys)
    kept = "its tenant's" if issubclass(classes.model, TenantOwned) else "the instance's"
    return (
        f"| {classes.label} | {kept}: {classes.whose.reason} | {_name(classes.columns.items())} |\n"
    )


def _name(columns: Iterable[tuple[str, Column]]) -> str:
    return ", ".join(name for name, column in columns if column.is_personal) or "none"


def _say_whose(whose: Whose) -> str:
    match whose:
        case OfEntities(("id",)):
            return "A row for each entity."
        case OfEntities(names):
            return f"A row belongs to each entity that it names in {', '.join(names)}."
        case PartOf(column, whole):
            return f"Part of {whole}, by {column}."
    return ""


def _say_fate(column: Column) -> str:
    if not column.is_personal and column.fate == Fate.DELETED:
        return "as its row"
    return f"{column.fate}: {column.reason}" if column.reason else str(column.fate)
