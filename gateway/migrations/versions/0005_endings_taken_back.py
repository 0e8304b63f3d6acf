"""incidents whose ending was taken back

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

import gateway.columns

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("gw_incident") as table:
        table.add_column(sa.Column("taken_back_by", sa.String(), nullable=True))
        table.add_column(sa.Column("taken_back_at", gateway.columns.Instant(timezone=True), nullable=True))
        table.add_column(sa.Column("taken_back_why", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("gw_incident") as table:
        for name in ("taken_back_why", "taken_back_at", "taken_back_by"):
            table.drop_column(name)
