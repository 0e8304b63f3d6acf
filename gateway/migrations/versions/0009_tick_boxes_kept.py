"""the tick boxes of each page, as they were read

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("gw_page", sa.Column("ticks", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("gw_page", "ticks")
