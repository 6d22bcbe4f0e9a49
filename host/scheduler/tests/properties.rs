//! What holds for every graph, every number of threads and every mixture of outcomes.

mod support;

use std::{collections::HashMap, time::Duration};

use duckpen_scheduler::{Graph, Node, OnFailure, Policy, SkipCause, StepId, StepState};
use proptest::{collection::vec, prelude::*, sample::Index};
use support::{Act, Bench, Script, policy, retry, states};

#[derive(Clone, Debug)]
struct Case {
    nodes: Vec<Node>,
    acts: HashMap<StepId, Vec<Act>>,
    policy: Policy,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => Just(Act::Succeed),
        4 => (0..5_u64).prop_map(|seconds| Act::Work(Duration::from_secs(seconds))),
        1 => Just(Act::FailForNow),
        1 => Just(Act::FailForGood),
        1 => Just(Act::WorkUntilTold),
    ]
}

/// Steps depend on steps drawn before them, and are then shuffled, so that the order of the graph is not the order of
/// its dependencies.
fn case() -> impl Strategy<Value = Case> {
    let step = (vec(any::<Index>(), 0..4), vec(act(), 1..3));
    let steps = vec(step, 1..24).prop_map(|drawn| {
        let name = |position: usize| StepId::from(format!("s{position}"));
        let step = |(position, (wanted, acts)): (usize, (Vec<Index>, Vec<Act>))| {
            let earlier = wanted.iter().filter(|_| position > 0).map(|index| name(index.index(position)));
            (Node { id: name(position), depends_on: earlier.collect() }, acts)
        };
        drawn.into_iter().enumerate().map(step).collect::<Vec<_>>()
    });
    let on_failure = prop_oneof![Just(OnFailure::FailFast), Just(OnFailure::KeepGoing)];
    (steps.prop_shuffle(), 1..9_usize, on_failure, 1..4_u32).prop_map(|(steps, threads, on_failure, attempts)| Case {
        acts: steps.iter().map(|(node, acts)| (node.id.clone(), acts.clone())).collect(),
        nodes: steps.into_iter().map(|(node, _)| node).collect(),
        policy: Policy {
            retry: retry(attempts),
            step_timeout: Some(Duration::from_secs(3)),
            ..policy(threads, on_failure)
        },
    })
}

/// Runs the case on a paused clock of its own.
fn run(case: &Case) -> (Bench, duckpen_scheduler::RunReport<u32>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime needs only time").block_on(async {
        let script = Script { acts: case.acts.clone(), ..Script::default() };
        let bench = Bench::new(script, case.policy.clone());
        let report = bench.run(&Graph::new(case.nodes.clone()).expect("drawn without circles")).await;
        (bench, report)
    })
}

proptest! {
    #[test]
    fn steps_run_after_their_dependencies_and_no_oftener_than_allowed(case in case()) {
        let (bench, report) = run(&case);
        prop_assert!(bench.scheduler.runner.most_running() <= case.policy.threads.get());
        prop_assert_eq!(report.steps.len(), case.nodes.len());
        for (node, step) in case.nodes.iter().zip(&report.steps) {
            prop_assert!(step.attempts <= case.policy.retry.max_attempts.get());
            let story = bench.transcript.of(&step.id);
            prop_assert_eq!(story.iter().filter(|what| what.starts_with("running")).count(), step.attempts as usize);
            let overlap = story.windows(2).any(|pair| pair.iter().all(|what| what.starts_with("running")));
            prop_assert!(!overlap, "an attempt began before the last had ended: {story:?}");
            let dependencies = || node.depends_on.iter().filter_map(|id| report.step(id.as_str()));
            if let Some(started) = step.started {
                for dependency in dependencies() {
                    prop_assert!(matches!(dependency.state, StepState::Succeeded(_)));
                    prop_assert!(dependency.ended <= Some(started));
                }
            }
            match &step.state {
                StepState::Succeeded(_) | StepState::Failed(_) => prop_assert!(step.attempts > 0),
                StepState::Skipped(SkipCause::DependencyFailed(cause)) => {
                    prop_assert_eq!(step.attempts, 0);
                    let failed = report.step(cause.as_str()).map(|step| &step.state);
                    prop_assert!(matches!(failed, Some(StepState::Failed(_))));
                }
                StepState::Skipped(SkipCause::NotStarted) => {
                    prop_assert_eq!(case.policy.on_failure, OnFailure::FailFast);
                    prop_assert!(report.steps.iter().any(|step| matches!(step.state, StepState::Failed(_))));
                }
                StepState::Cancelled | StepState::AlreadyComplete => prop_assert!(false, "nobody asked for it"),
            }
        }
    }

    #[test]
    fn the_same_run_is_the_same_to_the_last_transition(case in case()) {
        let ((first, first_report), (second, second_report)) = (run(&case), run(&case));
        prop_assert_eq!(first.transcript.lines(), second.transcript.lines());
        prop_assert_eq!(states(&first_report), states(&second_report));
    }
}
