/// A value of a cursor column, as its source and DuckDB both read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CursorValue {
    /// The value as text.
    pub text: String,
    /// The type it has in DuckDB: `BIGINT`, `TIMESTAMP WITH TIME ZONE`.
    pub logical_type: String,
}

/// The part of a source that one incremental load reads, by the values of one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CursorRange {
    /// The column.
    pub column: String,
    /// Where it begins; none for a first load, which also takes the rows without a value.
    pub lower: Option<LowerBound>,
    /// The last value that belongs to it.
    pub upper: CursorValue,
}

/// Where a [`CursorRange`] begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LowerBound {
    /// The value.
    pub value: CursorValue,
    /// Seconds, or units of a number, by which the beginning lies before the value.
    pub lookback: Option<u64>,
    /// Whether rows with the value itself belong to the range.
    pub is_inclusive: bool,
}

impl LowerBound {
    /// The comparison of the column with the beginning.
    pub(crate) fn operator(&self) -> &'static str {
        if self.is_inclusive { ">=" } else { ">" }
    }
}
