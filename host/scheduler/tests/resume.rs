//! Going on where an earlier run stopped.

mod support;

use duckpen_scheduler::{CancelToken, OnFailure, RunOutcome};
use support::{Act, Bench, Script, completed, graph, policy, states};

#[tokio::test]
async fn completed_steps_are_not_run_again_and_satisfy_their_dependants() {
    let steps = graph("a; b < a; c < b; d");
    for (done, expected, starts) in [
        (completed([]), "a=ok b=ok c=ok d=ok", "a b c d"),
        (completed(["a"]), "a=complete b=ok c=ok d=ok", "b c d"),
        (completed(["a", "b", "d"]), "a=complete b=complete c=ok d=complete", "c"),
        // What is complete stays so, even if something before it has to run again.
        (completed(["b"]), "a=ok b=complete c=ok d=ok", "a c d"),
        (completed(["a", "b", "c", "d"]), "a=complete b=complete c=complete d=complete", ""),
        (completed(["never heard of"]), "a=ok b=ok c=ok d=ok", "a b c d"),
    ] {
        let bench = Bench::new(Script::default(), policy(1, OnFailure::FailFast));
        let report = bench.scheduler.run(&steps, &done, &CancelToken::default()).await;
        assert_eq!(states(&report), expected);
        assert_eq!(bench.transcript.starts(), starts);
        assert_eq!(report.outcome(), RunOutcome::Succeeded);
    }
}

#[tokio::test]
async fn a_failure_does_not_skip_what_an_earlier_run_completed() {
    let bench = Bench::new(Script::new([("a", &[Act::FailForGood])]), policy(1, OnFailure::KeepGoing));
    let report = bench.scheduler.run(&graph("a; b < a; c < b"), &completed(["b"]), &CancelToken::default()).await;
    assert_eq!(states(&report), "a=failed b=complete c=ok");
}
