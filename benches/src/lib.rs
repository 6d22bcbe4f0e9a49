//! Benchmarks with native and bare baselines in the same run.
