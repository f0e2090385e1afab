"""Congresses, invited units and their quotas, candidates, slates and attachments of delegates."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ID = sa.String(length=26)
MOMENT = sa.DateTime(timezone=True)
PLACE = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "delegates_congress",
        sa.Column("id", ID, nullable=False),
        sa.Column("instance_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column(
            "place",
            PLACE,
            nullable=False,
        ),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("term", sa.String(length=30), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("report_by", MOMENT, nullable=True),
        sa.Column("age_on", sa.Date(), nullable=True),
        sa.Column("counts_45", sa.Boolean(), nullable=False),
        sa.Column("must_fill", sa.Boolean(), nullable=False),
        sa.Column("cloned_from", ID, nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["identity_unit.id"], name=op.f("fk_delegates_congress_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegates_congress")),
    )
    op.create_index(
        op.f("ix_delegates_congress_instance_id"), "delegates_congress", ["instance_id"], unique=False
    )

    op.create_table(
        "delegates_candidate",
        sa.Column("id", ID, nullable=False),
        sa.Column("instance_id", ID, nullable=False),
        sa.Column("congress_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column(
            "place",
            PLACE,
            nullable=False,
        ),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("phone_hash", sa.String(length=64), nullable=False),
        sa.Column("identity", sa.String(length=10), nullable=False),
        sa.Column("gender", sa.String(length=10), nullable=True),
        sa.Column("ethnicity", sa.String(length=20), nullable=True),
        sa.Column("party", sa.String(length=20), nullable=True),
        sa.Column("second_party", sa.String(length=20), nullable=True),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("age", sa.Integer(), nullable=True),
        sa.Column("occupation", sa.String(length=60), nullable=True),
        sa.Column("occupation_kind", sa.String(length=60), nullable=True),
        sa.Column("is_grassroots", sa.Boolean(), nullable=True),
        sa.Column("photo_id", ID, nullable=True),
        sa.Column("facts", sa.LargeBinary(), nullable=True),
        sa.Column("recommended_at", MOMENT, nullable=False),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.Column("slate_id", ID, nullable=True),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["congress_id"], ["delegates_congress.id"], name=op.f("fk_delegates_candidate_congress_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["identity_person.id"], name=op.f("fk_delegates_candidate_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["identity_unit.id"], name=op.f("fk_delegates_candidate_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegates_candidate")),
    )
    op.create_index(
        op.f("ix_delegates_candidate_instance_id"), "delegates_candidate", ["instance_id"], unique=False
    )
    op.create_index(
        op.f("ix_delegates_candidate_person_id"), "delegates_candidate", ["person_id"], unique=False
    )
    op.create_index(
        "ix_delegates_candidate_place", "delegates_candidate", ["place", "submitted_at"], unique=False
    )
    op.create_index(
        op.f("ix_delegates_candidate_slate_id"), "delegates_candidate", ["slate_id"], unique=False
    )
    op.create_index(
        "ix_delegates_candidate_unit", "delegates_candidate", ["congress_id", "unit_id", "id"], unique=False
    )
    op.create_index(
        "uq_delegates_candidate_phone",
        "delegates_candidate",
        ["congress_id", "phone_hash"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )

    op.create_table(
        "delegates_invitation",
        sa.Column("id", ID, nullable=False),
        sa.Column("congress_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column(
            "place",
            PLACE,
            nullable=False,
        ),
        sa.Column("liaison", sa.String(length=50), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("liaison_id", ID, nullable=True),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("import_id", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["congress_id"], ["delegates_congress.id"], name=op.f("fk_delegates_invitation_congress_id")
        ),
        sa.ForeignKeyConstraint(
            ["liaison_id"], ["identity_person.id"], name=op.f("fk_delegates_invitation_liaison_id")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["identity_unit.id"], name=op.f("fk_delegates_invitation_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegates_invitation")),
        sa.UniqueConstraint(
            "congress_id", "unit_id", name=op.f("uq_delegates_invitation_congress_id_unit_id")
        ),
    )
    op.create_index(
        op.f("ix_delegates_invitation_import_id"), "delegates_invitation", ["import_id"], unique=False
    )
    op.create_index(
        op.f("ix_delegates_invitation_unit_id"), "delegates_invitation", ["unit_id"], unique=False
    )

    op.create_table(
        "delegates_slate",
        sa.Column("id", ID, nullable=False),
        sa.Column("instance_id", ID, nullable=False),
        sa.Column("congress_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column(
            "place",
            PLACE,
            nullable=False,
        ),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("letter", sa.String(length=2000), nullable=False),
        sa.Column("roster", sa.LargeBinary(), nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("reported_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["congress_id"], ["delegates_congress.id"], name=op.f("fk_delegates_slate_congress_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["identity_unit.id"], name=op.f("fk_delegates_slate_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegates_slate")),
        sa.UniqueConstraint(
            "congress_id", "unit_id", "serial", name=op.f("uq_delegates_slate_congress_id_unit_id_serial")
        ),
    )
    op.create_index(op.f("ix_delegates_slate_instance_id"), "delegates_slate", ["instance_id"], unique=False)
    op.create_index(op.f("ix_delegates_slate_unit_id"), "delegates_slate", ["unit_id"], unique=False)

    op.create_table(
        "delegates_allotted",
        sa.Column("invitation_id", ID, nullable=False),
        sa.Column("identity", sa.String(length=10), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("minimums", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["delegates_invitation.id"], name=op.f("fk_delegates_allotted_invitation_id")
        ),
        sa.PrimaryKeyConstraint("invitation_id", "identity", name=op.f("pk_delegates_allotted")),
    )
    op.create_table(
        "delegates_attachment",
        sa.Column("id", ID, nullable=False),
        sa.Column("candidate_id", ID, nullable=False),
        sa.Column("file_id", ID, nullable=False),
        sa.Column("uploaded_by", ID, nullable=False),
        sa.Column("uploaded_at", MOMENT, nullable=False),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["delegates_candidate.id"], name=op.f("fk_delegates_attachment_candidate_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegates_attachment")),
    )
    op.create_index(
        op.f("ix_delegates_attachment_candidate_id"), "delegates_attachment", ["candidate_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_delegates_attachment_candidate_id"), table_name="delegates_attachment")

    op.drop_table("delegates_attachment")
    op.drop_table("delegates_allotted")
    op.drop_index(op.f("ix_delegates_slate_unit_id"), table_name="delegates_slate")
    op.drop_index(op.f("ix_delegates_slate_instance_id"), table_name="delegates_slate")

    op.drop_table("delegates_slate")
    op.drop_index(op.f("ix_delegates_invitation_unit_id"), table_name="delegates_invitation")
    op.drop_index(op.f("ix_delegates_invitation_import_id"), table_name="delegates_invitation")

    op.drop_table("delegates_invitation")
    op.drop_index(
        "uq_delegates_candidate_phone",
        table_name="delegates_candidate",
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.drop_index("ix_delegates_candidate_unit", table_name="delegates_candidate")
    op.drop_index(op.f("ix_delegates_candidate_slate_id"), table_name="delegates_candidate")
    op.drop_index("ix_delegates_candidate_place", table_name="delegates_candidate")
    op.drop_index(op.f("ix_delegates_candidate_person_id"), table_name="delegates_candidate")
    op.drop_index(op.f("ix_delegates_candidate_instance_id"), table_name="delegates_candidate")

    op.drop_table("delegates_candidate")
    op.drop_index(op.f("ix_delegates_congress_instance_id"), table_name="delegates_congress")

    op.drop_table("delegates_congress")
