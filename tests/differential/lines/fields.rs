// Fields reached through raw pointers. The first argument picks the crash.
use std::env;

#[repr(C)]
struct Inner {
    a: u64,
    b: u64,
}

#[repr(C)]
struct Request {
    id: u64,
    inner: Inner,
    next: *const Request,
}

#[inline(never)]
unsafe fn field(request: *const Request) -> u64 {
    (*request).inner.b.wrapping_add(1)
}

#[inline(never)]
unsafe fn chain(request: *const Request) -> u64 {
    (*(*request).next).inner.a.wrapping_add(1)
}

fn main() {
    let name = env::args().nth(1).unwrap_or_default();
    let nothing = if name.is_empty() { 8 } else { 0 } as *const Request;
    let one = Request { id: 1, inner: Inner { a: 2, b: 3 }, next: std::ptr::null() };
    unsafe {
        match name.as_str() {
            "field" => println!("{}", field(nothing)),
            "chain" => println!("{}", chain(&one)),
            _ => println!("{}", one.id + one.inner.a + one.inner.b),
        }
    }
}
