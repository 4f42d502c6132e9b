//! Known values, as the host's compiler has them.

use lowcore_float::{Controls, Exceptions, Outcome, square_root};

#[test]
fn roots() {
    for value in [2.0f64, 3.0, 4.0, 1e-310, 0.1, f64::MAX, f64::MIN_POSITIVE] {
        let root = value.sqrt();
        let Outcome::Completed { value: bits, flags } =
            square_root(value.to_bits(), Controls::default())
        else {
            panic!("a trap without a mask")
        };
        assert_eq!(f64::from_bits(bits), root);
        assert_eq!(flags == Exceptions::NONE, [4.0, f64::MIN_POSITIVE].contains(&value), "{value}");
    }
}
