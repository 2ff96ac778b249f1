//! Where the buckets of a well-filled histogram stand: a bit for each of 64 neighbours, so that a
//! place is a count of bits and not a search.

/// Bits of a block as a power of two.
const BLOCK_BITS: u32 = 6;

/// 64 neighbouring buckets.
#[derive(Clone, Copy, Debug)]
struct Block {
    /// Which 64.
    number: u16,
    /// Buckets before it.
    before: u16,
    /// Those of it that hold something, the smallest in the lowest bit.
    held: u64,
}

/// The places of the buckets that hold something.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    blocks: Vec<Block>,
}

impl Places {
    /// Of buckets in rising order.
    pub fn of(indices: impl Iterator<Item = u16>) -> Self {
        let mut places = Places::default();
        for (before, index) in indices.enumerate() {
            let number = index >> BLOCK_BITS;
            if places.blocks.last().is_none_or(|block| block.number != number) {
                places.blocks.push(Block { number, before: before as u16, held: 0 });
            }
            if let Some(block) = places.blocks.last_mut() {
                block.held |= bit(index);
            }
        }
        places
    }

    /// The place of a bucket, or where it belongs.
    pub fn find(&self, index: u16) -> Result<usize, usize> {
        let number = index >> BLOCK_BITS;
        let at = self.blocks.iter().position(|block| block.number >= number);
        let Some(block) = at.and_then(|at| self.blocks.get(at)) else {
            let end = |last: &Block| usize::from(last.before) + last.held.count_ones() as usize;
            return Err(self.blocks.last().map_or(0, end));
        };
        if block.number != number {
            return Err(usize::from(block.before));
        }
        let below = block.held & (bit(index) - 1);
        let place = usize::from(block.before) + below.count_ones() as usize;
        if block.held & bit(index) == 0 { Err(place) } else { Ok(place) }
    }

    /// Takes note of a bucket that is new at the place where it belongs.
    pub fn insert(&mut self, index: u16, place: usize) {
        let number = index >> BLOCK_BITS;
        let at = self.blocks.iter().position(|block| block.number >= number);
        let at = at.unwrap_or(self.blocks.len());
        match self.blocks.get_mut(at) {
            Some(block) if block.number == number => block.held |= bit(index),
            _ => {
                let block = Block { number, before: place as u16, held: bit(index) };
                self.blocks.insert(at, block);
            }
        }
        self.blocks.iter_mut().skip(at + 1).for_each(|block| block.before += 1);
    }
}

fn bit(index: u16) -> u64 {
    1 << (index & ((1 << BLOCK_BITS) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn places_are_those_of_a_search(indices in prop::collection::vec(0u16..3840, 0..300)) {
            let mut sorted: Vec<u16> = Vec::new();
            let mut places = Places::default();
            for index in indices {
                let searched = sorted.binary_search(&index);
                prop_assert_eq!(places.find(index), searched);
                if let Err(at) = searched {
                    sorted.insert(at, index);
                    places.insert(index, at);
                }
            }
            let whole = Places::of(sorted.iter().copied());
            for index in 0..3840 {
                prop_assert_eq!(whole.find(index), places.find(index));
            }
        }
    }
}
