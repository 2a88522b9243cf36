//! The threads that everything runs on: as many as are asked for and of use, or as there are to be had.
//!
//! Must not know what they do: it does not depend on their number.

use std::sync::mpsc;
use std::thread;

use rayon::{ThreadBuilder, ThreadPoolBuilder};

/// To be called once, before there is work. More threads than cores would only wait for each other.
pub fn start(asked: Option<u16>) {
    let n_cores = thread::available_parallelism().map_or(1, usize::from);
    let wanted = asked.map_or(n_cores, |asked| n_cores.min(asked.into()));
    // A pool that misses one thread fails for good, so they are there before it is made.
    let mut waiting: Vec<mpsc::Sender<ThreadBuilder>> = (0..wanted).map_while(|_| waiting_thread()).collect();
    let pool = ThreadPoolBuilder::new();
    let built = match waiting.len() {
        // The one there is does.
        0 => pool.num_threads(1).use_current_thread().build_global(),
        n => pool.num_threads(n).spawn_handler(|work| hand_over(waiting.pop(), work)).build_global(),
    };
    built.expect("nobody has made a pool yet, and its threads are there");
}

/// A thread that waits for its work; `None` where the system has no more to give.
fn waiting_thread() -> Option<mpsc::Sender<ThreadBuilder>> {
    let (hand_over, work) = mpsc::channel::<ThreadBuilder>();
    let wait = move || work.recv().into_iter().for_each(ThreadBuilder::run);
    thread::Builder::new().spawn(wait).ok().map(|_| hand_over)
}

fn hand_over(to: Option<mpsc::Sender<ThreadBuilder>>, work: ThreadBuilder) -> std::io::Result<()> {
    to.and_then(|to| to.send(work).ok()).ok_or_else(|| std::io::Error::other("no thread waits"))
}
