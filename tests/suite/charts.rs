//! Charts as pictures: one drawing, as SVG and as PNG, whatever the numbers and the names are.

use insta::assert_snapshot;
use proptest::prelude::*;
use resvg::tiny_skia::Pixmap;
use resvg::usvg::{Options, Tree};
use steward::chat::{Chart, ChartKind, Series};
use steward::view::chart::{SCALE, Width, drawn, png, svg};

fn chart(kind: ChartKind, title: &str, unit: &str, categories: &[&str], series: &[(&str, &[f64])]) -> Chart {
    let series = series.iter().map(|(name, points)| Series { name: (*name).into(), points: points.to_vec() });
    Chart {
        title: title.into(),
        kind,
        unit: unit.into(),
        categories: categories.iter().map(ToString::to_string).collect(),
        series: series.collect(),
    }
}

const WEEK: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

fn samples() -> Vec<(&'static str, Chart)> {
    let days: Vec<String> = (0..200).map(|it| format!("day {it}")).collect();
    let days: Vec<&str> = days.iter().map(String::as_str).collect();
    let waves: Vec<f64> =
        (0..200_u32).map(|it| 40.0 + 30.0 * (f64::from(it) / 9.0).sin() + f64::from(it % 7)).collect();
    let people = ["Ada Lovelace-Byron of the Analytical Engine", "גרייס הופר", "عائشة", "Bo 😀", "Zoë & <Ken>"];
    let bars = |points: &[f64]| chart(ChartKind::Bar, "Spend by person", "USD", &people, &[("spend", points)]);
    let many: Vec<(String, Vec<f64>)> = (0..9_u32)
        .map(|row| (format!("workspace-{row}"), (0..7).map(|at| f64::from(row * 3 + at)).collect()))
        .collect();
    let many: Vec<(&str, &[f64])> = many.iter().map(|(name, points)| (name.as_str(), points.as_slice())).collect();
    let twice: [(&str, &[f64]); 2] = [
        ("this week", &[120.0, 180.5, 96.0, 240.0, 310.25, 20.0, 12.0]),
        ("week before", &[100.0, 150.0, 130.0, 200.0, 180.0, 25.0, 8.0]),
    ];
    let gaps: [(&str, &[f64]); 1] = [("spend", &[10.0, f64::NAN, 12.0, f64::NAN, f64::NAN, 30.0, 31.0])];
    vec![
        ("bar", chart(ChartKind::Bar, "Spend by day", "USD", &WEEK, &twice)),
        ("line", chart(ChartKind::Line, "Spend by day", "USD", &WEEK, &twice)),
        (
            "pie",
            chart(ChartKind::Pie, "Spend by model", "USD", &["opus", "sonnet", "haiku"], &[("", &[820.0, 310.5, 0.5])]),
        ),
        ("pie-many", chart(ChartKind::Pie, "Spend by workspace", "USD", &days, &[("", &waves)])),
        ("names", bars(&[410.0, 220.0, 130.5, 90.0, 12.0])),
        ("deltas", bars(&[410.0, -220.0, 0.0, -90.0, 0.004])),
        ("huge", bars(&[1e12, 2e11, 5e11, 0.0, 1.0])),
        ("long", chart(ChartKind::Line, "Spend by day, 200 days", "USD", &days, &[("spend", &waves)])),
        ("long-bars", chart(ChartKind::Bar, "Tokens by day, 200 days", "tokens", &days, &[("tokens", &waves)])),
        ("series", chart(ChartKind::Line, "Spend by workspace", "USD", &WEEK, &many)),
        ("gaps", chart(ChartKind::Line, "Spend by day", "USD", &WEEK, &gaps)),
        ("zero", chart(ChartKind::Bar, "Spend by day", "USD", &WEEK, &[("spend", &[0.0; 7])])),
        ("pie-zero", chart(ChartKind::Pie, "Spend by model", "USD", &["opus", "sonnet"], &[("", &[0.0, -3.0])])),
        ("empty", chart(ChartKind::Bar, "Spend by day", "USD", &[], &[])),
    ]
}

/// The size of the picture, and how many of its pixels are not as the paper is.
fn seen(png: &[u8]) -> (u32, u32, usize) {
    let picture = Pixmap::decode_png(png).expect("it is a PNG");
    let inked = picture.pixels().iter().filter(|it| (it.red(), it.green(), it.blue()) != (255, 255, 255)).count();
    assert!(picture.pixels().iter().all(|it| it.alpha() == 255), "nothing shines through");
    (picture.width(), picture.height(), inked)
}

#[test]
fn each_becomes_a_picture_of_the_expected_size() {
    for (name, chart) in samples() {
        let picture = png(&chart).expect("a picture");
        if let Some(folder) = std::env::var_os("STEWARD_TEST_SCREENSHOTS") {
            let path = std::path::Path::new(&folder).join(name);
            std::fs::write(path.with_extension("png"), &picture).expect("the folder can be written to");
            std::fs::write(path.with_extension("svg"), svg(&chart)).expect("the folder can be written to");
        }
        let tree = Tree::from_str(&svg(&chart), &Options::default()).expect("SVG that others read too");
        let (width, height, inked) = seen(&picture);
        assert_eq!(width, u32::from(Width::Wide.units() * SCALE), "{name}");
        let tall = f64::from(tree.size().height()) * f64::from(SCALE);
        assert!((tall - f64::from(height)).abs() < 1.0, "{name}: {height}");
        assert!(inked > 1_000, "{name}: {inked} pixels are drawn");
        assert!(picture.len() < 120_000, "{name}: {} bytes", picture.len());
    }
}

#[test]
fn a_picture_is_the_same_each_time() {
    let chart = chart(ChartKind::Bar, "Spend <by> day", "USD", &["Mon", "Tue"], &[("spend \"x\"", &[1.5, 2.0])]);
    assert_snapshot!(svg(&chart).split_once("</style>").unwrap().1.replace("><", ">\n<"), @r#"
    <rect class="paper" width="560" height="236"/>
    <text class="title" x="12" y="22">Spend &lt;by&gt; day<tspan dx="8" class="unit">USD</tspan>
    </text>
    <line class="base" x1="47.1" x2="548" y1="210" y2="210"/>
    <text class="words" x="39.1" y="214" text-anchor="end">$0</text>
    <line class="grid" x1="47.1" x2="548" y1="168" y2="168"/>
    <text class="words" x="39.1" y="172" text-anchor="end">$0.5</text>
    <line class="grid" x1="47.1" x2="548" y1="126" y2="126"/>
    <text class="words" x="39.1" y="130" text-anchor="end">$1</text>
    <line class="grid" x1="47.1" x2="548" y1="84" y2="84"/>
    <text class="words" x="39.1" y="88" text-anchor="end">$1.5</text>
    <line class="grid" x1="47.1" x2="548" y1="42" y2="42"/>
    <text class="words" x="39.1" y="46" text-anchor="end">$2</text>
    <text class="words" x="172.3" y="227" text-anchor="middle">Mon</text>
    <text class="words" x="422.8" y="227" text-anchor="middle">Tue</text>
    <rect class="fill series-0" x="153.8" y="84" width="37" height="126" rx="2.5">
    <title>Mon: $1.50 (spend &quot;x&quot;)</title>
    </rect>
    <rect class="fill series-0" x="404.3" y="42" width="37" height="168" rx="2.5">
    <title>Tue: $2.00 (spend &quot;x&quot;)</title>
    </rect>
    </svg>
    "#);
    let pie = Chart { kind: ChartKind::Pie, ..chart };
    let told = drawn(&pie, Width::Narrow).to_json();
    assert_eq!(told[0], "svg");
    assert_eq!(told[1]["role"], "img");
    assert_eq!(told[2].to_string(), r#"["title",{},"Spend <by> day"]"#);
    assert_eq!(told[3][2], "Spend <by> day. spend \"x\": Mon $1.50, Tue $2.00 (USD)");
    assert!(told.to_string().contains("$1.50 (43 %)"), "{told}");
}

fn random() -> impl Strategy<Value = Chart> {
    let kind = prop_oneof![Just(ChartKind::Bar), Just(ChartKind::Line), Just(ChartKind::Pie)];
    let word = prop_oneof![4 => "\\PC{0,20}", 1 => any::<String>(), 1 => Just("w".repeat(3_000))];
    let point = prop_oneof![3 => -1e3..1e4_f64, 1 => any::<f64>(), 1 => Just(0.0), 1 => Just(1e12), 1 => 0.0..1e-9_f64];
    let points = prop_oneof![4 => 0..9_usize, 1 => 0..200_usize]
        .prop_flat_map(move |count| prop::collection::vec(point.clone(), count));
    let series = (word.clone(), points).prop_map(|(name, points)| Series { name, points });
    let categories = prop_oneof![4 => 0..9_usize, 1 => 0..200_usize].prop_flat_map({
        let word = word.clone();
        move |count| prop::collection::vec(word.clone(), count)
    });
    (word.clone(), kind, word, categories, prop::collection::vec(series, 0..9))
        .prop_map(|(title, kind, unit, categories, series)| Chart { title, kind, unit, categories, series })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::with_cases(
        if std::env::var_os("STEWARD_TEST_FULL").is_some() { 1_000 } else { 60 }) })]

    #[test]
    fn any_chart_becomes_a_picture(chart in random()) {
        let (svg, said) = (svg(&chart), chart.to_plain());
        prop_assert!(!svg.contains("<script") && !svg.contains("<image") && !svg.contains("href"));
        prop_assert!(said.starts_with(&chart.title));
        prop_assert!(drawn(&chart, Width::Narrow).to_json().is_array());
        let (width, _, inked) = seen(&png(&chart).expect("a picture"));
        prop_assert_eq!(width, 1_120);
        prop_assert!(inked > 100, "{}", inked);
    }
}
