//! The instruction sets that the kernels are compiled for, which of them this machine has, and the one in use.
//!
//! Must not know what is run on them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};

/// An instruction set that the kernels are compiled for. All give the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Path {
    Portable = 1,
    /// AVX2 with FMA.
    Avx2,
    /// AVX-512 F.
    Avx512,
    Neon,
}

/// The paths that this machine can run, slowest first.
pub fn available() -> Vec<Path> {
    [Path::Portable, Path::Avx2, Path::Avx512, Path::Neon].into_iter().filter(|&path| runs_here(path)).collect()
}

fn runs_here(path: Path) -> bool {
    match path {
        Path::Portable => true,
        #[cfg(target_arch = "x86_64")]
        Path::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
        #[cfg(target_arch = "x86_64")]
        Path::Avx512 => is_x86_feature_detected!("avx512f") && runs_here(Path::Avx2),
        #[cfg(target_arch = "aarch64")]
        Path::Neon => std::arch::is_aarch64_feature_detected!("neon"),
        _ => false,
    }
}

/// The path in use, as a number; 0 until it is first asked for.
static PATH: AtomicU8 = AtomicU8::new(0);

/// The path that every kernel takes: the fastest that this machine can run.
pub fn path() -> Path {
    match PATH.load(Ordering::Relaxed) {
        1 => Path::Portable,
        2 => Path::Avx2,
        3 => Path::Avx512,
        4 => Path::Neon,
        _ => {
            let fastest = available().pop().unwrap_or(Path::Portable);
            // Two threads may both come here; they store the same.
            PATH.store(fastest as u8, Ordering::Relaxed);
            fastest
        }
    }
}

/// Runs `work` with every kernel of the process, on all threads, on `path`. For tests and benches: other threads
/// change speed but not results. Calls wait for one another and must not be nested.
///
/// Panics if this machine cannot run `path`.
pub fn with_path<R>(path: Path, work: impl FnOnce() -> R) -> R {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    struct Restore;
    impl Drop for Restore {
        fn drop(&mut self) {
            PATH.store(0, Ordering::Relaxed);
        }
    }
    assert!(runs_here(path), "this machine cannot run {path:?}");
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let _restore = Restore;
    PATH.store(path as u8, Ordering::Relaxed);
    work()
}
