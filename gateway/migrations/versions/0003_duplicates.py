"""why a delivery is a duplicate, and whether a person said that it is not

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("gw_delivery", sa.Column("duplicate_why", sa.Text(), nullable=True))
    op.add_column("gw_delivery", sa.Column("judged_different", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_gw_delivery_duplicate_of", "gw_delivery", ["duplicate_of"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_gw_delivery_duplicate_of", table_name="gw_delivery")
    op.drop_column("gw_delivery", "judged_different")
    op.drop_column("gw_delivery", "duplicate_why")
