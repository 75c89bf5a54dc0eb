// What the runtime of Rust stops. The first argument picks the crash.
use std::env;

#[inline(never)]
fn index(values: &[i32], at: usize) -> i32 {
    values[at]
}

#[inline(never)]
fn unwrap_nothing(value: Option<i32>) -> i32 {
    value.unwrap()
}

fn main() {
    let what = env::args().nth(1).unwrap_or_default();
    let values = vec![1, 2, 3];
    match what.as_str() {
        "panic" => panic!("a reason"),
        "index" => println!("{}", index(&values, values.len() + 4)),
        "unwrap" => println!("{}", unwrap_nothing(values.get(9).copied())),
        _ => println!("still alive"),
    }
}
