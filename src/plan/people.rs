//! Who is who: its one job is to tell which identifiers of a list are one person's.
//!
//! A row that has both a LinkedIn profile and an e-mail says that they are one person's, and so does one that has a name
//! beside either. Two LinkedIn profiles are never one person, and a name joins nobody to somebody who is known by more: two
//! people of one name at one company are two.

use super::paged::Paged;

/// No place.
pub(super) const NONE: u32 = u32::MAX;

/// The kinds of identifiers, strongest first, as they count for what can be joined.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Profile,
    Email,
    Name,
}

/// What is known of all who are joined: nothing but names.
const ONLY_NAMES: u32 = NONE;
/// An e-mail, but no profile; any other number is that of the profile.
const ONLY_EMAILS: u32 = NONE - 1;

struct Link {
    parent: u32,
    /// Of the first of all who are joined.
    strength: u32,
}

/// 128 bits that stand for an identifier. Two that are the same by accident are less likely than a broken machine, so that no
/// text is kept to compare; and nothing of it is ever stored.
pub(super) type Print = [u64; 2];

/// How many names are looked for at once.
const NAMES_AT_ONCE: u32 = 128;

/// All identifiers of a list.
pub(super) struct People {
    prints: Paged<Print>,
    links: Paged<Link>,
    /// For each print its place, plus one, below half of the print, where the other half says or in the first free place
    /// after that. Most identifiers of a list are new, and nothing but this is waited for then: to fetch what lies anywhere
    /// in many megabytes takes longer than all else that is done with an identifier.
    places: Vec<u64>,
    /// Names of people who are known by more, and in which row: they matter only to those who have nothing but a name, and
    /// who these are is not known before the end.
    names: Paged<Named>,
}

/// A name beside a stronger identifier.
struct Named {
    print: Print,
    identifier: u32,
    row: u32,
}

impl People {
    /// Nobody yet; room for as many as a list of so many bytes has, so that the places need not be told anew again and again.
    pub(super) fn new(bytes: u32) -> Self {
        let room = (bytes as usize / 32).clamp(1024, 1 << 22).next_power_of_two();
        Self { prints: Paged::new(), links: Paged::new(), places: vec![0; room], names: Paged::new() }
    }

    /// Keeps in mind that whoever has the identifier, in this row, also has a name.
    pub(super) fn name(&mut self, print: Print, identifier: u32, row: u32) {
        self.names.push(Named { print, identifier, row });
    }

    /// How many names are kept in mind.
    pub(super) fn names(&self) -> u32 {
        self.names.len()
    }

    /// Looks where each of these would be told, all at once: whoever looks for one after the other waits for each.
    pub(super) fn fetch<'a>(&self, prints: impl Iterator<Item = &'a Print>) {
        let mask = self.places.len().wrapping_sub(1);
        let seen = prints.fold(0, |seen, [first, _]| seen ^ self.places.get(*first as usize & mask).unwrap_or(&0));
        // Otherwise the compiler sees that nothing comes of it.
        core::hint::black_box(seen);
    }

    /// The same for the names from this one on, if it is their turn.
    pub(super) fn fetch_names(&self, at: u32) {
        if at.is_multiple_of(NAMES_AT_ONCE) {
            let names = (at..at.saturating_add(NAMES_AT_ONCE)).filter_map(|at| self.names.get(at));
            self.fetch(names.map(|name| &name.print));
        }
    }

    /// Joins whoever has nothing but such a name with whoever has more; the row, if that can't be.
    pub(super) fn join_name(&mut self, at: u32) -> Option<u32> {
        let &Named { print, identifier, row } = self.names.get(at)?;
        let place = self.find(print).ok()?;
        (!self.join(identifier, place, Kind::Name)).then_some(row)
    }

    /// The number of an identifier, and whether it is new.
    pub(super) fn intern(&mut self, kind: Kind, print: Print) -> (u32, bool) {
        let free = match self.find(print) {
            Ok(found) => return (found, false),
            Err(free) => free,
        };
        let place = self.prints.push(print);
        self.put(free, print, place);
        let strength = match kind {
            Kind::Profile => place,
            Kind::Email => ONLY_EMAILS,
            Kind::Name => ONLY_NAMES,
        };
        self.links.push(Link { parent: place, strength });
        // A quarter stays free, so that a free place is never far.
        if (place as usize).saturating_mul(4) > self.places.len().saturating_mul(3) {
            self.grow();
        }
        (place, true)
    }

    /// Where the print is among all, or the free place where it would be told.
    fn find(&self, print: Print) -> Result<u32, usize> {
        let [first, second] = print;
        let mask = self.places.len().wrapping_sub(1);
        let mut at = first as usize & mask;
        while let Some(told) = self.places.get(at)
            && let Some(place) = (*told as u32).checked_sub(1)
        {
            if told >> 32 == second >> 32 && self.prints.get(place) == Some(&print) {
                return Ok(place);
            }
            at = at.wrapping_add(1) & mask;
        }
        Err(at)
    }

    fn put(&mut self, free: usize, [_, second]: Print, place: u32) {
        if let Some(told) = self.places.get_mut(free) {
            *told = second >> 32 << 32 | u64::from(place.wrapping_add(1));
        }
    }

    fn grow(&mut self) {
        let larger = self.places.len().saturating_mul(2);
        // The old ones go first: what they say can be told anew.
        self.places = Vec::new();
        self.places.resize(larger, 0);
        for place in 0..self.prints.len() {
            if let Some(&print) = self.prints.get(place)
                && let Err(free) = self.find(print)
            {
                self.put(free, print, place);
            }
        }
    }

    /// The first of all identifiers that are joined with this one.
    pub(super) fn root(&mut self, place: u32) -> u32 {
        let mut at = place;
        loop {
            let parent = self.links.get(at).map_or(at, |link| link.parent);
            if parent == at {
                return at;
            }
            // Every other step is left out the next time.
            let beyond = self.links.get(parent).map_or(parent, |link| link.parent);
            if let Some(link) = self.links.get_mut(at) {
                link.parent = beyond;
            }
            at = beyond;
        }
    }

    /// Says that two identifiers are one person's; whether they can be.
    pub(super) fn join(&mut self, one: u32, other: u32, kind: Kind) -> bool {
        let (one, other) = (self.root(one), self.root(other));
        if one == other {
            return true;
        }
        let strength = |place| self.links.get(place).map_or(ONLY_NAMES, |link: &Link| link.strength);
        let joined = match (strength(one), strength(other)) {
            (mine, ONLY_NAMES) => mine,
            (ONLY_NAMES, theirs) => theirs,
            _ if kind == Kind::Name => return false,
            (mine, ONLY_EMAILS) => mine,
            (ONLY_EMAILS, theirs) => theirs,
            _ => return false,
        };
        // The earlier one leads, whatever the order of the words in a row.
        let (first, later) = if one < other { (one, other) } else { (other, one) };
        if let Some(link) = self.links.get_mut(later) {
            link.parent = first;
        }
        if let Some(link) = self.links.get_mut(first) {
            link.strength = joined;
        }
        true
    }

    /// The number that was kept for a root, once nothing is joined any more.
    pub(super) fn note(&mut self, root: u32) -> Option<&mut u32> {
        self.links.get_mut(root).map(|link| &mut link.strength)
    }

    /// Forgets what can be joined: from now on [`Self::note`] has nothing.
    pub(super) fn forget(&mut self, place: u32) {
        if let Some(link) = self.links.get_mut(place) {
            link.strength = NONE;
        }
    }

    /// Gives back what only new identifiers need.
    pub(super) fn close(&mut self) {
        self.names = Paged::new();
        self.places = Vec::new();
        self.prints = Paged::new();
    }

    pub(super) fn len(&self) -> u32 {
        self.links.len()
    }
}

/// What stands for an identifier of this kind, and of these parts.
// Once is enough: whatever is inlined has to be compiled anew in each place while a list is read.
#[inline(never)]
pub(super) fn print(kind: Kind, parts: &[&str]) -> Print {
    let mut one = 0x9E37_79B9_7F4A_7C15_u64 ^ kind as u64;
    let mut two = 0xC2B2_AE3D_27D4_EB4F_u64 ^ kind as u64;
    let mut take = |word: u64| {
        one = (one ^ word).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
        one ^= one >> 32;
        two = (two.rotate_left(23) ^ word).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
        two ^= two >> 29;
    };
    for part in parts {
        let (words, rest) = part.as_bytes().as_chunks::<8>();
        for word in words {
            take(u64::from_le_bytes(*word));
        }
        // The length ends each part, so that `ab` and `c` are not `a` and `bc`.
        let mut last = (part.len() as u64) << 56;
        for byte in rest {
            last = last << 8 | u64::from(*byte);
        }
        take(last ^ (part.len() as u64).rotate_left(40));
    }
    one ^= one.wrapping_mul(0x9FB2_1C65_1E98_DF25) >> 28;
    [one, two]
}
