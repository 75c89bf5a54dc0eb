# The compiler is known from the paths in panic messages, the entry's name from Rust's scheme.
abiscope inspect --only identity,entry fixtures/elf/rust-program
