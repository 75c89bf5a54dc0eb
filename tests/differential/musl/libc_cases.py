"""The names that musl keeps to itself, and other libcs in its place."""
import named_cases

CASES, case = named_cases.registry()


@case
def reserved_names(b):
    b.prog(needed=["libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libutil.so.1", "libxnet.so", "libm.so.1"])


@case
def glibc_soname_is_reserved(b):
    b.prog(needed=["libc.so.6"])


@case
def glibc_program(b):
    b.prog(needed=[("libc.so.6", "int __snprintf_chk(void){return 0;} int backtrace(void){return 0;}")],
           code="int __snprintf_chk(void); int backtrace(void); void use(void){__snprintf_chk(); backtrace();}")
    b.expect(127)


@case
def reserved_name_although_a_file_is_there(b):
    b.lib("a/libm.so.6")
    b.prog(needed=["libm.so.6"], runpath=f"{b.folder}/a")


@case
def nearly_reserved_names(b):
    b.prog(needed=["libm-2.36.so", "libcrypt.so.1", "libresolv.so.2", "libmvec.so.1"])
    b.expect(127)


@case
def loader_path_as_needed(b):
    b.prog(needed=[b.loader])


@case
def loader_file_name_as_needed(b):
    b.prog(needed=["ld-musl-x86_64.so.1"], runpath=f"{b.root}/lib")


@case
def glibc_loader_as_needed(b):
    b.prog(needed=["ld-linux-x86-64.so.2"])
    b.expect(127)


@case
def another_libc_is_replaced(b):
    b.lib("a/libother.so", "int __libc_start_main(void){return 0;} void *stdin = &stdin;")
    b.prog(needed=["libother.so"], runpath=f"{b.folder}/a")


@case
def half_a_libc_is_not_replaced(b):
    b.lib("a/libother.so", "int __libc_start_main2(void){return 0;} void *stdin = &stdin;")
    b.prog(needed=["libother.so"], runpath=f"{b.folder}/a")


@case
def hidden_libc_start_main_does_not_count(b):
    b.lib("a/libother.so", '__asm__(".symver one,__libc_start_main@GLIBC_2.2"); int one(void){return 0;} void *stdin = &stdin;',
          script="GLIBC_2.2 { global: stdin; local: one; };")
    b.prog(needed=["libother.so"], runpath=f"{b.folder}/a")


@case
def libc_not_needed_by_anybody(b):
    main = "void _start(void){ __asm__ volatile (\"mov $60,%eax; xor %edi,%edi; syscall\"); }"
    b.prog(main=main, flags=["-nostdlib", "-nostartfiles"])
    b.listable = False
    b.expected = {"*": 0}
    b.talks = False


@case
def libc_not_needed_and_its_symbol_missing(b):
    main = "int puts(const char*); void _start(void){ puts(\"\"); __asm__ volatile (\"mov $60,%eax; xor %edi,%edi; syscall\"); }"
    b.prog(main=main, flags=["-nostdlib", "-nostartfiles"], needed=[("libx.so", "int puts(const char *text){return 0;}")], runpath=f"{b.folder}/a")
    b.lib("a/libx.so")
    b.expect(127)
