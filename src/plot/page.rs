//! A picture as SVG, piece by piece: text, strokes, areas and marks, in pixels.
//!
//! Nothing is fetched: no fonts, no styles. Must not know what is drawn.

use std::fmt::Write;

use crate::text::steers;

/// Those that are there.
const FONTS: &str = "system-ui, 'DejaVu Sans', sans-serif";

const INK: &str = "#1c1c1c";
pub const FAINT_INK: &str = "#555555";
pub const PAPER: &str = "#ffffff";
pub const RULE: &str = "#e3e0d8";
pub const SHADE: &str = "#efede7";

/// A letter is about so wide, of its height: enough to keep words apart, whatever the font.
const LETTER: f64 = 0.56;

#[derive(Debug)]
pub struct Page {
    width: f64,
    body: String,
}

/// How a line of text stands to its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// What marks a dot, told apart without colours too.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    pub shape: usize,
    pub color: &'static str,
    pub is_hollow: bool,
}

/// Outlines of marks, all about the same size, around their middle.
const SHAPES: [&str; 5] = [
    "m-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z",
    "m-4 -4h8v8h-8z",
    "m-5.5 4.5h11l-5.5 -10z",
    "m0 -6l6 6l-6 6l-6 -6z",
    "m-5.5 -4.5h11l-5.5 10z",
];

impl Page {
    pub fn new(width: f64) -> Page {
        Page { width, body: String::new() }
    }

    fn line(&mut self, text: std::fmt::Arguments) {
        writeln!(self.body, "{text}").expect("a string takes any text");
    }

    pub fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, size: u32, color: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let text = escaped(text);
        self.line(format_args!(
            r#"<text x="{x:.1}" y="{y:.1}" font-size="{size}" fill="{color}"{anchor}>{text}</text>"#
        ));
    }

    /// Beside an axis or a mark.
    pub fn label(&mut self, at: (f64, f64), anchor: Anchor, text: &str) {
        self.text(at, anchor, 13, INK, text);
    }

    pub fn heading(&mut self, (x, y): (f64, f64), text: &str) {
        let text = escaped(text);
        self.line(format_args!(r#"<text x="{x:.1}" y="{y:.1}" font-size="17" font-weight="600">{text}</text>"#));
    }

    /// From below upwards, around its middle.
    pub fn upwards(&mut self, (x, y): (f64, f64), text: &str) {
        let text = escaped(text);
        let turned = format!("translate({x:.1} {y:.1}) rotate(-90)");
        self.line(format_args!(r#"<text transform="{turned}" font-size="13" text-anchor="middle">{text}</text>"#));
    }

    pub fn stroke(&mut self, path: &str, color: &str, attributes: &str) {
        self.line(format_args!(r#"<path d="{path}" fill="none" stroke="{color}"{attributes}/>"#));
    }

    pub fn area(&mut self, path: &str, color: &str, attributes: &str) {
        self.line(format_args!(r#"<path d="{path}" fill="{color}"{attributes}/>"#));
    }

    /// Two sides of a plot: left and below.
    pub fn axes(&mut self, (left, top, right, bottom): (f64, f64, f64, f64)) {
        self.stroke(&format!("M{left:.1} {top:.1}V{bottom:.1}H{right:.1}"), INK, "");
    }

    pub fn mark(&mut self, (x, y): (f64, f64), mark: Mark) {
        let (outline, color) = (SHAPES[mark.shape % SHAPES.len()], mark.color);
        let fill = if mark.is_hollow { PAPER } else { color };
        self.line(format_args!(
            r#"<path d="M{x:.1} {y:.1}{outline}" fill="{fill}" stroke="{color}" stroke-width="1.5"/>"#
        ));
    }

    /// A value, for whoever looks at a part: a tooltip over what `draw` adds.
    pub fn told(&mut self, text: &str, draw: impl FnOnce(&mut Page)) {
        let text = escaped(text);
        self.line(format_args!("<g><title>{text}</title>"));
        draw(self);
        self.line(format_args!("</g>"));
    }

    /// The whole picture, so high.
    pub fn finish(self, height: f64, title: &str) -> String {
        let (width, body, title) = (self.width, self.body, escaped(title));
        let area = format!("0 0 {width:.0} {height:.0}");
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="{area}" role="img" font-family="{FONTS}" fill="{INK}">
<title>{title}</title>
<rect width="100%" height="100%" rx="6" fill="{PAPER}"/>
{body}</svg>
"#
        )
    }
}

/// How wide a line of text is, roughly.
pub fn width_of(text: &str, size: u32) -> f64 {
    text.chars().count() as f64 * f64::from(size) * LETTER
}

fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            // Among them those that no XML may have.
            letter if steers(letter) || ('\u{fffe}'..='\u{ffff}').contains(&letter) => safe.push('\u{fffd}'),
            letter => safe.push(letter),
        }
    }
    safe
}
