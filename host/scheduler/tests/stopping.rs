//! Time limits and cancellation.

mod support;

use std::{collections::HashSet, sync::Arc, time::Duration};

use duckpen_scheduler::{CancelReason, CancelToken, ManualClock, OnFailure, Policy, RunOutcome, StepError, StepState};
use support::{Act, Bench, Script, graph, policy, retry, states};

const SECOND: Duration = Duration::from_secs(1);

fn limited(seconds: u64) -> Policy {
    Policy { step_timeout: Some(SECOND * seconds as u32), ..policy(2, OnFailure::KeepGoing) }
}

#[tokio::test]
async fn a_step_is_told_to_stop_when_its_time_is_up() {
    let clock = Arc::new(ManualClock::default());
    let script = Script::new([("slow", &[Act::WorkUntilTold])]);
    let bench = Bench::on_manual_clock(&clock, script, limited(5));
    let (steps, completed, cancel) = (graph("slow; after < slow; other"), HashSet::new(), CancelToken::default());
    let (report, ()) = tokio::join!(bench.scheduler.run(&steps, &completed, &cancel), async {
        clock.until_asleep(1).await;
        clock.advance(SECOND * 4);
        tokio::task::yield_now().await;
        assert!(!bench.transcript.lines().iter().any(|line| line.contains("failed")), "it had a second left");
        clock.advance(SECOND);
    });
    assert_eq!(states(&report), "slow=failed after=skipped(slow) other=ok");
    let StepState::Failed(error) = &report.steps[0].state else { panic!("it failed") };
    assert_eq!(error.to_string(), "stopped after its time limit of 5 s");
    assert!(matches!(error, StepError::TimedOut { error, .. } if error.to_string() == "told to stop: TimedOut"));
    assert_eq!(report.outcome(), RunOutcome::Failed);
}

#[tokio::test(start_paused = true)]
async fn the_time_limit_is_for_each_attempt() {
    let script = Script::new([("a", &[Act::WorkUntilTold, Act::Work(SECOND)])]);
    let bench = Bench::new(script, Policy { retry: retry(2), ..limited(5) });
    let report = bench.run(&graph("a")).await;
    assert_eq!(states(&report), "a=okx2");
    assert_eq!(report.ended.since_origin().as_secs(), 5 + 1 + 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_finished_in_spite_of_being_told_to_stop_counts() {
    let bench = Bench::new(Script::new([("a", &[Act::FinishWhenTold])]), limited(1));
    assert_eq!(states(&bench.run(&graph("a; b < a")).await), "a=ok b=ok");
}

#[tokio::test]
async fn cancelling_tells_the_running_steps_and_starts_nothing_more() {
    let clock = Arc::new(ManualClock::default());
    let script = Script::new([
        ("listens", &[Act::WorkUntilTold][..]),
        ("finishes", &[Act::FinishWhenTold]),
        ("flaky", &[Act::FailForNow]),
    ]);
    let policy = Policy { retry: retry(9), ..policy(3, OnFailure::FailFast) };
    let bench = Bench::on_manual_clock(&clock, script, policy);
    let steps = graph("listens; finishes; flaky; a < listens; b < finishes; c < a");
    let (completed, cancel) = (HashSet::new(), CancelToken::default());
    let (report, ()) = tokio::join!(bench.scheduler.run(&steps, &completed, &cancel), async {
        // The one sleep is the delay before `flaky` is tried again.
        clock.until_asleep(1).await;
        cancel.cancel(CancelReason::Requested);
    });
    assert_eq!(states(&report), "listens=cancelled finishes=ok flaky=cancelled a=cancelled b=cancelled c=cancelled");
    assert_eq!(report.outcome(), RunOutcome::Cancelled);
}

#[tokio::test]
async fn a_run_that_is_cancelled_before_it_begins_runs_nothing() {
    let bench = Bench::new(Script::default(), policy(2, OnFailure::FailFast));
    let cancel = CancelToken::default();
    cancel.cancel(CancelReason::Requested);
    let report = bench.scheduler.run(&graph("a; b < a"), &HashSet::new(), &cancel).await;
    assert_eq!(states(&report), "a=cancelled b=cancelled");
    assert_eq!(bench.transcript.starts(), "");
    assert_eq!((report.steps[0].attempts, report.steps[0].started), (0, None));
}
