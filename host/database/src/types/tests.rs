//! Golden cases of reading and printing.

use super::*;

fn parsed(text: &str) -> Result<String, String> {
    text.parse::<LogicalType>().map(|kind| kind.to_string()).map_err(|unknown| unknown.reason)
}

#[test]
fn types_are_printed_as_duckdb_spells_them() {
    for (name, kind) in NAMES {
        assert_eq!(name.parse::<LogicalType>().as_ref(), Ok(kind));
        assert_eq!(kind.to_string().parse::<LogicalType>().as_ref(), Ok(kind));
    }
    for (text, spelling) in [
        ("DECIMAL(18,3)", "DECIMAL(18,3)"),
        ("numeric( 5 , 2 )", "DECIMAL(5,2)"),
        ("DECIMAL(7)", "DECIMAL(7,0)"),
        ("DECIMAL", "DECIMAL(18,3)"),
        (" int ", "INTEGER"),
        ("timestamp  with time zone", "TIMESTAMP WITH TIME ZONE"),
        ("time with time zone", "TIME WITH TIME ZONE"),
        ("timetz[]", "TIME WITH TIME ZONE[]"),
        ("STRUCT(BITSTRING, BIGNUM)", "STRUCT(BIT, BIGNUM)"),
        ("INTEGER[]", "INTEGER[]"),
        ("integer [ 3 ] [ ]", "INTEGER[3][]"),
        ("MAP(TEXT,bigint)", "MAP(VARCHAR, BIGINT)"),
        ("struct(a int, \"b c\" text)[]", "STRUCT(a INTEGER, \"b c\" VARCHAR)[]"),
        ("STRUCT(\"select\" DATE, date DATE, \"x\"\"y\" TIME)", "STRUCT(\"select\" DATE, date DATE, \"x\"\"y\" TIME)"),
        ("STRUCT(timestamp TIMESTAMP WITH TIME ZONE)", "STRUCT(\"timestamp\" TIMESTAMP WITH TIME ZONE)"),
        ("STRUCT(INTEGER, TIMESTAMP WITH TIME ZONE)", "STRUCT(INTEGER, TIMESTAMP WITH TIME ZONE)"),
        ("STRUCT(STRUCT(DECIMAL(4,1))[2])", "STRUCT(STRUCT(DECIMAL(4,1))[2])"),
        ("enum('a','it''s','')", "ENUM('a', 'it''s', '')"),
        ("MAP(INTEGER[], STRUCT(Über INTEGER))", "MAP(INTEGER[], STRUCT(\"Über\" INTEGER))"),
    ] {
        assert_eq!(parsed(text).as_deref(), Ok(spelling), "{text}");
    }
}

#[test]
fn what_is_wrong_with_a_type_is_said() {
    let deep = format!("INTEGER{}", "[]".repeat(32));
    let wide = format!("STRUCT({})", (0..1_000).map(|i| format!("c{i} INTEGER")).collect::<Vec<_>>().join(", "));
    for (text, reason) in [
        ("", "the name of a type is missing at the end"),
        ("ANY", "there is no type `ANY` that functions exchange"),
        ("INTEGER INTEGER", "the end is expected instead of `INTEGER`"),
        ("INTEGER[", "a number of elements is missing at the end"),
        ("INTEGER[x]", "a number of elements is expected instead of `x]`"),
        ("INTEGER[0]", "an array has 1 to 99999 elements, not 0"),
        ("INTEGER[100000]", "an array has 1 to 99999 elements, not 100000"),
        ("INTEGER[99999999999]", "a number of elements is expected instead of `99999999999]`"),
        ("DECIMAL(39,1)", "a decimal has a width of 1 to 38 and a scale up to it, not 39 and 1"),
        ("DECIMAL(5,6)", "a decimal has a width of 1 to 38 and a scale up to it, not 5 and 6"),
        ("DECIMAL(0,0)", "a decimal has a width of 1 to 38 and a scale up to it, not 0 and 0"),
        ("DECIMAL(a,b)", "a width is expected instead of `a,b)`"),
        ("STRUCT(a INT", "`)` is missing at the end"),
        ("STRUCT()", "the name of a field is expected instead of `)`"),
        ("STRUCT(a INT, A INT)", "the struct has the field `A` twice"),
        ("STRUCT(a INT, DATE)", "some fields of the struct have names and others have none"),
        ("STRUCT(\"\" INT)", "the name of a field is empty"),
        ("STRUCT(\"a INT)", "a closing \" is missing"),
        ("UNION(a INT, b TEXT)", "functions do not exchange UNION: a STRUCT with a field for each of its members does"),
        ("STRUCT(a JSONB)", "there is no type `JSONB` that functions exchange"),
        ("MAP(INTEGER)", "`,` is expected instead of `)`"),
        ("ENUM()", "a name in single quotes is expected instead of `)`"),
        ("ENUM('a', 'a')", "the enumeration has the name `a` twice"),
        ("ENUM('a\0')", "a name contains a NUL character"),
        (&deep, "it is nested deeper than 32 levels"),
        (&wide, "it consists of more than 1000 types"),
    ] {
        assert_eq!(parsed(text), Err(reason.to_owned()), "{text}");
    }
    assert!(parsed(&format!("INTEGER{}", "[]".repeat(31))).is_ok());
}

#[test]
fn keywords_are_in_order() {
    assert!(keywords::KEYWORDS.is_sorted());
}
