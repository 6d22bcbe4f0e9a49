use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::fs::File;

use crate::{ConnectorError, ProjectFiles};

/// A folder of the run for what a step fetches; removed with this.
pub struct Inbox {
    pub(super) files: Arc<ProjectFiles>,
    pub(super) folder: PathBuf,
}

impl Inbox {
    /// A new file of this name, which may have folders in it, and where it lies.
    pub(crate) fn create(&self, name: &Path) -> Result<(File, PathBuf), ConnectorError> {
        let path = self.folder.join(name);
        let failed = |source| ConnectorError::io(&path.display().to_string(), source);
        if let Some(folder) = path.parent() {
            self.files.dir().create_dir_all(folder).map_err(failed)?;
        }
        let file = self.files.dir().create(&path).map_err(failed)?;
        Ok((file, self.files.root().join(&path)))
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        if let Err(error) = self.files.dir().remove_dir_all(&self.folder) {
            // The folder that it is in is removed after the run.
            tracing::debug!(%error, "what a step fetched cannot be removed yet");
        }
    }
}
