//! Line charts as SVG: a page with a title, panels with two axes each, curves with marks, a legend and notes.
//!
//! Must not know what is measured.

// Every bench is a crate of its own and takes what it needs.
#![allow(dead_code)]

pub mod trained;

use std::fmt::Write;
use std::path::Path;

const INK: &str = "#1c1c1c";
const FAINT_INK: &str = "#555";
const PAPER: &str = "#f5f4f0";
const RULES: [&str; 2] = ["#d6d3ca", "#e4e1d8"];
const SHADE: &str = "#e9e6dd";

/// Ink of the curves.
pub const GRAY: &str = "#6b6b6b";
pub const BLUE: &str = "#0067a5";
pub const ORANGE: &str = "#c04a00";
pub const GREEN: &str = "#00795c";
pub const PURPLE: &str = "#7b3f98";

/// A picture, in pixels.
pub struct Page {
    svg: String,
}

impl Page {
    /// `title`: what is drawn against what; `heading` and what is below it stand at the left of the page.
    pub fn new((width, height): (f64, f64), title: &str, left: f64, heading: &str, below: &str) -> Page {
        let mut page = Page { svg: String::new() };
        page.line(format_args!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" font-family="system-ui, sans-serif" font-size="14" fill="{INK}">"##
        ));
        page.line(format_args!("<title>{title}</title>"));
        page.line(format_args!(r##"<rect width="100%" height="100%" rx="8" fill="{PAPER}"/>"##));
        page.line(format_args!(r#"<text x="{left}" y="32" font-size="19" font-weight="600">{heading}</text>"#));
        page.line(format_args!(r##"<text x="{left}" y="55" fill="{FAINT_INK}">{below}</text>"##));
        page
    }

    /// `entries` from left to right, so many to a line, so far apart.
    pub fn legend(&mut self, (left, top): (f64, f64), columns: usize, apart: f64, entries: &[(String, Style)]) {
        for (idx, (name, style)) in entries.iter().enumerate() {
            let (x, y) = (left + 8.0 + apart * (idx % columns) as f64, top + 24.0 * (idx / columns) as f64);
            self.mark(x, y, *style);
            self.line(format_args!(r#"<text x="{}" y="{}">{name}</text>"#, x + 14.0, y + 5.0));
        }
    }

    /// A line of text each, in small print.
    pub fn notes(&mut self, (left, top): (f64, f64), notes: &[&str]) {
        for (idx, note) in notes.iter().enumerate() {
            let y = top + 17.0 * idx as f64;
            self.line(format_args!(r##"<text x="{left}" y="{y}" font-size="12" fill="{FAINT_INK}">{note}</text>"##));
        }
    }

    pub fn write(mut self, path: &Path) {
        self.svg += "</svg>\n";
        std::fs::write(path, self.svg).expect("the examples can be written");
        let name = path.file_name().expect("a file").to_string_lossy();
        println!("drawn: examples/{name}");
    }

    fn line(&mut self, text: std::fmt::Arguments) {
        writeln!(self.svg, "{text}").expect("a string takes any text");
    }

    fn mark(&mut self, x: f64, y: f64, style: Style) {
        let color = style.color;
        match style.mark {
            Mark::Circle => self.line(format_args!(r#"<circle cx="{x:.1}" cy="{y:.1}" r="5" fill="{color}"/>"#)),
            Mark::Ring => self.line(format_args!(
                r#"<circle cx="{x:.1}" cy="{y:.1}" r="4.5" fill="{PAPER}" stroke="{color}" stroke-width="2"/>"#
            )),
            Mark::Square => self.filled(x - 4.5, y - 4.5, "h9v9h-9z", color),
            Mark::Triangle => self.filled(x - 6.0, y + 5.0, "h12l-6 -11z", color),
            Mark::Diamond => self.filled(x, y - 7.0, "l6 7l-6 7l-6 -7z", color),
        }
    }

    fn filled(&mut self, x: f64, y: f64, outline: &str, color: &str) {
        self.line(format_args!(r#"<path d="M{x:.1} {y:.1}{outline}" fill="{color}"/>"#));
    }

    fn stroke(&mut self, path: &str, color: &str, attributes: &str) {
        self.line(format_args!(r#"<path d="{path}" fill="none" stroke="{color}"{attributes}/>"#));
    }
}

/// A name, values that are written beside it, and where a value lies: 0 is at its beginning and 1 at its end.
pub struct Axis {
    pub name: &'static str,
    pub ticks: &'static [f64],
    pub place: fn(f64) -> f64,
}

/// Left, top, right and bottom of the plot; values grow to the right and upwards.
pub struct Panel<'a> {
    pub plot: (f64, f64, f64, f64),
    pub across: &'a Axis,
    pub up: &'a Axis,
    /// Above the plot, where the page has more than one.
    pub heading: &'static str,
}

#[derive(Clone, Copy)]
pub struct Style {
    pub mark: Mark,
    pub color: &'static str,
}

#[derive(Clone, Copy)]
pub enum Mark {
    Square,
    Circle,
    Ring,
    Triangle,
    Diamond,
}

#[derive(Default)]
pub struct Point {
    pub x: f64,
    pub y: f64,
    /// Of y.
    pub interval: Option<[f64; 2]>,
    /// y is a bound, and the value may lie above.
    pub is_bound: bool,
    /// Small print at the left of the mark.
    pub label: String,
}

impl Panel<'_> {
    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let (left, top, right, bottom) = self.plot;
        (left + (self.across.place)(x) * (right - left), bottom - (self.up.place)(y) * (bottom - top))
    }

    /// Axes, ticks and rules.
    pub fn frame(&self, page: &mut Page) {
        let (left, top, right, bottom) = self.plot;
        page.line(format_args!(r#"<text x="{left}" y="{}" font-weight="600">{}</text>"#, top - 12.0, self.heading));
        for &tick in self.up.ticks {
            let y = self.at(0.0, tick).1;
            page.stroke(&format!("M{left} {y:.1}H{right}"), RULES[0], "");
            page.line(format_args!(r#"<text x="{}" y="{:.1}" text-anchor="end">{tick}</text>"#, left - 10.0, y + 5.0));
        }
        for &tick in self.across.ticks {
            let x = self.at(tick, 0.0).0;
            page.stroke(&format!("M{x:.1} {top}V{bottom}"), RULES[1], "");
            page.line(format_args!(r#"<text x="{x:.1}" y="{}" text-anchor="middle">{tick}</text>"#, bottom + 22.0));
        }
        page.stroke(&format!("M{left} {top}V{bottom}H{right}"), INK, "");
        page.line(format_args!(
            r#"<text x="{}" y="{}" text-anchor="middle">{}</text>"#,
            (left + right) / 2.0,
            bottom + 46.0,
            self.across.name
        ));
        page.line(format_args!(
            r#"<text transform="translate({} {}) rotate(-90)" text-anchor="middle">{}</text>"#,
            left - 62.0,
            (top + bottom) / 2.0,
            self.up.name
        ));
    }

    /// A dotted line at a value across, and what it is, at its left and top.
    pub fn rule_across(&self, page: &mut Page, value: f64, name: &str) {
        let (_, top, _, bottom) = self.plot;
        let x = self.at(value, 0.0).0;
        page.stroke(&format!("M{x:.1} {top}V{bottom}"), INK, r#" stroke-dasharray="2 4""#);
        let (x, y) = (x - 7.0, top + 14.0);
        page.line(format_args!(r#"<text x="{x:.1}" y="{y}" text-anchor="end" font-style="italic">{name}</text>"#));
    }

    /// A dotted line at a value upwards, and what it is, below its left end.
    pub fn rule_up(&self, page: &mut Page, value: f64, name: &str) {
        let (left, _, right, _) = self.plot;
        let y = self.at(0.0, value).1;
        page.stroke(&format!("M{left} {y:.1}H{right}"), INK, r#" stroke-dasharray="2 4""#);
        let (x, y) = (left + 8.0, y + 16.0);
        page.line(format_args!(r#"<text x="{x}" y="{y:.1}" font-size="12" font-style="italic">{name}</text>"#));
    }

    /// Shade from a value upwards to the top, and what it is, in its upper right corner.
    pub fn shade_above(&self, page: &mut Page, value: f64, name: &str) {
        let (left, top, right, _) = self.plot;
        let y = self.at(0.0, value).1;
        page.line(format_args!(r##"<path d="M{left} {top}H{right}V{y:.1}H{left}z" fill="{SHADE}"/>"##));
        let (x, y) = (right - 8.0, top + 15.0);
        page.line(format_args!(
            r#"<text x="{x}" y="{y}" text-anchor="end" font-size="12" font-style="italic">{name}</text>"#
        ));
    }

    /// Points and the line through them.
    pub fn curve(&self, page: &mut Page, points: &[Point], style: Style) {
        if points.is_empty() {
            return;
        }
        let place = |point: &Point| {
            let (x, y) = self.at(point.x, point.y);
            format!("{x:.1} {y:.1}")
        };
        let places: Vec<String> = points.iter().map(place).collect();
        page.stroke(&format!("M{}", places.join("L")), style.color, r#" stroke-width="2""#);
        self.points(page, points, style);
    }

    /// Marks, with the bars of their intervals and, where the value may lie above, arrows.
    pub fn points(&self, page: &mut Page, points: &[Point], style: Style) {
        let color = style.color;
        for point in points {
            let (x, y) = self.at(point.x, point.y);
            page.line(format_args!("<!-- {}: {} -->", point.x, point.y));
            if point.is_bound {
                let (tip, wing) = (y - 19.0, y - 14.0);
                let head = format!("M{:.1} {wing:.1}L{x:.1} {tip:.1}L{:.1} {wing:.1}", x - 4.0, x + 4.0);
                page.stroke(&format!("M{x:.1} {y:.1}V{tip:.1}{head}"), color, r#" stroke-width="1.5""#);
            }
            if let Some(interval) = point.interval {
                let [low, high] = interval.map(|value| self.at(point.x, value).1);
                page.stroke(&format!("M{x:.1} {low:.1}V{high:.1}"), color, r#" stroke-opacity=".6""#);
            }
            page.mark(x, y, style);
            if !point.label.is_empty() {
                page.line(format_args!(
                    r#"<text x="{:.1}" y="{:.1}" text-anchor="end" font-size="12" fill="{color}">{}</text>"#,
                    x - 10.0,
                    y + 4.0,
                    point.label
                ));
            }
        }
    }
}
