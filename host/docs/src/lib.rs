//! Pages about a project, each one HTML file that needs nothing else: no network, no further file.
//!
//! Pure: values in, text out. [`Site`] holds what is known of a project; [`lineage_page`] shows its graph, [`docs_page`]
//! everything. All that comes from users passes through the templates' escaping, and the pages allow no script but their
//! own.

mod highlight;
mod pages;
mod picture;
mod site;

pub use pages::{PageError, docs_page, lineage_page};
pub use site::{
    ColumnRow, Fact, FunctionEntry, LimitRow, Link, PipelineEntry, ProfileEntry, RunEntry, Site, Statement, StepRow,
    Thing,
};
