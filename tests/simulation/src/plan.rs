//! A run: many episodes on all cores, and what to say of one that broke a rule.

use crate::mark::Marks;
use crate::options::{Fault, Options};
use crate::random::{Random, episode_seed};
use crate::rule::Rule;
use crate::world::{Summary, Violation, run};
use phone_enrichment::twin::Twin;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// How far to go.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What everything is drawn from.
    pub seed: u64,
    /// Lookups of all episodes together.
    pub lookups: u64,
    /// How often something goes wrong, in percent, instead of what the seeds say.
    pub faults: Option<u64>,
    /// What never goes wrong.
    pub without: Vec<Fault>,
}

/// One world of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Episode {
    /// What it is drawn from.
    pub seed: u64,
    /// How many lookups it has.
    pub lookups: u32,
}

/// What a run came to.
#[derive(Clone, Debug, Default)]
pub struct Total {
    /// Worlds.
    pub episodes: u64,
    /// Lookups that were begun.
    pub lookups: u64,
    /// Charges of the vendor.
    pub charges: u64,
    /// Charges that should not have been.
    pub double_charges: u64,
    /// What was seen.
    pub marks: Marks,
    /// The first episodes that failed, in the order of the run, and how.
    pub failures: Vec<(Episode, Failure)>,
}

/// How an episode failed.
#[derive(Clone, Debug)]
pub enum Failure {
    /// It broke rules.
    Broken(Vec<Violation>),
    /// It panicked.
    Panic(String),
}

impl Plan {
    /// All lookups of a seed.
    #[must_use]
    pub fn new(seed: u64, lookups: u64) -> Self {
        Self { seed, lookups, faults: None, without: Vec::new() }
    }

    /// The worlds of this run; the last one is cut short.
    #[must_use]
    pub fn episodes(&self) -> Vec<Episode> {
        let mut episodes = Vec::new();
        let mut left = self.lookups;
        while left > 0 {
            let seed = episode_seed(self.seed, episodes.len() as u64);
            let lookups = Random::new(!seed).pick(&[5, 20, 50, 100, 200, 500]).min(left);
            left -= lookups;
            episodes.push(Episode { seed, lookups: lookups as u32 });
        }
        episodes
    }

    /// What a world of this run is like.
    #[must_use]
    pub fn options(&self, episode: Episode) -> Options {
        let mut options = Options::draw(episode.seed, episode.lookups, self.faults);
        for fault in &self.without {
            options.without(*fault);
        }
        options
    }

    /// Runs all of it. `progress` hears now and then how many lookups are done.
    #[must_use]
    pub fn run(&self, progress: &(dyn Fn(u64) + Sync)) -> Total {
        const MOST_FAILURES: usize = 10;
        let episodes = self.episodes();
        let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
        let total = Mutex::new(Total::default());
        let work = || {
            while !stop.load(Ordering::Relaxed) {
                let Some(episode) = episodes.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                let ended = attempt(self.options(*episode), None, false);
                let mut total = total.lock().unwrap_or_else(PoisonError::into_inner);
                total.episodes += 1;
                let failure = match ended {
                    Ok(summary) => {
                        total.lookups += summary.lookups;
                        total.charges += summary.charges;
                        total.double_charges += summary.double_charges;
                        total.marks.join(summary.marks);
                        (!summary.violations.is_empty()).then_some(Failure::Broken(summary.violations))
                    }
                    Err(words) => Some(Failure::Panic(words)),
                };
                if let Some(failure) = failure {
                    total.failures.push((*episode, failure));
                    stop.fetch_or(total.failures.len() >= MOST_FAILURES, Ordering::Relaxed);
                }
                if total.episodes.is_multiple_of(1000) {
                    progress(total.lookups);
                }
            }
        };
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(work);
            }
        });
        let mut total = total.into_inner().unwrap_or_else(PoisonError::into_inner);
        total.failures.sort_by_key(|(episode, _)| episodes.iter().position(|other| other == episode));
        total
    }

    /// The same failure in a smaller world: without whatever it does not need, and with fewer lookups.
    #[must_use]
    pub fn shrink(&self, mut episode: Episode, rule: Option<Rule>) -> (Self, Episode) {
        let mut plan = self.clone();
        let fails = |plan: &Self, episode: Episode| match (attempt(plan.options(episode), None, false), rule) {
            (Ok(summary), Some(rule)) => summary.violations.iter().any(|violation| violation.rule == rule),
            (Err(_), None) => true,
            _ => false,
        };
        let fewer = |plan: &Self, episode: &mut Episode| {
            let mut step = episode.lookups / 2;
            while step > 0 {
                let smaller = Episode { lookups: episode.lookups - step, ..*episode };
                if smaller.lookups > 0 && fails(plan, smaller) {
                    *episode = smaller;
                } else {
                    step /= 2;
                }
            }
        };
        fewer(&plan, &mut episode);
        for fault in Fault::ALL {
            if !plan.without.contains(fault) {
                plan.without.push(*fault);
                if !fails(&plan, episode) {
                    plan.without.pop();
                }
            }
        }
        fewer(&plan, &mut episode);
        (plan, episode)
    }

    /// The line that runs an episode by itself.
    #[must_use]
    pub fn replay(&self, episode: Episode) -> String {
        let mut line = format!("cargo xtask simulate --seed {} --lookups {}", episode.seed, episode.lookups);
        if let Some(percent) = self.faults {
            line += &format!(" --faults {percent}");
        }
        if !self.without.is_empty() {
            let words: Vec<&str> = self.without.iter().map(|fault| fault.word()).collect();
            line += &format!(" --without {}", words.join(","));
        }
        line
    }
}

/// Runs one world; in error, the words of its panic.
///
/// # Errors
/// It panicked.
pub fn attempt(options: Options, broken: Option<Twin>, tracing: bool) -> Result<Summary, String> {
    catch_unwind(AssertUnwindSafe(|| run(options, broken, tracing, None))).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default()
    })
}
