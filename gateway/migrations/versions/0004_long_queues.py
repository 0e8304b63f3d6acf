"""indexes that keep a queue of 100,000 quick: lists, what is due, what is held, the referrals of a practice or priority

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
_FIELDS = (("gw_reading_practice", "referrer.practice_code"), ("gw_reading_priority", "referral.priority"))


def upgrade() -> None:
    held = sa.text("hold_why IS NOT NULL")
    op.create_index("gw_referral_list", "gw_referral", ["rank", "arrived_at"])
    op.create_index("gw_referral_due", "gw_referral", ["state", "next_try_at"])
    op.create_index("gw_referral_held", "gw_referral", ["state"], sqlite_where=held, postgresql_where=held)
    for name, field in _FIELDS:
        only = sa.text(f"field = '{field}'")
        op.create_index(name, "gw_reading", ["value"], sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    for name, _field in _FIELDS:
        op.drop_index(name, table_name="gw_reading")
    op.drop_index("gw_referral_held", table_name="gw_referral")
    op.drop_index("gw_referral_due", table_name="gw_referral")
    op.drop_index("gw_referral_list", table_name="gw_referral")
