//! Each shape's sample is its own.

use super::*;

#[test]
fn samples_are_tables_of_their_own_shape() {
    for shape in SHAPES {
        let meta = shape.meta();
        let sets = result_sets(meta.sample);
        let [set] = sets.as_slice() else { panic!("{}: {sets:?}", meta.name) };
        assert_eq!((set.shape, set.start, set.end), (meta.name, 0, meta.sample.len()));
        let names: Vec<&str> = set.columns.iter().map(AsRef::as_ref).collect();
        assert_eq!(names, ["id", "name"], "{}", meta.name);
        assert!((1..=2).contains(&set.rows.len()) && set.dropped == 0, "{}: {set:?}", meta.name);
        let first = &set.rows.first().expect("a row").cells;
        assert_eq!(first, &[Some("1".into()), Some("a".into())], "{}", meta.name);
    }
}

#[test]
fn work_grows_as_texts_do() {
    for shape in SHAPES {
        let sample = shape.meta().sample;
        let looked = |times: usize| {
            let text = sample.repeat(times);
            lines::work::of(|| drop(result_sets(&text)))
        };
        let (small, large) = (looked(2_000), looked(8_000));
        let name = shape.meta().name;
        assert!(
            small > 0 && large * 2 <= small * 9,
            "{name}: {small} bytes looked at, then {large}"
        );
    }
}
