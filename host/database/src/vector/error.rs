use crate::types::LogicalType;

/// Why values cannot become a column of a type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum VectorError {
    #[error("the values are not of the physical type of {0}")]
    WrongType(LogicalType),
    #[error("{actual} rows where {expected} are expected")]
    WrongRows { expected: usize, actual: usize },
    #[error("the validity bitmap has {actual} bytes where {expected} are expected")]
    WrongValidity { expected: usize, actual: usize },
    #[error("the offsets do not begin with 0")]
    OffsetsStart,
    #[error("the offset of row {0} is smaller than the one before it")]
    OffsetsFall(usize),
    #[error("the last offset is {offset} where there are {bytes} bytes")]
    OffsetsEnd { offset: u32, bytes: usize },
    #[error("the last offset is {offset} where there are {elements} elements")]
    ElementsEnd { offset: u32, elements: usize },
    #[error("{actual} elements are in lists of {expected}")]
    WrongElements { expected: u32, actual: u32 },
    #[error("{actual} fields are in a struct of {expected}")]
    WrongFields { expected: usize, actual: usize },
    #[error("the column has {actual} children, children of children included, where {expected} are expected")]
    WrongChildren { expected: usize, actual: usize },
    #[error("the map of row {0} has a key that is NULL")]
    NullKey(usize),
    #[error("the map of row {0} has a key twice")]
    DuplicateKey(usize),
    #[error("the lists of a batch have {actual} elements, more than {most}")]
    TooManyElements { most: usize, actual: u64 },
    #[error("the entries of a list do not lie inside of it")]
    BrokenList,
    #[error("row {0} is not valid UTF-8")]
    InvalidUtf8(usize),
    #[error("row {row} is not as {kind} is written")]
    Malformed { row: usize, kind: LogicalType },
    #[error("row {row} is out of the range of {kind}")]
    OutOfRange { row: usize, kind: LogicalType },
    #[error("a batch of strings is larger than 4 GiB")]
    TooLarge,
}
