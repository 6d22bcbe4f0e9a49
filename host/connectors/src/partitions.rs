//! Values in the names of folders, of which DuckDB makes columns: `sales/month=01/a.csv`.

use std::path::{Path, PathBuf};

/// Names of the columns that DuckDB makes of the folders of these files: those that all of them have.
pub(crate) fn of_paths(paths: &[PathBuf]) -> Vec<String> {
    let Some((first, others)) = paths.split_first() else { return Vec::new() };
    let names = of_path(first);
    if others.iter().all(|path| of_path(path) == names) { names } else { Vec::new() }
}

fn of_path(path: &Path) -> Vec<String> {
    let folders = path.parent().into_iter().flat_map(Path::components);
    let names = folders.filter_map(|folder| {
        let (name, _) = folder.as_os_str().to_str()?.split_once('=')?;
        (!name.is_empty()).then(|| name.to_owned())
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_the_folders_that_all_files_have() {
        for (paths, expected) in [
            (&["/p/in/a.csv"][..], &[][..]),
            (&["/p/year=2026/month=01/a=b.csv"], &["year", "month"]),
            (&["/p/month=01/a.csv", "/p/month=02/a.csv"], &["month"]),
            (&["/p/month=01/a.csv", "/p/a.csv"], &[]),
        ] {
            let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
            assert_eq!(of_paths(&paths), expected, "{paths:?}");
        }
    }
}
