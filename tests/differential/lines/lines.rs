// Generics, closures and traits whose lines are looked up. The first argument picks a crash.
use std::collections::HashMap;
use std::env;

struct Node {
    key: u64,
    next: *const Node,
}

trait Area {
    fn area(&self) -> u64;
}

impl Area for Node {
    fn area(&self) -> u64 {
        self.key * 3
    }
}

#[inline(always)]
unsafe fn key_of(node: *const Node) -> u64 {
    (*node).key
}

#[inline(never)]
fn apply<F: Fn(u64) -> u64>(f: F, depth: u32) -> u64 {
    if depth == 0 {
        return f(7);
    }
    apply(&f as &dyn Fn(u64) -> u64, depth - 1) + 1
}

#[inline(never)]
fn work(node: &Node, words: &[String]) -> u64 {
    let mut counts: HashMap<&str, u64> = HashMap::new();
    for word in words {
        *counts.entry(word.as_str()).or_insert(0) += word.len() as u64;
    }
    let mut sizes: Vec<u64> = counts.values().copied().collect();
    sizes.sort_by(|a, b| b.cmp(a));
    apply(|by| unsafe { key_of(node.next) } * by, 1) + sizes.iter().sum::<u64>() + node.area()
}

fn main() {
    let words: Vec<String> = env::args().collect();
    let last = Node { key: 5, next: std::ptr::null() };
    let first = Node { key: 1, next: &last };
    println!("{}", work(&first, &words));
    if words.len() > 1 && words[1] == "null" {
        println!("{}", work(&last, &words));
    }
}
