/// Something that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// Its name.
    pub name: String,
    /// Names and types of its columns; empty where they are not known before it is read.
    pub columns: Vec<(String, String)>,
    /// Columns that tell rows apart.
    pub primary_key: Vec<String>,
    /// Whether a read can go on where another ended.
    pub is_incremental: bool,
    /// For people.
    pub doc: Option<String>,
}
