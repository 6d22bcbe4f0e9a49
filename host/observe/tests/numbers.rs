//! How figures are spelled.

use duckpen_observe::numbers::{bytes, counted, mib, seconds, si, thousands};

#[test]
fn counts_have_separators_and_plurals() {
    for (number, spelled) in
        [(0, "0"), (999, "999"), (1_000, "1,000"), (1_204_331, "1,204,331"), (u64::MAX, "18,446,744,073,709,551,615")]
    {
        assert_eq!(thousands(number), spelled);
    }
    assert_eq!([counted(0, "row"), counted(1, "row"), counted(2_000, "row")], ["0 rows", "1 row", "2,000 rows"]);
}

#[test]
fn large_counts_have_si_letters() {
    for (number, spelled) in [
        (0, "0"),
        (999, "999"),
        (1_000, "1k"),
        (4_100, "4.1k"),
        (9_960, "10k"),
        (41_234_567, "41M"),
        (500_000_000, "500M"),
        (1_250_000_000, "1.2G"),
        (3_000_000_000_000, "3T"),
    ] {
        assert_eq!(si(number), spelled);
    }
}

#[test]
fn memory_is_in_binary_units() {
    for (number, in_mib, with_unit) in [
        (0, "0", "0 B"),
        (512, "0", "512 B"),
        (64 * 1024, "0.1", "64 KiB"),
        (3 << 19, "1.5", "1.5 MiB"),
        (64 << 20, "64", "64 MiB"),
        (5 << 30, "5120", "5 GiB"),
    ] {
        assert_eq!((mib(number).as_str(), bytes(number).as_str()), (in_mib, with_unit));
    }
}

#[test]
fn durations_are_in_the_unit_that_fits() {
    for (duration, spelled) in [
        (0.0, "0 ms"),
        (0.0004, "0.4 ms"),
        (0.084, "84 ms"),
        (2.14, "2.1 s"),
        (12.4, "12 s"),
        (59.7, "1 min 0 s"),
        (200.0, "3 min 20 s"),
    ] {
        assert_eq!(seconds(duration), spelled);
    }
}
