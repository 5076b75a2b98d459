//! A list that grows without being copied: a plan of millions of rows must never hold twice what it needs.

/// How many items a page has, as a power of two. WebAssembly asks for memory seldom then, which costs its host a collection.
const PAGE_BITS: u32 = 15;
const PAGE: usize = 1 << PAGE_BITS;

/// A list in pages of equal length.
pub(super) struct Paged<Item> {
    pages: Vec<Vec<Item>>,
    length: u32,
}

impl<Item> Paged<Item> {
    pub(super) fn new() -> Self {
        Self { pages: Vec::new(), length: 0 }
    }

    pub(super) fn len(&self) -> u32 {
        self.length
    }

    /// Appends an item; its place.
    pub(super) fn push(&mut self, item: Item) -> u32 {
        let place = self.length;
        match self.pages.last_mut() {
            Some(page) if page.len() < PAGE => page.push(item),
            _ => {
                let mut page = Vec::with_capacity(PAGE);
                page.push(item);
                self.pages.push(page);
            }
        }
        self.length = place.wrapping_add(1);
        place
    }

    pub(super) fn get(&self, place: u32) -> Option<&Item> {
        self.pages.get((place >> PAGE_BITS) as usize)?.get(place as usize & PAGE.wrapping_sub(1))
    }

    pub(super) fn get_mut(&mut self, place: u32) -> Option<&mut Item> {
        self.pages.get_mut((place >> PAGE_BITS) as usize)?.get_mut(place as usize & PAGE.wrapping_sub(1))
    }
}

/// How many bytes a block has, as a power of two: more than any person has.
const BLOCK_BITS: u32 = 20;
const BLOCK: usize = 1 << BLOCK_BITS;

/// Texts, one behind the other.
pub(super) struct Texts {
    blocks: Vec<Vec<u8>>,
}

impl Texts {
    pub(super) fn new() -> Self {
        Self { blocks: Vec::new() }
    }

    /// Keeps a text; its place, if there is any room left.
    pub(super) fn push(&mut self, text: &[u8]) -> Option<u32> {
        let fits = self.blocks.last().is_some_and(|block| block.len().saturating_add(text.len()) <= BLOCK);
        if !fits {
            self.blocks.push(Vec::with_capacity(BLOCK));
        }
        let number = u32::try_from(self.blocks.len()).ok()?.checked_sub(1)?;
        let block = self.blocks.last_mut()?;
        let begin = u32::try_from(block.len()).ok()?;
        if number >= 1 << (32_u32.wrapping_sub(BLOCK_BITS)) || text.len() > BLOCK {
            return None;
        }
        block.extend_from_slice(text);
        Some(number << BLOCK_BITS | begin)
    }

    /// What was kept at the place, and whatever came after it.
    pub(super) fn from(&self, place: u32) -> &[u8] {
        let block = self.blocks.get((place >> BLOCK_BITS) as usize).map_or(&[][..], Vec::as_slice);
        block.get(place as usize & BLOCK.wrapping_sub(1)..).unwrap_or_default()
    }
}
