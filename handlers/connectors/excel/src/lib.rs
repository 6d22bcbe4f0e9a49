//! The first-party reader of Excel's workbooks (.xlsx, .xlsm), which `EXPORT ... TYPE EXCEL` writes, too.
//!
//! One sheet is a table. Workbooks say of each cell what it is and of columns nothing: all cells of a column are looked at
//! before the first row is handed over, so that a type never turns out wrong further down. Workbooks come from anywhere, and
//! what unpacks and parses them believes much of what they say of themselves: that is why they are read in here, within the
//! limits of a component.

mod area;
mod columns;
mod rows;
mod sheet;
mod table;
mod value;

use duckpen::Error;
use duckpen::connectors::{FileConnector, Kind, Parameter, SourceFile};
use serde::Deserialize;

use area::Area;
pub use rows::SheetRows;
pub use table::Table;

/// The format.
#[derive(Debug)]
pub struct Excel;

/// Which part of the workbooks is read, and how.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Selection {
    sheet: Option<String>,
    range: Option<Area>,
    header: Option<bool>,
    errors: Errors,
}

/// What becomes of a cell whose formula failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Errors {
    /// Nothing is read.
    #[default]
    Fail,
    /// It is NULL, as `#N/A` always is.
    Null,
}

impl FileConnector for Excel {
    type Selection = Selection;
    type Relation = Table;

    const NAME: &'static str = "excel";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const DOC: &'static str = "Sheets of Excel's workbooks.";

    fn parameters() -> Vec<Parameter> {
        vec![
            Parameter::optional("sheet", Kind::Text, "The sheet's name; the first that is not hidden if not given"),
            Parameter::optional("range", Kind::Text, "The part of the sheet that is read: B3:F200, B3:F, A5"),
            Parameter::optional("header", Kind::Flag, "Whether the first row has the names of columns; true"),
            Parameter::optional("errors", Kind::Text, "What becomes of cells with errors such as #DIV/0!: fail")
                .one_of(&["fail", "null"]),
        ]
    }

    fn open(files: Vec<SourceFile>, selection: Selection) -> Result<Table, Error> {
        Table::open(files, &selection)
    }
}

duckpen::connector!(Excel: files);
