//! Runs one step: handler, capabilities, transaction, ledger.
