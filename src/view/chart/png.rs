//! The same picture as a PNG, for platforms that draw no charts: the SVG, with letters of our own font.

use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::picture::{Width, height, svg};
use crate::chat::Chart;

/// Pixels for each unit of the drawing, so that it is sharp on a good screen.
pub const SCALE: u16 = 2;

/// A part of `DejaVu` Sans, so that the picture is the same wherever the house stands. See `font/LICENSE.txt`.
const FONT: &[u8] = include_bytes!("../../../font/DejaVuSans.ttf");

/// The picture; none if it cannot be made. The numbers stand beside it as text in any case.
#[must_use]
pub fn png(chart: &Chart) -> Option<Vec<u8>> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    let fonts = FONTS.get_or_init(|| {
        let mut fonts = fontdb::Database::new();
        fonts.load_font_data(FONT.to_vec());
        Arc::new(fonts)
    });
    let options = Options { fontdb: fonts.clone(), font_family: "DejaVu Sans".into(), ..Options::default() };
    let tree = Tree::from_str(&svg(chart), &options).ok()?;
    let tall = whole(height(chart) * f64::from(SCALE))?;
    let mut picture = Pixmap::new(u32::from(Width::Wide.units() * SCALE), tall)?;
    let scale = f32::from(SCALE);
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut picture.as_mut());
    picture.encode_png().ok()
}

/// A height in pixels, within reason.
fn whole(height: f64) -> Option<u32> {
    (0..=4_000_u32).rev().find(|it| f64::from(*it) <= height).filter(|it| *it > 0)
}
