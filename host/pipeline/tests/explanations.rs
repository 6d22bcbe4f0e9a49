//! Every code has an example that it is really reported for, and a way out that really is one.
#![allow(clippy::unwrap_used)]

mod support;

use duckpen_pipeline::{Code, Profile, ProfileError};
use support::Project;

const PROFILE: &str = "\
connectors:
  pg_main: {type: POSTGRES, params: {host: db, password: '${PG_PASSWORD}'}}
  files: {type: CSV, params: {has_header: true}}
";

/// The codes of what is said about a text.
fn reported(code: Code, text: &str) -> Vec<Code> {
    if matches!(code, Code::ProfileSyntax | Code::ProfileShape) {
        let read = Profile::parse(text, "profiles/dev.yml", &|_| None);
        let code = |error| match error {
            ProfileError::Syntax { .. } => Code::ProfileSyntax,
            ProfileError::Structure { .. } => Code::ProfileShape,
        };
        return read.err().map(code).into_iter().collect();
    }
    // The stand-in for DuckDB's parser knows one mistake.
    let project =
        Project::new(&text.replace("FORM", "broken")).profile(PROFILE).file("pipelines/common/base.sf", "SET a = 1;");
    project.compile().diagnostics.iter().map(|found| found.code).collect()
}

#[test]
fn every_code_is_explained_by_an_example_and_a_way_out() {
    for code in Code::ALL.iter().copied() {
        let example = code.example().unwrap_or_else(|| panic!("{code} has no example"));
        assert!(reported(code, example.wrong).contains(&code), "{code} is not reported for\n{}", example.wrong);
        let right = reported(code, example.right);
        assert!(right.iter().all(|found| *found != code && found.as_str().starts_with('W')), "{code}: {right:?}");
    }
}

#[test]
fn every_code_is_explained_in_whole_sentences() {
    for code in Code::ALL {
        assert!(code.explanation().ends_with('.') && code.explanation().len() > 40, "{code}: {}", code.explanation());
        assert!(!code.title().ends_with('.') && !code.title().is_empty(), "{code}");
    }
}
