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

// It never panics: it reads its settings, and gives up.
#[inline(never)]
fn gives_up() {
    let settings: std::collections::HashMap<String, String> = env::vars().collect();
    let parts: Vec<&str> = settings.get("PATH").map(|s| s.split(':').collect()).unwrap_or_default();
    if black_box(parts.len()) < 1000 {
        std::process::abort();
    }
    println!("{}", parts[0]);
}

#[inline(never)]
fn reserve() {
    let values: Vec<u8> = Vec::with_capacity(black_box(1usize << 46));
    println!("{:?}", black_box(values.as_ptr()));
}

fn main() {
    let what = env::args().nth(1).unwrap_or_default();
    let values = vec![1, 2, 3];
    match what.as_str() {
        "panic" => panic!("a reason"),
        "index" => println!("{}", index(&values, values.len() + 4)),
        "expect" => println!("{}", text_to_number("no number").expect("of the settings")),
        "in_thread" => std::thread::spawn(|| in_thread(&[1, 2])).join().unwrap(),
        "inlined" => std::thread::spawn(|| panic!("where a thread begins")).join().unwrap(),
        "unwrap" => println!("{}", unwrap_nothing(values.get(9).copied())),
        "abort" => gives_up(),
        "no_memory" => reserve(),
        _ => println!("still alive"),
    }
}

fn text_to_number(text: &str) -> Result<i32, std::num::ParseIntError> {
    black_box(text).parse()
}

#[inline(never)]
fn in_thread(values: &[i32]) {
    println!("{}", values[black_box(9)]);
}

// std::hint has one from Rust 1.66 on.
fn black_box<T>(value: T) -> T {
    let kept = std::mem::ManuallyDrop::new(value);
    unsafe { std::ptr::read_volatile(&*kept) }
}
