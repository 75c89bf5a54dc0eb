// Rust reorders members, and its enums are variant parts.
#![allow(dead_code)]
pub struct Ordered { a: u8, b: u64, c: u16 }
#[repr(C)]
pub struct Fixed { a: u8, b: u64, c: u16 }
pub enum Shape { Circle(f64), Rectangle { width: f32, height: f32 }, Nothing }
pub enum Plain { One, Two = 7 }
pub struct Holder { maybe: Option<Box<u32>>, list: Vec<Shape>, text: String, slice: &'static [u16], name: &'static str, unit: (), pair: (u8, u32), plain: Plain, ch: char, big: i128 }
pub mod inner { pub struct Deep<T> { pub value: T, pub size: usize, pub flag: bool } }
#[repr(C)]
pub union Either { whole: u32, parts: [u8; 4] }
fn main() {
    let h = Holder { maybe: None, list: vec![Shape::Circle(1.0), Shape::Rectangle { width: 1.0, height: 2.0 }, Shape::Nothing], text: String::new(), slice: &[1], name: "x", unit: (), pair: (1, 2), plain: Plain::Two, ch: 'c', big: 1 };
    let d = inner::Deep { value: Ordered { a: 1, b: 2, c: 3 }, size: 4, flag: true };
    let f = Fixed { a: 1, b: 2, c: 3 };
    let e = Either { whole: 1 };
    println!("{} {} {} {}", h.list.len(), d.size, f.b, unsafe { e.whole });
    std::process::exit((h.text.len() + h.slice.len() + h.name.len() + h.pair.1 as usize + d.value.b as usize) as i32);
}
