//! Rows that will be needed soon, asked for before they are: hints, which change no bit.

/// Asks for rows of a matrix that will be needed soon.
pub fn fetch(row: &[f32]) {
    prefetch(row.as_ptr(), row.len());
}

/// Asks for the cache lines of `n` numbers, where the machine can be asked.
#[inline(always)]
pub(super) fn prefetch(from: *const f32, n: usize) {
    #[cfg(target_arch = "x86_64")]
    for line in (0..n).step_by(16) {
        // SAFETY: a hint reads nothing, whatever the address.
        unsafe {
            std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(from.wrapping_add(line).cast())
        };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (from, n);
}
