//! The sheets of all files as one table.

use std::collections::HashSet;

use duckpen::Error;
use duckpen::connectors::{Field, Relation, SourceFile};

use crate::area::letters;
use crate::columns::Kinds;
use crate::rows::SheetRows;
use crate::sheet::Sheet;
use crate::value::Value;
use crate::{Errors, Selection};

/// Sheets with the same columns, one of each file.
#[derive(Debug)]
pub struct Table {
    parts: Vec<Part>,
    fields: Vec<Field>,
    kinds: Vec<Kinds>,
    selection: Selection,
    rows: u64,
}

/// Where in a file the rows are.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) file: SourceFile,
    /// What it is called in messages, where there are several.
    pub(crate) file_name: String,
    /// The row with the names of columns.
    pub(crate) header_row: Option<u32>,
    /// The columns of the sheet, in their order.
    pub(crate) columns: Vec<u32>,
}

/// What was seen of a sheet.
#[derive(Default)]
struct Seen {
    header_row: Option<u32>,
    /// Of each column of the sheet the text in the header, if any, and the kinds of its values.
    columns: Vec<(String, Kinds)>,
    rows: u64,
    last_row: Option<u32>,
}

impl Table {
    /// Looks at all cells of all files.
    pub(crate) fn open(files: Vec<SourceFile>, selection: &Selection) -> Result<Self, Error> {
        let is_one = files.len() == 1;
        let mut table =
            Self { parts: Vec::new(), fields: Vec::new(), kinds: Vec::new(), selection: selection.clone(), rows: 0 };
        let mut names: Vec<String> = Vec::new();
        for file in files {
            let file_name = if is_one { String::new() } else { format!("{}: ", file.name()) };
            let mut sheet = Sheet::open(&file, &file_name, selection)?;
            let seen = Seen::of(&mut sheet, selection)?;
            let (columns, found) = seen.columns();
            if columns.is_empty() {
                return Err(format!("{}: it has no cells, and so no columns", sheet.place()).into());
            }
            if table.parts.is_empty() {
                (names, table.kinds) = found.into_iter().unzip();
            } else {
                let others: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
                if others != names {
                    let message = format!("{}: its columns are not those of the first file", sheet.place());
                    let hint =
                        format!("they are {}, and those of the first are {}", others.join(", "), names.join(", "));
                    return Err(Error::from(message).with_hint(hint));
                }
                table.kinds.iter_mut().zip(&found).for_each(|(kinds, (_, other))| *kinds = kinds.with(*other));
            }
            table.rows += seen.rows;
            table.parts.push(Part { file, file_name, header_row: seen.header_row, columns });
        }
        let field = |(name, kinds): (String, &Kinds)| Field::new(name, kinds.logical_type().name());
        table.fields = names.into_iter().zip(&table.kinds).map(field).collect();
        Ok(table)
    }
}

impl Seen {
    fn of(sheet: &mut Sheet, selection: &Selection) -> Result<Self, Error> {
        let has_header = selection.header.unwrap_or(true);
        let mut seen = Self::default();
        loop {
            let looked = sheet.next(|cell| {
                let index = cell.column as usize;
                if seen.columns.len() <= index {
                    seen.columns.resize_with(index + 1, Default::default);
                }
                let (name, kinds) = &mut seen.columns[index];
                if let Value::Error(error) = cell.value
                    && selection.errors == Errors::Fail
                {
                    return Some((cell.row, cell.column, error));
                }
                if has_header && *seen.header_row.get_or_insert(cell.row) == cell.row {
                    *name = cell.value.to_string().trim().to_owned();
                    return None;
                }
                *kinds = kinds.with(Kinds::of(&cell.value));
                if seen.last_row.replace(cell.row) != Some(cell.row) {
                    seen.rows += 1;
                }
                None
            })?;
            match looked {
                None => return Ok(seen),
                Some(None) => {}
                Some(Some((row, column, error))) => {
                    let error = sheet.wrong(row, column, format!("it holds the error {error}"));
                    return Err(error.with_hint("mend the sheet, or read such cells as NULL with \"errors\": \"null\""));
                }
            }
        }
    }

    /// The columns that have a name or a value, and what they are called; no two have one name, in any case of letters.
    fn columns(&self) -> (Vec<u32>, Vec<(String, Kinds)>) {
        let mut taken = HashSet::new();
        let used = (0u32..).zip(&self.columns).filter(|(_, (name, kinds))| !name.is_empty() || !kinds.is_empty());
        let named = used.map(|(column, (name, kinds))| {
            let wanted = if name.is_empty() { letters(column) } else { name.clone() };
            let mut unique = wanted.clone();
            let mut number = 0;
            while !taken.insert(unique.to_lowercase()) {
                number += 1;
                unique = format!("{wanted}_{number}");
            }
            (column, (unique, *kinds))
        });
        named.unzip()
    }
}

impl Relation for Table {
    type State = ();
    type Reader = SheetRows;

    fn fields(&self) -> Vec<Field> {
        self.fields.clone()
    }

    fn estimated_rows(&self) -> Option<u64> {
        Some(self.rows)
    }

    fn read(&self, projection: &[usize], _: Option<()>) -> Result<SheetRows, Error> {
        SheetRows::new(&self.parts, &self.kinds, projection, &self.selection)
    }
}
