//! The dense product, blocked for registers and caches.
//!
//! Blocking as in Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (2008): A is packed in
//! blocks that stay in the second cache, B in panels as wide as the register tile. An element of C starts from its
//! value in memory and takes its k terms in order; a block of depth leaves it in memory for the next one, which
//! changes no bit.

use ndarray::{ArrayView2, ArrayViewMut2};
use rayon::prelude::*;

use super::job::{Kernel, dispatch};
use super::vector::{Element, Tiled, Vector};

/// Depth (k) and height (rows of A) of a packed block: 512 KB of f32.
const DEPTH: usize = 256;
const HEIGHT: usize = 512;

/// Work (multiply-adds) below which a product is not worth a second thread.
const WORTH_A_THREAD: usize = 1 << 18;

/// C += A·B, with A: [m, k], B: [k, n], C: [m, n].
///
/// Each element of C is one chain of fused multiply-adds over ascending k, from its value before:
/// c = fma(a_ik, b_kj, c). A and B may have any strides (`a.t()` costs nothing); the rows of C must be contiguous.
/// Panics if the shapes do not fit.
pub fn product<T: Element>(a: ArrayView2<T>, b: ArrayView2<T>, c: ArrayViewMut2<T>) {
    dispatch(Product::new(a, b, c));
}

/// [`product`] on rayon's threads: the same bits, whatever their number.
pub fn par_product<T: Element>(a: ArrayView2<T>, b: ArrayView2<T>, c: ArrayViewMut2<T>) {
    let job = Product::new(a, b, c);
    let n_threads = rayon::current_num_threads();
    if n_threads == 1 || job.n_rows * job.n_columns * job.depth < WORTH_A_THREAD {
        return dispatch(job);
    }
    job.split(3 * n_threads).into_par_iter().for_each(dispatch);
}

/// One product over raw strided memory. Made only from views that fit together, so that every element that the
/// shape names is valid; `c` is written by nobody else.
struct Product<T> {
    n_rows: usize,
    n_columns: usize,
    depth: usize,
    a: *const T,
    /// Strides in elements: of a row, of a column.
    a_strides: (isize, isize),
    b: *const T,
    b_strides: (isize, isize),
    c: *mut T,
    c_stride: isize,
}

// SAFETY: a product reads A and B, which nobody writes while the views live, and alone writes its part of C.
unsafe impl<T: Send + Sync> Send for Product<T> {}

impl<T: Element> Product<T> {
    fn new(a: ArrayView2<T>, b: ArrayView2<T>, mut c: ArrayViewMut2<T>) -> Product<T> {
        let ((n_rows, depth), (b_rows, n_columns)) = (a.dim(), b.dim());
        assert_eq!(depth, b_rows, "A has as many columns as B has rows");
        assert_eq!(c.dim(), (n_rows, n_columns), "C is rows of A by columns of B");
        assert!(c.is_empty() || n_columns < 2 || c.strides()[1] == 1, "the rows of C are contiguous");
        Product {
            n_rows,
            n_columns,
            depth,
            a: a.as_ptr(),
            a_strides: (a.strides()[0], a.strides()[1]),
            b: b.as_ptr(),
            b_strides: (b.strides()[0], b.strides()[1]),
            c: c.as_mut_ptr(),
            c_stride: c.strides()[0],
        }
    }

    /// Some `n_parts` products that together are this one, along the longer side of C.
    fn split(self, n_parts: usize) -> Vec<Product<T>> {
        let by_rows = self.n_rows > self.n_columns;
        // Multiples of 48 keep the tiles of the parts whole.
        let length = if by_rows { self.n_rows } else { self.n_columns };
        let step = length.div_ceil(n_parts).next_multiple_of(48);
        let parts = (0..length).step_by(step).map(|start| {
            let part = step.min(length - start);
            // SAFETY: `start` lies inside the matrices.
            unsafe {
                if by_rows {
                    let a = self.a.offset(start as isize * self.a_strides.0);
                    Product { n_rows: part, a, c: self.c.offset(start as isize * self.c_stride), ..self }
                } else {
                    let b = self.b.offset(start as isize * self.b_strides.1);
                    Product { n_columns: part, b, c: self.c.add(start), ..self }
                }
            }
        });
        parts.collect()
    }
}

impl<T: Element> Kernel<T> for Product<T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Scalar = T>>(self) {
        // SAFETY: the caller has the instructions of V.
        unsafe { V::in_tiles(self) }
    }
}

impl<V: Vector> Tiled<V> for Product<V::Scalar> {
    #[inline(always)]
    unsafe fn run<const ROWS: usize, const REGISTERS: usize>(self) {
        // SAFETY: the caller has the instructions of V; the views are valid by construction.
        unsafe { blocked::<V, ROWS, REGISTERS>(self) }
    }
}

/// Memory for `n` elements that starts on a cache line, so that no load of a packed panel straddles two.
struct Packed<T> {
    memory: Vec<T>,
    start: usize,
}

impl<T: Element> Packed<T> {
    fn new(n: usize) -> Packed<T> {
        let line = 64 / size_of::<T>();
        let memory = vec![T::ZERO; n + line];
        // `align_offset` may decline; speed is all that hangs on it.
        let start = memory.as_ptr().align_offset(64).min(line);
        Packed { memory, start }
    }

    fn as_mut_ptr(&mut self) -> *mut T {
        // SAFETY: `start` is at most the line by which the memory is longer.
        unsafe { self.memory.as_mut_ptr().add(self.start) }
    }
}

/// The product with tiles of ROWS x REGISTERS vectors.
///
/// # Safety
/// The machine has the instructions of V; the job is valid.
#[inline(always)]
unsafe fn blocked<V: Vector, const ROWS: usize, const REGISTERS: usize>(job: Product<V::Scalar>) {
    let tile_width = REGISTERS * V::WIDTH;
    let mut packed_a = Packed::new(HEIGHT.min(job.n_rows) * DEPTH.min(job.depth));
    let mut packed_b = Packed::new(DEPTH.min(job.depth) * tile_width);
    let mut edge = Packed::new(ROWS * tile_width);
    let (packed_a, packed_b, edge) = (packed_a.as_mut_ptr(), packed_b.as_mut_ptr(), edge.as_mut_ptr());
    // SAFETY: all offsets stay inside the shapes of the job, and the packed memory holds one block each.
    unsafe {
        for row in (0..job.n_rows).step_by(HEIGHT) {
            let height = HEIGHT.min(job.n_rows - row);
            for k in (0..job.depth).step_by(DEPTH) {
                let depth = DEPTH.min(job.depth - k);
                let a = job.a.offset(row as isize * job.a_strides.0 + k as isize * job.a_strides.1);
                // A block that is read once or twice is not worth copying.
                let a_stride = (job.a_strides.1 == 1 && job.n_columns <= 2 * tile_width).then_some(job.a_strides.0);
                if a_stride.is_none() {
                    pack_rows::<V::Scalar, ROWS>(a, job.a_strides, height, depth, packed_a);
                }
                let a = if a_stride.is_some() { a } else { packed_a };
                for column in (0..job.n_columns).step_by(tile_width) {
                    let width = tile_width.min(job.n_columns - column);
                    let b = job.b.offset(k as isize * job.b_strides.0 + column as isize * job.b_strides.1);
                    let panel_width = if width <= 2 * V::WIDTH { width.next_multiple_of(V::WIDTH) } else { tile_width };
                    // Neither is such a panel.
                    let in_place = width == panel_width && job.b_strides.1 == 1 && height <= 2 * ROWS;
                    let (b, b_stride) = if in_place {
                        (b, job.b_strides.0)
                    } else {
                        pack_columns(b, job.b_strides, depth, width, panel_width, packed_b);
                        (packed_b as *const V::Scalar, panel_width as isize)
                    };
                    let c = job.c.offset(row as isize * job.c_stride).add(column);
                    let mut block =
                        Block { a, a_stride, b, b_stride, c, c_stride: job.c_stride, depth, width, edge, row: 0 };
                    // The last panel may be narrower than a tile.
                    match panel_width / V::WIDTH {
                        1 => block.all_rows::<V, ROWS, 1>(height),
                        2 => block.all_rows::<V, ROWS, 2>(height),
                        _ => block.all_rows::<V, ROWS, REGISTERS>(height),
                    }
                }
            }
        }
    }
}

/// Packs A so that a tile reads it from end to end: for each group of rows (ROWS, then 4, then 1), k by k.
#[inline(always)]
unsafe fn pack_rows<T: Element, const ROWS: usize>(
    a: *const T,
    strides: (isize, isize),
    height: usize,
    depth: usize,
    to: *mut T,
) {
    let mut row = 0;
    while row < height {
        let group = match height - row {
            rest if rest >= ROWS => ROWS,
            rest if ROWS > 4 && rest >= 4 => 4,
            _ => 1,
        };
        for r in 0..group {
            // SAFETY: (row + r, k) lies inside the block, and its place inside `height * depth`.
            unsafe {
                let from = a.offset((row + r) as isize * strides.0);
                for k in 0..depth {
                    *to.add(row * depth + k * group + r) = *from.offset(k as isize * strides.1);
                }
            }
        }
        row += group;
    }
}

/// Packs a panel of B: [depth, panel width], zeros where the matrix has ended.
#[inline(always)]
unsafe fn pack_columns<T: Element>(
    b: *const T,
    strides: (isize, isize),
    depth: usize,
    width: usize,
    panel_width: usize,
    to: *mut T,
) {
    // SAFETY: (k, j) lies inside B for j < width, and its place inside the panel.
    unsafe {
        if strides.1 == 1 {
            for k in 0..depth {
                let from = b.offset(k as isize * strides.0);
                let to = to.add(k * panel_width);
                std::ptr::copy_nonoverlapping(from, to, width);
                for j in width..panel_width {
                    *to.add(j) = T::ZERO;
                }
            }
        } else {
            for k in 0..depth {
                let from = b.offset(k as isize * strides.0);
                let to = to.add(k * panel_width);
                for j in 0..width {
                    *to.add(j) = *from.offset(j as isize * strides.1);
                }
                for j in width..panel_width {
                    *to.add(j) = T::ZERO;
                }
            }
        }
    }
}

/// A block of A times a panel of B, into the columns of C below it.
struct Block<T> {
    a: *const T,
    /// From row to row, unless the block is packed.
    a_stride: Option<isize>,
    b: *const T,
    b_stride: isize,
    c: *mut T,
    c_stride: isize,
    depth: usize,
    /// Columns of the panel that exist.
    width: usize,
    /// A tile's worth of memory, for panels that are not whole.
    edge: *mut T,
    /// How many rows are done.
    row: usize,
}

impl<T: Element> Block<T> {
    #[inline(always)]
    unsafe fn all_rows<V: Vector<Scalar = T>, const ROWS: usize, const REGISTERS: usize>(&mut self, height: usize) {
        // SAFETY: as many rows as the block has, in the groups in which `pack_rows` has packed them.
        unsafe {
            while height - self.row >= ROWS {
                self.rows::<V, ROWS, REGISTERS>();
            }
            if ROWS > 4 && height - self.row >= 4 {
                self.rows::<V, 4, REGISTERS>();
            }
            while height > self.row {
                self.rows::<V, 1, REGISTERS>();
            }
        }
    }

    /// The next ROWS rows.
    #[inline(always)]
    unsafe fn rows<V: Vector<Scalar = T>, const ROWS: usize, const REGISTERS: usize>(&mut self) {
        let tile_width = REGISTERS * V::WIDTH;
        // SAFETY: the rows lie inside the block; an incomplete panel goes through `edge`.
        unsafe {
            let (a, strides) = match self.a_stride {
                Some(stride) => (self.a.offset(self.row as isize * stride), (stride, 1)),
                None => (self.a.add(self.row * self.depth), (1, ROWS as isize)),
            };
            let a: [*const T; ROWS] = std::array::from_fn(|row| a.offset(row as isize * strides.0));
            let c = self.c.offset(self.row as isize * self.c_stride);
            if self.width == tile_width {
                tile::<V, ROWS, REGISTERS>(self.depth, a, strides.1, self.b, self.b_stride, c, self.c_stride);
            } else {
                for r in 0..ROWS {
                    let from = c.offset(r as isize * self.c_stride);
                    std::ptr::copy_nonoverlapping(from, self.edge.add(r * tile_width), self.width);
                }
                tile::<V, ROWS, REGISTERS>(
                    self.depth,
                    a,
                    strides.1,
                    self.b,
                    self.b_stride,
                    self.edge,
                    tile_width as isize,
                );
                for r in 0..ROWS {
                    let to = c.offset(r as isize * self.c_stride);
                    std::ptr::copy_nonoverlapping(self.edge.add(r * tile_width), to, self.width);
                }
            }
        }
        self.row += ROWS;
    }
}

/// ROWS x REGISTERS vectors of C, kept in registers over the whole depth.
#[inline(always)]
unsafe fn tile<V: Vector, const ROWS: usize, const REGISTERS: usize>(
    depth: usize,
    a: [*const V::Scalar; ROWS],
    a_step: isize,
    mut b: *const V::Scalar,
    b_stride: isize,
    c: *mut V::Scalar,
    c_stride: isize,
) {
    // SAFETY: the caller vouches for ROWS rows of A, for the panel of B and for the tile of C.
    unsafe {
        let mut sums: [[V; REGISTERS]; ROWS] = std::array::from_fn(|row| {
            std::array::from_fn(|part| V::load(c.offset(row as isize * c_stride).add(part * V::WIDTH)))
        });
        for k in 0..depth as isize {
            let right: [V; REGISTERS] = std::array::from_fn(|part| V::load(b.add(part * V::WIDTH)));
            for (row, sums) in sums.iter_mut().enumerate() {
                let left = V::splat(*a[row].offset(k * a_step));
                for (sum, right) in sums.iter_mut().zip(right) {
                    *sum = left.fma(right, *sum);
                }
            }
            b = b.offset(b_stride);
        }
        for (row, sums) in sums.into_iter().enumerate() {
            for (part, sum) in sums.into_iter().enumerate() {
                sum.store(c.offset(row as isize * c_stride).add(part * V::WIDTH));
            }
        }
    }
}
