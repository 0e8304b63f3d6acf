"""indexes for lists of 100,000 by priority, and of those on hold

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
_PRIORITY = sa.text("field = 'referral.priority'")
_HELD = sa.text("hold_why IS NOT NULL")


def upgrade() -> None:
    op.drop_index("gw_reading_priority", table_name="gw_reading")
    _by_priority(["referral_id", "value", "current"])
    op.create_index(
        "gw_referral_held_list", "gw_referral", ["rank", "arrived_at"], sqlite_where=_HELD, postgresql_where=_HELD
    )


def downgrade() -> None:
    op.drop_index("gw_referral_held_list", table_name="gw_referral")
    op.drop_index("gw_reading_priority", table_name="gw_reading")
    _by_priority(["value"])


def _by_priority(columns: list[str]) -> None:
    op.create_index("gw_reading_priority", "gw_reading", columns, sqlite_where=_PRIORITY, postgresql_where=_PRIORITY)
