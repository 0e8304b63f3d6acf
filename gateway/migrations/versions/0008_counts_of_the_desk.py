"""indexes for the counts that stand on every list of the desk

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
_ASIDE = sa.text("aside_why IS NOT NULL")


def upgrade() -> None:
    op.create_index("gw_page_aside", "gw_page", ["document_id"], sqlite_where=_ASIDE, postgresql_where=_ASIDE)
    op.create_index("ix_gw_document_state", "gw_document", ["state"])
    op.create_index("ix_gw_delivery_outcome", "gw_delivery", ["outcome"])


def downgrade() -> None:
    op.drop_index("ix_gw_delivery_outcome", table_name="gw_delivery")
    op.drop_index("ix_gw_document_state", table_name="gw_document")
    op.drop_index("gw_page_aside", table_name="gw_page")
