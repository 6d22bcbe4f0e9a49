//! Workbooks as tables.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Cursor, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use duckpen::Error;
use duckpen::connectors::testing::{ReadRows, file, parameters, read, read_columns};
use duckpen::connectors::{FileConnector, Relation};
use duckpen_connector_excel::{Excel, Table};
use proptest::prelude::*;
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet};
use serde_json::{Value, json};
use zip::write::FileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

fn workbook(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    fill(workbook.add_worksheet());
    workbook.save_to_buffer().unwrap()
}

fn open(bytes: Vec<u8>, selection: Value) -> Result<Table, Error> {
    Excel::open(vec![file("a.xlsx", bytes)], parameters(selection).unwrap())
}

fn rows(table: &Table) -> Vec<Value> {
    read(table, None).unwrap().rows
}

/// `name TYPE` of each column.
fn columns(table: &Table) -> Vec<String> {
    table.fields().into_iter().map(|field| format!("{} {}", field.name, field.logical_type)).collect()
}

/// A sheet of texts; empty ones are no cells.
fn texts(cells: &[&[&str]]) -> Vec<u8> {
    workbook(|sheet| {
        for (row, texts) in cells.iter().enumerate() {
            for (column, text) in texts.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
                sheet.write(row as u32, column as u16, *text).unwrap();
            }
        }
    })
}

#[test]
fn columns_have_the_types_of_their_cells_and_cells_their_values() {
    let number_format = |format: &str| Format::new().set_num_format(format);
    let bytes = workbook(|sheet| {
        let header = ["id", "price", "flag", "day", "at", "clock", "spent", "name", "mixed", "nothing"];
        sheet.write_row(0, 0, header).unwrap();
        let days = number_format("yyyy-mm-dd");
        let moments = number_format("yyyy-mm-dd hh:mm:ss");
        sheet.write(1, 0, 1).unwrap().write(1, 1, 1.25).unwrap().write(1, 2, true).unwrap();
        sheet.write_with_format(1, 3, 45351, &days).unwrap();
        sheet.write_with_format(1, 4, 45351.5, &moments).unwrap();
        sheet.write_with_format(1, 5, 0.75, &number_format("hh:mm")).unwrap();
        sheet.write_with_format(1, 6, 1.5, &number_format("[h]:mm:ss")).unwrap();
        sheet.write(1, 7, "größer als zwölf Zeichen").unwrap().write(1, 8, 7).unwrap();
        // A row without cells is none.
        sheet.write(3, 0, -2).unwrap().write(3, 1, 3).unwrap().write(3, 8, "seven").unwrap();
        sheet.write_with_format(4, 3, 1, &days).unwrap().write_with_format(4, 4, 45352, &moments).unwrap();
        sheet.write(5, 8, false).unwrap().write_with_format(6, 8, 45351.25, &moments).unwrap();
    });
    let table = open(bytes, json!({})).unwrap();
    assert_eq!(
        columns(&table),
        [
            "id BIGINT",
            "price DOUBLE",
            "flag BOOLEAN",
            "day DATE",
            "at TIMESTAMP",
            "clock TIME",
            "spent INTERVAL",
            "name VARCHAR",
            "mixed VARCHAR",
            "nothing VARCHAR"
        ]
    );
    assert_eq!(table.estimated_rows(), Some(5));
    let found = rows(&table);
    assert_eq!(
        found[0],
        json!({
            "id": 1, "price": 1.25, "flag": true, "day": "2024-02-29", "at": "2024-02-29T12:00:00", "clock": "18:00:00",
            "spent": "PT129600S", "name": "größer als zwölf Zeichen", "mixed": "7", "nothing": null,
        })
    );
    let of = |column: &str| found.iter().map(|row| row[column].clone()).collect::<Vec<_>>();
    assert_eq!(of("id"), [json!(1), json!(-2), json!(null), json!(null), json!(null)]);
    assert_eq!(of("price"), [json!(1.25), json!(3.0), json!(null), json!(null), json!(null)]);
    assert_eq!(of("day")[2], "1900-01-01");
    assert_eq!(of("at")[2], "2024-03-01T00:00:00");
    assert_eq!(of("mixed"), [json!("7"), json!("seven"), json!(null), json!("false"), json!("2024-02-29 06:00:00")]);
}

#[test]
fn names_are_those_of_the_first_row_and_differ() {
    let cells: &[&[&str]] = &[&["name", " Name ", "", "name", ""], &["a", "b", "c", "d", ""], &["", "", "", "", ""]];
    for (selection, expected) in [
        (json!({}), &["name VARCHAR", "Name_1 VARCHAR", "C VARCHAR", "name_2 VARCHAR"][..]),
        (json!({"header": false}), &["A VARCHAR", "B VARCHAR", "C VARCHAR", "D VARCHAR"]),
        (json!({"range": "B1:C2"}), &["Name VARCHAR", "C VARCHAR"]),
        (json!({"range": "A2"}), &["a VARCHAR", "b VARCHAR", "c VARCHAR", "d VARCHAR"]),
    ] {
        assert_eq!(columns(&open(texts(cells), selection.clone()).unwrap()), expected, "{selection}");
    }
    let table = open(texts(cells), json!({"range": "B1:C", "header": false})).unwrap();
    assert_eq!(rows(&table), [json!({"B": " Name ", "C": null}), json!({"B": "b", "C": "c"})]);
}

#[test]
fn a_sheet_is_read_by_its_name_or_the_first_that_is_shown() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("Hidden").unwrap().set_hidden(true).write(0, 0, "hidden").unwrap();
    workbook.add_worksheet().set_name("Zahlen & Namen").unwrap().set_active(true).write(0, 0, "shown").unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    for (selection, expected) in [
        (json!({}), "shown VARCHAR"),
        (json!({"sheet": "hidden"}), "hidden VARCHAR"),
        (json!({"sheet": "zahlen & namen"}), "shown VARCHAR"),
    ] {
        assert_eq!(columns(&open(bytes.clone(), selection.clone()).unwrap()), [expected], "{selection}");
    }
    let refused = open(bytes, json!({"sheet": "Zahlen & Name"})).unwrap_err();
    assert_eq!(refused.message, "there is no sheet `Zahlen & Name`");
    assert_eq!(refused.hint.unwrap(), "Did you mean `Zahlen & Namen`? There are `Hidden`, `Zahlen & Namen`");
}

#[test]
fn a_formula_counts_by_what_it_came_to() {
    let with = |result: &str| {
        workbook(|sheet| {
            sheet.write(0, 0, "x").unwrap().write(1, 0, 1).unwrap();
            sheet.write(2, 0, Formula::new("=A2/B2").set_result(result)).unwrap();
        })
    };
    for (result, selection, expected) in [
        ("2.5", json!({}), Ok(vec![json!({"x": 1.0}), json!({"x": 2.5})])),
        // It is not available, and that is all there is to say of it.
        ("#N/A", json!({}), Ok(vec![json!({"x": 1}), json!({"x": null})])),
        ("#DIV/0!", json!({"errors": "null"}), Ok(vec![json!({"x": 1}), json!({"x": null})])),
        ("#DIV/0!", json!({}), Err("sheet `Sheet1`, cell A3: it holds the error #DIV/0!")),
    ] {
        let found = open(with(result), selection.clone()).map(|table| rows(&table));
        assert_eq!(found.map_err(|error| error.message), expected.map_err(str::to_owned), "{result} {selection}");
    }
}

#[test]
fn batches_of_any_size_have_every_row_once_and_in_order() {
    let bytes = workbook(|sheet| {
        sheet.write(0, 0, "n").unwrap().write(0, 1, "s").unwrap();
        for row in 0..5_000u32 {
            sheet.write(2 * row + 1, 0, row).unwrap();
            if row % 3 == 0 {
                sheet.write(2 * row + 1, 1, format!("text {}", row % 7)).unwrap();
            }
        }
    });
    let table = open(bytes, json!({})).unwrap();
    for most in [1, 7, 2_048, 5_000, 10_000] {
        // Another order, and one of them twice.
        let ReadRows { rows, batches, .. } = read_columns(&table, &[1, 0, 0], None, most).unwrap();
        assert_eq!((rows.len(), batches.iter().sum::<usize>()), (5_000, 5_000), "{most}");
        assert!(batches.iter().all(|rows| *rows <= most));
        for (number, row) in rows.iter().enumerate() {
            let text = if number % 3 == 0 { json!(format!("text {}", number % 7)) } else { json!(null) };
            assert_eq!(row, &json!({"s": text, "n": number}));
        }
    }
    assert_eq!(read_columns(&table, &[], None, 2_048).unwrap().batches.iter().sum::<usize>(), 5_000);
}

#[test]
fn files_with_the_same_columns_are_one_table() {
    let numbers = |name: &str, value: f64| {
        workbook(|sheet| {
            sheet.write(0, 0, name).unwrap().write(1, 0, value).unwrap();
        })
    };
    let open = |files: &[(&str, Vec<u8>)]| {
        Excel::open(
            files.iter().map(|(name, bytes)| file(name, bytes.clone())).collect(),
            parameters(json!({})).unwrap(),
        )
    };
    let table = open(&[("1.xlsx", numbers("n", 1.0)), ("2.xlsx", numbers("n", 2.5))]).unwrap();
    assert_eq!(columns(&table), ["n DOUBLE"]);
    assert_eq!(rows(&table), [json!({"n": 1.0}), json!({"n": 2.5})]);
    let refused = open(&[("1.xlsx", numbers("n", 1.0)), ("2.xlsx", numbers("m", 2.5))]).unwrap_err();
    assert_eq!(refused.message, "2.xlsx: sheet `Sheet1`: its columns are not those of the first file");
    assert_eq!(refused.hint.unwrap(), "they are m, and those of the first are n");
    let refused = open(&[("1.xlsx", numbers("n", 1.0)), ("2.xlsx", b"PK".to_vec())]).unwrap_err();
    assert!(refused.message.starts_with("2.xlsx: it is no workbook of Excel (.xlsx): "), "{}", refused.message);
}

#[test]
fn what_is_no_workbook_is_refused_with_the_reason() {
    let old = [&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1][..], &[0; 600]].concat();
    for (bytes, expected) in [
        (b"id,name\n1,a\n".to_vec(), "it is no workbook of Excel (.xlsx): "),
        (Vec::new(), "it is no workbook of Excel (.xlsx): "),
        (old, "it is a workbook of the format that Excel had before 2007 (.xls)"),
        (texts(&[]), "sheet `Sheet1`: it has no cells, and so no columns"),
    ] {
        let refused = open(bytes, json!({})).unwrap_err();
        assert!(refused.message.starts_with(expected), "{}", refused.message);
    }
    for selection in [json!({"range": "F3:B2"}), json!({"range": "Sheet1!A1"}), json!({"errors": "ignore"})] {
        assert!(parameters::<<Excel as FileConnector>::Selection>(selection.clone()).is_err(), "{selection}");
    }
}

/// The same workbook with its parts as `change` leaves them, none of them packed.
fn changed(workbook: Vec<u8>, change: impl Fn(&str, &mut Vec<u8>)) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut written = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..archive.len() {
        let mut part = archive.by_index(number).unwrap();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        change(part.name(), &mut bytes);
        written
            .start_file(part.name(), FileOptions::<()>::default().compression_method(CompressionMethod::Stored))
            .unwrap();
        written.write_all(&bytes).unwrap();
    }
    written.finish().unwrap().into_inner()
}

#[test]
fn rows_that_go_backwards_are_refused() {
    let bytes = changed(texts(&[&["a"], &["1"], &["2"]]), |name, bytes| {
        if name.ends_with("sheet1.xml") {
            *bytes = String::from_utf8(bytes.clone()).unwrap().replace("A3", "A1").into_bytes();
        }
    });
    assert_eq!(open(bytes, json!({})).unwrap_err().message, "sheet `Sheet1`: row 1 follows row 2");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// A workbook of which anything was changed is rows or an error. The library panics over some of what it reads, which ends
    /// an instance and nothing else; our own code does not.
    #[test]
    fn broken_workbooks_are_rows_or_an_error(
        part in "sheet1|sharedStrings|styles|workbook|rels",
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let whole = texts(&[&["a", "b"], &["1", "x"], &["", "y"]]);
        let bytes = changed(whole, |name, bytes| {
            if name.contains(&part) {
                for (at, byte) in &changes {
                    let at = at.index(bytes.len());
                    bytes[at] = *byte;
                }
            }
        });
        let outcome = catch_unwind(AssertUnwindSafe(|| open(bytes, json!({})).and_then(|table| read(&table, None))));
        if let Err(panic) = outcome {
            let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            prop_assert!(!text.contains("duckpen"), "{text}");
        }
    }
}
