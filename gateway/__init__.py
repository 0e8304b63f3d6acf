"""The downtime referral gateway: rules, states, database, work, e-RS, people and doors."""
