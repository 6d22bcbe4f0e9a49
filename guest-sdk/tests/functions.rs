//! Functions as the host calls them: columns in, a column out.
#![cfg(feature = "functions")]

extern crate duckpen_guest as duckpen;

use duckpen::functions::contract::{Argument, Declaration, Node, NullPolicy, RawColumn, Stability, Values, VarData};
use duckpen::functions::library::Function;
use duckpen::functions::results::flat_column;
use duckpen::{Column, Date, Decimal, Error, Interval, Map, Rest, Results, Timestamp, Uuid};

/// The greatest common divisor.
///
/// Never negative.
#[duckpen::function]
fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a.abs() } else { gcd(b, a % b) }
}

#[duckpen::function]
fn divide(a: i64, b: i64) -> i64 {
    a / b
}

#[duckpen::function(name = "or_zero", volatile)]
fn coalesce_zero(a: Option<i64>, factor: i64) -> i64 {
    a.unwrap_or(0) * factor
}

#[duckpen::function]
fn first_word(text: &str) -> Option<&str> {
    text.split(' ').next().filter(|word| !word.is_empty())
}

#[duckpen::function]
fn checked(x: i32) -> Result<i32, String> {
    if x < 0 { Err(format!("{x} is negative")) } else { Ok(x) }
}

#[duckpen::function]
fn is_even(x: u8) -> bool {
    x.is_multiple_of(2)
}

#[duckpen::function]
fn invert(flag: bool) -> bool {
    !flag
}

#[duckpen::function]
fn next_day(day: Date) -> Date {
    Date(day.0 + 1)
}

#[duckpen::function]
fn cents(amount: Decimal<9, 2>) -> Result<Decimal<18, 0>, Error> {
    Decimal::from_unscaled(amount.unscaled())
}

#[duckpen::function]
fn negate_wide(x: i128, span: Interval) -> i128 {
    -x - i128::from(span.days)
}

#[duckpen::function]
fn reversed(bytes: Vec<u8>) -> Vec<u8> {
    bytes.into_iter().rev().collect()
}

#[duckpen::function]
fn seven() -> i64 {
    7
}

#[duckpen::function(columns)]
fn running_total(x: Column<i64>, totals: &mut Results<i64>) {
    let mut total = 0;
    for value in x.iter() {
        total += value.unwrap_or(0);
        totals.push(total);
    }
}

#[duckpen::function(columns, called_on_null)]
fn describe_text(text: Column<'_, str>, results: &mut Results<str>) -> Result<(), Error> {
    for row in 0..text.rows() {
        results.push_option(text.get(row).map(|text| format!("{text}:{}", text.len())));
    }
    Ok(())
}

#[duckpen::function(columns)]
fn one_result(x: Column<i64>, results: &mut Results<i64>) {
    results.push(x.value(0));
}

#[duckpen::function]
fn everything(_when: Timestamp, _id: Uuid, _part: f32, _whole: u128, _text: String) -> Option<f64> {
    None
}

#[derive(Clone, Copy, duckpen::Enum)]
enum Size {
    #[duckpen(name = "it's small")]
    Small,
    Large,
}

#[derive(duckpen::Struct)]
struct Item<'a> {
    name: &'a str,
    #[duckpen(name = "how many")]
    count: Option<u16>,
    sizes: Vec<Size>,
}

#[duckpen::function]
fn everything_nested(
    _items: Vec<Option<Item<'_>>>,
    _grid: [[f32; 2]; 3],
    _lookup: Map<&str, Vec<Option<u8>>>,
    _pair: (i64, Option<String>),
    _numbers: &[i16],
    _rest: Rest<Option<Decimal<4, 1>>>,
) -> std::collections::BTreeMap<String, Option<Vec<u8>>> {
    std::collections::BTreeMap::new()
}

#[duckpen::function]
fn halves(numbers: Vec<i64>) -> Vec<Option<i64>> {
    numbers.into_iter().map(|number| (number % 2 == 0).then_some(number / 2)).collect()
}

fn call(function: &dyn Function, arguments: &[Argument], rows: usize) -> Result<RawColumn, Error> {
    let mut evaluator = function.open();
    // Twice, since buffers are kept: the second batch is the one that could see the first.
    evaluator.evaluate(arguments, rows)?;
    evaluator.evaluate(arguments, rows).cloned()
}

fn vector(rows: usize, values: Values) -> Argument {
    Argument::Vector(flat_column(rows, values, None))
}

fn with_nulls(rows: usize, values: Values, null: impl Fn(usize) -> bool) -> Argument {
    let mut bits = vec![0u8; rows.div_ceil(8)];
    (0..rows).filter(|&row| !null(row)).for_each(|row| bits[row / 8] |= 1 << (row % 8));
    Argument::Vector(flat_column(rows, values, Some(bits)))
}

fn constant(values: Values) -> Argument {
    Argument::Constant(flat_column(1, values, None))
}

fn texts(rows: &[&str]) -> Values {
    let mut offsets = vec![0];
    offsets.extend(rows.iter().scan(0, |end, row| {
        *end += row.len() as u32;
        Some(*end)
    }));
    Values::Bytes(VarData { offsets, bytes: rows.concat().into_bytes() })
}

fn valid(column: &RawColumn, row: usize) -> bool {
    column.root.validity.as_ref().is_none_or(|bits| bits[row / 8] >> (row % 8) & 1 == 1)
}

fn int64(column: &RawColumn) -> Vec<Option<i64>> {
    let Values::Int64(values) = &column.root.values else { panic!("{:?}", column.root.values) };
    assert_eq!(values.len(), column.root.rows as usize);
    (0..values.len()).map(|row| valid(column, row).then_some(values[row])).collect()
}

fn strings(column: &RawColumn) -> Vec<Option<String>> {
    let Values::Bytes(VarData { offsets, bytes }) = &column.root.values else { panic!("{:?}", column.root.values) };
    assert_eq!((offsets[0], offsets[offsets.len() - 1] as usize), (0, bytes.len()));
    let text = |span: &[u32]| String::from_utf8(bytes[span[0] as usize..span[1] as usize].to_vec()).expect("UTF-8");
    offsets.windows(2).enumerate().map(|(row, span)| valid(column, row).then(|| text(span))).collect()
}

#[test]
fn every_row_is_computed_whatever_the_size_of_the_batch() {
    for rows in [0, 1, 31, 32, 33, 64, 2047, 2048] {
        let numbers: Vec<i64> = (0..rows as i64).collect();
        let arguments = [vector(rows, Values::Int64(numbers.clone())), constant(Values::Int64(vec![12]))];
        let expected: Vec<_> = numbers.iter().map(|&number| Some(gcd(number, 12))).collect();
        let column = call(gcd::FUNCTION, &arguments, rows).expect("it succeeds");
        assert_eq!(int64(&column), expected, "{rows} rows");
        assert!(column.root.validity.is_none());
    }
}

#[test]
fn rows_with_a_null_are_not_called_and_give_null() {
    let rows = 100;
    let dividend = with_nulls(rows, Values::Int64(vec![10; rows]), |row| row % 7 == 0);
    // A NULL has a slot of 0, by which nothing can be divided.
    let divisor =
        with_nulls(rows, Values::Int64((0..100).map(|row| i64::from(row % 5 != 0)).collect()), |row| row % 5 == 0);
    let expected: Vec<_> = (0..rows).map(|row| (row % 7 != 0 && row % 5 != 0).then_some(10)).collect();
    let column = call(divide::FUNCTION, &[dividend, divisor], rows).expect("it succeeds");
    assert_eq!(int64(&column), expected);
}

#[test]
fn a_constant_null_makes_every_row_null() {
    let null = Argument::Constant(flat_column(1, Values::Int64(vec![0]), Some(vec![0])));
    let column = call(divide::FUNCTION, &[vector(40, Values::Int64(vec![1; 40])), null], 40).expect("it succeeds");
    assert_eq!(int64(&column), vec![None; 40]);
}

#[test]
fn an_option_sees_nulls_and_other_parameters_do_not() {
    let maybe = with_nulls(3, Values::Int64(vec![5, 0, 5]), |row| row == 1);
    let factor = with_nulls(3, Values::Int64(vec![2, 2, 0]), |row| row == 2);
    let column = call(coalesce_zero::FUNCTION, &[maybe, factor], 3).expect("it succeeds");
    assert_eq!(int64(&column), [Some(10), Some(0), None]);
}

#[test]
fn texts_are_read_and_written_in_order() {
    let many: Vec<String> =
        (0..70).map(|row| if row % 3 == 0 { String::new() } else { format!("wört{row} x") }).collect();
    let rows: Vec<&str> = many.iter().map(String::as_str).collect();
    let column = call(first_word::FUNCTION, &[vector(70, texts(&rows))], 70).expect("it succeeds");
    let expected: Vec<_> = rows.iter().map(|row| first_word(row).map(str::to_owned)).collect();
    assert_eq!(strings(&column), expected);

    let column = call(first_word::FUNCTION, &[constant(texts(&["one two"]))], 33).expect("it succeeds");
    assert_eq!(strings(&column), vec![Some("one".to_owned()); 33]);
}

#[test]
fn an_error_names_its_row() {
    for (row, rows) in [(0, 1), (31, 64), (33, 40), (63, 64)] {
        let mut numbers = vec![1; rows];
        numbers[row] = -4;
        let error = call(checked::FUNCTION, &[vector(rows, Values::Int32(numbers))], rows).expect_err("it fails");
        assert_eq!((error.message.as_str(), error.row), ("-4 is negative", Some(row as u32)));
    }
}

#[test]
fn booleans_are_packed() {
    let column = call(is_even::FUNCTION, &[vector(11, Values::Uint8((0..11).collect()))], 11).expect("it succeeds");
    assert!(matches!(&column.root.values, Values::Bits(bits) if *bits == [0b0101_0101, 0b101]));
    let column = call(invert::FUNCTION, &[vector(11, column.root.values)], 11).expect("it succeeds");
    assert!(matches!(&column.root.values, Values::Bits(bits) if *bits == [0b1010_1010, 0b010]));
    let column = call(invert::FUNCTION, &[constant(Values::Bits(vec![0]))], 40).expect("it succeeds");
    assert!(matches!(&column.root.values, Values::Bits(bits) if bits.iter().all(|byte| *byte == 0xff)));
}

#[test]
fn other_types_arrive_in_their_physical_form() {
    let column = call(next_day::FUNCTION, &[vector(2, Values::Int32(vec![-1, 5]))], 2).expect("it succeeds");
    assert!(matches!(&column.root.values, Values::Int32(days) if *days == [0, 6]));

    let column = call(cents::FUNCTION, &[vector(2, Values::Int32(vec![-1250, 99]))], 2).expect("it succeeds");
    assert_eq!(int64(&column), [Some(-1250), Some(99)]);

    let wide = vector(2, Values::Words128(vec![1, 0, u64::MAX, u64::MAX]));
    let span = constant(Values::Words128(vec![7 << 32, 0]));
    let column = call(negate_wide::FUNCTION, &[wide, span], 2).expect("it succeeds");
    assert!(
        matches!(&column.root.values, Values::Words128(words) if *words == [-8i64 as u64, u64::MAX, -6i64 as u64, u64::MAX])
    );

    let column = call(reversed::FUNCTION, &[vector(2, texts(&["abc", ""]))], 2).expect("it succeeds");
    assert_eq!(strings(&column), [Some("cba".to_owned()), Some(String::new())]);

    assert_eq!(int64(&call(seven::FUNCTION, &[], 33).expect("it succeeds")), vec![Some(7); 33]);
}

#[test]
fn a_function_of_columns_gives_one_result_a_row() {
    let column = call(running_total::FUNCTION, &[vector(40, Values::Int64(vec![2; 40]))], 40).expect("it succeeds");
    assert_eq!(int64(&column), (1..=40).map(|row| Some(2 * row)).collect::<Vec<_>>());

    let column = call(describe_text::FUNCTION, &[with_nulls(3, texts(&["ab", "", ""]), |row| row == 1)], 3);
    assert_eq!(strings(&column.expect("it succeeds")), [Some("ab:2".to_owned()), None, Some(":0".to_owned())]);

    let error =
        call(one_result::FUNCTION, &[vector(5, Values::Int64(vec![2; 5]))], 5).expect_err("results are missing");
    assert_eq!(error.message, "the function gave 1 results for 5 rows");
}

#[test]
fn buffers_are_kept_from_batch_to_batch() {
    let mut evaluator = first_word::FUNCTION.open();
    let arguments = [with_nulls(2048, texts(&["some text"; 2048]), |row| row % 2 == 0)];
    let mut addresses = || {
        let column = evaluator.evaluate(&arguments, 2048).expect("it succeeds");
        let Values::Bytes(VarData { offsets, bytes }) = &column.root.values else { panic!("not texts") };
        let validity = column.root.validity.as_ref().expect("there are NULLs");
        (offsets.as_ptr(), bytes.as_ptr(), validity.as_ptr())
    };
    assert_eq!(addresses(), addresses());
}

#[test]
fn a_batch_without_nulls_after_one_with_them_has_none() {
    let mut evaluator = divide::FUNCTION.open();
    let ones = || vector(40, Values::Int64(vec![1; 40]));
    let nulls = with_nulls(40, Values::Int64(vec![1; 40]), |row| row < 35);
    assert!(evaluator.evaluate(&[ones(), nulls], 40).expect("it succeeds").root.validity.is_some());
    assert!(evaluator.evaluate(&[ones(), ones()], 40).expect("it succeeds").root.validity.is_none());
}

#[test]
fn a_call_that_does_not_fit_the_declaration_is_an_error() {
    let error = call(invert::FUNCTION, &[vector(1, Values::Int64(vec![1]))], 1).expect_err("not a boolean");
    assert_eq!(error.message, "an argument does not hold values of BOOLEAN");
    let error = call(invert::FUNCTION, &[], 1).expect_err("no argument");
    assert_eq!(error.message, "0 arguments for 1 parameters");
}

#[test]
fn declarations_say_what_signatures_say() {
    let declaration = |function: &dyn Function| Declaration::from(function.describe());
    let gcd = declaration(gcd::FUNCTION);
    assert_eq!((gcd.name.as_str(), gcd.returns.as_str(), gcd.nulls), ("gcd", "BIGINT", NullPolicy::Propagate));
    assert_eq!(gcd.doc.as_deref(), Some("The greatest common divisor.\n\nNever negative."));
    assert_eq!(gcd.stability, Stability::Consistent);

    let renamed = declaration(coalesce_zero::FUNCTION);
    assert_eq!((renamed.name.as_str(), renamed.nulls), ("or_zero", NullPolicy::CalledOnNull));
    assert_eq!((renamed.stability, renamed.doc), (Stability::Volatile, None));

    let everything = declaration(everything::FUNCTION);
    let types: Vec<_> = everything.parameters.iter().map(|parameter| parameter.logical_type.as_str()).collect();
    assert_eq!(types, ["TIMESTAMP", "UUID", "FLOAT", "UHUGEINT", "VARCHAR"]);
    assert_eq!(everything.returns, "DOUBLE");
    assert_eq!(declaration(cents::FUNCTION).parameters[0].logical_type, "DECIMAL(9,2)");
    assert_eq!(declaration(describe_text::FUNCTION).nulls, NullPolicy::CalledOnNull);
}

#[test]
fn nested_types_are_spelled_as_in_sql() {
    let declaration = Declaration::from(everything_nested::FUNCTION.describe());
    let types: Vec<_> = declaration.parameters.iter().map(|parameter| parameter.logical_type.as_str()).collect();
    assert_eq!(
        types,
        [
            r#"STRUCT("name" VARCHAR, "how many" USMALLINT, "sizes" ENUM('it''s small', 'Large')[])[]"#,
            "FLOAT[2][3]",
            "MAP(VARCHAR, UTINYINT[])",
            "STRUCT(BIGINT, VARCHAR)",
            "SMALLINT[]",
        ]
    );
    assert_eq!(declaration.varargs.as_deref(), Some("DECIMAL(4,1)"));
    assert_eq!((declaration.returns.as_str(), declaration.nulls), ("MAP(VARCHAR, BLOB)", NullPolicy::CalledOnNull));
}

fn lists(offsets: &[u32], elements: Node) -> Argument {
    let root = Node { rows: offsets.len() as u32 - 1, values: Values::ListOffsets(offsets.to_vec()), validity: None };
    Argument::Vector(RawColumn { root, children: vec![elements] })
}

fn elements(values: &[i64], validity: Option<u8>) -> Node {
    Node {
        rows: values.len() as u32,
        values: Values::Int64(values.to_vec()),
        validity: validity.map(|bits| vec![bits]),
    }
}

#[test]
fn lists_are_read_and_written_and_a_batch_does_not_see_the_one_before() {
    let argument = lists(&[0, 2, 2, 3], elements(&[4, 7, 10], None));
    let column = call(halves::FUNCTION, &[argument], 3).expect("it succeeds");
    assert!(matches!(&column.root.values, Values::ListOffsets(offsets) if *offsets == [0, 2, 2, 3]));
    let [child] = &column.children[..] else { panic!("{} children", column.children.len()) };
    assert_eq!((child.rows, child.validity.as_deref()), (3, Some(&[0b101][..])));
    assert!(matches!(&child.values, Values::Int64(values) if *values == [2, 0, 5]));
}

#[test]
fn a_null_inside_of_a_value_that_has_no_option_there_is_an_error_of_its_row() {
    let argument = lists(&[0, 2, 2, 3], elements(&[4, 7, 0], Some(0b011)));
    let error = call(halves::FUNCTION, &[argument], 3).expect_err("a NULL");
    assert_eq!((error.message.as_str(), error.row), ("a value of BIGINT[] has a NULL in it", Some(2)));
}
