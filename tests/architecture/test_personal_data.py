"""Every column of every model has a class, and the inventory says what the classes say."""

import pytest
from django.apps import apps

from apps.common.personal_data import (
    OURS,
    PROVIDED,
    Classified,
    Copies,
    Fate,
    Nobodys,
    OfEntities,
    PartOf,
)
from apps.isolation.models import TenantForeignKey
from apps.keys.fields import SealedField
from apps.privacy import classification
from apps.privacy.classification import list_classes, list_faults
from apps.privacy.inventory import write_inventory
from memoryhub.embedded.layout import PROJECT

ABOUT = [classes for classes in list_classes() if classes.is_about_people]


def test_every_column_of_every_model_is_classified():
    assert list_faults() == []


def test_list_of_other_peoples_models_is_needed():
    labels = {model._meta.label for model in apps.get_models(include_auto_created=True)}

    assert classification.OTHERS.keys() <= labels
    assert not any(
        hasattr(apps.get_model(label), "PersonalData") for label in classification.OTHERS
    )


@pytest.mark.parametrize(
    ("declared", "faults"),
    [
        ({}, ["memories.Erasure: 'memories.Erasure has no class PersonalData.'"]),
        ({"id": OURS}, None),
        ({"id": OURS, "tenant_id": OURS, "digests": OURS}, ["memories.Erasure: erased_at = ?"]),
        (
            dict.fromkeys(("id", "tenant_id", "digests", "erased_at", "gone"), OURS),
            ["memories.Erasure has no column gone"],
        ),
    ],
)
def test_fault_is_named(monkeypatch, declared, faults):
    model = apps.get_model("memories.Erasure")
    if declared:
        made = type("PersonalData", (Classified,), declared | {"whose": Nobodys("test")})
        monkeypatch.setattr(model, "PersonalData", made)
    else:
        monkeypatch.delattr(model, "PersonalData")

    found = list_faults()

    assert found == (
        faults
        or [f"memories.Erasure: {name} = ?" for name in ("digests", "erased_at", "tenant_id")]
    )


def test_what_is_sealed_and_about_people_is_personal_and_goes():
    """Whoever seals a column thinks that it is somebody's: an erasure must take it."""
    wrong = [
        f"{classes.label}.{field.name}"
        for classes in ABOUT
        for field in classes.model._meta.local_fields
        if isinstance(field, SealedField)
        and (
            not classes.columns[field.name].is_personal
            or classes.columns[field.name].fate == Fate.KEPT
        )
    ]

    assert wrong == []


def test_what_is_kept_though_personal_has_a_reason():
    assert [
        f"{classes.label}.{name}"
        for classes in list_classes()
        for name, column in classes.columns.items()
        if column.is_personal and column.fate == Fate.KEPT and not column.reason
    ] == []


def test_rows_that_refer_to_entities_are_about_people():
    """A table that nobody tied to people would be left out of copies and erasures."""
    entity = apps.get_model("memories.Entity")
    refers = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, TenantForeignKey) and field.related_model is entity
    }

    assert refers <= {classes.label for classes in ABOUT}


def test_a_part_belongs_to_a_whole_that_is_about_people():
    labels = {classes.label for classes in ABOUT}

    wholes = {classes.whose.whole for classes in ABOUT if isinstance(classes.whose, PartOf)}

    assert wholes <= labels
    assert all(isinstance(classes.whose, OfEntities | PartOf) for classes in ABOUT)


def test_portability_holds_no_more_than_access():
    assert PROVIDED.copies == Copies.BOTH
    assert {column.copies for classes in ABOUT for column in classes.columns.values()} <= set(
        Copies
    )


def test_inventory_is_fresh():
    written = (PROJECT / "docs" / "data-inventory.md").read_text()

    assert written == write_inventory(), "manage.py data_inventory > docs/data-inventory.md"
