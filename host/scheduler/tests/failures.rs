//! What a failed step means for the others, and what is tried again.

mod support;

use std::{collections::HashSet, sync::Arc, time::Duration};

use duckpen_scheduler::{CancelToken, ManualClock, OnFailure, Policy, RunOutcome, StepError, StepState};
use support::{Act, Bench, Script, graph, policy, retry, states};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_failure_stops_or_spares_the_others_as_the_policy_says() {
    use OnFailure::{FailFast, KeepGoing};
    let steps = "a; bad < a; after < bad; far < after a; other; last < other";
    for (threads, on_failure, expected) in [
        (1, FailFast, "a=ok bad=failed after=skipped(bad) far=skipped(bad) other=skipped last=skipped"),
        (1, KeepGoing, "a=ok bad=failed after=skipped(bad) far=skipped(bad) other=ok last=ok"),
        // `other` runs when `bad` fails: it may finish, but what waits for it does not start.
        (2, FailFast, "a=ok bad=failed after=skipped(bad) far=skipped(bad) other=ok last=skipped"),
        (2, KeepGoing, "a=ok bad=failed after=skipped(bad) far=skipped(bad) other=ok last=ok"),
    ] {
        let script = Script::new([("bad", &[Act::FailForGood]), ("other", &[Act::Work(SECOND)])]);
        let bench = Bench::new(script, policy(threads, on_failure));
        let report = bench.run(&graph(steps)).await;
        assert_eq!(states(&report), expected, "{threads} at once, {on_failure:?}");
        assert_eq!(report.outcome(), RunOutcome::Failed);
    }
}

#[tokio::test]
async fn a_step_skipped_for_two_failures_names_the_first() {
    let script = Script::new([("x", &[Act::FailForGood]), ("y", &[Act::FailForGood])]);
    let bench = Bench::new(script, policy(2, OnFailure::KeepGoing));
    let report = bench.run(&graph("x; y; both < y x")).await;
    assert_eq!(states(&report), "x=failed y=failed both=skipped(x)");
}

#[tokio::test]
async fn a_panic_is_a_failure_of_that_step_alone() {
    let bench = Bench::new(Script::new([("a", &[Act::Panic])]), policy(1, OnFailure::KeepGoing));
    let report = bench.run(&graph("a; b")).await;
    assert_eq!(states(&report), "a=failed b=ok");
    let StepState::Failed(error) = &report.steps[0].state else { panic!("it failed") };
    assert_eq!(error.to_string(), "internal error: a bug in the host");
}

#[tokio::test(start_paused = true)]
async fn failed_attempts_are_repeated_with_growing_delays() {
    let script = Script::new([("b", &[Act::FailForNow, Act::FailForNow, Act::Succeed])]);
    let bench = Bench::new(script, Policy { retry: retry(5), ..policy(1, OnFailure::FailFast) });
    let report = bench.run(&graph("a; b < a; c < b")).await;
    assert_eq!(states(&report), "a=ok b=okx3 c=ok");
    assert_eq!(bench.transcript.starts(), "a b b2 b3 c");
    assert_eq!(
        bench.transcript.lines()[6..],
        [
            "b ready",
            "b running 1",
            "b attempt 1 failed (busy), again in 1s",
            "@1000 b ready",
            "@1000 b running 2",
            "@1000 b attempt 2 failed (busy), again in 2s",
            "@3000 b ready",
            "@3000 b running 3",
            "@3000 b succeeded 3 with 3",
            "@3000 c ready",
            "@3000 c running 1",
            "@3000 c succeeded 1 with 1",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn attempts_are_limited_and_delays_bounded() {
    for (act, max_attempts, expected, seconds) in [
        (Act::FailForNow, 1, "a=failed", 0),
        (Act::FailForNow, 2, "a=failedx2", 1),
        // 1 + 2 + 3 + 3: no delay is longer than the longest allowed.
        (Act::FailForNow, 5, "a=failedx5", 9),
        (Act::FailForGood, 5, "a=failed", 0),
        // What the failure asks for comes before the policy.
        (Act::ComeBackIn(SECOND * 30), 3, "a=failedx3", 60),
    ] {
        let script = Script::new([("a", std::slice::from_ref(&act))]);
        let bench = Bench::new(script, Policy { retry: retry(max_attempts), ..policy(1, OnFailure::FailFast) });
        let report = bench.run(&graph("a")).await;
        assert_eq!(states(&report), expected, "{act:?}");
        assert_eq!(report.ended.since(report.started).as_secs(), seconds, "{act:?}");
    }
}

#[tokio::test]
async fn a_step_that_waits_for_its_next_attempt_leaves_its_place_to_others() {
    let clock = Arc::new(ManualClock::default());
    let script = Script::new([("a", &[Act::FailForNow, Act::Succeed])]);
    let bench = Bench::on_manual_clock(&clock, script, Policy { retry: retry(2), ..policy(1, OnFailure::FailFast) });
    let (steps, completed, cancel) = (graph("a; b"), HashSet::new(), CancelToken::default());
    let (report, ()) = tokio::join!(bench.scheduler.run(&steps, &completed, &cancel), async {
        clock.until_asleep(1).await;
        while !bench.transcript.lines().contains(&"b succeeded 1 with 1".to_owned()) {
            tokio::task::yield_now().await;
        }
        clock.until_asleep(1).await;
        clock.advance(SECOND);
    });
    assert_eq!(bench.transcript.starts(), "a b a2");
    assert_eq!(states(&report), "a=okx2 b=ok");
}

#[tokio::test(start_paused = true)]
async fn failing_fast_gives_up_the_attempts_still_due() {
    let steps = graph("flaky; bad; after < flaky");
    let script = Script::new([("flaky", &[Act::FailForNow]), ("bad", &[Act::FailForGood])]);
    let bench = Bench::new(script, Policy { retry: retry(5), ..policy(1, OnFailure::FailFast) });
    let report = bench.run(&steps).await;
    assert_eq!(states(&report), "flaky=failed bad=failed after=skipped(flaky)");
    assert!(
        matches!(&report.steps[0].state, StepState::Failed(StepError::Failed(error)) if error.to_string() == "busy")
    );
}
