//! What an editor asks of a program: what is wrong and how to mend it, what a name is, where it stands, what can be
//! typed, another name for it.
//!
//! [`View`] is a program as it is open, [`Index`] the names in it. Positions are bytes of files; must not know any
//! protocol, nor what a network is.

mod complete;
mod edited;
mod fixes;
mod hover;
mod index;
mod outline;
mod reference;
mod rename;
mod view;

pub use complete::{Completion, What, completions};
pub use edited::Edited;
pub use fixes::{Edit, Fix, fixes};
pub use hover::{Errors, Hover, hover, word_around};
pub use index::{Index, Kind, Symbol};
pub use outline::{Entry, outline};
pub use rename::{Places, places, rename};
pub use view::View;
