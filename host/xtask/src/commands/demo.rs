//! `demo`: the main job on an example project, and what happens to a function that never ends.

use crate::{
    commands::{setup, test},
    failure::{Failure, Result},
    process::Call,
    workspace::Workspace,
};

const PROJECT: &str = "examples/web_orders";

/// A pipeline of the project, what is to be seen in it, and how it has to end.
struct Scene {
    pipeline: &'static str,
    story: &'static str,
    exit_code: i32,
}

const SCENES: [Scene; 2] = [
    Scene {
        pipeline: "daily",
        story: "run a pipeline: files are loaded, SQL with a WebAssembly function transforms them, results are exported",
        exit_code: 0,
    },
    Scene {
        pipeline: "runaway",
        story: "run a pipeline whose function loops for ever: its fuel runs out, the step fails (exit code 1), and the \
                error says which limit it was and how to raise it",
        exit_code: 1,
    },
];

pub fn run(workspace: &Workspace) -> Result<()> {
    setup::run(workspace)?;
    test::compile_host(workspace)?;
    for scene in SCENES {
        let call = Call::new(workspace.duckpen()).args(["run", scene.pipeline, "--project", PROJECT]);
        let code = call.within(&workspace.root).exit_code(scene.story)?;
        if code != scene.exit_code {
            let (pipeline, expected) = (scene.pipeline, scene.exit_code);
            return Err(Failure::new(format!("`{pipeline}` ended with exit code {code} instead of {expected}")));
        }
    }
    eprintln!("\nthe first pipeline did its work and the second was stopped at its limit, as it should be");
    Ok(())
}
