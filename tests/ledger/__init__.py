"""A ledger of twenty columns, as bureaus keep them: what the tests and measurements of imports stand on."""
