# A root folder as a profile, to check against elsewhere.
mkdir -p root/opt/lib root/lib64 root/lib/x86_64-linux-gnu
cp fixtures/elf/libc.so.6 root/lib/x86_64-linux-gnu/
cp fixtures/elf/ld-linux-x86-64.so.2 root/lib64/
cp fixtures/elf/greeter root/opt/
cp fixtures/elf/libgreet.so.1 root/opt/lib/
abiscope target capture --file greet.profile --sysroot root --target debian:12/amd64 /opt | sed 's/[0-9]* bytes/N bytes/'
abiscope check fixtures/elf/greeter --at /opt/greeter --target greet.profile
