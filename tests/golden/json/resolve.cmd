mkdir -p root/opt/lib root/lib64 root/lib/x86_64-linux-gnu
cp fixtures/elf/libc.so.6 root/lib/x86_64-linux-gnu/
cp fixtures/elf/ld-linux-x86-64.so.2 root/lib64/
cp fixtures/elf/greeter root/opt/
abiscope resolve --json root/opt/greeter --sysroot root --target debian:12/amd64
