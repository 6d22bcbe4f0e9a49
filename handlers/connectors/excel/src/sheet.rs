//! The cells of one sheet of a workbook, one after the other.

use calamine::{Reader, SheetType, SheetVisible, Xlsx, XlsxCellReader, XlsxError};
use duckpen::connectors::{FileReader, SourceFile};
use duckpen::{Error, did_you_mean};
use self_cell::{MutBorrow, self_cell};

use crate::Selection;
use crate::area::{self, Area};
use crate::value::Value;

/// What files begin with that Excel wrote before 2007, and those that are protected with a password.
const COMPOUND_FILE: [u8; 4] = [0xD0, 0xCF, 0x11, 0xE0];

type Workbook = MutBorrow<Xlsx<FileReader>>;
type Cells<'a> = XlsxCellReader<'a, FileReader>;

self_cell!(
    /// A sheet's cells, which are read by a handle on the whole workbook.
    struct Opened {
        owner: Workbook,
        #[not_covariant]
        dependent: Cells,
    }
);

/// A sheet of a file.
pub(crate) struct Sheet {
    opened: Opened,
    /// What is said before what is wrong: which file, and which sheet.
    place: String,
    area: Area,
    /// The last row that was seen.
    row: u32,
}

/// A cell that is not empty. Row and column count from 0, from the sheet's beginning.
pub(crate) struct Cell<'a> {
    pub(crate) row: u32,
    pub(crate) column: u32,
    pub(crate) value: Value<'a>,
}

impl Sheet {
    /// Opens the sheet of a selection. `file_name` is said in messages, where it says something.
    pub(crate) fn open(file: &SourceFile, file_name: &str, selection: &Selection) -> Result<Self, Error> {
        let workbook = Xlsx::new(file.reader()).map_err(|error| no_workbook(file, file_name, &error))?;
        let name = sheet_name(&workbook, selection.sheet.as_deref())
            .map_err(|error| Error { message: format!("{file_name}{}", error.message), ..error })?;
        let opened =
            Opened::try_new(MutBorrow::new(workbook), |workbook| workbook.borrow_mut().worksheet_cells_reader(&name));
        let opened = opened.map_err(|error| no_workbook(file, file_name, &error))?;
        let place = format!("{file_name}sheet `{name}`");
        Ok(Self { opened, place, area: selection.range.unwrap_or(Area::WHOLE), row: 0 })
    }

    /// Looks at the next cell; none at the end. Cells come row by row.
    pub(crate) fn next<R>(&mut self, look: impl FnOnce(Cell<'_>) -> R) -> Result<Option<R>, Error> {
        let Self { opened, place, area, row: last_row } = self;
        opened.with_dependent_mut(|_, cells| {
            loop {
                let next = cells.next_cell();
                let next = next.map_err(|error| Error::from(format!("{place}: {}", told(&error))))?;
                let Some(cell) = next else { return Ok(None) };
                let (row, column) = cell.get_position();
                if row < *last_row {
                    return Err(Error::from(format!("{place}: row {} follows row {}", row + 1, *last_row + 1)));
                }
                *last_row = row;
                if area.ends_before(row) {
                    return Ok(None);
                }
                if !area.contains(row, column) {
                    continue;
                }
                if let Some(value) = Value::of(cell.get_value()) {
                    return Ok(Some(look(Cell { row, column, value })));
                }
            }
        })
    }

    /// An error about a cell.
    pub(crate) fn wrong(&self, row: u32, column: u32, what: impl std::fmt::Display) -> Error {
        Error::from(format!("{}, cell {}: {what}", self.place, area::cell(row, column)))
    }

    /// What is said before what is wrong with the sheet.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }
}

/// The sheet that is read: the one of a name, or the first.
fn sheet_name(workbook: &Xlsx<FileReader>, wanted: Option<&str>) -> Result<String, Error> {
    let sheets = || workbook.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let names = || sheets().map(|sheet| sheet.name.as_str());
    match wanted {
        None => {
            let first = sheets().find(|sheet| sheet.visible == SheetVisible::Visible).or_else(|| sheets().next());
            first.map(|sheet| sheet.name.clone()).ok_or_else(|| "the workbook has no sheet of cells".into())
        }
        Some(wanted) => {
            let found = names().find(|name| *name == wanted).or_else(|| names().find(|name| is_like(name, wanted)));
            found.map(str::to_owned).ok_or_else(|| {
                let near = did_you_mean(wanted, names()).map(|near| format!("Did you mean `{near}`? "));
                let all: Vec<String> = names().map(|name| format!("`{name}`")).collect();
                let hint = format!("{}There are {}", near.unwrap_or_default(), all.join(", "));
                Error::from(format!("there is no sheet `{wanted}`")).with_hint(hint)
            })
        }
    }
}

/// Excel tells names of sheets apart without their case.
fn is_like(name: &str, wanted: &str) -> bool {
    name.to_lowercase() == wanted.to_lowercase()
}

fn no_workbook(file: &SourceFile, file_name: &str, error: &XlsxError) -> Error {
    let begins = file.read_at(0, COMPOUND_FILE.len() as u32).unwrap_or_default();
    let error = match error {
        XlsxError::Password => {
            Error::from("the workbook is protected with a password").with_hint("save it without one")
        }
        _ if begins == COMPOUND_FILE => Error::from("it is a workbook of the format that Excel had before 2007 (.xls)")
            .with_hint("save it as .xlsx"),
        XlsxError::Zip(_) => Error::from(format!("it is no workbook of Excel (.xlsx): {}", told(error))),
        _ => Error::from(format!("it is no workbook of Excel (.xlsx) that can be read: {}", told(error))),
    };
    Error { message: format!("{file_name}{}", error.message), ..error }
}

/// What the library says, without its own words for where it says it.
fn told(error: &XlsxError) -> String {
    match error {
        XlsxError::Zip(error) => error.to_string(),
        XlsxError::Xml(error) => error.to_string(),
        XlsxError::Io(error) => error.to_string(),
        XlsxError::FileNotFound(name) => format!("it has no part {name}"),
        error => error.to_string(),
    }
}
