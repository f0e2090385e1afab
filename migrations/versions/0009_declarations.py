"""declarations."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "permits_serial",
        sa.Column("prefix", sa.String(length=1), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", "year", name=op.f("pk_permits_serial")),
    )
    op.create_table(
        "permits_authorisation",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("project_id", sa.String(length=26), nullable=False),
        sa.Column("district", sa.String(length=12), nullable=False),
        sa.Column(
            "place",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("group", sa.String(length=20), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("school", sa.String(length=100), nullable=True),
        sa.Column("import_id", sa.String(length=26), nullable=True),
        sa.Column("issued_by", sa.String(length=26), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["district"], ["identity_region.code"], name=op.f("fk_permits_authorisation_district")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["permits_project.id"], name=op.f("fk_permits_authorisation_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permits_authorisation")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_permits_authorisation_code_hash")),
    )
    with op.batch_alter_table("permits_authorisation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_permits_authorisation_import_id"), ["import_id"], unique=False)
        batch_op.create_index("ix_permits_authorisation_place", ["project_id", "place", "id"], unique=False)

    op.create_table(
        "permits_review_turn",
        sa.Column("project_id", sa.String(length=26), nullable=False),
        sa.Column("district", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["district"], ["identity_region.code"], name=op.f("fk_permits_review_turn_district")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["permits_project.id"], name=op.f("fk_permits_review_turn_project_id")
        ),
        sa.PrimaryKeyConstraint("project_id", "district", name=op.f("pk_permits_review_turn")),
    )
    op.create_table(
        "permits_summary",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("instance_id", sa.String(length=26), nullable=False),
        sa.Column("project_id", sa.String(length=26), nullable=False),
        sa.Column("district", sa.String(length=12), nullable=False),
        sa.Column(
            "place",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["district"], ["identity_region.code"], name=op.f("fk_permits_summary_district")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["permits_project.id"], name=op.f("fk_permits_summary_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permits_summary")),
    )
    with op.batch_alter_table("permits_summary", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_permits_summary_instance_id"), ["instance_id"], unique=False)
        batch_op.create_index(
            "uq_permits_summary_live",
            ["project_id", "district"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "permits_declaration",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("instance_id", sa.String(length=26), nullable=False),
        sa.Column("authorisation_id", sa.String(length=26), nullable=False),
        sa.Column("teacher_id", sa.String(length=26), nullable=False),
        sa.Column("project_id", sa.String(length=26), nullable=False),
        sa.Column("district", sa.String(length=12), nullable=False),
        sa.Column(
            "place",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("group", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("team_name", sa.String(length=100), nullable=True),
        sa.Column("school", sa.String(length=100), nullable=True),
        sa.Column("coach", sa.String(length=50), nullable=True),
        sa.Column("coach_phone", sa.LargeBinary(), nullable=True),
        sa.Column("about", sa.Text(), nullable=True),
        sa.Column("attachments", sa.Text(), nullable=False),
        sa.Column("recommendation", sa.String(length=200), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resubmit_by", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["authorisation_id"],
            ["permits_authorisation.id"],
            name=op.f("fk_permits_declaration_authorisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["district"], ["identity_region.code"], name=op.f("fk_permits_declaration_district")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["permits_project.id"], name=op.f("fk_permits_declaration_project_id")
        ),
        sa.ForeignKeyConstraint(
            ["teacher_id"], ["identity_person.id"], name=op.f("fk_permits_declaration_teacher_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permits_declaration")),
        sa.UniqueConstraint("authorisation_id", name=op.f("uq_permits_declaration_authorisation_id")),
        sa.UniqueConstraint("number", name=op.f("uq_permits_declaration_number")),
    )
    with op.batch_alter_table("permits_declaration", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_permits_declaration_instance_id"), ["instance_id"], unique=False)
        batch_op.create_index("ix_permits_declaration_place", ["project_id", "place", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_permits_declaration_teacher_id"), ["teacher_id"], unique=False)

    op.create_table(
        "permits_summary_upload",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("summary_id", sa.String(length=26), nullable=False),
        sa.Column("file_id", sa.String(length=26), nullable=False),
        sa.Column("uploaded_by", sa.String(length=26), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("aside_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("aside_because", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(
            ["summary_id"], ["permits_summary.id"], name=op.f("fk_permits_summary_upload_summary_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permits_summary_upload")),
    )
    with op.batch_alter_table("permits_summary_upload", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_permits_summary_upload_summary_id"), ["summary_id"], unique=False
        )

    op.create_table(
        "permits_member",
        sa.Column("declaration_id", sa.String(length=26), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("gender", sa.String(length=10), nullable=True),
        sa.Column("school", sa.String(length=100), nullable=True),
        sa.Column("grade", sa.String(length=20), nullable=True),
        sa.Column("id_number", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_hash", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["declaration_id"], ["permits_declaration.id"], name=op.f("fk_permits_member_declaration_id")
        ),
        sa.PrimaryKeyConstraint("declaration_id", "position", name=op.f("pk_permits_member")),
    )
    with op.batch_alter_table("permits_member", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_permits_member_id_number_hash"), ["id_number_hash"], unique=False
        )

    with op.batch_alter_table("permits_project", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "place",
                sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
                server_default="",
                nullable=False,
            )
        )


def downgrade() -> None:
    op.drop_column("permits_project", "place")

    with op.batch_alter_table("permits_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_permits_member_id_number_hash"))

    op.drop_table("permits_member")
    with op.batch_alter_table("permits_summary_upload", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_permits_summary_upload_summary_id"))

    op.drop_table("permits_summary_upload")
    with op.batch_alter_table("permits_declaration", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_permits_declaration_teacher_id"))
        batch_op.drop_index("ix_permits_declaration_place")
        batch_op.drop_index(batch_op.f("ix_permits_declaration_instance_id"))

    op.drop_table("permits_declaration")
    with op.batch_alter_table("permits_summary", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_permits_summary_live",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_permits_summary_instance_id"))

    op.drop_table("permits_summary")
    op.drop_table("permits_review_turn")
    with op.batch_alter_table("permits_authorisation", schema=None) as batch_op:
        batch_op.drop_index("ix_permits_authorisation_place")
        batch_op.drop_index(batch_op.f("ix_permits_authorisation_import_id"))

    op.drop_table("permits_authorisation")
    op.drop_table("permits_serial")
