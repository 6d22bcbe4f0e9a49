/// What a step that is complete has done and used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepOutput {
    /// Rows written; none for a step that writes none.
    pub rows: Option<u64>,
    /// Rows that its source or query gave it, where the step tells.
    pub rows_in: Option<u64>,
    /// Of those written, new ones, where the step tells.
    pub inserted: Option<u64>,
    /// Of them, changed ones, where the step tells.
    pub updated: Option<u64>,
    /// Rows taken out of the table, where the step tells.
    pub deleted: Option<u64>,
    /// Rows put aside, where the step was told to.
    pub rejected: Option<u64>,
    /// What a test found that only warns.
    pub warning: Option<FailedTest>,
    /// Fuel the handler used.
    pub fuel: u64,
    /// Fuel it could have used.
    pub fuel_limit: u64,
    /// Most bytes the handler held.
    pub peak_memory: u64,
    /// Bytes it could have held.
    pub memory_limit: u64,
    /// What the handler says of it.
    pub note: Option<String>,
}

/// What a test has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedTest {
    /// In a sentence.
    pub what: String,
    /// How many rows.
    pub found: u64,
    /// Some of them, each as text: `id: 7, status: 'x'`.
    pub sample: Vec<String>,
}
