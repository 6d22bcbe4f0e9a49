//! Set-up, demo, tests and checks of this repository.
fn main() {}
