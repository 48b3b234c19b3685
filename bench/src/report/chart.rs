//! A chart of throughputs: bars with their numbers, as plain SVG.
//!
//! Its ground is left open. Words are dark on a light page and light on a dark one; what
//! knows of neither shows them in a grey that is readable on both.

use super::number::short;
use crate::spread::Spread;
use crate::suite::Results;

/// Who is shown, what the chart calls each, and whether it is the host.
const SHOWN: [(&str, &str, bool); 7] = [
    (
        "bare get",
        "the limit: hyper and the signature alone",
        false,
    ),
    (
        "native get",
        "Jackfield, its provider a Rust function",
        true,
    ),
    (
        "jackfield get",
        "Jackfield, a fresh instance per request",
        true,
    ),
    (
        "wasmtime serve, reuse",
        "wasmtime serve, instances used again",
        false,
    ),
    (
        "wasmtime serve, pooling",
        "wasmtime serve, with a pool",
        false,
    ),
    ("wasmtime serve", "wasmtime serve, as it comes", false),
    ("express", "Express with Twilio's library", false),
];

const STYLE: &str = "text{fill:#6e7781}path{stroke:#6e7781}\
    @media(prefers-color-scheme:light){text{fill:#1f2328}path{stroke:#1f2328}}\
    @media(prefers-color-scheme:dark){text{fill:#e6edf3}path{stroke:#e6edf3}}";

const WIDTH: f64 = 780.0;
/// Where bars begin, right of their names.
const LEFT: f64 = 310.0;
/// How long the longest is; its number stands behind it.
const LONGEST: f64 = 370.0;
const TOP: f64 = 46.0;
const STEP: f64 = 34.0;
const BAR: f64 = 20.0;

/// Draws everybody who was measured.
pub(super) fn draw(results: &Results) -> String {
    let measured = SHOWN.iter().filter_map(|(name, title, ours)| {
        let rate = results.spread(name, |it| it.rate)?;
        Some((*title, *ours, rate))
    });
    let measured: Vec<_> = measured.collect();
    let highest = measured
        .iter()
        .map(|(_, _, rate)| rate.max)
        .fold(1.0, f64::max);
    let mut top = TOP;
    let mut bars = String::new();
    for (title, ours, rate) in &measured {
        bars += &bar(title, *ours, rate, highest, top);
        top += STEP;
    }
    let height = top + 10.0;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" role=\"img\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\">\n\
         <title>Answers a second</title>\n<style>{STYLE}</style>\n\
         <text x=\"0\" y=\"20\" font-size=\"15\" font-weight=\"600\">Answers a second, \
         caller-name by GET</text>\n{bars}</svg>\n"
    )
}

fn bar(title: &str, ours: bool, rate: &Spread, highest: f64, top: f64) -> String {
    let long = |value: f64| value / highest * LONGEST;
    let [width, min, max] = [rate.median, rate.min, rate.max].map(long);
    let (fill, weight) = if ours {
        ("#2f81f7", "600")
    } else {
        ("#9aa4b2", "400")
    };
    let middle = top + BAR / 2.0;
    let [text, name_end, number] = [middle + 4.5, LEFT - 12.0, LEFT + max.max(width) + 10.0];
    let [from, to] = [LEFT + min, LEFT + max];
    let median = short(rate.median);
    format!(
        "<text x=\"{name_end:.1}\" y=\"{text:.1}\" text-anchor=\"end\" \
         font-weight=\"{weight}\">{title}</text>\n\
         <rect x=\"{LEFT:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{BAR}\" rx=\"3\" \
         fill=\"{fill}\"/>\n\
         <path d=\"M{from:.1} {middle:.1}H{to:.1}\" stroke-width=\"1.5\"/>\n\
         <text x=\"{number:.1}\" y=\"{text:.1}\" font-weight=\"{weight}\">{median}</text>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share_of_the_highest() {
        let rate = Spread {
            median: 500.0,
            min: 400.0,
            max: 600.0,
        };
        let drawn = bar("half", true, &rate, 1_000.0, TOP);
        assert!(drawn.contains("width=\"185.0\""), "{drawn}");
        assert!(drawn.contains(">500</text>"), "{drawn}");
    }

    #[test]
    fn nobody_is_drawn_who_was_not_measured() {
        assert!(!draw(&Results::default()).contains("<rect"));
    }
}
