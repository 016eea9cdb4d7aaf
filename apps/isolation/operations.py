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

    `primary_key` replaces the id where rows have a natural key; `grants` is what the application's
    role may do.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(
        self,
        model_name: str,
        *,
        primary_key: tuple[str, ...] = ("tenant_id", "id"),
        grants: tuple[str, ...] = ("SELECT", "INSERT", "UPDATE", "DELETE"),
    ) -> None:
        self.model_name = model_name
        self.primary_key = primary_key
        self.grants = grants

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        kwargs = {"primary_key": self.primary_key, "grants": self.grants}
        return self.__class__.__qualname__, [self.model_name], kwargs

    def describe(self) -> str:
        return f"Make {self.model_name} tenant-owned"

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models' state is untouched: Django's primary key stays `id`."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        model = _model(to_state.apps, app_label, self.model_name)
        for statement in self._forwards(schema_editor, model):
            schema_editor.execute(statement)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        model = _model(from_state.apps, app_label, self.model_name)
        for statement in self._backwards(schema_editor, model):
            schema_editor.execute(statement)

    def _forwards(
        self, editor: BaseDatabaseSchemaEditor, model: type[models.Model]
    ) -> list[str]:
        table = editor.quote_name(model._meta.db_table)
        role = editor.quote_name(application_role())
        columns = ", ".join(self.primary_key)
        return [
            f"ALTER TABLE {table} DROP CONSTRAINT {_key_name(model)}",
            f"ALTER TABLE {table} ADD CONSTRAINT {_key_name(model)} PRIMARY KEY ({columns})",
            *(_add_reference(editor, model, field) for field in _references(model)),
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY tenant ON {table} USING ({TENANT_MATCHES})"
            f" WITH CHECK ({TENANT_MATCHES})",
            f"CREATE POLICY owner ON {table} TO CURRENT_USER USING (true) WITH CHECK (true)",
            f"REVOKE ALL ON {table} FROM {role}",
            f"GRANT {', '.join(self.grants)} ON {table} TO {role}",
        ]

    def _backwards(
        self, editor: BaseDatabaseSchemaEditor, model: type[models.Model]
    ) -> list[str]:
        table = editor.quote_name(model._meta.db_table)
        return [
            f"DROP POLICY owner ON {table}",
            f"DROP POLICY tenant ON {table}",
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
            *(
                f"ALTER TABLE {table} DROP CONSTRAINT {_reference_name(field)}"
                for field in _references(model)
            ),
            f"ALTER TABLE {table} DROP CONSTRAINT {_key_name(model)}",
            f"ALTER TABLE {table} ADD CONSTRAINT {_key_name(model)} PRIMARY KEY (id)",
        ]


class AddReference(Operation):
    """Give a reference that was added to a tenant-owned table its (tenant_id, ...) constraint."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, model_name: str, name: str) -> None:
        self.model_name = model_name
        self.name = name

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models' state is untouched."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        model = _model(to_state.apps, app_label, self.model_name)
        field = model._meta.get_field(self.name)
        assert isinstance(field, models.ForeignKey)
        schema_editor.execute(_add_reference(schema_editor, model, field))

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        model = _model(from_state.apps, app_label, self.model_name)
        field = model._meta.get_field(self.name)
        table = schema_editor.quote_name(model._meta.db_table)
        schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {_reference_name(field)}")

    def describe(self) -> str:
        return f"Hold {self.model_name}.{self.name} inside the tenant"


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
        if isinstance(field, models.ForeignKey) and not field.db_constraint
    ]


def _reference_name(field: Any) -> str:
    return f"{_bare_table(field.model)}_{field.column}_in_tenant"


def _add_reference(
    editor: BaseDatabaseSchemaEditor,
    model: type[models.Model],
    field: "models.ForeignKey[Any, Any]",
) -> str:
    table = editor.quote_name(model._meta.db_table)
    target = editor.quote_name(field.related_model._meta.db_table)
    action = f" ON DELETE SET NULL ({field.column})" if field.remote_field.on_delete is models.SET_NULL else ""
    return (
        f"ALTER TABLE {table} ADD CONSTRAINT {_reference_name(field)}"
        f" FOREIGN KEY (tenant_id, {field.column}) REFERENCES {target} (tenant_id, id){action}"
    )
