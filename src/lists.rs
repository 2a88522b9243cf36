//! Lists of things, one after the other in memory. Must not know what the things are.

/// Many short lists.
#[derive(Debug, Clone)]
pub struct Lists<T> {
    ends: Vec<u32>,
    items: Vec<T>,
}

impl<T> Default for Lists<T> {
    fn default() -> Lists<T> {
        Lists { ends: Vec::new(), items: Vec::new() }
    }
}

impl<T: Copy> Lists<T> {
    pub fn push(&mut self, items: &[T]) {
        self.items.extend_from_slice(items);
        self.ends.push(self.items.len() as u32);
    }

    pub fn n_lists(&self) -> usize {
        self.ends.len()
    }

    pub fn get(&self, index: usize) -> &[T] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.items[start as usize..self.ends[index] as usize]
    }
}

impl Lists<u32> {
    /// By member of the lists, below `n`: the numbers of the lists that have it, ascending.
    pub fn transposed(n: usize, lists: impl Iterator<Item = impl IntoIterator<Item = u32>>) -> Lists<u32> {
        let mut having = vec![Vec::new(); n];
        for (list, number) in lists.zip(0..) {
            list.into_iter().for_each(|member| having[member as usize].push(number));
        }
        let mut transposed = Lists::default();
        having.iter().for_each(|numbers| transposed.push(numbers));
        transposed
    }
}
