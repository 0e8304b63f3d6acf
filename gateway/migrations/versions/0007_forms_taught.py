"""forms that are taught at the review desk

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

import gateway.columns

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gw_form_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("drawn", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", gateway.columns.Instant(timezone=True), nullable=False),
        sa.Column("tried_at", gateway.columns.Instant(timezone=True), nullable=True),
        sa.Column("saved_version", sa.Integer(), nullable=False),
        sa.Column("saved_by", sa.String(), nullable=True),
        sa.Column("saved_at", gateway.columns.Instant(timezone=True), nullable=True),
        sa.Column("toml_sha256", sa.String(), nullable=True),
        sa.Column("stopped_at", gateway.columns.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["page_id"], ["gw_page.id"]),
        sa.ForeignKeyConstraint(["toml_sha256"], ["gw_blob.sha256"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("gw_form_draft") as table:
        table.create_index(op.f("ix_gw_form_draft_form"), ["form"], unique=False)
        table.create_index(op.f("ix_gw_form_draft_page_id"), ["page_id"], unique=False)


def downgrade() -> None:
    op.drop_table("gw_form_draft")
