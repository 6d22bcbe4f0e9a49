/// What a step that is complete has done and used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepOutput {
    /// Rows written; none for a step that writes none.
    pub rows: Option<u64>,
    /// Of them, new ones, where the step tells.
    pub inserted: Option<u64>,
    /// Of them, changed ones, where the step tells.
    pub updated: Option<u64>,
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
