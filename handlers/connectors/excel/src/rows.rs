//! Rows of the sheets, batch by batch.

use std::collections::VecDeque;

use duckpen::connectors::Reader;
use duckpen::{Batch, Error, ErrorKind};

use crate::Selection;
use crate::columns::{Column, Kinds};
use crate::sheet::{Cell, Sheet};
use crate::table::Part;
use crate::value::Value;

/// A read of a table, file by file. A row without any value is none.
pub struct SheetRows {
    /// Files that are still to be read.
    parts: VecDeque<Part>,
    selection: Selection,
    sheet: Option<OpenSheet>,
    /// Those of a batch.
    columns: Vec<Column>,
    /// Of each field of the table the places in a batch where it is wanted.
    wanted: Vec<Vec<usize>>,
}

/// A sheet that is being read.
struct OpenSheet {
    sheet: Sheet,
    header_row: Option<u32>,
    /// Of each of the sheet's columns the table's field.
    fields: Vec<Option<usize>>,
    /// The first cell of the row that did not fit into the last batch.
    waiting: Option<(u32, u32, Value<'static>)>,
}

/// What came of a cell.
enum Taken {
    Yes,
    /// It belongs to a row that is one too many.
    NextBatch(u32, u32, Value<'static>),
    /// Its column has no place for it.
    Unfit(u32, u32),
}

impl SheetRows {
    pub(crate) fn new(
        parts: &[Part],
        kinds: &[Kinds],
        projection: &[usize],
        selection: &Selection,
    ) -> Result<Self, Error> {
        let (mut wanted, mut columns) = (vec![Vec::new(); kinds.len()], Vec::new());
        for field in projection {
            let missing = || Error::new(ErrorKind::Internal, format!("there is no field {field}"));
            let kinds = kinds.get(*field).ok_or_else(missing)?;
            wanted[*field].push(columns.len());
            columns.push(Column::new(kinds.logical_type()));
        }
        let parts = parts.iter().cloned().collect();
        Ok(Self { parts, selection: selection.clone(), sheet: None, columns, wanted })
    }

    /// Opens the next file; false where there is none.
    fn advance(&mut self) -> Result<bool, Error> {
        let Some(part) = self.parts.pop_front() else { return Ok(false) };
        let sheet = Sheet::open(&part.file, &part.file_name, &self.selection)?;
        let width = part.columns.last().map_or(0, |last| *last as usize + 1);
        let mut fields = vec![None; width];
        part.columns.iter().enumerate().for_each(|(field, column)| fields[*column as usize] = Some(field));
        self.sheet = Some(OpenSheet { sheet, header_row: part.header_row, fields, waiting: None });
        Ok(true)
    }
}

impl Reader for SheetRows {
    type State = ();

    fn next(&mut self, batch: &mut Batch) -> Result<(), Error> {
        let most = batch.most();
        let mut rows = 0;
        while rows < most && (self.sheet.is_some() || self.advance()?) {
            let Some(open) = &mut self.sheet else { break };
            let (columns, wanted) = (&mut self.columns, &self.wanted);
            let OpenSheet { sheet, header_row, fields, waiting } = open;
            // The row of the sheet that is being gathered.
            let mut current = None;
            let mut take = |Cell { row, column, value }: Cell<'_>| {
                if header_row.is_some_and(|header| row <= header) {
                    return Taken::Yes;
                }
                if current != Some(row) {
                    if rows == most {
                        return Taken::NextBatch(row, column, value.into_owned());
                    }
                    current = Some(row);
                    rows += 1;
                }
                let field = fields.get(column as usize).copied().flatten();
                let places = field.map_or(&[][..], |field| &wanted[field]);
                let fits = places.iter().all(|place| columns[*place].set(rows - 1, &value));
                if fits { Taken::Yes } else { Taken::Unfit(row, column) }
            };
            let mut taken = waiting.take().map(|(row, column, value)| take(Cell { row, column, value }));
            loop {
                match taken {
                    Some(Taken::NextBatch(row, column, value)) => {
                        *waiting = Some((row, column, value));
                        break;
                    }
                    Some(Taken::Unfit(row, column)) => {
                        return Err(sheet.wrong(row, column, "the workbook has changed since it was looked at"));
                    }
                    Some(Taken::Yes) | None => {}
                }
                taken = sheet.next(&mut take)?;
                if taken.is_none() {
                    self.sheet = None;
                    break;
                }
            }
        }
        batch.set_rows(rows);
        for (place, column) in self.columns.iter_mut().enumerate() {
            column.deliver(rows, batch, place);
        }
        Ok(())
    }
}
