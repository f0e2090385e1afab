"""Settings, roles made here, second factors, one-time and permission codes; where people are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ID = sa.String(length=26)
HASH = sa.String(length=64)
MOMENT = sa.DateTime(timezone=True)
PLACE = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")


def upgrade() -> None:
    _settings()
    _columns()
    _roles_and_factors()
    _codes()
    op.create_index(
        "ix_runtime_instance_suspended",
        "runtime_instance",
        ["id"],
        postgresql_where=sa.text("state = 'suspended'"),
        sqlite_where=sa.text("state = 'suspended'"),
    )
    op.create_index("ix_audit_row_kind_audit_row_at", "audit_row", ["kind", "at"])
    op.create_index("ix_audit_row_at", "audit_row", ["at"])


def _settings() -> None:
    op.create_table(
        "settings_value",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by_id", ID, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_settings_value")),
    )
    op.create_table(
        "settings_revision",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settings_revision")),
    )
    op.create_table(
        "settings_dictionary",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("title_zh", sa.String(length=100), nullable=False),
        sa.Column("title_en", sa.String(length=100), nullable=False),
        sa.Column("is_seeded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_settings_dictionary")),
    )
    op.create_table(
        "settings_word",
        sa.Column("dictionary", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("zh", sa.String(length=100), nullable=False),
        sa.Column("en", sa.String(length=100), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_off", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dictionary"], ["settings_dictionary.key"], name=op.f("fk_settings_word_dictionary")
        ),
        sa.PrimaryKeyConstraint("dictionary", "code", name=op.f("pk_settings_word")),
    )


def _columns() -> None:
    op.add_column("identity_person", sa.Column("place", PLACE, nullable=True))
    op.add_column("identity_person", sa.Column("merged_into_id", ID, nullable=True))
    op.add_column("identity_person", sa.Column("import_id", ID, nullable=True))
    op.create_index("ix_identity_person_place", "identity_person", ["place"])
    op.create_index("ix_identity_person_import_id", "identity_person", ["import_id"])
    op.add_column("identity_account", sa.Column("closed_at", MOMENT, nullable=True))
    for table in ("identity_account", "identity_post", "identity_unit"):
        op.add_column(table, sa.Column("import_id", ID, nullable=True))
        op.create_index(f"ix_{table}_import_id", table, ["import_id"])
    op.add_column("identity_unit", sa.Column("merged_into_id", ID, nullable=True))
    closed = sa.Column("is_closed", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("identity_region", closed)
    op.create_index("ix_identity_post_place", "identity_post", ["place", "person_id"])
    op.add_column("identity_session", sa.Column("proved_at", MOMENT, nullable=True))


def _roles_and_factors() -> None:
    op.create_table(
        "identity_role",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("title_zh", sa.String(length=60), nullable=False),
        sa.Column("title_en", sa.String(length=60), nullable=False),
        sa.Column("place", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=30), nullable=True),
        sa.Column("reach", sa.String(length=10), nullable=False),
        sa.Column("permissions", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("second_factor", sa.Boolean(), nullable=False),
        sa.Column("is_off", sa.Boolean(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_identity_role")),
    )
    op.create_table(
        "identity_factor",
        sa.Column("person_id", ID, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["identity_person.id"], name=op.f("fk_identity_factor_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_identity_factor")),
    )
    op.create_table(
        "identity_recovery_code",
        sa.Column("hash", HASH, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["identity_person.id"], name=op.f("fk_identity_recovery_code_person_id")
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_identity_recovery_code")),
    )
    op.create_index("ix_identity_recovery_code_person_id", "identity_recovery_code", ["person_id"])
    op.create_table(
        "identity_external",
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("linked_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["identity_person.id"], name=op.f("fk_identity_external_person_id")
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_identity_external")),
    )
    op.create_index("ix_identity_external_person_id", "identity_external", ["person_id"])


def _codes() -> None:
    op.add_column("notices_delivery", sa.Column("letter", sa.LargeBinary(), nullable=True))
    op.create_table(
        "identity_one_time_code",
        sa.Column("id", ID, nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("to_hash", HASH, nullable=False),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("code_hash", HASH, nullable=False),
        sa.Column("network", HASH, nullable=False),
        sa.Column("is_known", sa.Boolean(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_one_time_code")),
    )
    for name, column in (("to", "to_hash"), ("person", "person_id"), ("network", "network")):
        op.create_index(f"ix_identity_one_time_code_{name}", "identity_one_time_code", [column, "sent_at"])
    op.create_index("ix_identity_one_time_code_expires_at", "identity_one_time_code", ["expires_at"])
    op.create_table(
        "identity_code_batch",
        sa.Column("id", ID, nullable=False),
        sa.Column("role", sa.String(length=60), nullable=False),
        sa.Column("place", PLACE, nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=100), nullable=False),
        sa.Column("issued_by_id", ID, nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("until_at", MOMENT, nullable=False),
        sa.Column("post_until_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("revoked_by_id", ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_code_batch")),
    )
    op.create_index("ix_identity_code_batch_place", "identity_code_batch", ["place"])
    op.create_index("ix_identity_code_batch_issued_by_id", "identity_code_batch", ["issued_by_id"])
    op.create_table(
        "identity_permission_code",
        sa.Column("id", ID, nullable=False),
        sa.Column("batch_id", ID, nullable=False),
        sa.Column("hash", HASH, nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=True),
        sa.Column("redeemed_by_id", ID, nullable=True),
        sa.Column("redeemed_at", MOMENT, nullable=True),
        sa.Column("post_id", ID, nullable=True),
        sa.Column("active_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["identity_code_batch.id"], name=op.f("fk_identity_permission_code_batch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_permission_code")),
        sa.UniqueConstraint("hash", name=op.f("uq_identity_permission_code_hash")),
    )
    for column in ("batch_id", "redeemed_by_id", "post_id"):
        op.create_index(f"ix_identity_permission_code_{column}", "identity_permission_code", [column])


def downgrade() -> None:
    op.drop_index("ix_runtime_instance_suspended", table_name="runtime_instance")
    op.drop_index("ix_audit_row_at", table_name="audit_row")
    op.drop_index("ix_audit_row_kind_audit_row_at", table_name="audit_row")
    for table in (
        "identity_permission_code",
        "identity_code_batch",
        "identity_one_time_code",
        "identity_external",
        "identity_recovery_code",
        "identity_factor",
        "identity_role",
    ):
        op.drop_table(table)
    op.drop_column("notices_delivery", "letter")
    op.drop_column("identity_session", "proved_at")
    op.drop_index("ix_identity_post_place", table_name="identity_post")
    for table in ("identity_unit", "identity_post", "identity_account"):
        op.drop_index(f"ix_{table}_import_id", table_name=table)
        op.drop_column(table, "import_id")
    op.drop_column("identity_unit", "merged_into_id")
    op.drop_column("identity_region", "is_closed")
    op.drop_column("identity_account", "closed_at")
    op.drop_index("ix_identity_person_import_id", table_name="identity_person")
    op.drop_index("ix_identity_person_place", table_name="identity_person")
    for column in ("import_id", "merged_into_id", "place"):
        op.drop_column("identity_person", column)
    for table in ("settings_word", "settings_dictionary", "settings_revision", "settings_value"):
        op.drop_table(table)
