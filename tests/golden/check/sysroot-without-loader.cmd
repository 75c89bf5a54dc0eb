# A root folder is all there is: no loader in it, no start.
mkdir root
cp fixtures/elf/greeter root/
abiscope check root/greeter --sysroot root --target debian:12/amd64
