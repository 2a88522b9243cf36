//! Work on many things at once, while whoever waits is told how far it is, and can end it.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;

use rayon::prelude::*;

use crate::progress::{Progress, Reason, Watcher};

/// Parts of long work whose results are held at the same time.
const PARTS: u64 = 256;

/// What `work` makes of the numbers below `n`, part by part in their order; the reason, if it was told to end: whoever
/// has seen some of them knows nothing of the others.
pub fn in_parts<T: Send>(
    n: u64,
    phase: &'static str,
    watcher: Watcher,
    work: impl Fn(Range<u64>, &dyn Fn() -> bool) -> T + Sync,
) -> Result<Vec<T>, Reason> {
    let n_parts = n.min(PARTS);
    let part = |part: usize, should_stop: &dyn Fn() -> bool| {
        let part = part as u64;
        work(part * n / n_parts..(part + 1) * n / n_parts, should_stop)
    };
    let (parts, ended) = par_map(n_parts as usize, phase, watcher, part);
    ended.map_or(Ok(parts), Err)
}

/// What `work` makes of each number below `n`, on all threads, and the reason if it was told to end: from then on
/// `work` hears of it whenever it asks.
pub fn par_map<T: Send>(
    n: usize,
    phase: &'static str,
    watcher: Watcher,
    work: impl Fn(usize, &dyn Fn() -> bool) -> T + Sync,
) -> (Vec<T>, Option<Reason>) {
    let n_done = AtomicU64::new(0);
    let is_ended = AtomicBool::new(false);
    let (tick, ticks) = mpsc::channel::<()>();
    let mut ended = None;
    let all = |tick: mpsc::Sender<()>| -> Vec<T> {
        let one = |tick: &mut mpsc::Sender<()>, idx: usize| {
            let should_stop = || {
                // Nobody listens any more where no thread could be had for the work.
                let _ = tick.send(());
                is_ended.load(Ordering::Relaxed)
            };
            let made = work(idx, &should_stop);
            n_done.fetch_add(1, Ordering::Relaxed);
            made
        };
        (0..n).into_par_iter().map_with(tick, one).collect()
    };
    let made = thread::scope(|scope| {
        let for_thread = tick.clone();
        let worker = thread::Builder::new().spawn_scoped(scope, || all(for_thread));
        let Ok(worker) = worker else { return all(tick) };
        drop(tick);
        for () in ticks {
            let progress = Progress { total: n as u64, ..Progress::of(phase, n_done.load(Ordering::Relaxed)) };
            if let Err(reason) = watcher(progress).go_on() {
                ended.get_or_insert(reason);
                is_ended.store(true, Ordering::Relaxed);
            }
        }
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    (made, ended)
}
