"""The migration operation that makes a table tenant-owned.

Primary key (tenant_id, id), references as (tenant_id, ...), forced row-level security with its
policies, and the application role's grants. Reversible.
"""

from typing import Any

from django.apps.registry import Apps
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from apps.isolation.roles import application_role
from apps.isolation.scope import SETTING

TENANT_MATCHES = f"tenant_id = nullif((SELECT current_setting('{SETTING}', true)), '')::uuid"


class MakeTenantOwned(Operation):
    """Turn the table that CreateModel made into a tenant-owned one.

    `part_of` names the model whose id this one shares; `grants` is what the application's role
    may do.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(
        self,
        model_name: str,
        *,
        part_of: str | None = None,
        grants: tuple[str, ...] = ("SELECT", "INSERT", "UPDATE", "DELETE"),
    ) -> None:
        self.model_name = model_name
        self.part_of = part_of
        self.grants = grants

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        kwargs = {"part_of": self.part_of, "grants": self.grants}
        return self.__class__.__qualname__, [self.model_name], kwargs

    def describe(self) -> str:
        return f"Make {self.model_name} tenant-owned"

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models' state is untouched: Django's primary key stays `id`."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002
        to_state: ProjectState,
    ) -> None:
        model = _model(to_state.apps, app_label, self.model_name)
        for statement in self._forwards(schema_editor, model):
            schema_editor.execute(statement)
        if self.part_of:
            whole = _model(to_state.apps, app_label, self.part_of)
            schema_editor.execute(_add_reference(schema_editor, model, "id", whole))

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,  # noqa: ARG002
    ) -> None:
        model = _model(from_state.apps, app_label, self.model_name)
        for statement in self._backwards(schema_editor, model):
            schema_editor.execute(statement)

    def _forwards(self, editor: BaseDatabaseSchemaEditor, model: type[models.Model]) -> list[str]:
        table = editor.quote_name(model._meta.db_table)
        role, rule = editor.quote_name(application_role()), TENANT_MATCHES
        return [
            f"ALTER TABLE {table} DROP CONSTRAINT {_key_name(model)}",
            f"ALTER TABLE {table} ADD CONSTRAINT {_key_name(model)} PRIMARY KEY (tenant_id, id)",
            *(
                _add_reference(editor, model, field.column, field.related_model)
                for field in _references(model)
            ),
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY tenant ON {table} USING ({rule}) WITH CHECK ({rule})",
            f"CREATE POLICY owner ON {table} TO CURRENT_USER USING (true) WITH CHECK (true)",
            f"REVOKE ALL ON {table} FROM {role}",
            f"GRANT {', '.join(self.grants)} ON {table} TO {role}",
        ]

    def _backwards(self, editor: BaseDatabaseSchemaEditor, model: type[models.Model]) -> list[str]:
        table = editor.quote_name(model._meta.db_table)
        part = [f"ALTER TABLE {table} DROP CONSTRAINT {_reference_name(model, 'id')}"]
        return [
            *(part if self.part_of else []),
            f"DROP POLICY owner ON {table}",
            f"DROP POLICY tenant ON {table}",
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
            *(
                f"ALTER TABLE {table} DROP CONSTRAINT {_reference_name(model, field.column)}"
                for field in _references(model)
            ),
            f"ALTER TABLE {table} DROP CONSTRAINT {_key_name(model)}",
            f"ALTER TABLE {table} ADD CONSTRAINT {_key_name(model)} PRIMARY KEY (id)",
        ]


def _model(apps: Apps, app_label: str, name: str) -> type[models.Model]:
    return apps.get_model(app_label, name)


def _bare_table(model: type[models.Model]) -> str:
    return model._meta.db_table.replace('"', "").rpartition(".")[2]


def _key_name(model: type[models.Model]) -> str:
    return f"{_bare_table(model)}_pkey"


def _references(model: type[models.Model]) -> list["models.ForeignKey[Any, Any]"]:
    """The foreign keys that Django leaves to this operation."""
    return [
        field
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey) and not getattr(field, "db_constraint", True)
    ]


def _reference_name(model: type[models.Model], column: str) -> str:
    return f"{_bare_table(model)}_{column}_in_tenant"


def _add_reference(
    editor: BaseDatabaseSchemaEditor, model: type[models.Model], column: str, target: Any
) -> str:
    return (
        f"ALTER TABLE {editor.quote_name(model._meta.db_table)}"
        f" ADD CONSTRAINT {_reference_name(model, column)} FOREIGN KEY (tenant_id, {column})"
        f" REFERENCES {editor.quote_name(target._meta.db_table)} (tenant_id, id)"
    )
