"""people, sessions, drafts, call notes and incidents of the review desk

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

import gateway.columns

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gw_person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("sees_sensitive", sa.Boolean(), nullable=False),
        sa.Column("single_keys", sa.Boolean(), nullable=False),
        sa.Column("made_at", gateway.columns.Instant(timezone=True), nullable=False),
        sa.Column("disabled_at", gateway.columns.Instant(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", gateway.columns.Instant(timezone=True), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name_key"),
    )
    op.create_index("ix_gw_person_token_hash", "gw_person", ["token_hash"], unique=False)
    op.create_table(
        "gw_web_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cookie_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("csrf", sa.String(), nullable=False),
        sa.Column("began_at", gateway.columns.Instant(timezone=True), nullable=False),
        sa.Column("seen_at", gateway.columns.Instant(timezone=True), nullable=False),
        sa.Column("ended_at", gateway.columns.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["gw_person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("cookie_hash"),
    )
    op.create_index("ix_gw_web_session_person_id", "gw_web_session", ["person_id"], unique=False)
    op.create_table(
        "gw_draft",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("typed", sa.JSON(), nullable=False),
        sa.Column("at", gateway.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["gw_person.id"]),
        sa.ForeignKeyConstraint(["referral_id"], ["gw_referral.id"]),
        sa.PrimaryKeyConstraint("person_id", "referral_id"),
    )
    op.create_table(
        "gw_call_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", gateway.columns.Instant(timezone=True), nullable=False),
        sa.Column("whom", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("next_try_at", gateway.columns.Instant(timezone=True), nullable=True),
        sa.Column("settled_at", gateway.columns.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["referral_id"], ["gw_referral.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_gw_call_note_referral_id", "gw_call_note", ["referral_id"], unique=False)
    op.create_table(
        "gw_incident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("returned_how", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("opened_at", gateway.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["referral_id"], ["gw_referral.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_gw_incident_referral_id", "gw_incident", ["referral_id"], unique=False)


def downgrade() -> None:
    for table in ("gw_incident", "gw_call_note", "gw_draft", "gw_web_session", "gw_person"):
        op.drop_table(table)
