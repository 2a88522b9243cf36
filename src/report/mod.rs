//! A network, its circuit and its evaluation as one page of HTML that needs nothing else: it is opened from disk, and
//! fetches nothing.
//!
//! `data` says what the page is made of, `response` what a network answers that is not in it, `encode` how numbers
//! travel; what is drawn of them is written in `page/`, by hand: a skeleton, styles, and scripts that are read one
//! after the other. The same subject gives the same bytes. Must not know how a network or the figures come about, nor
//! where the page goes.

mod data;
mod encode;
mod response;

pub use data::{Baseline, Subject};

use data::Data;

const SKELETON: &str = include_str!("page/page.html");

const STYLE: &str = include_str!("page/page.css");

/// In the order in which they are read.
const SCRIPTS: [&str; 12] = [
    include_str!("page/data.js"),
    include_str!("page/run.js"),
    include_str!("page/draw.js"),
    include_str!("page/tip.js"),
    include_str!("page/heat.js"),
    include_str!("page/circuit.js"),
    include_str!("page/figures.js"),
    include_str!("page/codes.js"),
    include_str!("page/weights.js"),
    include_str!("page/response.js"),
    include_str!("page/calculator.js"),
    include_str!("page/page.js"),
];

/// What a page begins with, by which one that may be written over is known.
pub const BEGINS: &str = "<!doctype html>\n<!-- superpose report -->";

/// The page.
pub fn page(subject: &Subject) -> String {
    let data = serde_json::to_string(&Data::of(subject)).expect("a page has no key that is not text");
    // Nothing in it can end the element that it stands in, or begin another.
    let data = data.replace('<', "\\u003c");
    let script = SCRIPTS.concat();
    let mut page = String::with_capacity(data.len() + SKELETON.len() + STYLE.len() + script.len());
    let mut rest = SKELETON;
    for (place, text) in [("{style}", STYLE), ("{data}", data.as_str()), ("{script}", script.as_str())] {
        let (before, behind) = rest.split_once(place).expect("the skeleton has each place once, in this order");
        page.extend([before, text]);
        rest = behind;
    }
    page + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_begins_as_one_and_fetches_nothing() {
        assert!(SKELETON.starts_with(BEGINS));
        for text in [SKELETON, STYLE].iter().chain(&SCRIPTS) {
            let fetching = ["http://", "https://", "//cdn", "@import", "url(", "fetch(", "XMLHttpRequest", " src="];
            let found = fetching.iter().find(|word| text.replace("http://www.w3.org/2000/svg", "").contains(**word));
            assert_eq!(found, None);
        }
    }

    #[test]
    fn no_name_becomes_markup() {
        let scripts = SCRIPTS.concat();
        for way in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"] {
            assert!(!scripts.contains(way), "{way}");
        }
        assert!(!scripts.contains("</script"));
    }
}
